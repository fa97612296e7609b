/// How positions turn queries and keys (Su et al. 2021), and how that is stretched to texts longer than the trained ones.
public struct RotaryConfig: Sendable, Equatable {
    /// Llama 3.1's stretching of the slow frequencies.
    public struct Stretch: Sendable, Equatable {
        public var factor: Double
        public var lowFreqFactor: Double
        public var highFreqFactor: Double
        public var originalMaxPositionEmbeddings: Int

        public init(factor: Double, lowFreqFactor: Double, highFreqFactor: Double, originalMaxPositionEmbeddings: Int) {
            self.factor = factor
            self.lowFreqFactor = lowFreqFactor
            self.highFreqFactor = highFreqFactor
            self.originalMaxPositionEmbeddings = originalMaxPositionEmbeddings
        }
    }

    /// YaRN (Peng et al. 2023): slow frequencies are divided, fast ones kept, and the attention sharpened.
    public struct Yarn: Sendable, Equatable {
        public var factor: Double
        public var originalMaxPositionEmbeddings: Int
        /// What cosines and sines are multiplied by; derived from the factor where nil.
        public var attentionFactor: Double?
        public var betaFast: Double
        public var betaSlow: Double
        public var mscale: Double?
        public var mscaleAllDim: Double?
        /// Whether the borders of the blended dimensions are whole numbers.
        public var truncates: Bool

        public init(
            factor: Double, originalMaxPositionEmbeddings: Int, attentionFactor: Double? = nil, betaFast: Double = 32,
            betaSlow: Double = 1, mscale: Double? = nil, mscaleAllDim: Double? = nil, truncates: Bool = true
        ) {
            self.factor = factor
            self.originalMaxPositionEmbeddings = originalMaxPositionEmbeddings
            self.attentionFactor = attentionFactor
            self.betaFast = betaFast
            self.betaSlow = betaSlow
            self.mscale = mscale
            self.mscaleAllDim = mscaleAllDim
            self.truncates = truncates
        }
    }

    /// The published `rope_type`s.
    public enum Scaling: Sendable, Equatable {
        case `default`
        /// All frequencies divided by the factor.
        case linear(factor: Double)
        /// A base that grows once a text is longer than the trained ones, by its length so far.
        case dynamic(factor: Double, positions: Int)
        case yarn(Yarn)
        case llama3(Stretch)
    }

    public var theta: Double
    public var scaling: Scaling

    public init(theta: Double = 10_000, scaling: Scaling = .default) {
        self.theta = theta
        self.scaling = scaling
    }

    func validate(headDim: Int) throws(LanguageError) {
        func require(_ condition: Bool, _ field: String, _ value: Any, _ expected: String) throws(LanguageError) {
            if !condition { throw .config(field: field, value: "\(value)", expected: expected) }
        }
        func require(factor: Double) throws(LanguageError) {
            try require(factor >= 1 && factor.isFinite, "rope_parameters.factor", factor, "1 or more")
        }
        func require(original: Int) throws(LanguageError) {
            try require(original > 0, "rope_parameters.original_max_position_embeddings", original, "1 or more")
        }
        try require(theta > 0 && theta.isFinite, "rope_theta", theta, "a positive number")
        switch scaling {
        case .default: break
        case .linear(let factor): try require(factor: factor)
        case .dynamic(let factor, _):
            try require(factor: factor)
            try require(headDim > 2, "head_dim", headDim, "more than 2 with rope_type dynamic")
        case .yarn(let yarn):
            try require(factor: yarn.factor)
            try require(original: yarn.originalMaxPositionEmbeddings)
            try require(
                yarn.betaFast > yarn.betaSlow && yarn.betaSlow > 0, "rope_parameters.beta_fast", yarn.betaFast,
                "more than beta_slow, \(yarn.betaSlow)")
            try require(theta > 1, "rope_theta", theta, "more than 1 with rope_type yarn")
            if let attention = yarn.attentionFactor {
                try require(attention > 0, "rope_parameters.attention_factor", attention, "a positive number")
            }
        case .llama3(let stretch):
            try require(factor: stretch.factor)
            try require(original: stretch.originalMaxPositionEmbeddings)
            try require(
                stretch.highFreqFactor > stretch.lowFreqFactor, "rope_parameters.high_freq_factor", stretch.highFreqFactor,
                "more than low_freq_factor, \(stretch.lowFreqFactor)")
        }
    }
}

extension RotaryConfig {
    /// `rope_parameters`, and what older files call `rope_scaling`.
    struct Form: Codable {
        var rope_type: String?
        /// The oldest spelling of `rope_type`.
        var type: String?
        var rope_theta: Double?
        var partial_rotary_factor: Double?
        var factor: Double?
        var low_freq_factor: Double?
        var high_freq_factor: Double?
        var original_max_position_embeddings: Int?
        var attention_factor: Double?
        var beta_fast: Double?
        var beta_slow: Double?
        var mscale: Double?
        var mscale_all_dim: Double?
        var truncate: Bool?
    }

    /// Reads what a file says; `theta`, `positions` and `originalPositions` stand outside it in older files.
    init(_ form: Form?, theta: Double?, positions: Int, originalPositions: Int?) throws(LanguageError) {
        func number(_ field: String, _ value: Double?) throws(LanguageError) -> Double {
            guard let value else {
                throw .config(field: "rope_parameters.\(field)", value: "missing", expected: "a number, with this rope_type")
            }
            return value
        }
        self.init(theta: form?.rope_theta ?? theta ?? 10_000)
        guard let form else { return }
        if let part = form.partial_rotary_factor, part != 1 {
            throw .config(field: "rope_parameters.partial_rotary_factor", value: "\(part)", expected: "1.0")
        }
        let original = originalPositions ?? form.original_max_position_embeddings ?? positions
        switch form.rope_type ?? form.type ?? "default" {
        case "default": break
        case "linear": scaling = .linear(factor: try number("factor", form.factor))
        case "dynamic": scaling = .dynamic(factor: try number("factor", form.factor), positions: positions)
        case "yarn":
            scaling = .yarn(
                Yarn(
                    factor: form.factor ?? Double(positions) / Double(max(1, original)), originalMaxPositionEmbeddings: original,
                    attentionFactor: form.attention_factor, betaFast: form.beta_fast ?? 32, betaSlow: form.beta_slow ?? 1,
                    mscale: form.mscale, mscaleAllDim: form.mscale_all_dim, truncates: form.truncate ?? true))
        case "llama3":
            scaling = .llama3(
                Stretch(
                    factor: try number("factor", form.factor),
                    lowFreqFactor: try number("low_freq_factor", form.low_freq_factor),
                    highFreqFactor: try number("high_freq_factor", form.high_freq_factor),
                    originalMaxPositionEmbeddings: original))
        case let type:
            throw .config(field: "rope_type", value: type, expected: "default, linear, dynamic, yarn or llama3")
        }
    }

    /// As files have it.
    var form: Form {
        var form = Form(rope_type: "default", rope_theta: theta)
        switch scaling {
        case .default: break
        case .linear(let factor): (form.rope_type, form.factor) = ("linear", factor)
        case .dynamic(let factor, _): (form.rope_type, form.factor) = ("dynamic", factor)
        case .yarn(let yarn):
            (form.rope_type, form.factor) = ("yarn", yarn.factor)
            form.original_max_position_embeddings = yarn.originalMaxPositionEmbeddings
            form.attention_factor = yarn.attentionFactor
            (form.beta_fast, form.beta_slow) = (yarn.betaFast, yarn.betaSlow)
            (form.mscale, form.mscale_all_dim) = (yarn.mscale, yarn.mscaleAllDim)
            form.truncate = yarn.truncates
        case .llama3(let stretch):
            (form.rope_type, form.factor) = ("llama3", stretch.factor)
            form.low_freq_factor = stretch.lowFreqFactor
            form.high_freq_factor = stretch.highFreqFactor
            form.original_max_position_embeddings = stretch.originalMaxPositionEmbeddings
        }
        return form
    }
}
