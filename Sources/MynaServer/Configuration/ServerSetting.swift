internal import Foundation

/// One setting of `myna serve`: what it is called as a flag, in the environment and in a file, and what it may be.
public struct ServerSetting: Sendable {
    /// What a setting may be.
    public enum Form: Sendable, Equatable {
        case text
        /// A list in a file; parted by commas in the environment.
        case texts
        case whole(ClosedRange<Int>)
        case seconds(ClosedRange<Double>)
        case truth
        case choice([String])
        /// An address of HTTP.
        case address
    }

    /// As a flag without its dashes, and as a key of a file.
    public var name: String
    public var form: Form
    /// For people.
    public var meaning: String
    /// What it is where nobody says; nil is nothing.
    public var standard: String?

    /// The variable of the environment.
    public var variable: String { "MYNA_" + name.uppercased().replacing("-", with: "_") }
    /// A variable of another program's convention that counts where ours is not set.
    public var commonVariable: String? { name == "otlp" ? "OTEL_EXPORTER_OTLP_ENDPOINT" : nil }
    /// Whether its value is shown to nobody.
    public var isSecret: Bool { name == "token" }

    /// Every setting there is.
    public static let all: [ServerSetting] = [
        .init("host", .text, "the IPv4 address to listen on; 0.0.0.0 is every one this machine has", "127.0.0.1"),
        .init("port", .whole(0...65_535), "the port of the page, HTTP and realtime clients; 0 takes a free one", "8420"),
        .init("wyoming", .whole(0...65_535), "the port of the Wyoming protocol, which has no token; 0 takes a free one", nil),
        .init("token", .text, "what clients must bring as bearer token", nil),
        .init(
            "tls-certificate", .text,
            "the PEM file of the certificate and its chain; with it and its key HTTP and web sockets are over TLS", nil),
        .init("tls-key", .text, "the PEM file of the certificate's private key, without a passphrase", nil),
        .init("origin", .texts, "origins besides its own whose pages may use the server", nil),
        .init("home", .text, "the home's file", "the one that ships with the program"),
        .init("sessions", .whole(1...100_000), "conversations that may be open at the same time", "64"),
        .init("max-bytes", .whole(1024...1 << 30), "bytes of one message or upload", "\(25 << 20)"),
        .init(
            "drain", .seconds(0...300), "how long replies may be spoken to their end when the server is stopped, in seconds", "5"),
        .init("log", .choice(ServerLog.Form.allCases.map(\.rawValue)), "how the log on standard error is written", "plain"),
        .init("log-words", .truth, "whether the log and the traces hold what people said", "false"),
        .init(
            "otlp", .address,
            "the address of an OpenTelemetry collector that hears of each turn, such as http://127.0.0.1:4318 (or OTEL_EXPORTER_OTLP_ENDPOINT)",
            nil),
        .init("asr", .text, "the recogniser's model folder, or OWNER/NAME of one that was pulled", "the shipped one"),
        .init("lm", .text, "the language model's folder", "the shipped one"),
        .init("model", .text, "a large language model in place of the small one: a folder or a server's address", "none"),
        .init("model-name", .text, "the large model's name at its server", "the first that it offers"),
        .init("model-bits", .whole(4...16), "bits of a weight of a large model in a folder: 16, 8 or 4", "8"),
        .init("threads", .whole(1...256), "cores for each model", "1"),
    ]

    init(_ name: String, _ form: Form, _ meaning: String, _ standard: String?) {
        (self.name, self.form, self.meaning, self.standard) = (name, form, meaning, standard)
    }

    /// What is wrong with a value; nil where nothing is.
    func problem(with texts: [String]) -> String? {
        if form != .texts, texts.count != 1 { return "is a list, not one value" }
        let text = texts.first ?? ""
        switch form {
        case .texts: return texts.contains("") ? "holds an empty value" : nil
        case .text: return text.isEmpty ? "is empty" : nil
        case .whole(let range):
            return Int(text).map(range.contains) == true
                ? nil : "\"\(text)\" is no whole number within \(range.lowerBound) to \(range.upperBound)"
        case .seconds(let range):
            return Double(text).map(range.contains) == true
                ? nil : "\"\(text)\" is no number within \(Int(range.lowerBound)) to \(Int(range.upperBound))"
        case .truth: return ["true", "false"].contains(text) ? nil : "\"\(text)\" is not true or false"
        case .address:
            let url = URL(string: text)
            return ["http", "https"].contains(url?.scheme ?? "") && url?.host()?.isEmpty == false
                ? nil : "\"\(text)\" is no http:// or https:// address"
        case .choice(let choices): return choices.contains(text) ? nil : "\"\(text)\" is not \(choices.joined(separator: ", "))"
        }
    }
}
