/// Why a safetensors file could not be read or written.
public struct SafetensorsError: Error, Equatable, CustomStringConvertible {
    /// What is wrong with the file.
    public enum Fault: Error, Equatable, Sendable {
        case unreadable(reason: String)
        case unwritable(reason: String)
        /// Too short for the length of a header.
        case tooShort(bytes: Int)
        case headerLength(claimed: UInt64, fileBytes: Int)
        case notUTF8
        case json(problem: String, offset: Int)
        /// A part of the header, by name, that is not what it should be.
        case field(tensor: String, field: String, expected: String)
        case unknownDType(tensor: String, dtype: String)
        case impossibleShape(tensor: String)
        case outsideFile(tensor: String, from: Int, to: Int)
        case wrongSize(tensor: String, needed: Int, given: Int)
        case overlap(tensor: String, begins: Int, expected: Int)
        case gap(tensor: String, begins: Int, expected: Int)
        case trailing(bytes: Int)
        case missing(tensor: String)
        /// A tensor to be written of a type that the format lacks.
        case unsupported(tensor: String, dtype: DType)
        case twice(tensor: String)
        /// The name of a shard that is no plain file name.
        case shardName(tensor: String, shard: String)
        case missingShard(shard: String)
        case wrongShard(tensor: String, promised: String, found: String)
        case missingFromShard(tensor: String, shard: String)
        case notInIndex(tensor: String, shard: String)
        case twoShards(tensor: String, first: String, second: String)
    }

    public var file: String
    public var fault: Fault

    /// A fault of the file at the path `file`.
    public init(file: String, fault: Fault) {
        self.file = file
        self.fault = fault
    }

    public var description: String { "\(file): \(problem)" }

    /// The fault in words.
    public var problem: String {
        switch fault {
        case .unreadable(let reason): "cannot be read: \(reason)"
        case .unwritable(let reason): "cannot be written: \(reason)"
        case .tooShort(let bytes): "\(bytes) bytes are too few for a safetensors file"
        case .headerLength(let claimed, let bytes): "the header claims \(claimed) bytes, the file has \(bytes)"
        case .notUTF8: "the header is not UTF-8"
        case .json(let problem, let offset): "the header is not proper JSON: \(problem), at byte \(offset)"
        case .field(let tensor, let field, let expected): "\"\(tensor)\": \(field) should be \(expected)"
        case .unknownDType(let tensor, let dtype): "\"\(tensor)\" has the unknown dtype \(dtype)"
        case .impossibleShape(let tensor): "\"\(tensor)\" has an impossible shape: its size overflows"
        case .outsideFile(let tensor, let from, let to): "\"\(tensor)\" lies outside the file: \(from) to \(to)"
        case .wrongSize(let tensor, let needed, let given): "\"\(tensor)\" needs \(needed) bytes, but has \(given)"
        case .overlap(let tensor, let begins, let expected):
            "\"\(tensor)\" begins at \(begins), inside another tensor that ends at \(expected)"
        case .gap(let tensor, let begins, let expected): "\"\(tensor)\" begins at \(begins), which leaves a gap from \(expected)"
        case .trailing(let bytes): "\(bytes) bytes follow the last tensor"
        case .missing(let tensor): "has no tensor \"\(tensor)\""
        case .unsupported(let tensor, let dtype): "\"\(tensor)\" is \(dtype), which safetensors lacks"
        case .twice(let tensor): "\"\(tensor)\" is there twice"
        case .shardName(let tensor, let shard): "\"\(tensor)\" is said to be in \"\(shard)\", which is no plain file name"
        case .missingShard(let shard): "the shard \(shard) is missing"
        case .wrongShard(let tensor, let promised, let found): "\"\(tensor)\" should be in \(promised), but is in \(found)"
        case .missingFromShard(let tensor, let shard): "\"\(tensor)\" should be in \(shard), but is in no shard"
        case .notInIndex(let tensor, let shard): "\"\(tensor)\" is in \(shard), but not in the index"
        case .twoShards(let tensor, let first, let second): "\"\(tensor)\" is both in \(first) and in \(second)"
        }
    }
}
