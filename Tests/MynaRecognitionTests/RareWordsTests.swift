import Foundation
import MynaStages
import MynaTestSupport
import MynaText
import Testing

@testable import MynaRecognition

@Suite struct RareWordsTests {
    let tokenizer: BytePairTokenizer

    init() throws {
        tokenizer = try BytePairTokenizer(
            contentsOf: Fixture.root.appending(path: "Models/myna-asr").appending(path: "tokenizer.json"))
    }

    /// What a text gains in all, once its last word is at an end.
    private func gain(_ text: String, _ words: RareWords) -> Double {
        var (sum, place) = (0.0, RareWords.Place.outside)
        for token in tokenizer.encode(text, findingAdded: false) {
            let step = words.step(token, from: place, endsWord: false)
            (sum, place) = (sum + step.gain, step.place)
        }
        return sum + words.step(0, from: place, endsWord: true).gain
    }

    @Test func `a text gains the bonus for each piece of the rare words in it, and for nothing else`() throws {
        var words = RareWords(in: tokenizer, bonus: 1.5)
        let rare = ["yetta", "yet", "valdemar", "babette"]
        for word in rare { words.add(tokenizer.encode(word, findingAdded: false)) }
        let common = ["turn", "yetti", "on", "val", "valdemarian", "bab", "the", "ye", "babettes"]
        for seed in 0..<200 {
            var random = SeededRandom(seed: UInt64(seed))
            let text = (0..<Int.random(in: 1...6, using: &random)).compactMap { _ in
                Bool.random(using: &random) ? rare.randomElement(using: &random) : common.randomElement(using: &random)
            }
            let pieces = text.filter { rare.contains($0) }.reduce(0) { $0 + tokenizer.encode($1, findingAdded: false).count }
            #expect(abs(gain(text.joined(separator: " "), words) - 1.5 * Double(pieces)) < 1e-9, "\(text)")
        }
    }

    @Test func `only words that the general model hardly knows are rare`() throws {
        let general = try NGramModel(contentsOf: Fixture.root.appending(path: "Models/myna-asr/ngram.bin"))
        var options = BeamOptions()
        options.rareWordBonus = 2
        let expected = try #require(
            ExpectedSpeech(["turn on the valdemar lamp", "is the kitchen light on"], beside: general, in: tokenizer, options))
        #expect(gain("valdemar", expected.rareWords) > 0)
        for word in ["turn", "kitchen", "lamp", "light"] { #expect(gain(word, expected.rareWords) == 0, "\(word)") }
        #expect(ExpectedSpeech(["?"], beside: general, in: tokenizer, options) == nil)
    }
}
