internal import Torch
internal import TorchNN

/// What the prediction network remembers of many texts, a row each.
struct PredictionMemory {
    private(set) var predictions: Tensor  // [N, P]
    private var state: PredictionNetwork.State  // a layer each: [N, H]

    /// One text: the empty one.
    init(beginning model: FastConformerTransducer) {
        state = model.prediction.initialState(batch: 1)
        predictions = model.prediction.step(Tensor([model.config.blank_token_id]).to(model.device), &state)
    }

    /// The rows of several, one after another.
    init(_ parts: [PredictionMemory]) {
        func joined(_ rows: (PredictionMemory) -> Tensor) -> Tensor {
            parts.count == 1 ? rows(parts[0]) : .concatenated(parts.map(rows), 0)
        }
        predictions = joined(\.predictions)
        state = parts[0].state.indices.map { layer in
            LSTM.State(hidden: joined { $0.state[layer].hidden }, cell: joined { $0.state[layer].cell })
        }
    }

    private init(predictions: Tensor, state: PredictionNetwork.State) { (self.predictions, self.state) = (predictions, state) }

    var count: Int { predictions.size(0) }

    /// Some of the rows, in this order; a copy that keeps no other alive.
    func rows(_ indices: [Int]) -> PredictionMemory {
        let index = Tensor(indices).to(predictions.device)
        return PredictionMemory(
            predictions: predictions.indexSelect(0, index: index),
            state: state.map { .init(hidden: $0.hidden.indexSelect(0, index: index), cell: $0.cell.indexSelect(0, index: index)) }
        )
    }

    /// The rows named by `parents`, each of which then reads a piece.
    ///
    /// Behind the end of speech a new text begins: training never hears a word behind it, so a network that had read it would
    /// write nothing more however long somebody went on.
    func extended(_ ids: [Int], parents: [Int], with model: FastConformerTransducer) -> PredictionMemory {
        var next = rows(parents)
        next.predictions = model.prediction.step(Tensor(ids).to(model.device), &next.state)
        let ended = ids.indices.filter { ids[$0] == model.config.end_of_speech_token_id }
        if !ended.isEmpty { next.put(PredictionMemory(beginning: model).rows(ended.map { _ in 0 }), at: ended) }
        return next
    }

    /// Some rows read a piece each; the others stay.
    mutating func read(_ ids: [Int], rows: [Int], with model: FastConformerTransducer) {
        let new = extended(ids, parents: rows, with: model)
        if rows == Array(0..<count) {
            self = new
            return
        }
        put(new, at: rows)
    }

    /// Puts other rows in the places of these.
    private mutating func put(_ new: PredictionMemory, at rows: [Int]) {
        let index = Tensor(rows).to(predictions.device)
        predictions = predictions.indexCopy(0, index: index, source: new.predictions)
        state = zip(state, new.state).map {
            .init(
                hidden: $0.hidden.indexCopy(0, index: index, source: $1.hidden),
                cell: $0.cell.indexCopy(0, index: index, source: $1.cell))
        }
    }
}
