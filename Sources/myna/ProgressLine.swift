import Foundation

/// How far long work has come, on one line of a terminal's standard error; every tenth of it elsewhere.
struct ProgressLine {
    private let unit: String
    private let isTerminal = isatty(STDERR_FILENO) != 0
    private let begin = ContinuousClock.now
    private var shown = 0

    init(of unit: String) { self.unit = unit }

    mutating func show(_ done: Int, _ total: Int) {
        let tenth = done * 10 / max(1, total)
        guard isTerminal || tenth > shown else { return }
        shown = tenth
        let left = begin.duration(to: .now) / .seconds(1) / Double(done) * Double(total - done)
        let line = "\(done) of \(total) \(unit), about \(Int(left.rounded())) s left"
        FileHandle.standardError.write(Data((isTerminal ? "\r\(line)\u{1b}[K" : "\(line)\n").utf8))
    }

    func end() {
        if isTerminal { FileHandle.standardError.write(Data("\r\u{1b}[K".utf8)) }
    }
}
