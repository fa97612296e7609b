public import MynaStages

/// Lines to be shown for a while, made from words and their times.
///
/// A new cue begins at a pause, and where the words so far fill two lines or seven seconds; it then ends at the best place among
/// its last words: after a sentence, after a comma, or at the longest gap. A cue stays for at least a second where the next one
/// leaves room. Lengths and times follow what broadcasters ask of subtitles (42 characters a line, 1 to 7 s).
public struct Subtitles: Sendable, Equatable {
    /// One or two lines and when they are shown, in seconds.
    public struct Cue: Sendable, Equatable {
        public var start: Double
        public var end: Double
        public var lines: [String]
    }

    /// How lines are broken.
    public struct Layout: Sendable {
        public var charactersPerLine = 42
        public var linesPerCue = 2
        /// A silence of this length, in seconds, ends a cue.
        public var pause = 0.7
        public var longest = 7.0
        public var shortest = 1.0

        public init() {}
    }

    public let cues: [Cue]

    public init(_ words: [Word], layout: Layout = Layout()) {
        var cues: [Cue] = []
        var rest = words.filter { !$0.word.isEmpty }[...]
        while !rest.isEmpty {
            let count = Self.count(of: rest, layout)
            let cue = rest.prefix(count)
            rest = rest.dropFirst(count)
            guard let first = cue.first, let last = cue.last else { break }
            let room = rest.first?.start ?? .infinity
            // Never beyond the next cue, never backwards.
            let end = max(first.start, min(max(last.end, first.start + layout.shortest), room))
            cues.append(Cue(start: first.start, end: end, lines: Self.lines(cue.map(\.word), layout)))
        }
        self.cues = cues
    }

    /// How many of the words the next cue takes.
    private static func count(of words: ArraySlice<Word>, _ layout: Layout) -> Int {
        let list = Array(words)
        var fitting = 1
        while fitting < list.count {
            let next = list[fitting]
            if next.start - list[fitting - 1].end >= layout.pause { return fitting }
            let isFull =
                next.end - list[0].start > layout.longest
                || filled(list[...fitting].map(\.word), layout).count > layout.linesPerCue
            if isFull { break }
            fitting += 1
        }
        if fitting == list.count { return fitting }
        // Full in the middle of speech: the last third is searched for a better place.
        func merit(_ count: Int) -> Double {
            let gap = list[count].start - list[count - 1].end
            switch list[count - 1].word.last {
            case ".", "?", "!": return 3 + gap
            case ",", ";", ":": return 1 + gap
            default: return gap
            }
        }
        let places = max(1, fitting * 2 / 3)...fitting
        return places.max { (merit($0), $0) < (merit($1), $1) } ?? fitting
    }

    /// Words line after line, each as full as it can be.
    private static func filled(_ words: [String], _ layout: Layout) -> [String] {
        var lines: [String] = []
        for word in words {
            if let last = lines.last, last.count + 1 + word.count <= layout.charactersPerLine {
                lines[lines.count - 1] = last + " " + word
            } else {
                lines.append(word)
            }
        }
        return lines
    }

    /// One line where it fits, else lines about as long as each other.
    private static func lines(_ words: [String], _ layout: Layout) -> [String] {
        let greedy = filled(words, layout)
        guard greedy.count == 2 else { return greedy }
        let splits = (1..<words.count).map { [words[..<$0].joined(separator: " "), words[$0...].joined(separator: " ")] }
        let fitting = splits.filter { $0.allSatisfy { $0.count <= layout.charactersPerLine } }
        return fitting.min { abs($0[0].count - $0[1].count) < abs($1[0].count - $1[1].count) } ?? greedy
    }

    /// As SubRip (`.srt`).
    public var srt: String {
        cues.enumerated().map { index, cue in
            let times = "\(Self.time(cue.start, ",")) --> \(Self.time(cue.end, ","))"
            return "\(index + 1)\n\(times)\n\(cue.lines.joined(separator: "\n"))\n\n"
        }.joined()
    }

    /// As WebVTT (`.vtt`).
    public var vtt: String {
        "WEBVTT\n\n"
            + cues.map { cue in
                let times = "\(Self.time(cue.start, ".")) --> \(Self.time(cue.end, "."))"
                return "\(times)\n\(cue.lines.map(Self.escaped).joined(separator: "\n"))\n\n"
            }.joined()
    }

    /// `01:02:03,456`.
    private static func time(_ seconds: Double, _ point: String) -> String {
        let all = Int((max(0, seconds) * 1000).rounded())
        func padded(_ number: Int, _ width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.count)) + digits
        }
        let (hours, minutes) = (all / 3_600_000, all / 60_000 % 60)
        return "\(padded(hours, 2)):\(padded(minutes, 2)):\(padded(all / 1000 % 60, 2))\(point)\(padded(all % 1000, 3))"
    }

    private static func escaped(_ line: String) -> String {
        line.map { character in
            switch character {
            case "&": "&amp;"
            case "<": "&lt;"
            case ">": "&gt;"
            default: String(character)
            }
        }.joined()
    }
}
