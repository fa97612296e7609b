public import Torch

/// What a stream has heard, as a second pass reads it: the encoder's last frames and the pieces written so far.
public struct SpeechEvidence {
    /// One piece of the best text.
    public struct Piece: Sendable, Equatable {
        /// Its id in the recogniser's tokenizer.
        public var id: Int
        /// The frame of 80 ms, counted from the stream's beginning, in which it was written.
        public var frame: Int
        /// How likely the transducer held it, 0 to 1.
        public var probability: Double
    }

    /// Encoder output `[n, D]` of the last frames that were committed, at most those of `RecognizerOptions.evidenceSeconds`.
    public var states: Tensor
    /// The frame that `states` begin with.
    public var firstFrame: Int
    /// The best text so far, the end-of-speech token with it.
    public var pieces: [Piece]
    /// The id of the end-of-speech token, where the model has one.
    public var endOfSpeech: Int?
}
