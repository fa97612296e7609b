internal import FlyingFox
internal import FlyingSocks
internal import Foundation
internal import MynaStages

/// The words of a recording as server-sent events, each as soon as it is settled.
struct TranscriptEvents: AsyncBufferedSequence, Sendable {
    typealias Element = UInt8

    let samples: [Float]
    let stream: any ListeningStream
    let seconds: Double

    func makeAsyncIterator() -> Iterator { Iterator(self) }

    struct Iterator: AsyncBufferedIteratorProtocol {
        typealias Element = UInt8

        private let source: TranscriptEvents
        private var position = 0
        private var told = ""
        private var isOver = false
        private var waiting: [UInt8] = []

        init(_ source: TranscriptEvents) { self.source = source }

        mutating func next() async throws -> UInt8? { try await nextBuffer(suggested: 1)?.first }

        /// The next events as bytes; at most `count` of them.
        mutating func nextBuffer(suggested count: Int) async throws -> [UInt8]? {
            while waiting.isEmpty {
                if isOver { return nil }
                try await hearMore()
            }
            let bytes = Array(waiting.prefix(Swift.max(1, count)))
            waiting.removeFirst(bytes.count)
            return bytes
        }

        /// Half a second more, or the end.
        private mutating func hearMore() async throws {
            guard position < source.samples.count else {
                let events = try await source.stream.finish()
                let text = events.compactMap { if case .wordsFinal(let words) = $0.kind { words.text } else { nil } }.last ?? ""
                if text.hasPrefix(told), text.count > told.count {
                    tell("delta", ["delta": .string(String(text.dropFirst(told.count)))])
                }
                tell(
                    "done",
                    [
                        "text": .string(text),
                        "usage": ["type": "duration", "seconds": .number(source.seconds.rounded(.up))],
                    ])
                isOver = true
                return
            }
            let end = Swift.min(position + 8000, source.samples.count)
            let frame = AudioFrame(samples: Array(source.samples[position..<end]), sampleRate: 16_000)
            position = end
            for event in try await source.stream.hear(frame) {
                guard case .wordsPartial(let text, let stable) = event.kind, stable > told.count else { continue }
                let settled = String(text.prefix(stable))
                guard settled.hasPrefix(told) else { continue }
                tell("delta", ["delta": .string(String(settled.dropFirst(told.count)))])
                told = settled
            }
        }

        private mutating func tell(_ kind: String, _ fields: [String: Value]) {
            var event = fields
            event["type"] = .string("transcript.text.\(kind)")
            let json = (try? JSONEncoder().encode(event)) ?? Data()  // such values are always encoded
            waiting += Array("data: ".utf8) + json + Array("\n\n".utf8)
        }
    }
}
