import Foundation
import Testing

@testable import MynaText

@Suite struct NGramTests {
    /// Sentences over twelve tokens with a grammar: 0 starts, a subject, a verb that depends on it, sometimes more.
    static func sentences(_ count: Int, seed: UInt64) -> [[Int]] {
        var state = seed
        func draw(_ limit: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % limit
        }
        return (0..<count).map { _ in
            let subject = 1 + draw(3)
            var sentence = [0, subject, 4 + (subject + draw(2)) % 3]
            while draw(3) == 0 { sentence.append(7 + draw(4)) }
            return sentence
        }
    }

    static func counted(order: Int, _ sentences: [[Int]]) -> NGramCounts {
        var counts = NGramCounts(order: order, vocabularySize: 12)
        for sentence in sentences { counts.add(sentence) }
        return counts
    }

    @Test(arguments: 1...5, [0, 1e-4, 1e-2])
    func `after any history the probabilities sum to one`(order: Int, threshold: Double) {
        let model = Self.counted(order: order, Self.sentences(200, seed: 1)).model(pruningBelow: threshold)
        for history in [[], model.start, [12, 12, 12, 12, 0], [0, 1], [0, 1, 5, 7], [11, 11, 11], [3, 0, 2, 4]] {
            let sum = (0...12).reduce(0) { $0 + exp(model.logProbability(of: $1, after: history[...])) }
            #expect(abs(sum - 1) < 0.005, "after \(history)")  // logarithms are kept in steps of 1/1024
        }
    }

    @Test func `what was seen is likelier than what was not, and nothing is impossible`() {
        let model = Self.counted(order: 3, Self.sentences(200, seed: 2)).model()
        #expect(model.logProbability(of: 0, after: model.start[...]) > log(0.9))
        #expect(model.logProbability(of: 5, after: [0, 1]) > model.logProbability(of: 4, after: [0, 1]) + 2)
        #expect(model.logProbability(of: 11, after: [0, 1]) > -20)
        #expect(model.logProbability(of: [0, 1, 5]) > model.logProbability(of: [0, 1, 4]) + 2)
    }

    @Test func `one sentence, counted by hand`() {
        // Bigrams of "a b": start→a, a→b, b→end. Each was seen once after its history; unigrams count what came before.
        var counts = NGramCounts(order: 2, vocabularySize: 2)
        counts.add([0, 1])
        let model = counts.model(pruningBelow: 0)
        // All counts are 1: n1 = 3, n2 (as if) 1, so share = 3/5 and the discount is 1 − 2 · 3/5 · 1/3 = 0.6.
        let unigram = (1 - 0.6 + 3 * 0.6 / 3) / 3
        #expect(abs(exp(model.logProbability(of: 1, after: [])) - unigram) < 0.001)
        #expect(abs(exp(model.logProbability(of: 1, after: [0])) - (0.4 + 0.6 * unigram)) < 0.001)
        #expect(abs(exp(model.logProbability(of: 0, after: [0])) - 0.6 * unigram) < 0.001)
    }

    @Test func `a longer memory tells a text it never saw better`() {
        // The last token follows from the one two before it, so two tokens of memory are needed, and enough.
        func agreeing(_ count: Int, seed: UInt64) -> [[Int]] {
            Self.sentences(count, seed: seed).map { [0, $0[1], 4, 4 + $0[1]] }
        }
        let (train, test) = (agreeing(1000, seed: 3), agreeing(100, seed: 99))
        let losses = (1...3).map { order in
            let model = Self.counted(order: order, train).model(pruningBelow: 0)
            return -test.reduce(0) { $0 + model.logProbability(of: $1) } / 100
        }
        #expect(losses[0] > losses[1] + 1)
        #expect(losses[1] > losses[2] + 0.9)  // log 3 is what the subject tells
        #expect(abs(losses[2] - log(3)) < 0.1)  // and what is left to tell
    }

    @Test func `pruning leaves out what tells little`() {
        let (train, test) = (Self.sentences(3000, seed: 3), Self.sentences(300, seed: 99))
        func loss(_ model: NGramModel) -> Double { -test.reduce(0) { $0 + model.logProbability(of: $1) } }
        let counts = Self.counted(order: 4, train)
        let whole = counts.model(pruningBelow: 0)
        let pruned = counts.model(pruningBelow: 1e-4)
        #expect(pruned.count < whole.count / 2)
        #expect(loss(pruned) < loss(whole) * 1.01)
    }

    @Test func `a mixture lies between its parts`() {
        let (general, own) = (
            Self.counted(order: 2, Self.sentences(100, seed: 4)).model(), Self.counted(order: 3, [[9, 9, 8]]).model()
        )
        var mixture = NGramMixture(general)
        #expect(
            mixture.logProbability(of: 0, after: general.start[...]) == general.logProbability(of: 0, after: general.start[...]))
        mixture.add(own, share: 0.25)
        for token in 0...12 {
            let expected =
                0.75 * exp(general.logProbability(of: token, after: [9, 9])) + 0.25
                * exp(own.logProbability(of: token, after: [9, 9]))
            #expect(abs(exp(mixture.logProbability(of: token, after: [9, 9])) - expected) < 1e-12)
        }
        #expect(mixture.order == 3 && mixture.start == [12, 12])
    }

    @Test func `a written model is read back the same, and no damaged file is taken`() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "ngram-\(UUID().uuidString).bin")
        defer { try? FileManager.default.removeItem(at: file) }  // a leftover does no harm
        let model = Self.counted(order: 4, Self.sentences(100, seed: 5)).model()
        try model.write(to: file)
        #expect(try NGramModel(contentsOf: file) == model)
        let whole = try Data(contentsOf: file)
        for damaged in [Data(), whole.prefix(19), whole.dropLast(), whole + [0], Data("MYNANGR1".utf8) + whole.dropFirst(8)] {
            try damaged.write(to: file)
            #expect(throws: NGramError.self) { try NGramModel(contentsOf: file) }
        }
        var swapped = whole
        swapped[20] ^= 0xff  // a key
        try swapped.write(to: file)
        #expect(throws: NGramError.self) { try NGramModel(contentsOf: file) }
        #expect(throws: NGramError.self) { try NGramModel(contentsOf: file.appending(path: "none")) }
    }

    @Test func `keys take tokens apart again`() {
        let key = NGramKey([1, 2, 4095, 0, 7])
        #expect(key.count == 5 && key.oldest == 1 && key.newest == 7)
        #expect(key.history == NGramKey([1, 2, 4095, 0]) && key.shortened == NGramKey([2, 4095, 0, 7]))
        #expect(
            NGramKey([5]).history == .empty && NGramKey([5]).shortened == .empty && NGramKey.empty.appending(5) == NGramKey([5]))
        #expect(NGramKey([0, 0]) > NGramKey([4095]))
    }
}
