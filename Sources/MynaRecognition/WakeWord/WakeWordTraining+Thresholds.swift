internal import Foundation
internal import MynaAudio
internal import TorchNN

extension WakeWordTraining {
    /// Chooses for each phrase of the exported model the lowest threshold that allows so many false alarms an hour in the `train` and
    /// `dev` splits of the recipe's other sound, and writes them into its folder.
    ///
    /// - Returns: the thresholds, in the order of the phrases.
    public func chooseThresholds(falseAlarmsPerHour rate: Double) async throws -> [Double] {
        let export = ModelFolder(folder + "/export")
        let detector = try await WakeWordDetector(contentsOf: export)
        let phrases = detector.config.phrases
        var (alarms, hours) = (phrases.map { _ in [Double]() }, 0.0)
        for path in recipe.manifests {
            let manifest = try SpeechManifest(path: path)
            for utterance in manifest.utterances where utterance.split == "train" || utterance.split == "dev" {
                let text = " \((utterance.text ?? "").lowercased()) "
                guard !phrases.contains(where: { text.contains(" \($0) ") }) else { continue }
                let samples: [Float]
                do {
                    samples = try manifest.samples(of: utterance, at: LogMel.sampleRate)
                } catch {
                    report("left out: \(error)")
                    continue
                }
                hours += Double(samples.count) / Double(LogMel.sampleRate) / 3600
                for (phrase, scores) in await detector.peaks(in: samples, above: 0).enumerated() { alarms[phrase] += scores }
            }
        }
        let allowed = Int(rate * hours)
        let thresholds = alarms.map { scores in
            let sorted = scores.sorted(by: >)
            return ((allowed < sorted.count ? sorted[allowed] : 0) * 100).rounded(.up) / 100 + 0.01
        }
        try WakeWordConfig.write(
            thresholds: Dictionary(zip(phrases, thresholds)) { first, _ in first }, in: export)
        report(String(format: "thresholds allow %d false alarms in %.1f hours of other sound", allowed, hours))
        return thresholds
    }
}
