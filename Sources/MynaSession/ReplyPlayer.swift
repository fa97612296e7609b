public import MynaStages

/// Plays replies while the session goes on hearing.
public protocol ReplyPlayer: Sendable {
    /// Takes the next sound of a reply; waits while what it took before fills it.
    func play(_ frame: AudioFrame) async throws
    /// Comes back when all it took has been heard, or was thrown away.
    func finish() async throws
    /// Holds the voice where it is, within a few hundredths of a second.
    func hold() async
    /// Goes on from there.
    func goOn() async
    /// Throws away what has not been heard, and tells how many seconds of the reply were.
    func stop() async -> Double
}

/// A person spoke over a reply, and the voice stopped.
public struct ReplyInterrupted: Error, Equatable, CustomStringConvertible {
    public init() {}
    public var description: String { "interrupted" }
}

/// The words of a reply that are said within some seconds of it, by the share of its letters.
///
/// - Parameter spoken: how long all of the reply sounds; nil where its end had not been spoken yet.
func wordsHeard(of reply: String, within seconds: Double, of spoken: Double?) -> String {
    // Where the end is not known, as a voice of 165 words a minute speaks.
    let whole = spoken ?? 0.06 * Double(reply.count)
    guard seconds > 0, whole > 0 else { return "" }
    guard seconds < whole else { return reply }
    let letters = reply.prefix(Int(Double(reply.count) * seconds / whole))
    if letters.endIndex == reply.endIndex || reply[letters.endIndex] == " " { return String(letters) }
    // A word that was cut was not heard.
    return letters.lastIndex(of: " ").map { String(letters[..<$0]) } ?? ""
}
