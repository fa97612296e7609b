import ArgumentParser
import Foundation
import MynaAssistant
import MynaAudio
import MynaDevices
import MynaRecognition
import MynaSession
import MynaStages
import Synchronization
import TorchNN

/// `myna talk`: a spoken conversation through this machine's microphone and loudspeaker.
struct TalkCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "talk",
        abstract: "Talk with the assistant of a home through a microphone, or a recording of one.",
        discussion: """
            Waits for a wake word, hears the request behind it, acts, speaks the reply, and takes a follow-up without the word for \
            some seconds. Speech over a reply stops it and is the next request; the echo of the reply in the microphone is taken \
            away. With --half-duplex, with --file and with push-to-talk nothing is heard while a reply is spoken.

            Example: myna talk --wake-word jarvis
            A recording: myna talk --file evening.wav --out replies/
            """)

    enum Mode: String, ExpressibleByArgument, CaseIterable {
        case wakeWord = "wake-word", always, pushToTalk = "push-to-talk"
    }

    @Option(
        help:
            "What is for the assistant: what follows a wake word, all that is said, or what is said between two presses of Enter."
    )
    var attention = Mode.wakeWord
    @Option(help: "Only this phrase of the detector's; all of them if not given. May be given several times.") var wakeWord:
        [String] = []
    @Option(help: "The wake-word detector's folder; the shipped one if not given.") var detector: String?
    @Option(help: "A recording to hear in place of the microphone; - is standard input.") var file: String?
    @Option(help: "A part of the microphone's name; the standard one if not given.") var device: String?
    @Option(help: "A folder for the replies' sound, one file each, in place of the loudspeaker.") var out: String?
    @Flag(help: "Hear nothing while a reply is spoken: no echo is taken away, and no reply interrupted.") var halfDuplex = false
    @Option(help: "The id of the area the person stands in.") var area: String?
    @OptionGroup var place: HomeOptions
    @OptionGroup var options: StageOptions

    func validate() throws {
        if file != nil, device != nil { throw ValidationError("give either --file or --device") }
        if file != nil, attention == .pushToTalk { throw ValidationError("--attention push-to-talk needs a microphone") }
        if attention != .wakeWord, !wakeWord.isEmpty || detector != nil {
            throw ValidationError("--wake-word and --detector go with --attention wake-word")
        }
    }

    func run() async throws {
        let stages = Stages(options: options)
        if let file, file != "-", !FileManager.default.fileExists(atPath: file) {
            throw CommandError("\(file): no such file", status: ExitStatus.noInput)
        }
        let spotter = attention == .wakeWord ? try await chosenWords() : nil
        let home = try await stages.backend(place, staysRunning: true)
        let recognizer = try await stages.recognizer {
            $0.secondPass?.hearsAhead = true
            $0.alternatives = Stages.alternatives
        }
        await recognizer.expect(try await home.home().typicalSentences)
        let agent = HomeAgent(home: home, understanding: try await stages.understanding())
        let conversation = Conversation(recognizer: nil, assistant: agent, synthesizer: try stages.synthesizer())
        let session = AttentiveSession(recognizer: recognizer, conversation: conversation, spotter: spotter)
        let replies = try Replies(folder: out, isHeard: file == nil)
        for line in try await Stages.news(of: home) { Output.standard.line(line) }
        if let file {
            try await attend(session, to: SoundInput(path: file), replies, replied: {})
        } else if !halfDuplex, attention != .pushToTalk, out == nil {
            try await converse(session)
        } else {
            let microphone = try Microphone(device: device)
            Output.standard.line(invitation(microphone.name))
            try await attend(session, to: microphone.frames, replies) { microphone.discard() }
        }
        try Output.standard.check()
    }

    private func attend(
        _ session: AttentiveSession, to frames: some AsyncSequence<AudioFrame, any Error>, _ replies: Replies,
        replied: @escaping @Sendable () -> Void
    ) async throws {
        let key = attention == .pushToTalk ? EnterKey() : nil
        try await session.attend(
            to: frames, gate: gate, signals: { key?.signals() ?? [] }, play: { try await replies.play($0) },
            replied: {
                try await replies.finish()
                replied()
            },
            report: { tell($0) })
        try await replies.finish()
    }

    /// Full duplex: the microphone is heard while the loudspeaker plays.
    private func converse(_ session: AttentiveSession) async throws {
        let rate = EchoCanceller.sampleRate
        let canceller = try EchoCanceller()
        let microphone = try Microphone(device: device, sampleRate: rate)
        let player = SpeakerPlayer(try Speaker(sampleRate: rate))
        Output.standard.line(invitation(microphone.name))
        // Short frames: speech over a reply is to stop it within 200 ms.
        let heard = ResampledFrames(microphone.frames(lasting: .milliseconds(20)), at: rate)
        let frames = EchoCancelledFrames(
            heard, played: player.played, canceller: canceller)
        try await session.converse(hearing: frames, gate: gate, player: player) { tell($0) }
    }

    private var gate: any AttentionGate {
        switch attention {
        case .wakeWord: WakeWordGate()
        case .always: AlwaysOpenGate()
        case .pushToTalk: PushToTalkGate()
        }
    }

    private func invitation(_ microphone: String) -> String {
        let how =
            switch attention {
            case .wakeWord:
                "say \(wakeWord.isEmpty ? "a wake word" : wakeWord.map { "\"\($0)\"" }.joined(separator: " or ")), then what you want"
            case .always: "say what you want"
            case .pushToTalk: "press Enter, say what you want, and press it again"
            }
        return "listening to \(microphone): \(how); Control-C ends"
    }

    /// What the stages of a turn took.
    private func timings(_ turn: Turn) -> String? {
        func part(_ name: String, _ duration: Duration?) -> String? {
            duration.map { "\(name) \(Int(($0 / .milliseconds(1)).rounded())) ms" }
        }
        let parts = [
            part("understood", turn.timings.understand), part("done", turn.timings.act),
            part("first sound", turn.timings.firstReplyAudio),
        ]
        return parts.contains { $0 != nil } ? "times: " + parts.compactMap { $0 }.joined(separator: ", ") : nil
    }

    /// The detector, held to the phrases that were asked for.
    private func chosenWords() async throws -> any WakeWordSpotter {
        let folder = try detector ?? ProjectFiles.path(of: ProjectFiles.wakeWord)
        let detector = try await WakeWordDetector(contentsOf: ModelFolder(folder))
        let wanted = wakeWord.map { $0.lowercased() }
        for phrase in wanted where !detector.config.phrases.contains(phrase) {
            let known = detector.config.phrases.joined(separator: ", ")
            throw ValidationError("--wake-word \(phrase): the detector knows \(known)")
        }
        return wanted.isEmpty ? detector : ChosenWakeWords(detector, wanted)
    }

    private func tell(_ report: AttentiveSession.Report) {
        switch report {
        case .woke(let detection):
            Output.standard.line("woken by \"\(detection.phrase)\" at \(String(format: "%.1f", detection.time)) s")
        case .heard: break
        case .answered(let turn):
            Output.standard.line("heard: \(turn.heard)")
            for change in turn.changes {
                Output.standard.line("home:  \(change.entity): \(difference(change.before, change.after))")
            }
            Output.standard.line("reply: \(turn.reply.text)")
            if let failure = turn.speechFailure, !(failure is ReplyInterrupted) {
                writeProblem("the reply could not be spoken: \(failure)")
            }
            if let line = timings(turn) { Output.standard.line(line) }
        case .interrupted(_, let heard):
            Output.standard.line("you interrupted the reply after: \(heard.isEmpty ? "nothing" : heard)")
        }
    }
}

/// Some of a detector's phrases.
private struct ChosenWakeWords: WakeWordSpotter {
    private let all: any WakeWordSpotter
    private let wanted: [String]

    init(_ all: any WakeWordSpotter, _ wanted: [String]) { (self.all, self.wanted) = (all, wanted) }

    func listenForWakeWords() async -> any WakeWordListening {
        Listening(all: await all.listenForWakeWords(), wanted: wanted)
    }

    private struct Listening: WakeWordListening {
        let all: any WakeWordListening
        let wanted: [String]

        func hear(_ frame: AudioFrame) async throws -> [WakeWordDetection] {
            try await all.hear(frame).filter { wanted.contains($0.phrase) }
        }

        func finish() async throws -> [WakeWordDetection] { try await all.finish().filter { wanted.contains($0.phrase) } }
    }
}

/// Presses of Enter: the first begins a request, the next ends it.
private final class EnterKey: Sendable {
    private let state = Mutex((isHeld: false, waiting: [AttentionSignal]()))

    init() {
        let thread = Thread { [weak self] in
            while readLine() != nil {
                guard let self else { return }
                self.state.withLock {
                    $0.isHeld.toggle()
                    $0.waiting.append($0.isHeld ? .pressed : .released)
                }
            }
        }
        thread.start()
    }

    func signals() -> [AttentionSignal] {
        state.withLock { state in
            defer { state.waiting = [] }
            return state.waiting
        }
    }
}
