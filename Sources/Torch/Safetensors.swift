#if canImport(FoundationEssentials)
    public import FoundationEssentials
#else
    public import Foundation
#endif
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Why a safetensors file could not be read or written.
public struct SafetensorsError: Error, Equatable, CustomStringConvertible {
    public var file: String
    public var problem: String

    public var description: String { "\(file): \(problem)" }
}

/// A safetensors file: tensors by name, the published form of weights.
///
/// Layout: a little-endian header length of 8 bytes, a JSON header naming dtype, shape and data offsets, then the data.
/// Everything is checked before a byte of data is touched.
public struct Safetensors {
    /// One tensor's place in the file.
    struct Entry: Decodable {
        var dtype: String
        var shape: [Int]
        var data_offsets: [Int]
    }

    /// Names in the order of their data.
    public let names: [String]
    /// The file's own notes.
    public let metadata: [String: String]

    private let file: String
    private let entries: [String: Entry]
    private let data: Data
    private let start: Int

    /// The longest header that is believed.
    static let headerLimit = 100_000_000

    static let dtypes: [String: DType] = [
        "F64": .float64, "F32": .float32, "F16": .float16, "BF16": .bfloat16, "I64": .int64, "I32": .int32, "I16": .int16,
        "I8": .int8,
        "U8": .uint8, "BOOL": .bool,
    ]

    /// Opens and checks a file; its data is mapped and read when a tensor is asked for.
    public init(contentsOf path: String) throws(SafetensorsError) {
        let data: Data
        do {
            data = try Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)
        } catch {
            throw SafetensorsError(file: path, problem: "cannot be read: it is missing, a folder, or not permitted")
        }
        try self.init(data, file: path)
    }

    /// Checks bytes in memory; `file` names them in errors.
    public init(_ data: Data, file: String) throws(SafetensorsError) {
        func fail(_ problem: String) -> SafetensorsError { SafetensorsError(file: file, problem: problem) }
        guard data.count >= 8 else { throw fail("\(data.count) bytes are too few for a safetensors file") }
        let length = data.prefix(8).reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
        guard length <= UInt64(Self.headerLimit), Int(length) <= data.count - 8 else {
            throw fail("the header claims \(length) bytes, the file has \(data.count)")
        }
        let start = 8 + Int(length)
        let header = data[data.startIndex + 8..<data.startIndex + start]
        guard String(validating: header, as: UTF8.self) != nil else { throw fail("the header is not UTF-8") }
        let fields: [String: HeaderField]
        do {
            fields = try JSONDecoder().decode([String: HeaderField].self, from: header)
        } catch {
            throw fail("the header is not the JSON that safetensors uses")
        }
        var entries: [String: Entry] = [:]
        var metadata: [String: String] = [:]
        for (name, field) in fields {
            switch field {
            case .metadata(let notes): metadata = notes
            case .entry(let entry): entries[name] = entry
            }
        }
        let ordered = entries.sorted { ($0.value.data_offsets.first ?? 0, $0.key) < ($1.value.data_offsets.first ?? 0, $1.key) }
        var expected = 0
        for (name, entry) in ordered {
            guard let dtype = Self.dtypes[entry.dtype] else { throw fail("\(name) has the unknown dtype \(entry.dtype)") }
            guard entry.data_offsets.count == 2 else { throw fail("\(name) needs two data offsets") }
            let (from, to) = (entry.data_offsets[0], entry.data_offsets[1])
            var bytes = dtype.size
            for length in entry.shape {
                let (product, overflow) = bytes.multipliedReportingOverflow(by: length)
                guard length >= 0, !overflow else { throw fail("\(name) has the impossible shape \(entry.shape)") }
                bytes = product
            }
            guard from >= 0, to >= from, to <= data.count - start else {
                throw fail("\(name) lies outside the file: \(from)..<\(to)")
            }
            guard to - from == bytes else {
                throw fail("\(name) is \(entry.dtype)\(entry.shape), \(bytes) bytes, but has \(to - from)")
            }
            guard from == expected else {
                throw fail("\(name) begins at \(from), not at \(expected): data overlap or leave a gap")
            }
            expected = to
        }
        guard expected == data.count - start else { throw fail("\(data.count - start - expected) bytes follow the last tensor") }
        self.file = file
        self.data = data
        self.start = start
        self.entries = entries
        self.metadata = metadata
        names = ordered.map(\.key)
    }

    private enum HeaderField: Decodable {
        case metadata([String: String])
        case entry(Entry)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            self =
                if decoder.codingPath.last?.stringValue == "__metadata__" {
                    .metadata(try container.decode([String: String].self))
                } else { .entry(try container.decode(Entry.self)) }
        }
    }

    /// The shape of a tensor, where the file has it.
    public func shape(of name: String) -> [Int]? { entries[name]?.shape }

    /// A copy of one tensor, on the CPU.
    public func tensor(_ name: String) throws(SafetensorsError) -> Tensor {
        guard let entry = entries[name], let dtype = Self.dtypes[entry.dtype] else {
            throw SafetensorsError(file: file, problem: "has no tensor \(name)")
        }
        let from = data.startIndex + start + entry.data_offsets[0]
        return data[from..<data.startIndex + start + entry.data_offsets[1]].withUnsafeBytes {
            Tensor(bytes: $0, entry.shape, dtype: dtype)
        }
    }

    /// Writes tensors to a file that appears whole or not at all.
    public static func write(_ tensors: [(name: String, tensor: Tensor)], metadata: [String: String] = [:], to path: String)
        throws(SafetensorsError)
    {
        let names = Dictionary(uniqueKeysWithValues: dtypes.map { ($1, $0) })
        var fields: [String] = []
        if !metadata.isEmpty { fields.append("\"__metadata__\":\(quoted(metadata))") }
        var offset = 0
        // Larger elements first, so that every tensor is aligned to its element.
        let ordered = tensors.sorted { ($1.tensor.dtype.size, $0.name) < ($0.tensor.dtype.size, $1.name) }
        for (name, tensor) in ordered {
            guard let dtype = names[tensor.dtype] else {
                throw SafetensorsError(file: path, problem: "\(name) is \(tensor.dtype), which safetensors lacks")
            }
            let end = offset + tensor.count * tensor.dtype.size
            fields.append(
                "\(quoted(name)):{\"dtype\":\"\(dtype)\",\"shape\":\(tensor.shape),\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        var header = Data("{\(fields.joined(separator: ","))}".utf8)
        while header.count % 8 != 0 { header.append(UInt8(ascii: " ")) }
        let temporary = path + ".partial"
        do {
            guard let out = fopen(temporary, "wb") else {
                throw CocoaError(.fileWriteUnknown)
            }
            var good = withUnsafeBytes(of: UInt64(header.count).littleEndian) { fwrite($0.baseAddress, 1, 8, out) == 8 }
            good = good && header.withUnsafeBytes { fwrite($0.baseAddress, 1, $0.count, out) == $0.count }
            for (_, tensor) in ordered where good {
                good = tensor.withBytes { $0.count == 0 || fwrite($0.baseAddress, 1, $0.count, out) == $0.count }
            }
            good = fflush(out) == 0 && good
            good = fsync(fileno(out)) == 0 && good
            good = fclose(out) == 0 && good
            guard good, rename(temporary, path) == 0 else { throw CocoaError(.fileWriteUnknown) }
        } catch {
            let reason = String(cString: strerror(errno))
            unlink(temporary)
            throw SafetensorsError(file: path, problem: "cannot be written: \(reason)")
        }
    }

    private static func quoted(_ value: some Encodable) -> String {
        guard let data = try? JSONEncoder().encode(value) else { fatalError("strings always encode") }  // they do
        return String(decoding: data, as: UTF8.self)
    }
}
