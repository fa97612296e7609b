internal import CPortAudio
internal import Foundation

/// Why a microphone cannot be listened to.
public enum MicrophoneError: Error, Equatable, CustomStringConvertible {
    /// The sound system itself does not start.
    case unavailable(reason: String)
    /// No device can record.
    case noDevice
    case noSuchDevice(name: String, available: [String])
    /// The device is there and does not open, or stopped.
    case failed(device: String, reason: String)

    public var description: String {
        switch self {
        case .unavailable(let reason): "microphone: the sound system does not start: \(reason)"
        case .noDevice: "microphone: this machine has no device that records"
        case .noSuchDevice(let name, let available):
            "microphone \"\(name)\": no such device; "
                + (available.isEmpty ? "this machine has none that records" : "there are: \(available.joined(separator: ", "))")
        case .failed(let device, let reason): "microphone \"\(device)\": \(reason)"
        }
    }
}

/// A recording device, mono, through PortAudio; it records from its making until it goes.
///
/// The callback copies samples into a ring of ten seconds and does nothing else; ``frames`` reads them. One reader at a time.
public final class Microphone: Sendable {
    /// What the device is called.
    public let name: String
    /// In hertz.
    public let sampleRate: Int
    private let ring: SampleRing
    // Touched by init and deinit alone, and asked by `Pa_IsStreamActive`, which may be called from any thread.
    nonisolated(unsafe) private let stream: UnsafeMutableRawPointer

    /// Opens and starts a device.
    ///
    /// - Parameters:
    ///   - device: a part of its name, in any case; the standard device if nil.
    ///   - sampleRate: in hertz; where neither the device nor the sound system can, it is the device's own: see ``sampleRate``.
    public init(device: String? = nil, sampleRate wanted: Int = 16_000) throws(MicrophoneError) {
        let started = quietly { Pa_Initialize() }
        guard started == paNoError.rawValue else { throw .unavailable(reason: Self.text(started)) }
        do throws(MicrophoneError) {
            let index = try Self.index(of: device)
            let name = Self.name(of: index)
            var parameters = PaStreamParameters(
                device: index, channelCount: 1, sampleFormat: PaSampleFormat(0x1),  // paFloat32, a macro that Swift cannot read
                suggestedLatency: Pa_GetDeviceInfo(index).pointee.defaultLowInputLatency, hostApiSpecificStreamInfo: nil)
            // 0 is paFormatIsSupported, a macro that Swift cannot read.
            let isPossible = quietly { Pa_IsFormatSupported(&parameters, nil, Double(wanted)) } == 0
            let sampleRate = isPossible ? wanted : Int(Pa_GetDeviceInfo(index).pointee.defaultSampleRate)
            let ring = SampleRing(capacity: 10 * sampleRate)
            var stream: UnsafeMutableRawPointer?
            let status = quietly {
                Pa_OpenStream(
                    &stream, &parameters, nil, Double(sampleRate), 0, 0,
                    { input, _, count, _, _, context in
                        guard let input, let context else { return CInt(paContinue.rawValue) }
                        let samples = UnsafeBufferPointer(start: input.assumingMemoryBound(to: Float.self), count: Int(count))
                        Unmanaged<SampleRing>.fromOpaque(context).takeUnretainedValue().write(samples)
                        return CInt(paContinue.rawValue)
                    }, Unmanaged.passUnretained(ring).toOpaque())
            }
            guard status == paNoError.rawValue, let stream else { throw .failed(device: name, reason: Self.text(status)) }
            let running = Pa_StartStream(stream)
            guard running == paNoError.rawValue else {
                Pa_CloseStream(stream)
                throw .failed(device: name, reason: Self.text(running))
            }
            (self.name, self.sampleRate, self.ring, self.stream) = (name, sampleRate, ring, stream)
        } catch {
            Pa_Terminate()
            throw error
        }
    }

    deinit {
        // Closing waits for the callback, so the ring outlives it.
        Pa_CloseStream(stream)
        Pa_Terminate()
    }

    /// What is recorded from now on, until the task is cancelled; throws where the device goes away.
    public var frames: RingFrames { frames(lasting: .milliseconds(80)) }

    /// As ``frames``, in frames of another length.
    public func frames(lasting duration: Duration) -> RingFrames {
        RingFrames(ring, sampleRate: sampleRate, lasting: duration) { [self] in
            Pa_IsStreamActive(stream) == 1
                ? nil : .failed(MicrophoneError.failed(device: name, reason: "it stopped recording"))
        }
    }

    /// Forgets what was recorded and not yet read.
    public func discard() { _ = ring.read(ring.count) }

    /// Samples that were lost because nobody read them in time.
    public var droppedCount: Int { ring.droppedCount }

    private static func index(of wanted: String?) throws(MicrophoneError) -> PaDeviceIndex {
        guard let wanted else {
            let standard = Pa_GetDefaultInputDevice()
            guard standard >= 0 else { throw .noDevice }
            return standard
        }
        let recording = (0..<max(0, Pa_GetDeviceCount())).filter { Pa_GetDeviceInfo($0).pointee.maxInputChannels > 0 }
        guard let index = recording.first(where: { name(of: $0).lowercased().contains(wanted.lowercased()) }) else {
            throw .noSuchDevice(name: wanted, available: recording.map { name(of: $0) })
        }
        return index
    }

    private static func name(of index: PaDeviceIndex) -> String { String(cString: Pa_GetDeviceInfo(index).pointee.name) }

    private static func text(_ status: PaError) -> String { String(cString: Pa_GetErrorText(status)) }
}

/// Runs `body` with standard error closed off: ALSA writes pages there about devices that nobody asked for.
func quietly<T>(_ body: () -> T) -> T {
    let (kept, nowhere) = (dup(STDERR_FILENO), open("/dev/null", O_WRONLY))
    defer {
        if kept >= 0 {
            dup2(kept, STDERR_FILENO)
            close(kept)
        }
        if nowhere >= 0 { close(nowhere) }
    }
    if kept >= 0, nowhere >= 0 { dup2(nowhere, STDERR_FILENO) }
    return body()
}
