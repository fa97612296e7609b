public import MynaStages

/// Speaks through espeak-ng until a voice of our own is trained: clear and quick, and plainly a machine.
///
/// Any number of them may be used at once; the library under them is global, so they take turns, a clause at a time.
/// A cancelled task stops within one piece of sound.
public struct StandInVoice: SpeechSynthesizer {
    /// The longest text that is spoken, in characters.
    public static let textLimit = 1_000_000

    private let settings: EspeakEngine.Settings

    /// - Parameters:
    ///   - voice: espeak's name for language and variant, such as `en-us` or `en-gb+f3`.
    ///   - wordsPerMinute: 80 to 450.
    ///   - pitch: 0 to 99; 50 is the voice's own.
    public init(voice: String = "en-us", wordsPerMinute: Int = 165, pitch: Int = 50) throws(VoiceError) {
        for (name, value, allowed) in [("rate", wordsPerMinute, 80...450), ("pitch", pitch, 0...99)] {
            if !allowed.contains(value) { throw .badSetting(name: name, value: value, allowed: allowed) }
        }
        settings = EspeakEngine.Settings(voice: voice, wordsPerMinute: wordsPerMinute, pitch: pitch)
    }

    /// Speaks `text` into `sink` in pieces of at most 100 ms; the next clause is made when the last one is taken.
    ///
    /// - Throws: ``VoiceError``; `CancellationError` when the task is cancelled; whatever `sink` throws.
    public func speak(_ text: String, into sink: @Sendable (AudioFrame) async throws -> Void) async throws {
        let length = text.unicodeScalars.count
        if length > StandInVoice.textLimit { throw VoiceError.textTooLong(characters: length, limit: StandInVoice.textLimit) }
        for clause in StandInVoice.clauses(of: text) {
            try Task.checkCancellation()
            let sound = try await EspeakEngine.shared.speak(clause, settings)
            let piece = sound.sampleRate / 10
            var start = 0
            while start < sound.samples.count {
                try Task.checkCancellation()
                let end = min(start + piece, sound.samples.count)
                try await sink(AudioFrame(samples: Array(sound.samples[start..<end]), sampleRate: sound.sampleRate))
                start = end
            }
        }
    }

    /// The text in parts that are spoken one at a time: sentences, and where these are long, pieces of them.
    ///
    /// Control characters become spaces: espeak would take some as commands.
    static func clauses(of text: String) -> [String] {
        let limit = 400
        var clauses: [String] = []
        var clause: [Unicode.Scalar] = []
        var lastSpace = 0
        func take(_ scalars: some Collection<Unicode.Scalar>) {
            if scalars.allSatisfy({ $0 == " " }) { return }
            var view = String.UnicodeScalarView()
            view.append(contentsOf: scalars)
            clauses.append(String(view))
        }
        for scalar in text.unicodeScalars {
            let control = scalar.properties.generalCategory == .control || scalar == "\u{2028}" || scalar == "\u{2029}"
            let next: Unicode.Scalar = control ? " " : scalar
            if next == " ", let last = clause.last, ".?!;".unicodeScalars.contains(last) {
                take(clause)
                clause = []
                lastSpace = 0
            } else if clause.count >= limit {
                let cut = lastSpace > 0 ? lastSpace : clause.count
                take(clause[..<cut])
                clause = Array(clause[cut...])
                lastSpace = 0
            }
            if next == " " { lastSpace = clause.count }
            clause.append(next)
        }
        take(clause)
        return clauses
    }
}
