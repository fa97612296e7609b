import ArgumentParser
import Foundation
import MynaAssistant
import MynaRecognition
import MynaSession
import MynaStages

/// `myna demo`: what `make run` shows.
struct DemoCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "demo",
        abstract: "Hold a spoken conversation with a virtual home, from recordings.",
        discussion: """
            Hears the recordings as a microphone would give them, tells the events as they happen, shows the home before and after, and \
            writes the spoken replies as wav files. Ends with 1 if a turn did not go as its recording expects.

            Example: myna demo --out out
            """)

    @Option(help: "The folder for the spoken replies.") var out = "out"
    @Option(help: "A folder with conversation.json and its recordings; the shipped one if not given.") var conversation: String?
    @Option(help: "The home's file; the one that ships with the program if not given.") var home: String?
    @Flag(help: "Hear the recordings as fast as possible.") var quick = false
    @OptionGroup var options: StageOptions

    /// What is said, in order.
    struct Script: Decodable {
        var voice: String
        var turns: [Spoken]

        struct Spoken: Decodable {
            var audio: String
            var said: String
            var area: String?
            var expects: ReplyKind
        }

        static func read(_ path: String) throws -> Script {
            guard let data = FileManager.default.contents(atPath: path) else {
                throw CommandError("\(path): cannot be read", status: ExitStatus.noInput)
            }
            do {
                let script = try JSONDecoder().decode(Script.self, from: data)
                if script.turns.isEmpty { throw CommandError("\(path): has no turns") }
                return script
            } catch let error as DecodingError {
                throw CommandError("\(path): is not a conversation: \(error)")
            }
        }
    }

    func run() async throws {
        let folder = try conversation ?? ProjectFiles.path(of: ProjectFiles.demo)
        let script = try Script.read(folder + "/conversation.json")
        try makeFolder(out)
        let output = Output.standard
        let stages = Stages(options: options)
        let virtual = try stages.home(home)
        let before = await virtual.home()

        let loading = ContinuousClock.now
        async let hearing = stages.recognizer()
        async let understanding = stages.understanding()
        let recognizer = try await hearing
        await recognizer.expect(before.typicalSentences)
        let session = Conversation(
            recognizer: recognizer, assistant: HomeAgent(home: virtual, understanding: try await understanding),
            synthesizer: try stages.synthesizer())
        let loaded = ContinuousClock.now - loading

        output.line("\(before.name), before:")
        for line in HomeTable(before).lines { output.line(line) }
        var results: [(spoken: Script.Spoken, turn: Turn)] = []
        for (index, spoken) in script.turns.enumerated() {
            let place = spoken.area.flatMap { before.area($0)?.name }.map { ", in the area \($0)" } ?? ""
            output.line("\nTurn \(index + 1). \(spoken.audio) says: “\(spoken.said)”\(place)")
            let file = "\(out)/reply-\(index + 1).wav"
            results.append((spoken, try await turn(of: session, folder, spoken, reply: ReplyFile(path: file))))
            output.line("          reply in \(file)")
        }
        output.line("\n\(before.name), after:")
        for line in HomeTable(await virtual.home(), since: before).lines { output.line(line) }
        tell(results, loaded: loaded, voice: script.voice)
        try output.check()
        if !results.allSatisfy({ wentWell($0.spoken, $0.turn) }) { throw ExitCode(ExitStatus.partly) }
    }

    private func turn(
        of session: Conversation, _ folder: String, _ spoken: Script.Spoken, reply: ReplyFile
    ) async throws -> Turn {
        let timeline = Timeline()
        let turn = try await session.turn(
            hearing: SoundInput(path: "\(folder)/\(spoken.audio)", live: !quick), until: .speechEnds, area: spoken.area,
            play: { try await reply.write($0) }, report: { timeline.tell($0) })
        try await reply.finish()
        return turn
    }

    private func wentWell(_ spoken: Script.Spoken, _ turn: Turn) -> Bool {
        !turn.heard.isEmpty && turn.reply.kind == spoken.expects && turn.speechFailure == nil
            && (spoken.expects != .done || !turn.changes.isEmpty)
    }

    private func tell(_ results: [(spoken: Script.Spoken, turn: Turn)], loaded: Duration, voice: String) {
        let output = Output.standard
        output.line("\nMeasured on this machine (milliseconds; from the moment the last sound heard came in)")
        output.line("  turn    words  understood     acted   changed  first sound of the reply   as expected")
        for (index, result) in results.enumerated() {
            let timings = result.turn.timings
            let columns: [(Duration?, Int)] = [
                (timings.words, 9), (timings.understand, 12), (timings.act, 10), (timings.change, 10),
                (timings.firstReplyAudio, 26),
            ]
            let figures = columns.map { duration, width in
                duration.map { fixed($0.inSeconds * 1000, 1, width: width) } ?? String(repeating: " ", count: width - 1) + "–"
            }
            let verdict = wentWell(result.spoken, result.turn) ? "yes" : "no: \(result.turn.reply.kind.rawValue)"
            output.line("  \(index + 1)   \(figures.joined())   \(verdict)")
        }
        let heard = results.compactMap(\.turn.timings.audio).reduce(.zero, +)
        let work = results.compactMap(\.turn.timings.hear).reduce(.zero, +)
        output.line(
            "  models loaded in \(fixed(loaded.inSeconds, 2)) s; hearing took \(fixed(work / heard, 2)) s for each second of sound"
        )
        output.line("  voice of the recordings: \(voice); voice of the replies: espeak-ng, a stand-in")
        output.line(
            """

            Try next
              myna ask --text "dim the kitchen light to twenty percent" --timeline
              myna transcribe --stream Fixtures/demo/*.wav
              myna --help
            (myna is .build/release/myna)
            """)
    }
}

/// Makes a folder and those above it.
func makeFolder(_ path: String) throws {
    do {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    } catch {
        throw CommandError("\(path): cannot be made: \(error.localizedDescription)", status: ExitStatus.cannotCreate)
    }
}
