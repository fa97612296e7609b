import Foundation
import MynaDevices
import MynaStages
import MynaTestSupport
import Testing

@Suite struct SampleRingTests {
    private func write(_ samples: [Float], to ring: SampleRing) { samples.withUnsafeBufferPointer { ring.write($0) } }

    @Test func `samples come out in their order, round and round, however they are cut`() {
        let ring = SampleRing(capacity: 100)
        #expect(ring.capacity == 128)
        var random = SeededRandom(seed: 3)
        var (next, expected): (Float, Float) = (0, 0)
        for _ in 0..<2000 {
            let count = min(Int.random(in: 0...90, using: &random), ring.capacity - ring.count)
            write((0..<count).map { next + Float($0) }, to: ring)
            next += Float(count)
            for sample in ring.read(Int.random(in: 0...90, using: &random)) {
                #expect(sample == expected)
                expected += 1
            }
        }
        #expect(ring.droppedCount == 0)
        #expect(next - expected == Float(ring.count))
    }

    @Test func `what finds no room is dropped and counted, and what was there stays`() {
        let ring = SampleRing(capacity: 8)
        write([1, 2, 3, 4, 5], to: ring)
        write([6, 7, 8, 9, 10], to: ring)
        #expect(ring.count == 8 && ring.droppedCount == 2)
        #expect(ring.read(100) == [1, 2, 3, 4, 5, 6, 7, 8])
        #expect(ring.read(100) == [])
        write([11], to: ring)
        #expect(ring.read(1) == [11])
    }

    @Test func `a thread that writes and a task that reads agree`() async throws {
        let ring = SampleRing(capacity: 4096)
        let total = 1_000_000
        Thread.detachNewThread {
            var sent = 0
            while sent < total {
                let count = min(160, total - sent, ring.capacity - ring.count)
                if count == 0 { Thread.sleep(forTimeInterval: 1e-4) }
                (0..<count).map { Float((sent + $0) % 65536) }.withUnsafeBufferPointer { ring.write($0) }
                sent += count
            }
        }
        var received = 0
        while received < total {
            for sample in ring.read(1000) {
                if sample != Float(received % 65536) {
                    Issue.record("sample \(received) is \(sample)")
                    return
                }
                received += 1
            }
            try await Task.sleep(for: .microseconds(100))
        }
        #expect(ring.droppedCount == 0 && ring.count == 0)
    }

    @Test func `frames last 80 ms, the rest comes at the end, and a fault is told after what was heard`() async throws {
        struct Fault: Error {}
        for end in [RingFrames.End.finished, .failed(Fault())] {
            let ring = SampleRing(capacity: 16_000)
            write((0..<3000).map { Float($0) }, to: ring)
            var samples: [Float] = []
            var sizes: [Int] = []
            var isFault = false
            do {
                for try await frame in RingFrames(ring, sampleRate: 16_000, end: { end }) {
                    samples += frame.samples
                    sizes.append(frame.samples.count)
                }
            } catch is Fault {
                isFault = true
            }
            #expect(sizes == [1280, 1280, 440])
            #expect(samples == (0..<3000).map { Float($0) })
            if case .failed = end { #expect(isFault) } else { #expect(!isFault) }
        }
    }

    @Test func `a reader waits for samples, and its cancellation ends the sound`() async throws {
        let ring = SampleRing(capacity: 16_000)
        let clock = ManualClock(sleepsPassTime: true)
        let heard = Collected<Int>()
        let task = Task {
            for try await frame in RingFrames(ring, sampleRate: 16_000, clock: clock) { heard.add(frame.samples.count) }
            return true
        }
        write([Float](repeating: 0, count: 1280), to: ring)
        try await until { !heard.all.isEmpty }
        task.cancel()
        #expect(try await task.value)
        #expect(heard.all == [1280])
    }

    @Test func `a device that is not there is named`() {
        #expect(throws: (any Error).self) { try Microphone(device: "no such microphone 7") }
        do {
            _ = try Microphone(device: "no such microphone 7")
        } catch {
            #expect("\(error)".hasPrefix("microphone"))
        }
    }
}
