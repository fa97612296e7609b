import Foundation
import MynaTestSupport
import Testing
import Torch

@Suite struct SafetensorsTests {
    let path = FileManager.default.temporaryDirectory.appending(path: "safetensors-\(UUID().uuidString)").path

    @Test func `what was written is read back, bit for bit`() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }  // nothing to clean where writing failed
        let tensors: [(name: String, tensor: Tensor)] = [
            ("weights", .randn([3, 5])), ("half", Tensor.randn([7]).to(.bfloat16)), ("ids", Tensor([1, -2, 3])),
            ("empty", .zeros([0, 4])),
            ("flags", Tensor([true, false])), ("with \"quotes\" and ü", .ones([1])),
        ]
        try Safetensors.write(tensors, metadata: ["step": "12"], to: path)
        let file = try Safetensors(contentsOf: path)
        #expect(file.metadata == ["step": "12"])
        #expect(Set(file.names) == Set(tensors.map(\.name)))
        for (name, tensor) in tensors {
            let read = try file.tensor(name)
            #expect(read.dtype == tensor.dtype && read.isEqual(to: tensor), "\(name)")
        }
        #expect(throws: SafetensorsError.self) { try file.tensor("missing") }
    }

    @Test func `a file that cannot be written leaves the former one whole`() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }  // nothing to clean where writing failed
        try Safetensors.write([("a", .ones([2]))], to: path)
        // A folder where the partial file would be stands for a disk that takes no more.
        try FileManager.default.createDirectory(atPath: path + ".partial", withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: path + ".partial") }  // ditto
        #expect(throws: SafetensorsError.self) { try Safetensors.write([("a", .zeros([2]))], to: path) }
        #expect(try Safetensors(contentsOf: path).tensor("a").isEqual(to: .ones([2])))
    }

    func file(_ header: String, data: Int = 8) -> Data {
        withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Data($0) } + Data(header.utf8) + Data(count: data)
    }

    /// The fault that one tensor's entry is refused for.
    func fault(of entry: String, data: Int = 8) -> SafetensorsError.Fault? { fault("{\"a\":\(entry)}", data: data) }

    func fault(_ header: String, data: Int = 8) -> SafetensorsError.Fault? {
        do {
            _ = try Safetensors(file(header, data: data), file: "test")
            return nil
        } catch {
            #expect(error.file == "test" && error.description.hasPrefix("test: "))
            return error.fault
        }
    }

    func entry(_ dtype: String = "F32", _ shape: String = "[2]", _ offsets: String = "[0,8]") -> String {
        "{\"dtype\":\"\(dtype)\",\"shape\":\(shape),\"data_offsets\":\(offsets)}"
    }

    @Test func `each fault of an entry is named`() {
        #expect(fault(of: entry()) == nil)
        #expect(fault(of: entry("F99")) == .unknownDType(tensor: "a", dtype: "F99"))
        #expect(fault(of: entry("F32", "[3]")) == .wrongSize(tensor: "a", needed: 12, given: 8))
        #expect(fault(of: entry("F32", "[200]", "[0,800]")) == .outsideFile(tensor: "a", from: 0, to: 800))
        #expect(fault(of: entry("F32", "[1]", "[0,4]")) == .trailing(bytes: 4))
        #expect(fault(of: entry("F32", "[1]", "[4,8]")) == .gap(tensor: "a", begins: 4, expected: 0))
        let whole = "whole numbers from 0 that fit"
        for offsets in ["[-8,0]", "[0.0,8]", "[0,8e0]", "[0,99999999999999999999]", "[null,8]", "[\"0\",8]"] {
            #expect(fault(of: entry("F32", "[2]", offsets)) == .field(tensor: "a", field: "data_offsets", expected: whole))
        }
        for shape in ["[-1,-2]", "[2.0]", "[true]", "[[2]]", "[9223372036854775808]"] {
            #expect(fault(of: entry("F32", shape)) == .field(tensor: "a", field: "shape", expected: whole))
        }
        for offsets in ["[8,0]", "[0]", "[0,4,8]", "[]"] {
            let expected = "a begin and an end after it"
            #expect(fault(of: entry("F32", "[2]", offsets)) == .field(tensor: "a", field: "data_offsets", expected: expected))
        }
        for shape in ["[4611686018427387904,4]", "[0,4611686018427387904,4]", "[4294967296,4294967296]"] {
            #expect(fault(of: entry("F32", shape)) == .impossibleShape(tensor: "a"))
        }
        #expect(fault(of: "1") == .field(tensor: "a", field: "it", expected: "an object"))
        #expect(fault(of: "{\"dtype\":1}") == .field(tensor: "a", field: "dtype", expected: "a string"))
        #expect(
            fault(of: "{\"dtype\":\"F32\",\"shape\":[2],\"more\":1}") == .field(tensor: "a", field: "more", expected: "absent"))
        #expect(fault("{\"__metadata__\":{\"a\":1}}") == .field(tensor: "__metadata__", field: "a", expected: "a string"))
        #expect(fault("{\"a\":\(entry()),\"b\":\(entry())}") == .overlap(tensor: "b", begins: 0, expected: 8))
        let unsorted = "{\"b\":\(entry("F32", "[1]", "[4,8]")),\"a\":\(entry("F32", "[1]", "[0,4]"))}"
        #expect(fault(unsorted) == nil, "the order of names in the header is free")
    }

    @Test(arguments: [
        "", "{", "[]", "{} x", "{\"a\":}", "{\"a\" 1}", "{\"a\":1,}", "{\"a\":01}", "{\"a\":1.}", "{\"a\":-}", "{\"a\":tru}",
        "{\"\\x\":1}", "{\"\\ud800\":1}", "{\"\\u12g4\":1}", "{\"a", "{\"a\u{1}\":1}", String(repeating: "[", count: 100_000),
        "{\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}}", "{\"a\":1,\"\\u0061\":1}",
    ])
    func `a header that is no proper JSON is refused`(header: String) {
        guard case .json? = fault(header) else {
            Issue.record("\(header.prefix(40)): \(String(describing: fault(header)))")
            return
        }
    }

    @Test func `every dtype is read as it was written, mapped or copied, and a map is private`() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }  // nothing to clean where writing failed
        let dtypes: [DType] = [.float64, .float32, .float16, .bfloat16, .int64, .int32, .int16, .int8, .uint8, .bool]
        let tensors = dtypes.map { ("\($0)", Tensor([Float(0), 1, 3, 100], [2, 2]).to($0)) }
        try Safetensors.write(tensors.map { (name: $0.0, tensor: $0.1) }, to: path)
        let mapped: [Tensor]
        do {
            let file = try Safetensors(contentsOf: path)
            for (name, tensor) in tensors {
                #expect(file.dtype(of: name) == tensor.dtype && file.shape(of: name) == [2, 2])
                #expect(try file.tensor(name).isEqual(to: tensor))
            }
            mapped = try tensors.map { try file.mappedTensor($0.0) }
        }
        // The file object is gone; the pages stay as long as the tensors.
        for (tensor, (_, expected)) in zip(mapped, tensors) { #expect(tensor.isEqual(to: expected)) }
        mapped[1].fill_(7)
        #expect(try Safetensors(contentsOf: path).tensor("float32").isEqual(to: tensors[1].1))
    }

    @Test func `short files and impossible lengths are refused`() {
        #expect(throws: SafetensorsError.self) { try Safetensors(Data(), file: "test") }
        #expect(throws: SafetensorsError.self) { try Safetensors(Data(repeating: 0xff, count: 64), file: "test") }
        #expect(throws: SafetensorsError.self) { try Safetensors(contentsOf: "/nowhere/at/all") }
    }

    /// `make fuzz` does the same a hundred thousand times under AddressSanitizer.
    @Test func `mutated files are read or refused, never worse`() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }  // nothing to clean where writing failed
        try Safetensors.write(
            [("a", .ones([4])), ("b", .ones([2, 2])), ("half", Tensor.ones([3]).to(.float16)), ("none", .zeros([0, 2]))],
            metadata: ["format": "pt"], to: path)
        let good = [UInt8](try Data(contentsOf: URL(filePath: path)))
        var mutations = FileMutations(
            of: good, headerEnd: 8 + Int(good[0]) + Int(good[1]) << 8, pieces: FileMutations.safetensorsPieces, seed: 42)
        var (read, refused) = (0, 0)
        for _ in 0..<3000 {
            do {
                let file = try Safetensors(Data(mutations.next()), file: "mutated")
                for name in file.names { _ = try file.tensor(name).sum() }
                read += 1
            } catch { refused += 1 }
        }
        #expect(read > 0 && refused > read, "mutations should both hit and miss: \(read) read, \(refused) refused")
    }
}
