internal import CEspeak
internal import Dispatch
internal import MynaStages

/// The one espeak-ng of the process, on a thread of its own.
actor EspeakEngine {
    static let shared = EspeakEngine()

    /// What a voice sets before it speaks.
    struct Settings: Sendable, Equatable {
        var voice: String
        var wordsPerMinute: Int
        var pitch: Int
    }

    private let thread = EngineThread()
    private var sampleRate: Int?
    private var current: Settings?

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    /// The sound of a clause; ends early, with what there is, when the task is cancelled.
    func speak(_ clause: String, _ settings: Settings) throws(VoiceError) -> AudioFrame {
        let rate = try start()
        if settings != current {
            current = nil
            if !select(settings.voice) { throw .noVoice(name: settings.voice) }
            espeak_SetParameter(espeakRATE, Int32(settings.wordsPerMinute), 0)
            espeak_SetParameter(espeakPITCH, Int32(settings.pitch), 0)
            current = settings
        }
        let collected = Collected()
        let text = Array(clause.utf8CString)
        let status = withExtendedLifetime(collected) {
            espeak_Synth(
                text, text.count, 0, POS_CHARACTER, 0, UInt32(espeakCHARS_UTF8), nil,
                Unmanaged.passUnretained(collected).toOpaque())
        }
        if status != EE_OK { throw .synthesis(code: Int(status.rawValue)) }
        return AudioFrame(samples: collected.samples, sampleRate: rate)
    }

    /// Chooses by the voice's own name, or else by its language, as espeak's program does.
    private func select(_ name: String) -> Bool {
        if espeak_SetVoiceByName(name) == EE_OK { return true }
        return name.withCString { language in
            var voice = espeak_VOICE()
            voice.languages = language
            return espeak_SetVoiceByProperties(&voice) == EE_OK
        }
    }

    private func start() throws(VoiceError) -> Int {
        if let sampleRate { return sampleRate }
        let rate = espeak_Initialize(AUDIO_OUTPUT_SYNCHRONOUS, 100, nil, Int32(espeakINITIALIZE_DONT_EXIT))
        if rate <= 0 { throw .noEngine(code: Int(rate)) }
        espeak_SetSynthCallback { samples, count, events in
            guard let data = events?.pointee.user_data else { return 0 }
            let collected = Unmanaged<Collected>.fromOpaque(data).takeUnretainedValue()
            if let samples, count > 0 {
                collected.samples += UnsafeBufferPointer(start: samples, count: Int(count)).lazy.map { Float($0) / 32768 }
            }
            return Task.isCancelled ? 1 : 0
        }
        sampleRate = Int(rate)
        return Int(rate)
    }

    /// What the library has said so far.
    private final class Collected {
        var samples: [Float] = []
    }
}

/// Runs an actor's jobs one after the other, away from the threads that serve everything else.
private final class EngineThread: SerialExecutor {
    private let queue = DispatchQueue(label: "myna.voice")

    func enqueue(_ job: consuming ExecutorJob) {
        let job = UnownedJob(job)
        queue.async { job.runSynchronously(on: self.asUnownedSerialExecutor()) }
    }
}
