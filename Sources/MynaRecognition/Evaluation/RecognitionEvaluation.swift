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
        /// Wall time of recognition.
        public var seconds: Double?
    }

    /// One utterance that takes part.
    private struct Item {
        var utterance: Utterance
        var manifest: SpeechManifest
        var text: String
        var group: String
    }

    /// The rate at which recognisers are given sound.
    private static let sampleRate = 16_000
    /// Samples that they are given at a time: 80 ms.
    private static let piece = 1280
    private var clock: ContinuousClock { ContinuousClock() }

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
        for (number, item) in items.enumerated() {
            var heard = Heard(id: item.utterance.id, text: "", said: item.text)
            var length = item.utterance.duration
            switch source {
            case .hypotheses(let hypotheses):
                let hypothesis = hypotheses[item.utterance.id]
                heard.text = hypothesis?.text ?? ""
                heard.seconds = hypothesis?.seconds
            case .recognizer(let recognizer):
                let samples: [Float]
                do {
                    samples = try item.manifest.samples(of: item.utterance, at: Self.sampleRate)
                } catch {
                    result.badAudio.append(.init(id: item.utterance.id, error: "\(error)"))
                    continue
                }
                length = Double(samples.count) / Double(Self.sampleRate)
                var timing = ListeningTime()
                heard.text = try await words(in: samples, recognizer, &timing)
                heard.seconds = timing.working
                latency.add(timing)
            }
            let scored = TranscriptErrors(said: item.text, heard: heard.text)
            errors.append(scored)
            groups[item.group, default: []].append(scored)
            if let length, let seconds = heard.seconds {
                audio += length
                spent += seconds
            } else {
                isTimed = false
            }
            try report(heard, number + 1, items.count)
        }
        if errors.isEmpty, let bad = result.badAudio.first {
            throw RecognitionError.data("none of \(items.count) utterances could be heard; \"\(bad.id)\": \(bad.error)")
        }
        result.rates = ErrorRates(errors)
        result.groups = groups.mapValues { ErrorRates($0) }
        result.latency = latency.latency
        if isTimed, audio > 0 {
            result.audioSeconds = audio
            result.realTimeFactor = spent / audio
        }
        return result
    }

    /// Gives the sound in pieces as a microphone would, without its pauses.
    private func words(
        in samples: [Float], _ recognizer: any SpeechRecognizer, _ timing: inout ListeningTime
    ) async throws -> String {
        let stream = try await recognizer.listen()
        var events: [Event] = []
        for start in stride(from: 0, to: samples.count, by: Self.piece) {
            let end = min(samples.count, start + Self.piece)
            let begin = clock.now
            let new = try await stream.hear(AudioFrame(samples: Array(samples[start..<end]), sampleRate: Self.sampleRate))
            timing.heard(upTo: Double(end) / Double(Self.sampleRate), taking: begin.duration(to: clock.now), new)
            events += new
        }
        let begin = clock.now
        let last = try await stream.finish()
        timing.finished(taking: begin.duration(to: clock.now), last)
        events += last
        return events.compactMap { if case .wordsFinal(let transcript) = $0.kind { transcript.text } else { nil } }.joined(
            separator: " ")
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
