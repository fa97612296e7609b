internal import Foundation
public import MynaAudio
public import MynaStages
internal import MynaText

/// Scores what is heard in the utterances of manifests against what was said in them.
public struct RecognitionEvaluation: Sendable {
    /// Only utterances of this split; nil takes all.
    public var split: String?
    /// At most so many utterances, evenly spread over the manifests; nil takes all.
    public var limit: Int?
    /// The field of the manifests' rows that tells results apart; rows without it go by their manifest's name.
    public var groupField = "corpus"
    /// Whether utterances are heard one at a time and in pieces as a microphone gives them, and their times are told.
    public var measuresLatency = false

    /// Words whose recall is told, in texts; nil tells none.
    public var recallWords: [String]?

    private let manifests: [SpeechManifest]

    public init(_ manifests: [SpeechManifest]) { self.manifests = manifests }

    /// Where words come from.
    public enum Source: Sendable {
        case recognizer(any SpeechRecognizer)
        case hypotheses(Hypotheses)
    }

    /// What was heard in one utterance.
    public struct Heard: Sendable, Encodable, Equatable {
        public var id: String
        public var text: String
        public var said: String
        /// The likeliest texts with their scores, where the recogniser lists them.
        public var alternatives: [Alternative]?
        /// Wall time of recognition; of utterances heard together, its share by length.
        public var seconds: Double?
    }

    /// What became of an utterance: what was heard in so many seconds of sound, or why nothing could be.
    private enum Outcome {
        case heard(Heard, seconds: Double?, ListeningTime? = nil)
        case bad(RecognitionReport.BadAudio)
    }

    /// One utterance that takes part.
    private struct Item {
        var utterance: Utterance
        var manifest: SpeechManifest
        var text: String
        var group: String
    }

    /// Utterances that are heard at the same time: a recogniser that hears streams together is faster so.
    private static let together = 16
    /// The rate at which recognisers are given sound.
    private static let sampleRate = 16_000
    /// Samples that they are given at a time where latency is measured: 80 ms.
    private static let piece = 1280

    /// Hears every utterance that has a text; `report` is told each as it is done, with how many are done of how many.
    ///
    /// Sound that cannot be read is named in the result and left out of its rates; it is an error where all sound is such.
    public func run(_ source: Source, report: (Heard, Int, Int) throws -> Void = { _, _, _ in }) async throws -> RecognitionReport
    {
        var result = RecognitionReport()
        let items = try chosen(&result.skipped)
        if case .hypotheses(let hypotheses) = source { try check(hypotheses, cover: items) }
        var groups: [String: [TranscriptErrors]] = [:]
        var errors: [TranscriptErrors] = []
        var (audio, spent, isTimed) = (0.0, 0.0, true)
        var latency = LatencyStatistics()
        var best: [TranscriptErrors] = []
        var recall = recallWords.map { WordRecall(of: $0) }
        let together = measuresLatency ? 1 : Self.together
        var done = 0
        for start in stride(from: 0, to: items.count, by: together) {
            let part = Array(items[start..<min(items.count, start + together)])
            for (item, outcome) in zip(part, try await heard(part, source)) {
                done += 1
                switch outcome {
                case .bad(let bad): result.badAudio.append(bad)
                case .heard(let heard, let length, let timing):
                    if let timing { latency.add(timing) }
                    let scored = TranscriptErrors(said: item.text, heard: heard.text)
                    errors.append(scored)
                    if let alternatives = heard.alternatives {
                        let others = alternatives.map { TranscriptErrors(said: item.text, heard: $0.text) }
                        best.append((others + [scored]).min { $0.wordErrors < $1.wordErrors } ?? scored)
                    }
                    recall?.add(said: item.text, heard: heard.text)
                    groups[item.group, default: []].append(scored)
                    if let length, let seconds = heard.seconds {
                        audio += length
                        spent += seconds
                    } else {
                        isTimed = false
                    }
                    try report(heard, done, items.count)
                }
            }
        }
        if errors.isEmpty, let bad = result.badAudio.first {
            throw RecognitionError.data("none of \(items.count) utterances could be heard; \"\(bad.id)\": \(bad.error)")
        }
        result.rates = ErrorRates(errors)
        result.groups = groups.mapValues { ErrorRates($0) }
        result.latency = latency.latency
        if !best.isEmpty { result.oracle = ErrorRates(best) }
        result.recall = recall
        if isTimed, audio > 0 {
            result.audioSeconds = audio
            result.realTimeFactor = spent / audio
        }
        return result
    }

    /// What was heard in each, and its seconds of sound; or why it could not be.
    private func heard(_ items: [Item], _ source: Source) async throws -> [Outcome] {
        func empty(_ item: Item) -> Heard { Heard(id: item.utterance.id, text: "", said: item.text) }
        switch source {
        case .hypotheses(let hypotheses):
            return items.map { item in
                var heard = empty(item)
                let hypothesis = hypotheses[item.utterance.id]
                (heard.text, heard.seconds) = (hypothesis?.text ?? "", hypothesis?.seconds)
                return .heard(heard, seconds: item.utterance.duration)
            }
        case .recognizer(let recognizer):
            var sounds: [Int: [Float]] = [:]
            var outcomes: [Outcome] = []
            for (index, item) in items.enumerated() {
                do {
                    let samples = try item.manifest.samples(of: item.utterance, at: Self.sampleRate)
                    sounds[index] = samples
                    outcomes.append(.heard(empty(item), seconds: Double(samples.count) / Double(Self.sampleRate)))
                } catch {
                    outcomes.append(.bad(.init(id: item.utterance.id, error: "\(error)")))
                }
            }
            let begin = ContinuousClock.now
            let words = try await withThrowingTaskGroup(of: (Int, [Transcript], ListeningTime).self) { group in
                for (index, samples) in sounds {
                    group.addTask {
                        let (transcripts, timing) = try await self.words(in: samples, recognizer)
                        return (index, transcripts, timing)
                    }
                }
                return try await group.reduce(into: [Int: ([Transcript], ListeningTime)]()) { $0[$1.0] = ($1.1, $1.2) }
            }
            let spent = begin.duration(to: .now) / .seconds(1)
            let all = sounds.values.reduce(0) { $0 + $1.count }
            for (index, (transcripts, timing)) in words {
                guard case .heard(var heard, let seconds, _) = outcomes[index] else { continue }
                heard.text = transcripts.map(\.text).joined(separator: " ")
                // A stream of one utterance has one transcript.
                heard.alternatives = transcripts.count == 1 ? transcripts[0].alternatives : nil
                heard.seconds = spent * Double(sounds[index]?.count ?? 0) / Double(max(1, all))
                outcomes[index] = .heard(heard, seconds: seconds, measuresLatency ? timing : nil)
            }
            return outcomes
        }
    }

    private func words(
        in samples: [Float], _ recognizer: any SpeechRecognizer
    ) async throws -> (transcripts: [Transcript], timing: ListeningTime) {
        let stream = try await recognizer.listen()
        var events: [Event] = []
        var timing = ListeningTime()
        let piece = measuresLatency ? Self.piece : max(1, samples.count)
        for start in stride(from: 0, to: samples.count, by: piece) {
            let end = min(samples.count, start + piece)
            let begin = ContinuousClock.now
            let new = try await stream.hear(AudioFrame(samples: Array(samples[start..<end]), sampleRate: Self.sampleRate))
            timing.heard(upTo: Double(end) / Double(Self.sampleRate), taking: begin.duration(to: .now), new)
            events += new
        }
        let begin = ContinuousClock.now
        let last = try await stream.finish()
        timing.finished(taking: begin.duration(to: .now), last)
        events += last
        let transcripts = events.compactMap { if case .wordsFinal(let transcript) = $0.kind { transcript } else { nil } }
        return (transcripts, timing)
    }

    private func chosen(_ skipped: inout RecognitionReport.Skipped) throws(RecognitionError) -> [Item] {
        var items: [Item] = []
        for manifest in manifests {
            let name = URL(filePath: manifest.path).deletingPathExtension().lastPathComponent
            for utterance in manifest.utterances {
                if let split, utterance.split != split {
                    skipped.otherSplit += 1
                } else if utterance.extra["text_kind"] == .string("slots") {
                    skipped.slots += 1
                } else if let text = utterance.text, !text.isEmpty {
                    items.append(Item(utterance: utterance, manifest: manifest, text: text, group: group(of: utterance) ?? name))
                } else {
                    skipped.noText += 1
                }
            }
        }
        if let limit, limit < items.count {
            skipped.beyondLimit = items.count - limit
            items = (0..<limit).map { items[$0 * items.count / limit] }
        }
        if items.isEmpty {
            let which = split.map { " of split \"\($0)\"" } ?? ""
            throw .data("\(manifests.map(\.path).joined(separator: ", ")): no utterance\(which) has a text")
        }
        return items
    }

    /// Hypotheses go by id: each utterance must have one, and an id of its own.
    private func check(_ hypotheses: Hypotheses, cover items: [Item]) throws(RecognitionError) {
        var seen: Set<String> = []
        for item in items {
            let (id, path) = (item.utterance.id, item.manifest.path)
            if hypotheses[id] == nil { throw .data("\(hypotheses.path): has no hypothesis for \"\(id)\" of \(path)") }
            if !seen.insert(id).inserted { throw .data("\(path): more than one utterance is called \"\(id)\"") }
        }
    }

    private func group(of utterance: Utterance) -> String? {
        switch groupField {
        case "speaker": utterance.speaker
        case "gender": utterance.gender
        case "age": utterance.age
        case "split": utterance.split
        default:
            switch utterance.extra[groupField] {
            case .string(let text): text
            case .number(let number): Int(exactly: number).map { String($0) } ?? "\(number)"
            case .bool(let bool): "\(bool)"
            default: nil
            }
        }
    }
}
