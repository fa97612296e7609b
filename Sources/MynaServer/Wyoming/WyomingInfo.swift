internal import MynaStages

/// What the Wyoming services tell of themselves.
enum WyomingInfo {
    /// In hertz, of the sound that is sent.
    static let rate = 22_050

    static let event = WyomingEvent(
        "info",
        [
            "asr": [
                program(
                    "myna", "Myna's streaming recogniser", list: "models",
                    of: artifact("myna-asr", "English", ["languages": ["en"]]),
                    [
                        "supports_transcript_streaming": true, "requires_external_vad": true, "prefers_auto_gain_enabled": false,
                        "prefers_noise_reduction_enabled": false,
                    ])
            ],
            "tts": [
                program(
                    "myna", "Myna's stand-in voice (espeak-ng)", list: "voices",
                    of: artifact("stand-in", "A plainly synthetic voice", ["languages": ["en"], "speakers": .null]),
                    ["supports_synthesize_streaming": true])
            ],
            "handle": [
                program(
                    "myna", "Myna's assistant for its home", list: "models",
                    of: artifact("myna-lm", "Requests of a home, in English", ["languages": ["en"]]),
                    ["supports_handled_streaming": false, "supports_home_control": true])
            ],
            "intent": [], "wake": [], "mic": [], "snd": [],
        ])

    private static func artifact(_ name: Value, _ description: Value, _ more: [String: Value]) -> [String: Value] {
        let common: [String: Value] = [
            "name": name, "description": description, "installed": true, "version": "0.1.0",
            "attribution": ["name": "Myna", "url": ""],
        ]
        return common.merging(more) { $1 }
    }

    private static func program(
        _ name: Value, _ description: Value, list: String, of model: [String: Value], _ more: [String: Value]
    ) -> Value {
        .object(artifact(name, description, more.merging([list: [.object(model)]]) { $1 }))
    }
}
