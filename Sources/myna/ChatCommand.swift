import ArgumentParser
import Foundation
import MynaAssistant
import MynaSession
import MynaStages

/// `myna chat`: a conversation in text with the assistant of a home.
struct ChatCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "chat",
        abstract: "Talk with the assistant of a home in text, line by line.",
        discussion: """
            Each line of standard input is a request; an empty one ends the conversation. What is understood, the calls that are \
            made and what changes are shown before the reply. With --model, what a large language model words itself is shown \
            as it is written. A request that cannot be answered is told on standard error, and the conversation goes on.

            Example: myna chat
            With a server: myna chat --model http://127.0.0.1:8080
            """)

    @Option(help: "The id of the area the person stands in.") var area: String?
    @Option(help: "The id of the resident who speaks.") var speaker: String?
    @Flag(help: "Only the replies.") var quiet = false
    @OptionGroup var place: HomeOptions
    @OptionGroup var options: StageOptions

    func run() async throws {
        let stages = Stages(options: options)
        let home = try await stages.backend(place, staysRunning: true)
        let writer = ReplyWriter()
        let understanding = try await stages.understanding { await writer.take($0) }
        let agent = HomeAgent(home: home, understanding: understanding)
        for line in try await Stages.news(of: home) { Output.standard.line(line) }
        let isPerson = isatty(STDIN_FILENO) == 1
        while true {
            if isPerson { Output.standard.text("> ") }
            guard let line = readLine(), line.contains(where: { !$0.isWhitespace }) else { break }
            await writer.begin()
            do {
                let quiet = quiet
                let reply = try await agent.reply(to: Request(text: line, speaker: speaker, area: area)) { event in
                    if !quiet, let line = Self.line(event) { await writer.line(line) }
                }
                await writer.end(reply.text)
            } catch is CancellationError { throw CancellationError() } catch {
                await writer.end(nil)
                writeError(error)
            }
            try Output.standard.check()
        }
    }

    /// What is shown of an event.
    private static func line(_ event: Event.Kind) -> String? {
        switch event {
        case .understood(let intents):
            let tools = intents.filter { !["chat", "knowledge", "unsupported"].contains($0.action) }
            return tools.isEmpty
                ? nil : tools.map { "  understood: \(IntentText.write([$0]))" }.joined(separator: "\n")
        case .callStarted(let name, let arguments):
            let listed = arguments.sorted { $0.key < $1.key }.map { "\($0.key)=\(describe($0.value))" }
            return "  call: \(name) \(listed.joined(separator: " "))"
        case .callFinished(_, let result): return "  result: \(result)"
        case .homeChanged(let entity, let before, let after): return "  home: \(entity): \(difference(before, after))"
        default: return nil
        }
    }

    private static func describe(_ value: Value) -> String {
        switch value {
        case .string(let text): text
        case .number(let number): Int(exactly: number).map { "\($0)" } ?? "\(number)"
        case .bool(let truth): "\(truth)"
        case .null: "null"
        case .list(let values): "[" + values.map(describe).joined(separator: ", ") + "]"
        case .object(let fields):
            "{" + fields.sorted { $0.key < $1.key }.map { "\($0.key): \(describe($0.value))" }.joined(separator: ", ") + "}"
        }
    }
}

/// Shows a reply as it is written, and each reply once.
private actor ReplyWriter {
    private var saying = SaidSoFar()
    private var shown = ""

    func begin() { (saying, shown) = (SaidSoFar(), "") }

    /// A piece of what the model writes.
    func take(_ piece: String) {
        let more = saying.take(piece)
        shown += more
        if !more.isEmpty { Output.standard.text(more) }
    }

    func line(_ text: String) {
        if shown.isEmpty { Output.standard.line(text) }
    }

    /// The whole reply; nil where there is none.
    func end(_ reply: String?) {
        if !shown.isEmpty { Output.standard.line("") }
        // What was streamed is the reply unless it had to be brought to what can be heard.
        guard let reply, reply != shown.split(whereSeparator: \.isWhitespace).joined(separator: " ") else { return }
        Output.standard.line(reply)
    }
}
