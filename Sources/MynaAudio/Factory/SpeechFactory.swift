internal import MynaStages
internal import Foundation
internal import Synchronization

/// Makes a speech corpus: sentences spoken by many synthetic voices, then heard in rooms, noise and telephones.
///
/// The same options give the same corpus, whatever the number of jobs. Each shard appears whole or not at all, so a run that
/// was killed goes on where it stopped.
public struct SpeechFactory: Sendable {
    /// What is made.
    public struct Options: Sendable {
        /// The folder that gets `manifests/` and `shards/`.
        public var output: String
        /// The folder of `text/` and `speech/` corpora.
        public var data: String
        /// What the manifest and its shards are called.
        public var name: String
        public var split: DataSplit = .train
        public var seed: UInt64 = 1
        public var engines: [SpeechEngine] = SpeechEngine.usual
        public var voices: VoiceGroup = .heard
        /// Shares of the kinds of sentence.
        public var kinds: [SentenceKind: Double] = Dictionary(uniqueKeysWithValues: SentenceKind.allCases.map { ($0, $0.share) })
        public var sentences: [(path: String, weight: Double)] = []
        /// Where not empty, these alone are said, as they stand, each as often as the others.
        public var phrases: [String] = []
        /// Makes a home request of the split from a number; nil where only the factory's own templates are wanted.
        public var requests: (@Sendable (Int) -> String)?
        public var conditions: Conditions = .drawn
        public var jobs = 2
        public var amount: Amount
        public var shardLength = 240
        /// How many rooms are computed, and how many sentences are spoken for the speech of others; fewer start quicker.
        var roomCount = 240
        var babbleCount = 60

        public init(output: String, data: String, name: String, amount: Amount) {
            self.output = output
            self.data = data
            self.name = name
            self.amount = amount
        }
    }

    /// How much is made.
    public enum Amount: Sendable {
        case hours(Double)
        case utterances(Int)
    }

    /// What the speech goes through.
    public enum Conditions: String, Sendable, CaseIterable {
        /// Nothing but silence around it, a faint noise floor and some change of level.
        case clean
        /// Rooms, noise, telephones, cuts, pauses: drawn for each utterance.
        case drawn
    }

    /// How far a run has come.
    public struct Progress: Sendable {
        public var utterances: Int
        public var hours: Double
        public var shards: Int
        /// Draws that no engine could speak and were drawn again.
        public var redrawn: Int
    }

    private let options: Options
    private let pool: SentencePool
    private let surroundings: Surroundings

    /// Reads the texts and noises.
    public init(_ options: Options) throws(AudioError) {
        self.options = options
        for (name, package) in [("xz", "xz-utils")] + options.engines.map(\.program) where !ChildProcess.isInstalled(name) {
            throw .noProgram(name: name, package: package)
        }
        pool = try SentencePool(
            CorpusText(folder: "\(options.data)/text"), split: options.split, kinds: options.kinds, files: options.sentences,
            requests: options.requests, phrases: options.phrases)
        var surroundings = try Surroundings(
            manifest: "\(options.data)/speech/manifests/noise-rir.jsonl", rooms: options.roomCount, seed: options.seed)
        if options.conditions == .drawn {
            let runner = try EngineRunner(scratch: "\(NSTemporaryDirectory())/\(SpeechFactory.scratchPrefix)\(getpid())-babble")
            var random = FactoryRandom(seed: options.seed, stream: 0xbabb1e)
            let pool = pool
            let lines = (0..<options.babbleCount).map { _ in
                EngineRunner.Line(
                    voice: FactoryVoice.draw([.espeak, .flite], .heard, &random), spoken: pool.drawSentence(&random).spoken,
                    pauseAfter: nil)
            }
            surroundings.addBabble(lines, through: runner)
        }
        self.surroundings = surroundings
    }

    /// How many sentences each corpus brings.
    public var sentenceCounts: [(String, Int)] { pool.sizes }

    private struct Shared {
        var nextShard = 0
        var done: Set<Int> = []
        var progress = Progress(utterances: 0, hours: 0, shards: 0, redrawn: 0)
        var failure: AudioError?
        var running = 0
    }

    /// Works until the wanted amount is there; `report` is called after each shard, from any thread.
    public func run(report: @escaping @Sendable (Progress) -> Void) throws(AudioError) {
        for folder in ["manifests", "shards"] {
            do {
                try FileManager.default.createDirectory(atPath: "\(options.output)/\(folder)", withIntermediateDirectories: true)
            } catch {
                throw .unwritable(file: "\(options.output)/\(folder)", reason: "\(error)")
            }
        }
        removeLeftovers(in: "\(options.output)/shards", prefix: ".")
        removeLeftovers(in: NSTemporaryDirectory(), prefix: SpeechFactory.scratchPrefix)
        let shared = SharedBox(try resumed())
        let threads = (0..<options.jobs).map { job in
            let finished = DispatchSemaphore(value: 0)
            let thread = Thread {
                work(job, shared.state, report)
                finished.signal()
            }
            thread.stackSize = 8 << 20
            thread.start()
            return finished
        }
        for finished in threads { finished.wait() }
        if let failure = shared.state.withLock({ $0.failure }) { throw failure }
        try writeManifest(shared.state.withLock { $0.done })
    }

    private static let scratchPrefix = "myna-factory-"

    /// Removes what killed runs left: drafts and scratch folders whose names begin with the number of a process that is gone.
    private func removeLeftovers(in folder: String, prefix: String) {
        let files = FileManager.default
        // A folder that cannot be read is met again, with an error, by what is written to it.
        for name in (try? files.contentsOfDirectory(atPath: folder)) ?? [] where name.hasPrefix(prefix) {
            let digits = name.dropFirst(prefix.count).prefix { $0.isNumber }
            guard let process = pid_t(digits), name.dropFirst(prefix.count + digits.count).first == "-", kill(process, 0) != 0,
                errno == ESRCH
            else { continue }
            // Litter that stays does no harm but its space.
            try? files.removeItem(atPath: "\(folder)/\(name)")
        }
    }

    private final class SharedBox: Sendable {
        let state: Mutex<Shared>
        init(_ shared: Shared) { state = Mutex(shared) }
    }

    /// What an earlier run with this name has finished.
    private func resumed() throws(AudioError) -> Shared {
        var shared = Shared()
        while true {
            let part = partPath(shared.nextShard)
            guard access(part, R_OK) == 0, access(shardPath(shared.nextShard), R_OK) == 0 else { break }
            let manifest = try SpeechManifest(path: part)
            shared.progress.utterances += manifest.utterances.count
            shared.progress.hours += manifest.utterances.reduce(0) { $0 + ($1.duration ?? 0) } / 3600
            shared.progress.shards += 1
            shared.done.insert(shared.nextShard)
            shared.nextShard += 1
        }
        if !shared.done.isEmpty { try writeManifest(shared.done) }
        return shared
    }

    private func work(_ job: Int, _ shared: borrowing Mutex<Shared>, _ report: @Sendable (Progress) -> Void) {
        do throws(AudioError) {
            let runner = try EngineRunner(scratch: "\(NSTemporaryDirectory())/\(SpeechFactory.scratchPrefix)\(getpid())-\(job)")
            while let shard = next(shared) {
                let made = try makeShard(shard, runner)
                let progress = try shared.withLock { state throws(AudioError) -> Progress in
                    state.running -= 1
                    state.done.insert(shard)
                    state.progress.utterances += made.rows.count
                    state.progress.hours += made.seconds / 3600
                    state.progress.shards += 1
                    state.progress.redrawn += made.redrawn
                    // Under the lock: two writers would leave the shorter list.
                    try writeManifest(state.done)
                    return state.progress
                }
                report(progress)
            }
        } catch {
            shared.withLock { if $0.failure == nil { $0.failure = error } }
        }
    }

    /// The next shard to make, nil where there is enough.
    private func next(_ shared: borrowing Mutex<Shared>) -> Int? {
        shared.withLock { state in
            if state.failure != nil { return nil }
            switch options.amount {
            case .utterances(let count): if state.nextShard * options.shardLength >= count { return nil }
            case .hours(let hours):
                // Shards in work count as much as those done.
                let each = state.progress.shards > 0 ? state.progress.hours / Double(state.progress.shards) : 0.28
                if state.progress.hours + each * Double(state.running) >= hours { return nil }
            }
            let shard = state.nextShard
            state.nextShard += 1
            state.running += 1
            return shard
        }
    }

    private func shardName(_ shard: Int) -> String {
        let digits = String(shard)
        return "\(options.name)-" + String(repeating: "0", count: max(0, 4 - digits.count)) + digits
    }
    private func shardPath(_ shard: Int) -> String { "\(options.output)/shards/\(shardName(shard)).tar" }
    private func partPath(_ shard: Int) -> String { "\(options.output)/shards/\(shardName(shard)).jsonl" }

    private func writeManifest(_ done: Set<Int>) throws(AudioError) {
        var all: [UInt8] = []
        for shard in done.sorted() {
            guard let rows = FileManager.default.contents(atPath: partPath(shard)) else {
                throw .missing(file: partPath(shard))
            }
            all += rows
        }
        try writeWhole(all, "\(options.output)/manifests/\(options.name).jsonl")
    }

    private struct Made {
        var rows: [String] = []
        var seconds = 0.0
        var redrawn = 0
    }

    private func makeShard(_ shard: Int, _ runner: EngineRunner) throws(AudioError) -> Made {
        var end = (shard + 1) * options.shardLength
        if case .utterances(let count) = options.amount { end = min(end, count) }
        let plans = (shard * options.shardLength..<end).map {
            UtterancePlan(index: $0, attempt: 0, pool: pool, options: options)
        }
        // Festival speaks all its lines of the shard at once.
        let slow = plans.filter { $0.voice.engine == .festival || $0.voice.engine == .festivalHTS }.flatMap(\.lines)
        var spoken = slow.isEmpty ? [] : runner.speakAll(slow)[...]
        let archive = try TarWriter(path: shardPath(shard))
        var made = Made()
        for plan in plans {
            var plan = plan
            var said: [(samples: [Float], rate: Int)?]
            if plan.voice.engine == .festival || plan.voice.engine == .festivalHTS {
                said = Array(spoken.prefix(plan.lines.count))
                spoken = spoken.dropFirst(plan.lines.count)
            } else {
                said = plan.lines.map(runner.speak)
            }
            for attempt in 1...20 {
                if let heard = surroundingsHear(said, plan) {
                    try add(heard, plan, shard, archive, &made)
                    break
                }
                if attempt == 20 {
                    throw .unreadable(file: "speech engines", reason: "none of 20 draws could be spoken: \"\(plan.text)\"")
                }
                made.redrawn += 1
                plan = UtterancePlan(index: plan.index, attempt: attempt, pool: pool, options: options)
                said = plan.lines.map(runner.speak)
            }
        }
        try archive.finish()
        try writeWhole(Array(made.rows.joined().utf8), partPath(shard))
        return made
    }

    private func surroundingsHear(_ said: [(samples: [Float], rate: Int)?], _ plan: UtterancePlan) -> Surroundings.Heard? {
        let whole = said.compactMap { $0 }
        guard whole.count == said.count,
            let heard = surroundings.hear(whole, plan: plan, drawn: options.conditions == .drawn)
        else { return nil }
        // An engine that stumbled says too little or too much.
        let words = Double(plan.text.split(separator: " ").count)
        let seconds = Double(heard.samples.count) / Double(Surroundings.rate)
        return seconds < 30 && seconds > words * 0.09 ? heard : nil
    }

    private func add(
        _ heard: Surroundings.Heard, _ plan: UtterancePlan, _ shard: Int, _ archive: TarWriter, _ made: inout Made
    ) throws(AudioError) {
        let id = "\(options.name)-\(plan.index)"
        guard let flac = flacBytes(heard.samples, sampleRate: Surroundings.rate) else {
            throw .unwritable(file: "\(id).flac", reason: "libsndfile cannot write flac")
        }
        try archive.add("\(id).flac", flac)
        let seconds = Double(heard.samples.count) / Double(Surroundings.rate)
        made.seconds += seconds
        var complete = true
        if case .cut = plan.form { complete = false }
        var row: [String: Value] = [
            "id": .string(id), "shard": .string("shards/\(shardName(shard)).tar"), "member": .string("\(id).flac"),
            "duration": .number(rounded(seconds)), "text": .string(plan.text), "speaker": .string(plan.voice.label),
            "voice": .string(plan.voice.name), "engine": .string(plan.voice.engine.rawValue),
            "split": .string(options.split.rawValue), "kind": .string(plan.sentences[0].kind.rawValue),
            "corpus": .string(plan.sentences[0].source), "complete": .bool(complete), "seed": .number(Double(options.seed)),
            "room": .bool(heard.room), "telephone": .bool(heard.telephone),
            "vocoder": .bool(heard.vocoder),
        ]
        if let snr = heard.snr { row["snr"] = .number(rounded(snr)) }
        if !heard.pauses.isEmpty {
            row["pauses"] = .list(
                heard.pauses.map { .object(["start": .number(rounded($0.start)), "end": .number(rounded($0.end))]) })
        }
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            made.rows.append(String(decoding: try encoder.encode(row), as: UTF8.self) + "\n")
        } catch {
            throw .unwritable(file: id, reason: "\(error)")
        }
    }

    private func rounded(_ x: Double) -> Double { (x * 1000).rounded() / 1000 }
}

/// Writes a file that appears whole or not at all.
func writeWhole(_ bytes: [UInt8], _ path: String) throws(AudioError) {
    let draft = draftPath(path)
    guard let file = fopen(draft, "wbx") else { throw .unwritable(file: path, reason: String(cString: strerror(errno))) }
    let written = fwrite(bytes, 1, bytes.count, file)
    let reason = errno
    if fclose(file) != 0 || written != bytes.count {
        unlink(draft)
        throw .unwritable(file: path, reason: String(cString: strerror(reason)))
    }
    try moveIntoPlace(draft, path)
}
