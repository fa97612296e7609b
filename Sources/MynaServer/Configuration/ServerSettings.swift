internal import Foundation
internal import Yams

/// The settings of a server, from flags, the environment and a file, in this order: the first that has one decides.
public struct ServerSettings: Sendable {
    /// A value and where it was found, such as `--port`, `MYNA_PORT` or `serve.yaml:3`.
    public struct Found: Sendable, Equatable {
        public var texts: [String]
        public var place: String
    }

    /// What was found, by the setting's name.
    public private(set) var found: [String: Found] = [:]
    private let environment: [String: String]

    /// Reads and checks all settings.
    ///
    /// - Parameters:
    ///   - flags: by the setting's name.
    ///   - file: the path of a YAML file with a mapping of names to values; nil for none.
    /// - Throws: ``ServerError`` that names the setting and where it stands; also for what a nearer place overrules.
    public init(flags: [String: [String]], environment: [String: String], file: String?) throws(ServerError) {
        self.environment = environment
        if let file { try read(file) }
        for setting in ServerSetting.all {
            for variable in [setting.commonVariable, setting.variable].compactMap(\.self) {
                // A variable that is set to nothing is as good as none.
                guard let text = environment[variable], !text.isEmpty else { continue }
                // What a file says of Myna goes before what the environment says of all programs.
                if variable == setting.commonVariable, found[setting.name] != nil { continue }
                let texts = setting.form == .texts ? Self.parted(text) : [text]
                try take(setting, Found(texts: texts, place: variable))
            }
            if let texts = flags[setting.name], !texts.isEmpty {
                try take(setting, Found(texts: texts, place: "--\(setting.name)"))
            }
        }
    }

    private static func parted(_ text: String) -> [String] {
        text.split(separator: ",", omittingEmptySubsequences: false).map { $0.trimmingCharacters(in: .whitespaces) }
    }

    private mutating func take(_ setting: ServerSetting, _ value: Found) throws(ServerError) {
        if let problem = setting.problem(with: value.texts) {
            // A secret is not repeated.
            throw .badSetting(place: value.place, name: setting.name, problem: setting.isSecret ? "is not one text" : problem)
        }
        found[setting.name] = value
    }

    private mutating func read(_ path: String) throws(ServerError) {
        let text: String
        do { text = try String(contentsOfFile: path, encoding: .utf8) } catch {
            guard FileManager.default.fileExists(atPath: path) else { throw .noFile(path: path) }
            throw .badFile(path: path, problem: "it is not UTF-8 text")
        }
        let root: Node?
        do { root = try Yams.compose(yaml: text) } catch let error as YamlError {
            throw .badFile(path: path, problem: "\(error)".split(whereSeparator: \.isNewline).joined(separator: " "))
        } catch { throw .badFile(path: path, problem: "\(error)") }
        guard let root else { return }  // only comments
        guard let mapping = root.mapping else { throw .badFile(path: path, problem: "it is no mapping of names to values") }
        var seen: Set<String> = []
        for (key, value) in mapping {
            let place = "\(path):\(key.mark?.line ?? 1)"
            let name = key.string ?? ""
            guard let setting = ServerSetting.all.first(where: { $0.name == name }) else {
                let names = ServerSetting.all.map(\.name).joined(separator: ", ")
                throw .badSetting(place: place, name: "\"\(name)\"", problem: "is no setting; there are \(names)")
            }
            guard seen.insert(name).inserted else { throw .badSetting(place: place, name: name, problem: "stands there twice") }
            let nodes = value.sequence.map(Array.init) ?? [value]
            var texts: [String] = []
            for node in nodes {
                guard let text = node.scalar?.string else {
                    throw .badSetting(place: place, name: name, problem: "is neither a value nor a list of values")
                }
                texts.append(text)
            }
            try take(setting, Found(texts: texts, place: place))
        }
    }

    // MARK: Values, which were checked when they were taken

    public func text(_ name: String) -> String? { found[name]?.texts.first }
    public func texts(_ name: String) -> [String] { found[name]?.texts ?? [] }
    public func whole(_ name: String) -> Int? { text(name).flatMap { Int($0) } }

    /// The server's options; the rest is for whoever makes the stages.
    public func options(log write: @escaping @Sendable (String) -> Void) -> ServerOptions {
        var options = ServerOptions()
        options.host = text("host") ?? options.host
        options.port = whole("port").map { UInt16($0) } ?? options.port
        options.wyomingPort = whole("wyoming").map { UInt16($0) }
        options.token = text("token")
        options.certificate = text("tls-certificate")
        options.key = text("tls-key")
        options.origins = Set(texts("origin"))
        options.mostSessions = whole("sessions") ?? options.mostSessions
        options.mostBytes = whole("max-bytes") ?? options.mostBytes
        options.drain = text("drain").flatMap { Double($0) }.map { .seconds($0) } ?? options.drain
        let form = text("log").flatMap { ServerLog.Form(rawValue: $0) } ?? .plain
        options.log = ServerLog(form, tellsWords: text("log-words") == "true", write: write)
        options.traces = text("otlp").flatMap { URL(string: $0) }.map { address in
            // OpenTelemetry's rule: the address of all signals, to which each adds its own path.
            var traces = TraceOptions(address: address.appending(path: "v1/traces"))
            traces.tellsWords = options.log.tellsWords
            traces.service = environment["OTEL_SERVICE_NAME"].flatMap { $0.isEmpty ? nil : $0 } ?? traces.service
            for field in environment["OTEL_EXPORTER_OTLP_HEADERS"]?.split(separator: ",") ?? [] {
                let pair = field.split(separator: "=", maxSplits: 1).map { $0.trimmingCharacters(in: .whitespaces) }
                if pair.count == 2 { traces.headers[pair[0]] = pair[1].removingPercentEncoding ?? pair[1] }
            }
            return traces
        }
        return options
    }

    /// Every setting with its value and where it comes from, a line each; secrets are not shown.
    public var lines: [String] {
        ServerSetting.all.map { setting in
            guard let value = found[setting.name] else { return "\(setting.name): \(setting.standard ?? "none") (standard)" }
            return "\(setting.name): \(setting.isSecret ? "set" : value.texts.joined(separator: ", ")) (\(value.place))"
        }
    }
}
