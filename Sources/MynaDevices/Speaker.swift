internal import CPortAudio
internal import Foundation

/// Why sound cannot be played.
public enum SpeakerError: Error, Equatable, CustomStringConvertible {
    /// The sound system itself does not start.
    case unavailable(reason: String)
    /// No device can play.
    case noDevice
    /// The device is there and does not open, or stopped.
    case failed(reason: String)

    public var description: String {
        switch self {
        case .unavailable(let reason): "speaker: the sound system does not start: \(reason)"
        case .noDevice: "speaker: this machine has no device that plays"
        case .failed(let reason): "speaker: \(reason)"
        }
    }
}

/// The standard device that plays, mono, through PortAudio.
///
/// The callback takes samples from a ring, and silence where it is empty or the speaker is held.
public final class Speaker: Sendable {
    /// In hertz.
    public let sampleRate: Int
    /// What was played, silence too, for an echo canceller to read; what nobody reads in time is dropped.
    public var played: SampleRing { output.played }
    private let output: SpeakerOutput
    private var ring: SampleRing { output.waiting }
    // Touched by init and deinit alone, and asked by `Pa_IsStreamActive`, which may be called from any thread.
    nonisolated(unsafe) private let stream: UnsafeMutableRawPointer

    /// Opens and starts the device.
    public init(sampleRate: Int) throws(SpeakerError) {
        let started = quietly { Pa_Initialize() }
        guard started == paNoError.rawValue else { throw .unavailable(reason: Self.text(started)) }
        do throws(SpeakerError) {
            let index = Pa_GetDefaultOutputDevice()
            guard index >= 0 else { throw .noDevice }
            let output = SpeakerOutput(sampleRate: sampleRate)
            var parameters = PaStreamParameters(
                device: index, channelCount: 1, sampleFormat: PaSampleFormat(0x1),  // paFloat32, a macro that Swift cannot read
                suggestedLatency: Pa_GetDeviceInfo(index).pointee.defaultLowOutputLatency, hostApiSpecificStreamInfo: nil)
            var stream: UnsafeMutableRawPointer?
            let status = quietly {
                Pa_OpenStream(
                    &stream, nil, &parameters, Double(sampleRate), 0, 0,
                    { _, output, count, _, _, context in
                        guard let output, let context else { return CInt(paContinue.rawValue) }
                        let room = UnsafeMutableBufferPointer(
                            start: output.assumingMemoryBound(to: Float.self), count: Int(count))
                        Unmanaged<SpeakerOutput>.fromOpaque(context).takeUnretainedValue().fill(room)
                        return CInt(paContinue.rawValue)
                    }, Unmanaged.passUnretained(output).toOpaque())
            }
            guard status == paNoError.rawValue, let stream else { throw .failed(reason: Self.text(status)) }
            let running = Pa_StartStream(stream)
            guard running == paNoError.rawValue else {
                Pa_CloseStream(stream)
                throw .failed(reason: Self.text(running))
            }
            (self.sampleRate, self.output, self.stream) = (sampleRate, output, stream)
        } catch {
            Pa_Terminate()
            throw error
        }
    }

    deinit {
        // Closing waits for the callback, so the rings outlive it.
        Pa_CloseStream(stream)
        Pa_Terminate()
    }

    /// Takes samples at ``sampleRate``; waits while those before fill the ring, and leaves out the rest once ``stop()`` is called.
    public func play(_ samples: [Float]) async throws {
        var rest = samples[...]
        let stops = output.stopCount
        while !rest.isEmpty, output.stopCount == stops {
            let piece = rest.prefix(max(0, ring.capacity - ring.count))
            piece.withUnsafeBufferPointer { ring.write($0) }
            rest = rest.dropFirst(piece.count)
            if !rest.isEmpty { try await pause() }
        }
    }

    /// Comes back when all that was given has been played.
    public func drain() async throws { while ring.count > 0 { try await pause() } }

    /// Plays silence until ``goOn()``; what waits stays.
    public func hold() { output.hold() }

    /// Plays on after ``hold()``.
    public func goOn() { output.goOn() }

    /// Throws away what waits; comes back with the number of samples that were played since the last call.
    public func stop() async throws -> Int {
        output.stop()
        while !output.hasStopped { try await pause() }
        return output.takePlayedCount()
    }

    /// Forgets how much was played: a new reply begins.
    public func beginCounting() { _ = output.takePlayedCount() }

    private func pause() async throws {
        guard Pa_IsStreamActive(stream) == 1 else { throw SpeakerError.failed(reason: "it stopped playing") }
        try await Task.sleep(for: .milliseconds(20))
    }

    private static func text(_ status: PaError) -> String { String(cString: Pa_GetErrorText(status)) }
}
