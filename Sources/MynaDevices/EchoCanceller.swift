internal import Foundation

/// Why echoes cannot be taken away.
public enum EchoError: Error, Equatable, CustomStringConvertible {
    /// The library isn't there.
    case unavailable(reason: String)
    /// The library refused a piece of sound.
    case failed(code: Int)
    /// What was heard or played holds what is no number: it would spoil all that comes after it.
    case notFinite(atSecond: Double)

    public var description: String {
        switch self {
        case .unavailable(let reason):
            "echo cancellation: \(reason); install libwebrtc-audio-processing-dev and run make ctorch, or take --half-duplex"
        case .notFinite(let second): "echo cancellation: the sound at second \(second) is no number"
        case .failed(let code): "echo cancellation: webrtc-audio-processing gave error \(code)"
        }
    }
}

/// Takes the echo of what is played out of what is heard: the canceller of webrtc-audio-processing (docs/decisions/0040), and behind it a
/// gate for what that leaves.
///
/// Mono at 16,000 Hz, in pieces of 10 ms. One task at a time uses it.
public final class EchoCanceller {
    public static let sampleRate = 16_000
    /// Samples of a piece.
    public static let piece = 160

    private typealias Make = @convention(c) () -> OpaquePointer?
    private typealias Free = @convention(c) (OpaquePointer) -> Void
    private typealias Process =
        @convention(c) (OpaquePointer, UnsafePointer<Float>, UnsafeMutablePointer<Float>, Int32) -> Int32

    #if os(Linux)
        private static let file = "libcecho.so"
    #else
        private static let file = "libcecho.dylib"
    #endif
    /// What the canceller is told that the echo comes later by: what is played is held back until this remains.
    private static let margin = 2

    private let canceller: OpaquePointer
    private let process: Process
    private let free: Free
    private var delay = EchoDelay()
    private var gate = EchoGate()
    private var held: [Float] = []
    private var cleaned = 0

    /// Pieces of 10 ms that the echo comes later, once found.
    public var delayInPieces: Int? { delay.pieces }

    /// - Throws: ``EchoError/unavailable(reason:)`` where the library isn't installed.
    public init() throws(EchoError) {
        guard let library = dlopen(Self.file, RTLD_NOW | RTLD_LOCAL) else {
            throw .unavailable(reason: dlerror().map { String(cString: $0) } ?? "\(Self.file) cannot be opened")
        }
        func function<F>(_ name: String, as type: F.Type) throws(EchoError) -> F {
            guard let symbol = dlsym(library, name) else { throw .unavailable(reason: "\(Self.file) has no \(name)") }
            return unsafeBitCast(symbol, to: type)
        }
        let make = try function("ce_make", as: Make.self)
        process = try function("ce_process", as: Process.self)
        free = try function("ce_free", as: Free.self)
        guard let made = make() else { throw .unavailable(reason: "webrtc-audio-processing makes no canceller") }
        canceller = made
    }

    deinit { free(canceller) }

    /// Gives back what was heard without the echo of what was played; what is beyond −1…1 is clipped first.
    ///
    /// - Precondition: both have the same length, a whole number of pieces.
    public func clean(_ heard: [Float], played: [Float]) throws(EchoError) -> [Float] {
        precondition(
            heard.count == played.count && heard.count % Self.piece == 0,
            "EchoCanceller needs as much of both in pieces of \(Self.piece), got \(heard.count) heard and \(played.count) played")
        let bad = heard.indices.first { !heard[$0].isFinite || !played[$0].isFinite }
        if let bad { throw .notFinite(atSecond: Double(cleaned + bad) / Double(Self.sampleRate)) }
        defer { cleaned += heard.count }
        var result = heard.map { max(-1, min(1, $0)) }
        for start in stride(from: 0, to: heard.count, by: Self.piece) {
            let range = start..<start + Self.piece
            delay.note(played: played[range], heard: heard[range])
            held += played[range]
            // All that the delay may ask for later stays.
            let back = max(0, (delay.pieces ?? 0) - Self.margin) * Self.piece
            let end = held.count - back
            let far =
                end >= Self.piece ? Array(held[end - Self.piece..<end]) : [Float](repeating: 0, count: Self.piece)
            let most = 64 * Self.piece
            if held.count > most { held.removeFirst(held.count - most) }
            let code = result.withUnsafeMutableBufferPointer { buffer -> Int32 in
                guard let near = buffer.baseAddress else { return 0 }
                return process(canceller, far, near + start, Int32(10 * Self.margin))
            }
            if code != 0 { throw .failed(code: Int(code)) }
            let (first, last) = gate.gains(
                played: EchoGate.loudness(played[range]), cleaned: EchoGate.loudness(result[range]), delay: delay.pieces)
            for index in range { result[index] *= first + (last - first) * Float(index - start + 1) / Float(Self.piece) }
        }
        return result
    }
}
