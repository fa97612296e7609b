import Foundation
import Testing
import Torch

@Suite struct ShardedSafetensorsTests {
    /// A folder of two shards and an index of `map`.
    func withShards(_ map: String, second: [String] = ["c"], _ body: (String) throws -> Void) throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "shards-\(UUID().uuidString)").path
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }  // the system's temporary folder is cleaned anyway
        try Safetensors.write([("a", .ones([2])), ("b", .zeros([3]))], to: folder + "/one.safetensors")
        try Safetensors.write(second.map { ($0, .full([1], 5)) }, to: folder + "/two.safetensors")
        let index = folder + "/model.safetensors.index.json"
        try Data("{\"metadata\":{\"total_size\":24},\"weight_map\":\(map)}".utf8).write(to: URL(filePath: index))
        try body(index)
    }

    func fault(_ map: String, second: [String] = ["c"]) throws -> SafetensorsError.Fault? {
        var fault: SafetensorsError.Fault?
        try withShards(map, second: second) { index in
            do { _ = try ShardedSafetensors(index: index) } catch let error as SafetensorsError { fault = error.fault }
        }
        return fault
    }

    @Test func `a sharded model is read as one`() throws {
        try withShards(#"{"a":"one.safetensors","b":"one.safetensors","c":"two.safetensors"}"#) { index in
            let file = try ShardedSafetensors(index: index)
            #expect(Set(file.names) == ["a", "b", "c"])
            #expect(file.shape(of: "b") == [3] && file.shape(of: "d") == nil)
            #expect(try file.tensor("c").item() == 5)
            #expect(throws: SafetensorsError(file: index, fault: .missing(tensor: "d"))) { try file.tensor("d") }
        }
    }

    @Test func `what index and shards disagree about is named`() throws {
        let (one, two) = ("one.safetensors", "two.safetensors")
        #expect(try fault(#"{"a":"one.safetensors","b":"one.safetensors","c":"three"}"#) == .missingShard(shard: "three"))
        #expect(
            try fault(#"{"a":"two.safetensors","b":"one.safetensors","c":"two.safetensors"}"#)
                == .wrongShard(tensor: "a", promised: two, found: one))
        #expect(
            try fault(#"{"a":"one.safetensors","c":"two.safetensors"}"#) == .notInIndex(tensor: "b", shard: one))
        #expect(
            try fault(#"{"a":"one.safetensors","b":"one.safetensors","c":"two.safetensors","d":"two.safetensors"}"#)
                == .missingFromShard(tensor: "d", shard: two))
        #expect(
            try fault(#"{"a":"one.safetensors","b":"one.safetensors","c":"two.safetensors"}"#, second: ["b", "c"])
                == .twoShards(tensor: "b", first: one, second: two))
        #expect(
            try fault(#"{"a":"../one.safetensors"}"#) == .shardName(tensor: "a", shard: "../one.safetensors"))
        #expect(try fault("[1]") == .field(tensor: "weight_map", field: "it", expected: "an object"))
        #expect(try fault(#"{"a":1}"#) == .field(tensor: "weight_map", field: "a", expected: "a file name"))
        guard case .json? = try fault(#"{"a":"one.safetensors","a":"two.safetensors"}"#) else {
            Issue.record("a name twice in the index is accepted")
            return
        }
    }
}
