// Our half of `make bench`. Tools/bench.py starts it beside its peer in Python, and asks the two for one measurement by
// turns, so that whatever else the machine does falls on both.
//
// One request a line on standard input, one JSON object a line on standard output:
//   prepare CASE THREADS FOLDER   makes the case ready and warms it up; FOLDER is where both sides find the same weights
//   round                         measures once: {"value": …}
//   end                           forgets the case
import Foundation
import Torch

/// A case that is ready to be measured.
struct Prepared {
    /// What the peer must agree with or the table wants to know, such as the first loss.
    var facts: [String: Double] = [:]
    /// Measures once, in the case's own unit.
    var measure: () throws -> Double
}

/// What a case is told when it is made ready.
struct Setting {
    var threads: Int
    /// Where the two sides leave each other files.
    var folder: String
}

/// Makes a case ready.
typealias Case = @Sendable (Setting) throws -> Prepared

enum BenchError: Error, CustomStringConvertible {
    case usage(String)
    case unknownCase(String)
    case machine(String)

    var description: String {
        switch self {
        case .usage(let line): "expected prepare CASE THREADS FOLDER, round or end, got \"\(line)\""
        case .unknownCase(let name): "there is no case \"\(name)\""
        case .machine(let what): what
        }
    }
}

@main
enum Bench {
    static let cases: [String: Case] = [operators, training, streaming, transducer, memory]
        .reduce(into: [:]) { $0.merge($1) { first, _ in first } }

    static func main() {
        Torch.prepareThread()
        // As `myna train` does; MYNA_CACHE=0 measures without.
        if ProcessInfo.processInfo.environment["MYNA_CACHE"] != "0" { Torch.cacheMemory() }
        var current: Prepared?
        while let line = readLine() {
            do {
                let words = line.split(separator: " ").map(String.init)
                switch words.first {
                case "prepare":
                    guard words.count == 4, let threads = Int(words[2]), threads > 0 else { throw BenchError.usage(line) }
                    guard let make = cases[words[1]] else { throw BenchError.unknownCase(words[1]) }
                    current = nil
                    Torch.threads = threads
                    let prepared = try make(Setting(threads: threads, folder: words[3]))
                    current = prepared
                    try answer(prepared.facts)
                case "round":
                    guard let current else { throw BenchError.usage("round before prepare") }
                    try answer(["value": current.measure()])
                case "end":
                    current = nil
                    try answer([:])
                default: throw BenchError.usage(line)
                }
            } catch {
                write(["error": "\(error)"])
            }
        }
    }

    private static func answer(_ numbers: [String: Double]) throws {
        // JSON has no NaN, and a measurement that is none is no measurement.
        if let bad = numbers.first(where: { !$0.value.isFinite }) { throw BenchError.machine("\(bad.key) is \(bad.value)") }
        write(numbers)
    }

    private static func write(_ object: some Encodable) {
        do {
            FileHandle.standardOutput.write(try JSONEncoder().encode(object) + Data("\n".utf8))
        } catch {
            fatalError("numbers and texts are always JSON: \(error)")
        }
    }
}

/// Seconds that `body` takes.
func seconds(_ body: () throws -> Void) rethrows -> Double {
    let begin = ContinuousClock.now
    try body()
    let spent = (ContinuousClock.now - begin).components
    return Double(spent.seconds) + Double(spent.attoseconds) * 1e-18
}
