import Foundation
import MynaText
import Testing
import Torch
import TorchNN

@testable import MynaLanguage

@Suite("Generation of many texts at once", .serialized)
struct GenerationBatchTests {
    /// Runs a batch to its end, adding each request at the step that it names.
    static func run(
        _ batch: GenerationBatch, _ requests: [(step: Int, request: GenerationBatch.Request)]
    ) throws -> [Generation] {
        var ids: [GenerationBatch.ID: Int] = [:]
        var done: [Int: Generation] = [:]
        var told: [Int: [Int]] = [:]
        var step = 0
        while done.count < requests.count {
            for (index, entry) in requests.enumerated() where entry.step == step { ids[try batch.add(entry.request)] = index }
            for event in batch.step() {
                switch event {
                case .token(let id, let token): told[ids[id] ?? -1, default: []].append(token)
                case .finished(let id, let generation): done[ids[id] ?? -1] = generation
                case .failed(_, let error): throw error
                }
            }
            step += 1
            try #require(step < 3000)
        }
        #expect(batch.isIdle)
        return requests.indices.map { index in
            let generation = done[index] ?? Generation()
            #expect(generation.tokens == told[index] ?? [])
            return generation
        }
    }

    @Test("each text is what it would be alone, whatever is written beside it", arguments: ["sharded", "tied", "biased"])
    func batchedEqualsSingle(name: String) throws {
        let language = try LanguageModel(contentsOf: DecoderTests.folder(name))
        var random = SplitMix(state: 3)
        for round in 0..<3 {
            let prefix = (0..<9).map { _ in Int.random(in: 2..<120, using: &random) }
            let requests = (0..<9).map { _ in
                let own = (0..<Int.random(in: 1...6, using: &random)).map { _ in Int.random(in: 2..<120, using: &random) }
                var request = GenerationBatch.Request(
                    Bool.random(using: &random) ? prefix + own : own, limit: Int.random(in: 1...25, using: &random))
                request.endTokens = [7]
                if Bool.random(using: &random) { request.sampling = .temperature(0.8) }
                request.seed = random.next()
                return (step: Int.random(in: 0...20, using: &random), request: request)
            }
            let batch = GenerationBatch(language, slots: 1 + 2 * round, capacity: 60, piece: 3)
            let together = try Self.run(batch, requests)
            for (index, entry) in requests.enumerated() {
                var own = SplitMix(state: entry.request.seed)
                let alone = try language.generate(
                    after: entry.request.prompt, limit: entry.request.limit, holdingTo: nil, endTokens: [7],
                    sampling: entry.request.sampling, using: &own)
                #expect(
                    together[index].tokens == alone.tokens && together[index].ended == alone.ended, "round \(round), \(index)")
                #expect(abs(together[index].logProbability - alone.logProbability) < 1e-3)
            }
        }
    }

    @Test("what prompts share is read once, from a slot in use and from one that is done")
    func sharedPrefix() throws {
        let language = try LanguageModel(contentsOf: DecoderTests.folder("biased"))
        let prefix = (2..<32).map { $0 }
        let batch = GenerationBatch(language, slots: 3, capacity: 60)
        _ = try Self.run(batch, [(0, .init(prefix + [50], limit: 3))])
        #expect(batch.counts.read == 30 && batch.counts.shared == 0)
        _ = try Self.run(batch, [(0, .init(prefix + [51, 52], limit: 9)), (0, .init(prefix + [53], limit: 9))])
        #expect(batch.counts.shared == 60)
        #expect(batch.counts.read == 31)  // 51 alone: each prompt's last token is read as it is continued
    }

    @Test("constrained texts stand beside free ones, and one that cannot go on fails alone")
    func constrained() throws {
        let language = try JSONSchemaTests.language()
        let (trie, pieces) = (TokenTrie(language.tokenizer), language.tokenizer.pieces)
        let schema = try JSONSchema(
            #"{"type":"object","properties":{"on":{"type":"boolean"},"room":{"enum":["kitchen","hall"]}},"required":["on","room"]}"#
        )
        let masks = SchemaMasks(schema, trie, pieces: pieces)
        let batch = GenerationBatch(language, slots: 2, capacity: 200)
        let free = GenerationBatch.Request([70, 71], limit: 30)
        var held = GenerationBatch.Request([72], limit: 100)
        held.constraint = SchemaConstraint(masks)
        held.sampling = .temperature(2)
        let written = try Self.run(batch, [(0, free), (0, held), (2, held)])
        for generation in written[1...] {
            #expect(generation.ended)
            #expect(SchemaText.accepts(language.tokenizer.decode(generation.tokens), schema))
        }
        // The small vocabulary of the fixtures has no "é".
        let words = try GenerationTests.language()
        let stuck = GenerationBatch(words, slots: 2, capacity: 40)
        var impossible = GenerationBatch.Request([5], limit: 9)
        impossible.constraint = TrieConstraint(OneOf(["aé"]), TokenTrie(words.tokenizer), pieces: words.tokenizer.pieces)
        _ = try stuck.add(impossible)
        let good = try stuck.add(.init([5, 6], limit: 2))
        var (failed, finished) = (0, [GenerationBatch.ID]())
        for _ in 0..<6 {
            for event in stuck.step() {
                if case .failed(_, .deadEnd) = event { failed += 1 }
                if case .finished(let id, _) = event { finished.append(id) }
            }
        }
        #expect(failed == 1 && finished == [good] && stuck.isIdle)
    }

    @Test("a cancelled text leaves within a step, and its slot serves the next")
    func cancelled() throws {
        let language = try LanguageModel(contentsOf: DecoderTests.folder("biased"))
        let batch = GenerationBatch(language, slots: 1, capacity: 60)
        let first = try batch.add(.init([3, 4, 5], limit: 50))
        let second = try batch.add(.init([6, 7], limit: 2))
        _ = batch.step()
        batch.cancel(first)
        var events = 0
        for _ in 0..<4 {
            for event in batch.step() {
                events += 1
                if case .token(let id, _) = event { #expect(id == second) }
            }
        }
        #expect(events == 3 && batch.isIdle)
        #expect(throws: LanguageError.tooLong(tokens: 60, limit: 60)) {
            try batch.add(.init(Array(repeating: 3, count: 60), limit: 1))
        }
    }
}
