@testable import MynaSession
import MynaStages
import MynaTestSupport
import Testing

@Suite struct SubtitlesTests {
    /// Words of 0.3 s each; a number is a silence before the next.
    private func words(_ text: String, from start: Double = 0) -> [Word] {
        var time = start
        var words: [Word] = []
        for part in text.split(separator: " ") {
            if let silence = Double(part) {
                time += silence
            } else {
                words.append(Word(word: String(part), start: time, end: time + 0.3, confidence: 1))
                time += 0.3
            }
        }
        return words
    }

    @Test func `a pause ends a cue, and a short cue stays for a second where there is room`() {
        let subtitles = Subtitles(words("hello 2 good morning 0.2 all 0.75 yes"))
        #expect(subtitles.cues.map(\.lines) == [["hello"], ["good morning all"], ["yes"]])
        #expect(subtitles.cues[0] == .init(start: 0, end: 1, lines: ["hello"]))
        #expect(abs(subtitles.cues[1].end - 3.4) < 1e-9)
        #expect(abs(subtitles.cues[2].end - subtitles.cues[2].start - 1) < 1e-9)
    }

    @Test func `a full cue breaks after a sentence rather than in one, and its lines are about as long`() {
        let text = "we went to the old market in the town and bought bread. then the rain came down on all of us again"
        let cues = Subtitles(words(text)).cues
        #expect(cues[0].lines == ["we went to the old market in", "the town and bought bread."])
        #expect(cues.count == 2)
        #expect(cues.flatMap(\.lines).joined(separator: " ") == text)
    }

    @Test func `no word is lost, no line is too long, cues follow each other`() {
        var random = SeededRandom(seed: 9)
        for _ in 0..<100 {
            var time = 0.0
            let words = (0..<Int.random(in: 1...120, using: &random)).map { index in
                time += Double.random(in: 0...1, using: &random) * (Bool.random(using: &random) ? 0.1 : 1)
                let end = time + Double.random(in: 0.05...0.9, using: &random)
                defer { time = end }
                let length = Int.random(in: 1...14, using: &random)
                return Word(
                    word: String(repeating: "a", count: length) + (index % 9 == 0 ? "." : ""), start: time, end: end,
                    confidence: 1)
            }
            let subtitles = Subtitles(words)
            #expect(subtitles.cues.flatMap(\.lines).joined(separator: " ") == words.map(\.word).joined(separator: " "))
            #expect(
                subtitles.cues.allSatisfy {
                    $0.lines.count <= 2 && $0.lines.allSatisfy { $0.count <= 42 } && $0.end - $0.start <= 7.01
                })
            for (cue, next) in zip(subtitles.cues, subtitles.cues.dropFirst()) {
                #expect(cue.end <= next.start && cue.start < cue.end)
            }
        }
    }

    @Test func `a word longer than a line stands alone, and no words make no cue`() {
        let long = String(repeating: "x", count: 60)
        #expect(Subtitles(words("a \(long) b")).cues.flatMap(\.lines).contains(long))
        #expect(Subtitles([]).cues.isEmpty && Subtitles([]).srt.isEmpty && Subtitles([]).vtt == "WEBVTT\n\n")
    }

    @Test func `the two forms of files`() {
        let subtitles = Subtitles(words("cats & <dogs>", from: 3661.2346) + words("two", from: 3700))
        #expect(
            subtitles.srt == """
                1
                01:01:01,235 --> 01:01:02,235
                cats & <dogs>

                2
                01:01:40,000 --> 01:01:41,000
                two


                """)
        #expect(
            subtitles.vtt == """
                WEBVTT

                01:01:01.235 --> 01:01:02.235
                cats &amp; &lt;dogs&gt;

                01:01:40.000 --> 01:01:41.000
                two


                """)
    }
}
