public import MynaStages
internal import Foundation
internal import Synchronization

/// A request and the text of its intents.
public struct RequestExample: Sendable, Equatable {
    public var request: String
    public var state: DialogueState
    public var text: String

    public init(request: String, state: DialogueState, text: String) {
        self.request = request
        self.state = state
        self.text = text
    }
}

/// Tokens of several requests in rows of one length; the end token fills up.
struct RequestBatch: Sendable, Equatable {
    var rows: Int
    var length: Int
    /// `[rows, length]`
    var tokens: [Int]
    /// What predicting each token counts for, `[rows, length]`; nothing for the first and for filling.
    var weights: [Float]
    /// Tokens that are no filling.
    var tokenCount: Int
}

/// The batches of a run, each a function of the recipe and the step's number alone.
///
/// A window of batches is generated at once and sorted by length; while one is used, a thread makes the next.
final class RequestBatches: Sendable {
    private let recipe: AssistantRecipe
    private let format: RequestFormat
    private let examples: @Sendable (_ seed: UInt64, _ count: Int) throws -> [RequestExample]
    private let ahead = Mutex<(window: Int, work: Ahead)?>(nil)
    private let current = Mutex<(window: Int, batches: [RequestBatch])?>(nil)

    init(
        _ recipe: AssistantRecipe, _ format: RequestFormat,
        examples: @escaping @Sendable (_ seed: UInt64, _ count: Int) throws -> [RequestExample]
    ) {
        self.recipe = recipe
        self.format = format
        self.examples = examples
    }

    /// The batch of one step.
    func batch(_ step: Int) throws -> RequestBatch {
        let (window, index) = step.quotientAndRemainder(dividingBy: recipe.window)
        if let batches = current.withLock({ $0?.window == window ? $0?.batches : nil }) { return batches[index] }
        let started = ahead.withLock { $0?.window == window ? $0?.work : nil }
        let batches = try (started ?? start(window)).result()
        current.withLock { $0 = (window, batches) }
        let next = start(window + 1)
        ahead.withLock { $0 = (window + 1, next) }
        return batches[index]
    }

    private func start(_ window: Int) -> Ahead { Ahead { [self] in try batches(window) } }

    /// All batches of a window, in a drawn order.
    private func batches(_ window: Int) throws -> [RequestBatch] {
        var random = SeededRandom(seed: recipe.seed &* 0x9E37_79B9_7F4A_7C15 ^ UInt64(window + 1))
        var wanted = recipe.batch * recipe.window
        var rows: [(prompt: [Int], completion: [Int])] = []
        while wanted > 0 {
            for example in try examples(random.next(), wanted) {
                let row = (
                    prompt: format.prompt(example.request, after: example.state), completion: try format.completion(example.text)
                )
                if row.prompt.count + row.completion.count <= recipe.model.positions { rows.append(row) }
            }
            wanted = recipe.batch * recipe.window - rows.count
        }
        rows.sort { $0.prompt.count + $0.completion.count < $1.prompt.count + $1.completion.count }
        var batches = (0..<recipe.window).map { index in batch(rows[index * recipe.batch..<(index + 1) * recipe.batch]) }
        batches.shuffle(using: &random)
        return batches
    }

    private func batch(_ rows: ArraySlice<(prompt: [Int], completion: [Int])>) -> RequestBatch {
        let longest = rows.map { $0.prompt.count + $0.completion.count }.max() ?? 1
        let length = (longest + 7) / 8 * 8  // few different shapes: libtorch's caches stay small
        var batch = RequestBatch(rows: rows.count, length: length, tokens: [], weights: [], tokenCount: 0)
        for (prompt, completion) in rows {
            let filling = length - prompt.count - completion.count
            batch.tokens += prompt + completion + Array(repeating: format.endToken, count: filling)
            batch.weights.append(0)
            batch.weights += Array(repeating: Float(recipe.requestWeight), count: prompt.count - 2)
            batch.weights.append(0)  // the marker between request and intents says nothing
            batch.weights += Array(repeating: 1, count: completion.count) + Array(repeating: 0, count: filling)
            batch.tokenCount += prompt.count + completion.count
        }
        return batch
    }
}

/// Work done on another thread, whose result is waited for.
private final class Ahead: Sendable {
    private let outcome = Mutex<Result<[RequestBatch], any Error>?>(nil)
    private let done = DispatchSemaphore(value: 0)

    init(_ work: @escaping @Sendable () throws -> [RequestBatch]) {
        DispatchQueue.global(qos: .utility).async { [self] in
            let result = Result { try work() }
            outcome.withLock { $0 = result }
            done.signal()
        }
    }

    /// Call once.
    func result() throws -> [RequestBatch] {
        done.wait()
        guard let result = outcome.withLock({ $0 }) else { fatalError("signalled before the result was there") }
        return try result.get()
    }
}
