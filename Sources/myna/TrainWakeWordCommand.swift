import ArgumentParser
import Foundation
import MynaAudio
import MynaRecognition
import Torch
import TorchNN
import TorchTrain

/// `myna train wake-word`.
struct TrainWakeWord: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "wake-word",
        abstract: "Train a detector of wake words, or of a phrase of one's own.",
        discussion: """
            The recipe names phrases and manifests: what is said in an utterance whose text is a phrase is an example of it, all \
            other speech is what it must not be heard in. A run that was stopped goes on where it was; the model is in \
            the output folder's `export`. Its thresholds are 0 until `myna eval keyword --detector … --choose` has chosen some.

            With --phrase the shipped detector learns that phrase in place of its own, in minutes: synthetic voices say it and what sounds \
            like it, and --recordings adds yours. Its threshold is chosen too.

            Example: myna train wake-word --recipe Recipes/wake-word.json --out runs/wake-word
            Your own: myna train wake-word --phrase "hey archie" --recordings archie/ --out runs/archie
            """)

    @Option(help: "The recipe file; for a phrase of one's own its manifests are the other sound.") var recipe =
        "Recipes/wake-word.json"
    @Option(help: "The folder of the run.") var out = "runs/wake-word"
    @Option(help: "Stop after this many minutes; the next call goes on.") var minutes: Double?
    @Option(help: "Threads for tensors.") var threads = 1
    @Option(help: "A phrase of one's own; may be given several times.") var phrase: [String] = []
    @Option(help: "A folder of recordings of the phrase and nothing else; one for each --phrase, in their order.")
    var recordings: [String] = []
    @Option(help: "Steps of a phrase of one's own, after which half as many follow against what was hardest.") var steps = 800
    @Option(help: "Utterances of each phrase by synthetic voices; there are two thirds as many of what sounds like it.")
    var utterances = 1500
    @Option(help: "False alarms an hour of the other sound that its threshold allows.") var falseAlarms = 0.2

    func validate() throws {
        if phrase.isEmpty, !recordings.isEmpty { throw ValidationError("--recordings needs --phrase") }
        if recordings.count > phrase.count { throw ValidationError("more --recordings than phrases") }
        if !phrase.isEmpty, minutes != nil { throw ValidationError("--minutes goes with a recipe's own phrases") }
        if !(20...100_000).contains(steps) { throw ValidationError("--steps \(steps) is not within 20 to 100000") }
        if !(10...100_000).contains(utterances) {
            throw ValidationError("--utterances \(utterances) is not within 10 to 100000")
        }
        if !(falseAlarms >= 0 && falseAlarms.isFinite) { throw ValidationError("--false-alarms \(falseAlarms) is no rate") }
        for phrase in phrase
        where phrase.isEmpty || !phrase.lowercased().allSatisfy({ ("a"..."z").contains($0) || $0 == " " || $0 == "'" }) {
            throw ValidationError("--phrase \"\(phrase)\": letters and spaces alone, as it is said")
        }
    }

    func run() async throws {
        Torch.cacheMemory()
        Torch.threads = threads
        let data = ProcessInfo.processInfo.environment["MYNA_DATA"] ?? "../shared/data"
        var loaded = try WakeWordRecipe.load(recipe, variables: ["MYNA_DATA": data])
        let begin = ContinuousClock.now
        let report: @Sendable (String) -> Void = { line in
            let elapsed = Int((ContinuousClock.now - begin).components.seconds)
            FileHandle.standardError.write(Data("[\(elapsed / 60):\(String(format: "%02d", elapsed % 60))] \(line)\n".utf8))
        }
        guard !phrase.isEmpty else {
            try WakeWordTraining(loaded, folder: out, report: report).run(budget: minutes.map { .seconds($0 * 60) })
            return
        }
        // Features of the other sound are made once for all phrases that are trained beside each other.
        let material = out + "/material"
        let phrases = phrase.map { $0.lowercased() }
        loaded.model.phrases = phrases
        loaded.model.thresholds = phrases.map { _ in 0 }
        loaded.examples = try manifests(of: phrases)
        loaded.made = .init(data: data, said: utterances, near: utterances * 2 / 3)
        loaded.madeShare = 0.5
        loaded.base = try ProjectFiles.path(of: ProjectFiles.wakeWord)
        loaded.hardShare = nil
        loaded.schedule = WarmupStableDecay(peak: 0.002, warmupSteps: 50, decaySteps: steps / 2, steps: steps)
        let first = WakeWordTraining(loaded, folder: out + "/first", material: material, report: report)
        guard try first.run(budget: nil) else { return }  // stopped: the next call goes on
        loaded.base = out + "/first/export"
        loaded.hardShare = 0.4
        loaded.schedule = WarmupStableDecay(peak: 0.001, warmupSteps: 20, decaySteps: steps / 3, steps: steps / 2)
        let training = WakeWordTraining(loaded, folder: out, material: material, report: report)
        guard try training.run(budget: nil) else { return }
        let thresholds = try await training.chooseThresholds(falseAlarmsPerHour: falseAlarms)
        Output.standard.line(
            "the detector is in \(out)/export ("
                + zip(phrases, thresholds).map { "\"\($0)\" from \(String(format: "%.2f", $1))" }
                .joined(separator: ", ") + "); try it: myna talk --detector \(out)/export")
        try Output.standard.check()
    }

    /// Lists the recordings of each phrase.
    private func manifests(of phrases: [String]) throws -> [String] {
        try FileManager.default.createDirectory(atPath: out, withIntermediateDirectories: true)
        return try zip(phrases, recordings).enumerated().map { number, pair in
            let (phrase, folder) = pair
            let names: [String]
            do {
                names = try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }.sorted()
            } catch {
                throw CommandError("\(folder): no folder of recordings", status: ExitStatus.noInput)
            }
            let path = "\(out)/recordings-\(number).jsonl"
            let file = try LineFile(path)
            for name in names {
                let sound = URL(filePath: "\(folder)/\(name)").standardizedFileURL.path
                // Here and not amid the training: a file that is no sound is named.
                let seconds = Double(try AudioReader.samples(path: sound, at: 16_000).count) / 16_000
                guard seconds <= 10 else {
                    throw CommandError(
                        "\(sound): \(Int(seconds)) s long; a recording says the phrase once", status: ExitStatus.badData)
                }
                try file.write(Recording(id: name, audio: sound, duration: seconds, text: phrase))
            }
            try file.close()
            guard !names.isEmpty else { throw CommandError("\(folder): holds no recording", status: ExitStatus.noInput) }
            return path
        }
    }

    private struct Recording: Encodable {
        var id: String
        var audio: String
        var duration: Double
        var text: String
    }
}
