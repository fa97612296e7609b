import Foundation

/// What a detector, or a peer, made of one sound: a line of the file that `myna eval keyword --scores` writes and `--from` reads.
struct KeywordScores: Codable, Sendable {
    enum Kind: String, Codable {
        /// The whole sound is a phrase.
        case said
        /// Other sound, recorded.
        case real
        /// Other sound of synthetic voices.
        case made
    }

    var id: String
    var kind: Kind
    var text: String
    var seconds: Double
    /// By phrase, highest first: the scores of the places where it may have been said.
    var scores: [String: [Double]]
    /// The file that holds the sound as it was heard, where it was kept.
    var sound: String?
}

/// How well phrases are told from everything else.
struct KeywordReport: Encodable {
    struct Point: Encodable {
        var false_alarms_per_hour: Double
        /// The false alarms that the rate allows in so many hours.
        var allowed: Int
        var threshold: Double
        var misses: Int
        var miss_rate: Double
        /// Wilson's interval of 95 %.
        var miss_interval: [Double]
    }
    struct Shipped: Encodable {
        var threshold: Double
        var misses: Int
        var miss_interval: [Double]
        var false_alarms_real: Int
        var false_alarms_made: Int
    }
    struct Phrase: Encodable {
        var phrase: String
        var said: Int
        var real_hours: Double
        var made_hours: Double
        /// Thresholds that the recorded other sound alone gives, and those that all of it gives.
        var real: [Point]
        var all: [Point]
        /// What the thresholds in the detector's folder do.
        var shipped: Shipped?
    }
    var phrases: [Phrase]
    /// Work for an hour of sound in whole recordings, with reading and decoding them.
    var seconds_per_hour: Double?
    /// Share of one core that one live stream takes, frame after frame of 80 ms.
    var live_percent_of_a_core: Double?

    /// Lower scores are no detections at any threshold of interest.
    static let floor = -12.0

    /// - Parameter thresholds: those in the detector's folder, by phrase.
    init(_ rows: [KeywordScores], phrases: [String], thresholds: [String: Double]) {
        self.phrases = phrases.map { phrase -> Phrase in
            let said = rows.filter { $0.kind == .said && $0.text == phrase }.map { $0.scores[phrase]?.first ?? -.infinity }
            // A sentence in which the phrase is said tells neither of misses nor of false alarms.
            let others = rows.filter { !" \($0.text) ".contains(" \(phrase) ") }
            let real = others.filter { $0.kind != .made }
            func hours(_ rows: [KeywordScores]) -> Double { rows.reduce(0) { $0 + $1.seconds } / 3600 }
            func alarms(_ rows: [KeywordScores]) -> [Double] { rows.flatMap { $0.scores[phrase] ?? [] }.sorted(by: >) }
            func interval(_ misses: Int) -> [Double] { Self.wilson(misses, of: said.count) }
            func points(_ rows: [KeywordScores]) -> [Point] {
                let (hours, alarms) = (hours(rows), alarms(rows))
                return [0.1, 0.5].map { rate in
                    let allowed = Int(rate * hours)
                    let threshold = allowed < alarms.count ? alarms[allowed] : Self.floor
                    let misses = said.count { $0 <= threshold }
                    return Point(
                        false_alarms_per_hour: rate, allowed: allowed, threshold: threshold, misses: misses,
                        miss_rate: Double(misses) / Double(max(1, said.count)), miss_interval: interval(misses))
                }
            }
            let made = others.filter { $0.kind == .made }
            let shipped = thresholds[phrase].map { threshold in
                let misses = said.count { $0 < threshold }
                return Shipped(
                    threshold: threshold, misses: misses, miss_interval: interval(misses),
                    false_alarms_real: alarms(real).count { $0 >= threshold },
                    false_alarms_made: alarms(made).count { $0 >= threshold })
            }
            return Phrase(
                phrase: phrase, said: said.count, real_hours: hours(real), made_hours: hours(made), real: points(real),
                all: points(others), shipped: shipped)
        }
    }

    /// For each phrase the threshold just above which so many false alarms an hour remain in all other sound.
    static func thresholds(_ rows: [KeywordScores], phrases: [String], at rate: Double) -> [String: Double] {
        var thresholds: [String: Double] = [:]
        for phrase in phrases {
            let others = rows.filter { !" \($0.text) ".contains(" \(phrase) ") }
            let alarms = others.flatMap { $0.scores[phrase] ?? [] }.sorted(by: >)
            let allowed = Int(rate * others.reduce(0) { $0 + $1.seconds } / 3600)
            let highest = allowed < alarms.count ? alarms[allowed] : floor
            thresholds[phrase] = (highest * 100).rounded(.up) / 100 + 0.01
        }
        return thresholds
    }

    /// The interval that holds the true share with 95 % where `count` of `total` were so.
    static func wilson(_ count: Int, of total: Int) -> [Double] {
        guard total > 0 else { return [0, 1] }
        let (n, z) = (Double(total), 1.96)
        let share = Double(count) / n
        let centre = share + z * z / (2 * n)
        let spread = z * (share * (1 - share) / n + z * z / (4 * n * n)).squareRoot()
        return [max(0, (centre - spread) / (1 + z * z / n)), min(1, (centre + spread) / (1 + z * z / n))]
    }

    /// The report as lines that a person reads.
    var lines: [String] {
        func percent(_ interval: [Double]) -> String { String(format: "%.0f to %.0f %%", 100 * interval[0], 100 * interval[1]) }
        var lines: [String] = []
        for phrase in phrases {
            lines.append(
                "\"\(phrase.phrase)\": said \(phrase.said) times; "
                    + String(format: "%.2f h of recorded and %.2f h of made other sound", phrase.real_hours, phrase.made_hours))
            for (name, points) in [("recorded", phrase.real), ("all", phrase.all)]
            where name == "recorded" || phrase.made_hours > 0 {
                for point in points {
                    lines.append(
                        String(format: "  %.1f false alarms an hour of ", point.false_alarms_per_hour) + name
                            + String(
                                format: " sound (%d allowed, threshold %.2f): %d missed (%.1f %%, ", point.allowed,
                                point.threshold,
                                point.misses, 100 * point.miss_rate) + percent(point.miss_interval) + ")")
                }
            }
            if let shipped = phrase.shipped {
                lines.append(
                    String(
                        format: "  its own threshold %.2f: %d missed (", shipped.threshold, shipped.misses)
                        + percent(shipped.miss_interval)
                        + "), \(shipped.false_alarms_real) false alarms in recorded and \(shipped.false_alarms_made) in made sound"
                )
            }
        }
        if let seconds_per_hour {
            lines.append(String(format: "%.1f s of work for an hour of sound, with reading it", seconds_per_hour))
        }
        if let live = live_percent_of_a_core { lines.append(String(format: "a live stream takes %.2f %% of a core", live)) }
        return lines
    }
}
