internal import Foundation
public import Torch
public import TorchNN

/// Why training stopped.
public enum TrainingError: Error, Equatable, CustomStringConvertible {
    case notFinite(step: Int, batch: String, checkpoint: String)
    case checkpoint(file: String, problem: String)

    public var description: String {
        switch self {
        case .notFinite(let step, let batch, let checkpoint):
            "the loss of step \(step) is not finite (batch \(batch)); the last good checkpoint is \(checkpoint)"
        case .checkpoint(let file, let problem): "\(file): \(problem)"
        }
    }
}

/// How a run is to go.
public struct TrainerOptions: Sendable {
    public var schedule: WarmupStableDecay
    public var clip = 1.0
    /// Share of the former average kept each step; 0 turns averaging off.
    public var averaging = 0.999
    /// What matrix products run in; on a CPU without instructions for bfloat16 they stay in float32, and the run says so.
    public var autocast: DType? = .bfloat16
    /// How many batches' mean gradient makes a step; the batch function is then asked for `step · accumulation` and on, of
    /// which several processes take turns.
    public var accumulation = 1
    /// Also writes the metrics for TensorBoard.
    public var tensorBoard = false
    public var checkpointSeconds = 300.0
    /// Stops early (resumable) after this long.
    public var budget: Duration?
    public var seed: UInt64 = 1
    /// The processes that train together: each step every one of them takes a batch of its own.
    public var group: ProcessGroup?

    /// Options with this schedule and defaults for all else.
    public init(schedule: WarmupStableDecay) { self.schedule = schedule }
}

/// Runs the steps of a training: schedule, clipping, averaging, metrics, checkpoints that resume bit for bit.
///
/// Batches are a function of the step's number alone, so nothing of the data needs to be stored to resume. The
/// folder holds `checkpoint.safetensors`, `metrics.jsonl` and `loss.svg`; it is looked for when a run starts.
///
/// Where several processes train together, they share the folder; the first of them writes it and speaks. Their gradients
/// are averaged, so N of them do what one does that accumulates N times as many batches.
public final class Trainer<Batch> {
    public let parameters: [NamedTensor]
    public private(set) var step = 0
    private let optimizers: [any Optimizer]
    private let options: TrainerOptions
    private let folder: String
    private let autocast: DType?
    private let averages: [Tensor]
    private let buffers: [NamedTensor]
    private var events: EventFile?
    private let report: (String) -> Void

    /// - Parameter report: takes lines for a person to read.
    public init(
        _ store: ParameterStore, optimizers: [any Optimizer], options: TrainerOptions, folder: String,
        report: @escaping (String) -> Void
    ) throws {
        parameters = store.parameters.filter { $0.tensor.requiresGrad }
        precondition(options.accumulation > 0, "steps of \(options.accumulation) batches")
        buffers = store.buffers
        self.optimizers = optimizers
        self.options = options
        self.folder = folder
        let speaks = options.group?.isFirst ?? true
        self.report = { if speaks { report($0) } }
        let isOnCPU = parameters.allSatisfy { $0.tensor.device.isCPU }
        autocast = options.autocast == .bfloat16 && isOnCPU && !Processor.multipliesBFloat16 ? nil : options.autocast
        let trained = parameters
        averages = options.averaging > 0 ? withoutGradients { trained.map { $0.tensor.detach().clone() } } : []
        if autocast != options.autocast { self.report("this processor has no bfloat16 instructions: training in float32") }
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        TorchRandom.seed(options.seed)
        try resume()
        if let group = options.group {
            try group.broadcast(everything.map(\.tensor))
            // Drop-out differs from process to process; the first one's continues what was saved.
            if !group.isFirst { TorchRandom.seed(options.seed &+ UInt64(group.rank) &* 7_919 &+ UInt64(step) &* 104_729) }
        }
    }

    /// The numbers of the batches that this process takes in a step.
    private func batchNumbers(of step: Int) -> [Int] {
        let (rank, size) = (options.group?.rank ?? 0, options.group?.size ?? 1)
        return (0..<options.accumulation).map { (step * options.accumulation + $0) * size + rank }
    }

    private var isFirst: Bool { options.group?.isFirst ?? true }

    /// The averaged weights, or the plain ones where averaging is off.
    public var averagedParameters: [NamedTensor] {
        averages.isEmpty ? parameters : zip(parameters, averages).map { ($0.name, $1) }
    }

    /// Trains until the schedule or the budget ends.
    ///
    /// - Parameters:
    ///   - batches: gives the batch of a step; called in order from the current step on, on the caller's thread.
    ///   - loss: the loss to minimise, and numbers worth keeping.
    ///   - evaluate: called each `evaluateEvery` steps with the averaged weights in place; its numbers go to the metrics.
    /// - Returns: whether the schedule was finished.
    @discardableResult
    public func run(
        batches: (Int) throws -> (batch: Batch, name: String, size: Double),
        loss: (Batch) -> (loss: Tensor, metrics: [String: Double]),
        evaluateEvery: Int = 0, evaluate: (() throws -> [String: Double])? = nil
    ) throws -> Bool {
        StopRequest.watch()
        let clock = ContinuousClock()
        let begin = clock.now
        var lastCheckpoint = begin
        var (recentLoss, recentSteps, recentSize, recentBegin) = (0.0, 0, 0.0, begin)
        let firstStep = step
        while step < options.schedule.steps {
            var stops = StopRequest.isMade
            if let budget = options.budget, step > firstStep, clock.now - begin > budget { stops = true }
            if let group = options.group { stops = try group.sum([stops ? 1 : 0])[0] > 0 }
            if stops { break }
            for parameter in parameters { parameter.tensor.grad = nil }
            var (value, extra, name, size) = (0.0, [String: Double](), "", 0.0)
            for (part, number) in batchNumbers(of: step).enumerated() {
                let batch = try batches(number)
                let (loss, metrics) = withAutocast(autocast) { loss(batch.batch) }
                let share = options.accumulation == 1 ? loss : loss / Double(options.accumulation)
                share.backward()
                value += share.item()
                extra.merge(metrics) { $1 }
                name += part == 0 ? batch.name : ", \(batch.name)"
                size += batch.size
            }
            if let group = options.group {
                try group.averaged(parameters.compactMap(\.tensor.grad))
                let sums = try group.sum([Float(value), Float(size)])
                (value, size) = (Double(sums[0]) / Double(group.size), Double(sums[1]))
            }
            let norm = clipGradients(parameters, to: options.clip)
            guard value.isFinite, norm.isFinite else {
                try log(["step": Double(step), "loss": value])
                throw TrainingError.notFinite(step: step, batch: name, checkpoint: checkpointFile)
            }
            let rate = options.schedule.rate(after: step)
            for optimizer in optimizers { optimizer.step(learningRate: rate) }
            step += 1
            average()
            recentLoss += value
            recentSteps += 1
            recentSize += size
            if step % 20 == 0 || step == options.schedule.steps {
                let seconds = (clock.now - recentBegin).seconds
                var metrics = [
                    "step": Double(step), "loss": recentLoss / Double(recentSteps), "rate": rate, "norm": norm,
                    "throughput": recentSize / seconds,
                ]
                metrics.merge(extra) { $1 }
                try log(metrics)
                if step % 100 == 0 || step == options.schedule.steps {
                    let perStep = (clock.now - begin).seconds / Double(step - firstStep)
                    let left = perStep * Double(options.schedule.steps - step) / 60
                    report(
                        "step \(step)/\(options.schedule.steps)  loss \(format(recentLoss / Double(recentSteps)))  \(format(recentSize / seconds))/s  about \(Int(left.rounded(.up))) min left"
                    )
                }
                (recentLoss, recentSteps, recentSize, recentBegin) = (0, 0, 0, clock.now)
            }
            if isFirst, evaluateEvery > 0, step % evaluateEvery == 0 || step == options.schedule.steps, let evaluate {
                let metrics = try withAverages { try withoutGradients { try evaluate() } }
                try log(metrics.merging(["step": Double(step)]) { $1 })
                report(
                    "step \(step)  "
                        + metrics.sorted { $0.key < $1.key }.map { "\($0.key) \(format($0.value))" }.joined(separator: "  "))
            }
            if (clock.now - lastCheckpoint).seconds > options.checkpointSeconds {
                try save()
                lastCheckpoint = clock.now
            }
        }
        try save()
        return step >= options.schedule.steps
    }

    /// Runs `body` while the parameters hold their averages.
    public func withAverages<R>(_ body: () throws -> R) rethrows -> R {
        guard !averages.isEmpty else { return try body() }
        let plain = withoutGradients { parameters.map { $0.tensor.clone() } }
        withoutGradients { for (parameter, average) in zip(parameters, averages) { parameter.tensor.copy_(average) } }
        defer { withoutGradients { for (parameter, kept) in zip(parameters, plain) { parameter.tensor.copy_(kept) } } }
        return try body()
    }

    private func average() {
        guard !averages.isEmpty else { return }
        // A young average follows closely, so that the first weights are soon forgotten.
        let kept = min(options.averaging, Double(step) / Double(step + 10))
        withoutGradients {
            Tensor.foreachMul_(averages, .floating(kept))
            for (average, parameter) in zip(averages, parameters) { average.add_(parameter.tensor, alpha: .floating(1 - kept)) }
        }
    }

    // MARK: Checkpoints

    private var checkpointFile: String { folder + "/checkpoint.safetensors" }

    private var everything: [NamedTensor] {
        parameters.map { ("model.\($0.name)", $0.tensor) } + zip(parameters, averages).map { ("average.\($0.name)", $1) }
            + buffers.map { ("buffer.\($0.name)", $0.tensor) } + optimizers.flatMap { $0.state }
    }

    /// Writes all that the next step depends on; the former checkpoint stays until the new one is whole.
    public func save() throws {
        guard isFirst else { return }
        let random = Tensor(TorchRandom.state)
        try Safetensors.write(
            withoutGradients { everything } + [("random", random)], metadata: ["step": "\(step)"], to: checkpointFile)
        try LossPlot.write(metricsFile: metricsFile, to: folder + "/loss.svg")
    }

    private func resume() throws {
        guard FileManager.default.fileExists(atPath: checkpointFile) else { return }
        let file = try Safetensors(contentsOf: checkpointFile)
        guard let text = file.metadata["step"], let saved = Int(text) else {
            throw TrainingError.checkpoint(file: checkpointFile, problem: "does not say its step")
        }
        for (name, tensor) in everything {
            guard file.shape(of: name) == tensor.shape else {
                throw TrainingError.checkpoint(
                    file: checkpointFile,
                    problem:
                        "\(name) is \(file.shape(of: name).map { "\($0)" } ?? "missing"), expected \(tensor.shape): made by another recipe? Remove the folder to start anew."
                )
            }
            let there = try file.tensor(name)
            _ = withoutGradients { tensor.copy_(there) }
        }
        TorchRandom.state = try file.tensor("random").array(UInt8.self)
        step = saved
        report("resuming \(folder) at step \(step)")
    }

    // MARK: Metrics

    private var metricsFile: String { folder + "/metrics.jsonl" }

    private func log(_ metrics: [String: Double]) throws {
        guard isFirst else { return }
        if options.tensorBoard {
            let now = Date().timeIntervalSince1970
            let file = try events ?? EventFile(folder: folder, began: now)
            events = file
            try file.write(metrics.filter { $0.key != "step" }, step: Int(metrics["step"] ?? Double(step)), time: now)
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        encoder.nonConformingFloatEncodingStrategy = .convertToString(
            positiveInfinity: "inf", negativeInfinity: "-inf", nan: "nan")
        let line = try encoder.encode(metrics) + Data("\n".utf8)
        if !FileManager.default.fileExists(atPath: metricsFile) {
            _ = FileManager.default.createFile(atPath: metricsFile, contents: nil)
        }
        let file = try FileHandle(forWritingTo: URL(filePath: metricsFile))
        defer { file.closeFile() }
        try file.seekToEnd()
        try file.write(contentsOf: line)
    }
}

/// Turns the first interrupt or termination signal into an orderly stop with a checkpoint.
private enum StopRequest {
    nonisolated(unsafe) private static var flag: sig_atomic_t = 0  // all that a signal handler may write

    static var isMade: Bool { flag != 0 }

    static func watch() {
        for number in [SIGINT, SIGTERM] {
            signal(number) { number in
                StopRequest.flag = 1
                signal(number, SIG_DFL)  // the second one ends at once
            }
        }
    }
}

private func format(_ value: Double) -> String { String(format: abs(value) < 10 ? "%.3f" : "%.1f", value) }

extension Duration {
    /// As a plain number.
    public var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
