// What `make fuzz` runs under AddressSanitizer: safetensors files by the hundred thousand, each damaged in another way.
//
//   fuzz [COUNT [SEED]]   reads so many damaged files; a crash or a read outside a file ends the process
//   fuzz overread         reads one byte beyond a block of memory: proof that the sanitizer is on
import Foundation
import MynaTestSupport
import Torch

struct Usage: Error, CustomStringConvertible {
    var description: String { "expected: fuzz [COUNT [SEED]] | fuzz overread" }
}

@main
struct Fuzz {
    static func main() {
        do {
            let arguments = Array(CommandLine.arguments.dropFirst())
            if arguments == ["overread"] { return overread() }
            guard arguments.count <= 2 else { throw Usage() }
            let numbers = try arguments.map { argument in
                guard let number = Int(argument), number > 0 else { throw Usage() }
                return number
            }
            let count = numbers.first ?? 100_000
            try run(count, seed: UInt64(numbers.count > 1 ? numbers[1] : 42))
        } catch {
            FileHandle.standardError.write(Data("fuzz: \(error)\n".utf8))
            exit(1)
        }
    }

    /// One byte beyond a block; without a sanitizer nothing happens.
    @inline(never) static func overread() {
        let block = UnsafeMutableRawBufferPointer.allocate(byteCount: 24, alignment: 1)
        let beyond = CommandLine.arguments.count + 22  // not known to the compiler
        print("fuzz: the byte beyond the block is \(block.baseAddress!.load(fromByteOffset: beyond, as: UInt8.self))")
        block.deallocate()
    }

    /// Files of different make, from which the damaged ones come.
    static func originals(in folder: String) throws -> [[UInt8]] {
        let path = folder + "/original.safetensors"
        let sets: [(tensors: [(name: String, tensor: Tensor)], metadata: [String: String])] = [
            (
                [("a", .ones([4])), ("b", .ones([2, 2])), ("half", Tensor.ones([3]).to(.float16)), ("none", .zeros([0, 2]))],
                ["format": "pt"]
            ),
            (DType.stored.map { ("\($0)", Tensor.ones([2, 3]).to($0)) }, [:]),
            (
                [("with \"quotes\" and ü", .ones([1])), ("scalar", .ones([])), ("empty", .zeros([0, 4]))],
                ["step": "12", "ü": ""]
            ),
        ]
        return try sets.map { set in
            try Safetensors.write(set.tensors, metadata: set.metadata, to: path)
            return [UInt8](try Data(contentsOf: URL(filePath: path)))
        }
    }

    /// Reads each damaged file from memory and, as models are read, through a map.
    static func run(_ count: Int, seed: UInt64) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "fuzz-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }  // nothing of worth is left there
        var mutations = try originals(in: folder).enumerated().map { index, original in
            let header = 8 + Int(original[0]) + Int(original[1]) << 8
            return FileMutations(
                of: original, headerEnd: header, pieces: FileMutations.safetensorsPieces, seed: seed &+ UInt64(index))
        }
        let damaged = folder + "/damaged.safetensors"
        var (read, refused) = (0, 0)
        let started = ContinuousClock.now
        for number in 0..<count {
            let bytes = mutations[number % mutations.count].next()
            let fromMemory = outcome {
                let file = try Safetensors(Data(bytes), file: damaged)
                for name in file.names { _ = try file.tensor(name).sum() }
            }
            try Data(bytes).write(to: URL(filePath: damaged))
            let mapped = outcome {
                let file = try Safetensors(contentsOf: damaged)
                for name in file.names { _ = try file.mappedTensor(name).sum() }
            }
            guard fromMemory == mapped else {
                throw Disagreement(number: number, seed: seed, fromMemory: fromMemory, mapped: mapped)
            }
            if fromMemory == nil { read += 1 } else { refused += 1 }
        }
        let seconds = (ContinuousClock.now - started) / .seconds(1)
        print("fuzz: \(count) damaged files, seed \(seed): \(read) read, \(refused) refused, none worse (\(Int(seconds)) s)")
        guard read > 0, refused > read else { throw Lopsided(read: read, refused: refused) }
    }

    /// Why a file was refused; nil where it was read.
    static func outcome(_ body: () throws -> Void) -> String? {
        do {
            try body()
            return nil
        } catch { return "\(error)" }
    }
}

/// A file that is read from memory and refused when mapped, or the other way round.
struct Disagreement: Error, CustomStringConvertible {
    var number: Int
    var seed: UInt64
    var fromMemory: String?
    var mapped: String?
    var description: String {
        "file \(number) of seed \(seed): from memory \(fromMemory ?? "read"), mapped \(mapped ?? "read")"
    }
}

/// Damage that hits nothing, or always, tries too little.
struct Lopsided: Error, CustomStringConvertible {
    var read: Int
    var refused: Int
    var description: String { "\(read) read and \(refused) refused: the damage should both hit and miss" }
}

extension DType {
    /// Those that the format has.
    static let stored: [DType] = [.float64, .float32, .float16, .bfloat16, .int64, .int32, .int16, .int8, .uint8, .bool]
}
