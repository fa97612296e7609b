import Foundation
import MynaAudio
import MynaDevices
import MynaSession
import MynaStages

/// Where replies' sound goes: the loudspeaker, or a file each.
actor Replies {
    private let folder: String?
    private let isHeard: Bool
    private var count = 0
    private var file: ReplyFile?
    private var speaker: Speaker?

    init(folder: String?, isHeard: Bool) throws {
        (self.folder, self.isHeard) = (folder, isHeard)
        if let folder { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true) }
    }

    func play(_ frame: AudioFrame) async throws {
        if let folder {
            if file == nil {
                count += 1
                file = try ReplyFile(path: "\(folder)/reply-\(count).wav")
            }
            try await file?.write(frame)
        } else if isHeard {
            if speaker?.sampleRate != frame.sampleRate { speaker = try Speaker(sampleRate: frame.sampleRate) }
            try await speaker?.play(frame.samples)
        }
    }

    /// The reply is complete; comes back when it has been heard.
    func finish() async throws {
        try await file?.finish()
        file = nil
        try await speaker?.drain()
    }
}

/// The loudspeaker of a full-duplex conversation, at the canceller's rate.
actor SpeakerPlayer: ReplyPlayer {
    private let speaker: Speaker
    private var resampler: Resampler?
    private var rate = 0

    init(_ speaker: Speaker) { self.speaker = speaker }

    /// What the loudspeaker plays, silence too.
    nonisolated var played: SampleRing { speaker.played }

    func play(_ frame: AudioFrame) async throws {
        if frame.sampleRate != speaker.sampleRate, resampler == nil || rate != frame.sampleRate {
            resampler = try Resampler(from: frame.sampleRate, to: speaker.sampleRate)
            rate = frame.sampleRate
        }
        let samples = frame.sampleRate == speaker.sampleRate ? frame.samples : resampler?.process(frame.samples) ?? []
        try await speaker.play(samples)
    }

    func finish() async throws {
        if let rest = resampler?.finish() { try await speaker.play(rest) }
        resampler = nil
        try await speaker.drain()
        speaker.beginCounting()
    }

    nonisolated func hold() { speaker.hold() }
    nonisolated func goOn() { speaker.goOn() }

    func stop() async -> Double {
        resampler = nil
        // A device that has gone has played nothing more; what plays next meets the same error.
        let count = (try? await speaker.stop()) ?? 0
        return Double(count) / Double(speaker.sampleRate)
    }
}
