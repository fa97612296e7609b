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

/// A safetensors file: tensors by name, the published form of weights.
///
/// Layout: a little-endian header length of 8 bytes, a JSON header naming dtype, shape and data offsets, then the data.
/// Everything is checked before a byte of data is touched.
public struct Safetensors: WeightFile, Sendable {
    /// One tensor's place in the file.
    struct Entry {
        var dtype: DType
        var shape: [Int]
        /// Bytes after the header.
        var range: Range<Int>
    }

    /// Names in the order of their data.
    public let names: [String]
    /// The file's own notes.
    public let metadata: [String: String]

    private let file: String
    private let entries: [String: Entry]
    private let storage: FileBytes
    /// Where the data begin in ``storage``.
    private let start: Int

    /// The longest header that is believed.
    static let headerLimit = 100_000_000

    static let dtypes: [String: DType] = [
        "F64": .float64, "F32": .float32, "F16": .float16, "BF16": .bfloat16, "I64": .int64, "I32": .int32, "I16": .int16,
        "I8": .int8, "U8": .uint8, "BOOL": .bool,
    ]

    /// Opens and checks a file; its data are mapped, and read when a tensor is asked for.
    public init(contentsOf path: String) throws(SafetensorsError) {
        let storage: FileBytes
        do { storage = try FileBytes(mapping: path) } catch {
            throw SafetensorsError(file: path, fault: .unreadable(reason: error.reason))
        }
        try self.init(storage, file: path)
    }

    /// Checks bytes in memory; `file` names them in errors.
    public init(_ data: Data, file: String) throws(SafetensorsError) { try self.init(FileBytes(copying: data), file: file) }

    private init(_ storage: FileBytes, file: String) throws(SafetensorsError) {
        func fail(_ fault: SafetensorsError.Fault) -> SafetensorsError { SafetensorsError(file: file, fault: fault) }
        let bytes = UnsafeRawBufferPointer(storage.bytes)
        guard bytes.count >= 8 else { throw fail(.tooShort(bytes: bytes.count)) }
        let length = UInt64(littleEndian: bytes.loadUnaligned(as: UInt64.self))
        guard length <= UInt64(Self.headerLimit), Int(length) <= bytes.count - 8 else {
            throw fail(.headerLength(claimed: length, fileBytes: bytes.count))
        }
        start = 8 + Int(length)
        let header = UnsafeRawBufferPointer(rebasing: bytes[8..<start])
        guard String(validating: header, as: UTF8.self) != nil else { throw fail(.notUTF8) }
        let json: StrictJSON
        do { json = try StrictJSON(header) } catch { throw fail(.json(problem: error.problem, offset: 8 + error.offset)) }
        guard case .object(let members) = json else { throw fail(.json(problem: "it should be an object", offset: 8)) }
        var entries: [String: Entry] = [:]
        var metadata: [String: String] = [:]
        for member in members {
            do throws(SafetensorsError.Fault) {
                if member.name == "__metadata__" {
                    metadata = try Self.notes(member.value)
                } else {
                    // Names are told apart by their bytes in the header, but Swift finds them by their characters.
                    guard entries.updateValue(try Self.entry(member.name, member.value), forKey: member.name) == nil else {
                        throw SafetensorsError.Fault.twice(tensor: member.name)
                    }
                }
            } catch { throw fail(error) }
        }
        let ordered = entries.sorted {
            ($0.value.range.lowerBound, $0.value.range.upperBound, $0.key)
                < ($1.value.range.lowerBound, $1.value.range.upperBound, $1.key)
        }
        var expected = 0
        for (name, entry) in ordered {
            let (from, to) = (entry.range.lowerBound, entry.range.upperBound)
            guard to <= bytes.count - start else { throw fail(.outsideFile(tensor: name, from: from, to: to)) }
            guard from >= expected else { throw fail(.overlap(tensor: name, begins: from, expected: expected)) }
            guard from == expected else { throw fail(.gap(tensor: name, begins: from, expected: expected)) }
            expected = to
        }
        guard expected == bytes.count - start else { throw fail(.trailing(bytes: bytes.count - start - expected)) }
        self.file = file
        self.storage = storage
        self.entries = entries
        self.metadata = metadata
        names = ordered.map(\.key)
    }

    private static func notes(_ value: StrictJSON) throws(SafetensorsError.Fault) -> [String: String] {
        guard case .object(let members) = value else {
            throw .field(tensor: "__metadata__", field: "it", expected: "an object of strings")
        }
        var notes: [String: String] = [:]
        for member in members {
            guard case .string(let text) = member.value else {
                throw .field(tensor: "__metadata__", field: member.name, expected: "a string")
            }
            notes[member.name] = text
        }
        return notes
    }

    /// One tensor's dtype, shape and place, checked against each other.
    private static func entry(_ name: String, _ value: StrictJSON) throws(SafetensorsError.Fault) -> Entry {
        func wrong(_ field: String, _ expected: String) -> SafetensorsError.Fault {
            .field(tensor: name, field: field, expected: expected)
        }
        guard case .object(let members) = value else { throw wrong("it", "an object") }
        var fields: [String: StrictJSON] = [:]
        for member in members {
            guard ["dtype", "shape", "data_offsets"].contains(member.name) else { throw wrong(member.name, "absent") }
            fields[member.name] = member.value
        }
        func lengths(_ field: String) throws(SafetensorsError.Fault) -> [Int] {
            guard case .list(let items)? = fields[field] else { throw wrong(field, "a list of whole numbers") }
            var numbers: [Int] = []
            for item in items {
                guard case .integer(let number) = item, number >= 0 else { throw wrong(field, "whole numbers from 0 that fit") }
                numbers.append(number)
            }
            return numbers
        }
        guard case .string(let dtypeName)? = fields["dtype"] else { throw wrong("dtype", "a string") }
        guard let dtype = dtypes[dtypeName] else { throw .unknownDType(tensor: name, dtype: dtypeName) }
        let shape = try lengths("shape")
        let offsets = try lengths("data_offsets")
        guard offsets.count == 2, offsets[0] <= offsets[1] else { throw wrong("data_offsets", "a begin and an end after it") }
        // Without its zeros too: strides are products of the other axes, and those must not overflow either.
        var (elements, hasZero) = (dtype.size, false)
        for length in shape {
            if length == 0 { hasZero = true }
            let (product, overflow) = elements.multipliedReportingOverflow(by: max(length, 1))
            guard !overflow else { throw .impossibleShape(tensor: name) }
            elements = product
        }
        let needed = hasZero ? 0 : elements
        guard offsets[1] - offsets[0] == needed else {
            throw .wrongSize(tensor: name, needed: needed, given: offsets[1] - offsets[0])
        }
        return Entry(dtype: dtype, shape: shape, range: offsets[0]..<offsets[1])
    }

    /// The shape of a tensor, where the file has it.
    public func shape(of name: String) -> [Int]? { entries[name]?.shape }

    /// The dtype of a tensor, where the file has it.
    public func dtype(of name: String) -> DType? { entries[name]?.dtype }

    /// A copy of one tensor, on the CPU.
    public func tensor(_ name: String) throws(SafetensorsError) -> Tensor {
        let (bytes, entry) = try place(of: name)
        return Tensor(bytes: UnsafeRawBufferPointer(bytes), entry.shape, dtype: entry.dtype)
    }

    /// One tensor over the file's own pages, which stay mapped as long as it lives; what is written to it never reaches
    /// the file.
    ///
    /// Copied where its data do not begin at a multiple of its element's size.
    public func mappedTensor(_ name: String) throws(SafetensorsError) -> Tensor {
        let (bytes, entry) = try place(of: name)
        guard let address = bytes.baseAddress, bytes.count > 0, Int(bitPattern: address) % entry.dtype.size == 0 else {
            return Tensor(bytes: UnsafeRawBufferPointer(bytes), entry.shape, dtype: entry.dtype)
        }
        return Tensor(sharing: bytes, entry.shape, dtype: entry.dtype, keeping: storage)
    }

    private func place(of name: String) throws(SafetensorsError) -> (UnsafeMutableRawBufferPointer, Entry) {
        guard let entry = entries[name] else { throw SafetensorsError(file: file, fault: .missing(tensor: name)) }
        let range = start + entry.range.lowerBound..<start + entry.range.upperBound
        return (UnsafeMutableRawBufferPointer(rebasing: storage.bytes[range]), entry)
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
        var seen: Set<String> = []
        for (name, tensor) in ordered {
            guard name != "__metadata__", seen.insert(name).inserted else {
                throw SafetensorsError(file: path, fault: .twice(tensor: name))
            }
            guard let dtype = names[tensor.dtype] else {
                throw SafetensorsError(file: path, fault: .unsupported(tensor: name, dtype: tensor.dtype))
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
            throw SafetensorsError(file: path, fault: .unwritable(reason: reason))
        }
    }

    private static func quoted(_ value: some Encodable) -> String {
        guard let data = try? JSONEncoder().encode(value) else { fatalError("strings always encode") }  // they do
        return String(decoding: data, as: UTF8.self)
    }
}
