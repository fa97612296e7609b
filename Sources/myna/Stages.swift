import ArgumentParser
import Foundation
import MynaAssistant
import MynaEngine
import MynaHomeAssistant
import MynaHub
import MynaLanguage
import MynaRecognition
import MynaStages
import MynaStore
import MynaText
import MynaVoice
import Torch
import TorchNN

/// Which models stand behind the stages.
struct StageOptions: ParsableArguments {
    @Option(help: "The recogniser's model folder, or OWNER/NAME of one that was pulled; the shipped one if not given.") var asr:
        String?
    @Option(help: "The language model's folder; the shipped one if not given.") var lm: String?
    @Option(
        help: """
            A language model's folder (myna train lm) that chooses among what may have been said; the shipped one if not given, which \
            judges the shipped recogniser alone, and none if "none".
            """)
    var rescorer: String?
    @Flag(help: "Leave it at the words of the first pass, in place of hearing each utterance again as a whole when it has ended.")
    var singlePass = false
    @Option(help: "Where the recogniser runs: cpu, cuda, cuda:N or mps.") var compute = "cpu"
    @OptionGroup var large: LargeModelOptions
    @Option(help: "Cores for each model; one if not given: small models wait for each other's cores more than they gain.")
    var threads: Int?

    func validate() throws {
        if large.model != nil, lm != nil { throw ValidationError("give either --lm or --model") }
        if let threads, !(1...256).contains(threads) { throw ValidationError("--threads \(threads) is not within 1 to 256") }
    }
}

/// Understands what was typed as what would have been heard: the model reads words as the recogniser writes them.
private struct SpokenRequests: RequestUnderstanding {
    let model: LanguageModelUnderstanding

    func intents(in request: String, after state: DialogueState) async throws -> [Intent] {
        let words = SpokenForm.text(of: request)
        return words.isEmpty ? [] : try await model.intents(in: words, after: state)
    }
}

/// Makes the stages that commands join: the one place where models meet their protocols.
struct Stages {
    let options: StageOptions

    /// Hears with the recogniser that its folder's `config.json` names; `chunk` is how many frames of 80 ms a streaming one takes at
    /// a time, `greedy` is without a beam, `decoding` a file in place of the model folder's `decoding.json`.
    /// `change` has the last word on how it listens.
    func recognizer(
        chunk: Int? = nil, greedy: Bool = false, decoding: String? = nil, change: (inout RecognizerOptions) -> Void = { _ in }
    ) async throws -> any SpeechRecognizer {
        var settings = try settings(chunk: chunk, greedy: greedy, decoding: decoding)
        change(&settings)
        let rescoring = greedy ? nil : try rescorer()
        let listed = settings.alternatives > 0 ? settings.alternatives : nil
        if rescoring != nil { settings.alternatives = max(settings.alternatives, Self.rescored) }
        let recognizer = try await AnyRecognizer.load(contentsOf: folder(options.asr, ProjectFiles.recognizer), options: settings)
        guard let rescoring else { return recognizer }
        return RescoredRecognizer(
            recognizer, by: try await LanguageModelScorer(contentsOf: rescoring, threads: settings.threads),
            try rescoring.config(RescoringWeights.self, from: "rescoring.json"), listing: listed)
    }

    /// Texts that an assistant may choose among; the beam has them anyhow, and the page shows them.
    static let alternatives = 8

    /// Texts that are judged again: as many as the second pass's beam is wide.
    private static let rescored = 16

    /// The language model that chooses among what may have been said, where one does.
    private func rescorer() throws -> ModelFolder? {
        switch options.rescorer {
        case "none": nil
        case let name?: try folder(name, name)
        case nil: options.asr == nil ? try folder(nil, ProjectFiles.rescorer) : nil
        }
    }

    /// As ``recognizer(chunk:greedy:decoding:change:)``, of a streaming model, and with the words of its own search.
    func streamingRecognizer(
        greedy: Bool = false, decoding: String? = nil, change: (inout RecognizerOptions) -> Void = { _ in }
    ) async throws -> StreamingRecognizer {
        var settings = try settings(chunk: nil, greedy: greedy, decoding: decoding)
        change(&settings)
        return try await StreamingRecognizer(contentsOf: folder(options.asr, ProjectFiles.recognizer), options: settings)
    }

    private func settings(chunk: Int?, greedy: Bool, decoding: String?) throws -> RecognizerOptions {
        var settings = RecognizerOptions()
        settings.threads = options.threads ?? 1
        settings.secondPass = options.singlePass ? nil : RecognizerOptions.SecondPass()
        settings.device = try Device(named: options.compute)
        if let chunk { settings.lookahead = .fixed(chunk) }
        if greedy { settings.search = .greedy }
        if let decoding {
            let file = URL(filePath: decoding)
            let folder = ModelFolder(file.deletingLastPathComponent().path)
            settings.search = .beam(try folder.config(over: BeamOptions(), from: file.lastPathComponent))
        }
        return settings
    }

    /// Understands with the large language model that was asked for; else with the small one, held to the grammar of intents
    /// and the request's own words.
    ///
    /// - Parameters:
    ///   - isHeld: whether the small one is held to the grammar.
    ///   - told: hears the pieces of what a large model writes.
    func understanding(
        isHeld: Bool = true, told: @escaping @Sendable (String) async -> Void = { _ in }
    ) async throws -> any RequestUnderstanding {
        if let large = try await large() { return ChatUnderstanding(large, told: told) }
        let grammar: @Sendable (String, DialogueState) -> any TextConstraint = { IntentGrammar(request: $0, state: $1) }
        let model = try await LanguageModelUnderstanding(
            contentsOf: folder(options.lm, ProjectFiles.languageModel),
            constraint: isHeld ? grammar : nil,
            parse: { try IntentText.parse($0) },
            threads: options.threads ?? 1)
        return SpokenRequests(model: model)
    }

    /// The large language model that was asked for: a server's, or one in a folder.
    private func large() async throws -> (any ChatModel)? {
        guard let model = options.large.model else { return nil }
        if options.large.isServer {
            return try await ChatServer(
                model, model: options.large.modelName,
                key: ProcessInfo.processInfo.environment[LargeModelOptions.keyVariable])
        }
        var settings = LocalChatModel.Options()
        settings.packing = options.large.packing
        settings.threads = options.threads ?? ProcessInfo.processInfo.activeProcessorCount
        return try await LocalChatModel(contentsOf: folder(model, model), options: settings)
    }

    /// Speaks with the stand-in voice.
    func synthesizer() throws -> any SpeechSynthesizer { try StandInVoice() }

    /// The home described in a file, or the one that ships with the program.
    func home(_ path: String?) throws -> VirtualHome {
        let path = try path ?? ProjectFiles.path(of: ProjectFiles.home)
        guard FileManager.default.fileExists(atPath: path) else {
            throw CommandError("\(path): no such home file", status: ExitStatus.noInput)
        }
        return VirtualHome(try HomeFile.read(at: path), now: Date())
    }

    /// The home that a command is for: a real one, or one from a file.
    ///
    /// - Parameter staysRunning: Whether the program goes on after a reply, so that things can be done later.
    func backend(_ place: HomeOptions, staysRunning: Bool) async throws -> any HomeBackend {
        let home: any HomeBackend
        // Lists and calendars of a real home are its own.
        var kept: Set<String> = ["timer"]
        if let real = try await realHome(place.real, staysRunning: staysRunning) {
            home = real
        } else {
            let virtual = try self.home(place.home)
            // What is kept runs by the clock on the wall of its own.
            home = staysRunning && place.stateFolder == nil ? RunningHome(virtual) : virtual
            kept = ["timer", "todo", "calendar"]
        }
        guard let folder = place.stateFolder else { return home }
        return try await KeptHome(
            home, description: home.home(), domains: kept, store: StateStore(folder: folder), staysRunning: staysRunning)
    }

    /// The Home Assistant that was named; nil where none was.
    func realHome(_ place: RealHomeOptions, staysRunning: Bool) async throws -> HomeAssistantHome? {
        guard let address = place.homeAssistant else { return nil }
        var options = HomeAssistantOptions()
        options.staysRunning = staysRunning
        return try await HomeAssistantHome.connect(to: HomeAssistantAddress(address), token: place.token(), options: options)
    }

    /// Looks whether the home can be read, or what it takes to reach it.
    func check(_ place: HomeOptions) throws {
        guard let address = place.real.homeAssistant else {
            _ = try home(place.home)
            return
        }
        _ = try (HomeAssistantAddress(address), place.real.token())
    }

    /// Looks whether the models' folders are there.
    func checkFolders() throws {
        _ = try folder(options.asr, ProjectFiles.recognizer)
        if let model = options.large.model {
            if !options.large.isServer { _ = try folder(model, model) }
        } else {
            _ = try folder(options.lm, ProjectFiles.languageModel)
        }
    }

    /// Lines for the timers that ran out while no program was there to say so.
    static func news(of home: any HomeBackend) async throws -> [String] {
        guard let kept = home as? KeptHome else { return [] }
        return try await kept.takeEnded().map { name in
            "while you were away: \(name.map { "the \($0) timer" } ?? "a timer") ended"
        }
    }

    private func folder(_ given: String?, _ shipped: String) throws -> ModelFolder {
        let path = try given ?? ProjectFiles.path(of: shipped)
        if FileManager.default.fileExists(atPath: path) { return ModelFolder(path) }
        // OWNER/NAME may have been pulled; what is neither is told as the folder that was asked for.
        if let name = try? ModelName(path), let kept = try? ModelStore().kept(name) { return ModelFolder(kept.path) }
        throw CommandError("\(path): no such model folder", status: ExitStatus.noInput)
    }
}
