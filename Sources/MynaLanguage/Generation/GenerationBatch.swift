internal import MynaText
internal import Torch
internal import TorchNN

/// Many texts written at once by one model: each has a slot for its keys and values, and all take their steps together.
///
/// A step reads at most one piece of one prompt and then writes one token of every text whose prompt is read, so that a long
/// prompt does not hold the others up. A new prompt takes over what a slot already holds of it, whether that slot's text is
/// still being written or not: what many prompts begin with (the home's description, the tools) is read once.
///
/// Law: each text is what it would be alone, whatever else is written beside it; but for the rounding of sums whose order
/// depends on how many rows there are.
///
/// Holds tensors, so it stays on the executor that made it.
public final class GenerationBatch {
    /// What to write.
    public struct Request {
        public var prompt: [Int]
        /// The most tokens to write.
        public var limit: Int
        public var sampling = Sampling.greedy
        /// Decides what is drawn where `sampling` draws.
        public var seed: UInt64 = 0
        /// Instead of the model's own.
        public var endTokens: [Int]?
        public var constraint: (any TokenConstraint)?

        public init(_ prompt: [Int], limit: Int) { (self.prompt, self.limit) = (prompt, limit) }
    }

    /// Names a request for as long as the batch lives; never used again.
    public struct ID: Hashable, Sendable { fileprivate var number: Int }

    public enum Event {
        /// A token was written.
        case token(ID, Int)
        /// A text is done, and its slot free.
        case finished(ID, Generation)
        /// A text cannot go on; its slot is free.
        case failed(ID, LanguageError)
    }

    /// Counted since the batch was made.
    public struct Counts: Sendable, Equatable {
        /// Prompt tokens that were read.
        public var read = 0
        /// Prompt tokens that were taken over from a slot.
        public var shared = 0
        /// Times that the model wrote a token of all texts.
        public var steps = 0
    }

    private struct Text {
        var id: ID
        /// Prompt and what was written, as far as the model has to read it.
        var tokens: [Int]
        var writer: TokenWriter
        var random: SplitMix
    }

    private struct Slot {
        var text: Text?
        /// What the cache holds, also of a text that is done.
        var held: [Int] = []
        var lastUse = 0
    }

    private let language: LanguageModel
    private let cache: SlotCache
    /// Tokens of a prompt that one step reads.
    private let piece: Int
    private var slots: [Slot]
    private var waiting: [Text] = []
    private var nextID = 0
    private var clock = 0
    public private(set) var counts = Counts()

    /// - Parameters:
    ///   - slots: texts at once; further ones wait.
    ///   - capacity: the longest text, prompt included.
    ///   - piece: tokens of a prompt that are read between two steps.
    public init(_ language: LanguageModel, slots: Int, capacity: Int, piece: Int = 256) {
        precondition(slots > 0 && capacity > 0 && piece > 0, "\(slots) slots of \(capacity) tokens, pieces of \(piece)")
        self.language = language
        self.piece = piece
        cache = SlotCache(language.model, slots: slots, capacity: min(capacity, language.model.config.longestText))
        self.slots = Array(repeating: Slot(), count: slots)
    }

    /// Whether nothing is being written and nothing waits.
    public var isIdle: Bool { waiting.isEmpty && slots.allSatisfy { $0.text == nil } }

    /// Takes a request, which begins as soon as a slot is free; first come, first served.
    ///
    /// - Throws: ``LanguageError/tooLong(tokens:limit:)`` for a prompt that leaves no room to write.
    public func add(_ request: Request) throws(LanguageError) -> ID {
        precondition(!request.prompt.isEmpty, "generation needs a prompt of at least one token")
        let room = cache.capacity - request.prompt.count
        guard room > 0 else { throw .tooLong(tokens: request.prompt.count, limit: cache.capacity) }
        let id = ID(number: nextID)
        nextID += 1
        let writer = TokenWriter(
            limit: min(request.limit, room), endTokens: request.endTokens ?? language.endTokens, sampling: request.sampling,
            constraint: request.constraint)
        waiting.append(Text(id: id, tokens: request.prompt, writer: writer, random: SplitMix(state: request.seed)))
        return id
    }

    /// Ends a text at once, without an event; one that is done or unknown is left alone.
    public func cancel(_ id: ID) {
        waiting.removeAll { $0.id == id }
        for index in slots.indices where slots[index].text?.id == id { slots[index].text = nil }
    }

    /// Goes one step further.
    public func step() -> [Event] {
        var events: [Event] = []
        clock += 1
        admit()
        for index in slots.indices { settle(index, &events) }
        withoutGradients {
            if let index = unread(moreThan: 1) { read(index) }
            write(&events)
        }
        return events
    }

    /// The text that has waited longest with more than so many tokens to read.
    private func unread(moreThan count: Int) -> Int? {
        slots.indices.filter { index in
            slots[index].text.map { $0.tokens.count - slots[index].held.count > count } ?? false
        }.min { (slots[$0].text?.id.number ?? 0) < (slots[$1].text?.id.number ?? 0) }
    }

    /// Gives free slots to those that wait.
    private func admit() {
        while let text = waiting.first, slots.contains(where: { $0.text == nil }) {
            waiting.removeFirst()
            func common(_ index: Int) -> Int {
                var count = 0
                // The last token is always read: the next one is known from it.
                while count < min(slots[index].held.count, text.tokens.count - 1), slots[index].held[count] == text.tokens[count]
                {
                    count += 1
                }
                return count
            }
            let free = slots.indices.filter { slots[$0].text == nil }
            let shared = slots.indices.map(common)
            let best = slots.indices.max { shared[$0] < shared[$1] } ?? 0
            // A free slot that holds the most is taken as it is, unless another holds more; else the one unused for longest.
            let target =
                free.filter { shared[$0] == shared[best] && shared[best] > 0 }.min { slots[$0].held.count < slots[$1].held.count }
                ?? free.min {
                    (slots[$0].held.isEmpty ? -1 : slots[$0].lastUse) < (slots[$1].held.isEmpty ? -1 : slots[$1].lastUse)
                }
                ?? 0
            withoutGradients { cache.copy(from: best, to: target, count: shared[best]) }
            counts.shared += shared[best]
            slots[target] = Slot(text: text, held: Array(text.tokens.prefix(shared[best])), lastUse: clock)
        }
    }

    /// Ends a text that is done, and writes tokens that have no alternative.
    private func settle(_ index: Int, _ events: inout [Event]) {
        guard var text = slots[index].text else { return }
        defer { slots[index].lastUse = clock }
        do {
            while !text.writer.isDone, let token = try text.writer.forced(language.tokenizer) {
                guard let token = text.writer.take(token) else { break }
                text.tokens.append(token)
                events.append(.token(text.id, token))
            }
        } catch {
            events.append(.failed(text.id, error))
            slots[index].text = nil
            return
        }
        slots[index].text = text
        if text.writer.isDone {
            events.append(.finished(text.id, text.writer.generation))
            slots[index].text = nil
        }
    }

    /// Reads a piece of a prompt, all but its last token.
    private func read(_ index: Int) {
        guard let text = slots[index].text else { return }
        let start = slots[index].held.count
        let end = min(start + piece, text.tokens.count - 1)
        _ = language.model.state(after: text.tokens[start..<end], slot: index, from: start, cache)
        slots[index].held += text.tokens[start..<end]
        counts.read += end - start
    }

    /// Writes a token of every text that has one token to read.
    private func write(_ events: inout [Event]) {
        let ready = slots.indices.filter { index in
            slots[index].text.map { $0.tokens.count == slots[index].held.count + 1 } ?? false
        }
        guard !ready.isEmpty else { return }
        let tokens = ready.map { slots[$0].text?.tokens.last ?? 0 }
        let rows = SlotCache.Rows(
            ready, at: ready.map { slots[$0].held.count }, capacity: cache.capacity, device: language.parameters.device)
        let logits = language.model.logits(language.model.states(tokens, rows, cache))  // [B, V]
        counts.steps += 1
        for (row, index) in ready.enumerated() {
            slots[index].held.append(tokens[row])
            guard var text = slots[index].text else { continue }
            if let token = text.writer.take(logits: logits.select(0, index: row), using: &text.random) {
                text.tokens.append(token)
                events.append(.token(text.id, token))
            }
            slots[index].text = text
            if text.writer.isDone {
                events.append(.finished(text.id, text.writer.generation))
                slots[index].text = nil
            }
        }
    }
}

/// A small generator of random numbers whose whole state is a seed (Steele et al. 2014).
struct SplitMix: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = (state ^ (state >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
