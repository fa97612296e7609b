extension RecognizerOptions {
    /// How streams are heard again at their end, every frame with all others in sight and by several warps of its spectrum at once:
    /// the final words are more often right than those told on the way, and are the same however the sound came in.
    public struct SecondPass: Sendable {
        /// Seconds of the longest stream that is heard again: what is kept of its sound is memory, and longer ones would make others
        /// wait.
        public var longest = 30.0
        /// How many texts its beam holds.
        public var width = 16
        /// Factors by which the bands of the spectrum are moved, as if throats of other lengths had said the same: what the encoder
        /// makes of each is averaged. 1 is the sound as it is.
        public var warps = [0.95, 1, 1.05]
        /// The share of all time that it may take where live streams are served; beyond that, and where steps alone keep the device
        /// busy, streams end with their first words.
        public var share = 0.25
        /// Whether a stream that pauses is heard again at once, as if it had ended: its last words are then known as soon as its end
        /// is, and what was heard in vain where more is said is work for nothing. The sound that counts ends 200 ms into the pause.
        public var hearsAhead = false

        public init() {}
    }
}
