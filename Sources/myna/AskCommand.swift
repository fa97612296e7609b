import ArgumentParser
import Foundation
import MynaAssistant
import MynaRecognition
import MynaSession
import MynaStages

/// `myna ask`: one request to a home.
struct AskCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "ask",
        abstract: "Ask the assistant of a home one thing, in words or sound.",
        discussion: """
            A home from a file is as its file says before the request; its file is not changed. With --home-assistant the request \
            is for a real home. An answered question, a clarifying question and a \
            refusal all end with 0; sound without speech, and a reply that could not be spoken, with 1.

            Example: myna ask --text "turn on the kitchen light"
            Spoken: myna ask --audio request.wav --out reply.wav --timeline
            A real home: myna ask --home-assistant http://homeassistant.local:8123 --home-assistant-token token.txt --text "..."
            """)

    @Option(help: "The request in words.") var text: String?
    @Option(help: "The request as a sound file, or - for standard input.") var audio: String?
    @Option(help: "Write the spoken reply to this wav file.") var out: String?
    @Option(help: "The id of the area the person stands in.") var area: String?
    @Option(help: "The id of the resident who speaks.") var speaker: String?
    @Flag(help: "Tell the events as they happen.") var timeline = false
    @Flag(help: "One line of JSON.") var json = false
    @OptionGroup var place: HomeOptions
    @OptionGroup var options: StageOptions

    func validate() throws {
        if (text == nil) == (audio == nil) { throw ValidationError("give either --text or --audio") }
        if timeline && json { throw ValidationError("--timeline and --json don't go together: the JSON holds the events") }
    }

    func run() async throws {
        let stages = Stages(options: options)
        let home = try await stages.backend(place, staysRunning: false)
        let description = try await home.home()
        try check(description)
        let news = try await Stages.news(of: home)
        if let audio, audio != "-", !FileManager.default.fileExists(atPath: audio) {
            throw CommandError("\(audio): no such file", status: ExitStatus.noInput)
        }
        let reply = try ReplyFile(path: out)
        async let loading = audio == nil ? nil : stages.recognizer { $0.alternatives = Stages.alternatives }
        async let understanding = stages.understanding()
        let recognizer = try await loading
        await recognizer?.expect(description.typicalSentences)
        let conversation = Conversation(
            recognizer: recognizer, assistant: HomeAgent(home: home, understanding: try await understanding),
            synthesizer: try stages.synthesizer())
        let turn = try await turn(of: conversation, into: reply)
        try await reply.finish()
        for line in news { if json { writeProblem(line) } else { Output.standard.line(line) } }
        try tell(turn)
        try Output.standard.check()
        if let failure = turn.speechFailure {
            throw CommandError("the reply could not be spoken: \(failure)", status: ExitStatus.partly)
        }
        if turn.heard.isEmpty, let audio {
            throw CommandError("\(SoundInput(path: audio).name): no speech was heard", status: ExitStatus.partly)
        }
    }

    /// Whether the home knows the area and the speaker.
    private func check(_ description: Home) throws {
        func check(_ name: String, _ id: String?, _ known: [String]) throws {
            guard let id, !known.contains(id) else { return }
            throw ValidationError("--\(name) \(id) is not in this home; it has \(known.sorted().joined(separator: ", "))")
        }
        try check("area", area, description.areas.map(\.id))
        try check("speaker", speaker, description.residents.map(\.id))
    }

    private func turn(of conversation: Conversation, into reply: ReplyFile) async throws -> Turn {
        let lines = timeline ? Timeline() : nil
        let report: @Sendable (Event) async -> Void = { lines?.tell($0) }
        let play: @Sendable (AudioFrame) async throws -> Void = { try await reply.write($0) }
        if let audio {
            return try await conversation.turn(
                hearing: SoundInput(path: audio), speaker: speaker, area: area, play: play, report: report)
        }
        return try await conversation.turn(text: text ?? "", speaker: speaker, area: area, play: play, report: report)
    }

    private func tell(_ turn: Turn) throws {
        if json { return try Output.standard.json(turn) }
        if audio != nil { Output.standard.line("heard: \(turn.heard)") }
        for change in turn.changes {
            Output.standard.line("home:  \(change.entity): \(difference(change.before, change.after))")
        }
        Output.standard.line("reply: \(turn.reply.text)")
    }
}
