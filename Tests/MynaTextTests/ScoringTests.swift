import MynaText
import Testing

@Suite struct ScoringTests {
    @Test("edit distance counts insertions, deletions and substitutions")
    func distance() {
        #expect(editDistance(Array("kitten"), Array("sitting")) == 3)
        #expect(editDistance([Int](), [1, 2]) == 2)
        #expect(editDistance([1, 2, 3], [Int]()) == 3)
        #expect(editDistance(["a", "b"], ["a", "b"]) == 0)
    }

    @Test("edit distance is a metric")
    func metric() {
        var random = SystemRandomNumberGenerator()
        func list() -> [Int] { (0..<Int.random(in: 0...6, using: &random)).map { _ in Int.random(in: 0...2, using: &random) } }
        for _ in 0..<500 {
            let (a, b, c) = (list(), list(), list())
            #expect(editDistance(a, b) == editDistance(b, a))
            #expect(editDistance(a, c) <= editDistance(a, b) + editDistance(b, c))
            #expect((editDistance(a, b) == 0) == (a == b))
        }
    }

    @Test("case, punctuation and written numbers make no errors; a wrong word does")
    func normalised() {
        #expect(
            TranscriptErrors(said: "SET IT TO TWENTY PERCENT", heard: "Set it to 20%.")
                == TranscriptErrors(said: "set it to 20%", heard: "set it to twenty percent"))
        let errors = TranscriptErrors(said: "turn on the light", heard: "turn of the lights now")
        #expect(errors.wordErrors == 3 && errors.words == 4)
        // n→f, one "s", and " now".
        #expect(errors.characterErrors == 6 && errors.characters == 17)
    }

    @Test("rates are over all words, not the mean of rates")
    func rates() {
        let rates = ErrorRates([
            TranscriptErrors(said: "a b c d e f g h i", heard: "a b c d e f g h i"), TranscriptErrors(said: "one", heard: "two"),
        ])
        #expect(rates.wer == 0.1 && rates.utterances == 2 && rates.words == 10)
        #expect(ErrorRates([]).wer == 0)
        #expect(ErrorRates([TranscriptErrors(said: "", heard: "noise")]).wer == 1)
    }

    @Test("the interval holds the rate, is the same from the same seed, and narrows with more utterances")
    func interval() {
        let some = (0..<40).map {
            TranscriptErrors(said: "one two three four", heard: $0 % 3 == 0 ? "one two" : "one two three four")
        }
        let few = ErrorRates(some)
        let many = ErrorRates(Array(repeating: some, count: 16).flatMap { $0 })
        #expect(few.werInterval[0] < few.wer && few.wer < few.werInterval[1])
        #expect(few == ErrorRates(some))
        #expect(many.werInterval[1] - many.werInterval[0] < (few.werInterval[1] - few.werInterval[0]) / 3)
        let alike = ErrorRates(Array(repeating: TranscriptErrors(said: "a b", heard: "a c"), count: 5))
        #expect(alike.werInterval == [0.5, 0.5])
    }

    @Test("a word counts as heard where it was said, and as inserted where it was not")
    func recall() {
        var recall = WordRecall(of: ["Yetta Romain"])
        recall.add(said: "turn the yetta lamp and the yetta fan off", heard: "turn the yetta lamp and the get a fan off")
        recall.add(said: "stop", heard: "romain stop")
        recall.add(said: "romain", heard: "yetta")
        #expect(recall.said == 3 && recall.heard == 1 && recall.inserted == 2 && recall.words == 13)
        #expect(recall.recall == 1.0 / 3)
        #expect(WordRecall(of: ["x"]).recall == nil)
    }
}
