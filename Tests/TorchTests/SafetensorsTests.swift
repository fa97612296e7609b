import Foundation
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

    @Test(arguments: [
        "", "{", "[]", "{\"a\":1}", "{\"a\":{\"dtype\":\"F32\",\"shape\":[2]}}",
        "{\"a\":{\"dtype\":\"F99\",\"shape\":[2],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[3],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,800]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[-8,0]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[8,0]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1,-2],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,8]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}}",
        "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]},\"b\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,8]}}",
    ])
    func `a header that does not add up is refused`(header: String) {
        #expect(throws: SafetensorsError.self) { try Safetensors(file(header), file: "test") }
    }

    @Test func `short files and impossible lengths are refused`() {
        #expect(throws: SafetensorsError.self) { try Safetensors(Data(), file: "test") }
        #expect(throws: SafetensorsError.self) { try Safetensors(Data(repeating: 0xff, count: 64), file: "test") }
        #expect(throws: SafetensorsError.self) { try Safetensors(contentsOf: "/nowhere/at/all") }
    }

    @Test func `mutated files are read or refused, never worse`() throws {
        defer { try? FileManager.default.removeItem(atPath: path) }  // nothing to clean where writing failed
        try Safetensors.write([("a", .ones([4])), ("b", .ones([2, 2]))], to: path)
        let good = try Data(contentsOf: URL(filePath: path))
        var state: UInt64 = 42
        func random(_ bound: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % bound
        }
        for _ in 0..<3000 {
            var bad = good
            for _ in 0...random(4) {
                switch random(3) {
                case 0: bad[random(bad.count)] = UInt8(random(256))
                case 1: bad = bad.prefix(random(bad.count) + 1)
                default: bad.append(UInt8(random(256)))
                }
            }
            if let file = try? Safetensors(Data(bad), file: "mutated") {  // refusing is the other good outcome
                for name in file.names { _ = try file.tensor(name).array(Float.self) }
            }
        }
    }
}
