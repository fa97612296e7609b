/// Where weights are read from: one safetensors file, or several with an index.
public protocol WeightFile {
    /// The names of all tensors.
    var names: [String] { get }

    /// The shape of a tensor, where there is one of that name.
    func shape(of name: String) -> [Int]?

    /// A copy of one tensor, on the CPU.
    func tensor(_ name: String) throws(SafetensorsError) -> Tensor
}

/// Weights in several safetensors files and an index that says which tensor is in which: `model.safetensors.index.json`.
///
/// Opening reads every header, none of the data, and checks the index against them: each tensor is in the shard that the
/// index names, in no other, and none is left out.
public struct ShardedSafetensors: WeightFile, Sendable {
    /// Names by shard, then in the order of their data.
    public let names: [String]
    private let index: String
    private let shards: [String: Safetensors]
    private let shardOfTensor: [String: String]

    /// Opens the shards that an index names, from the index's own folder.
    public init(index path: String) throws(SafetensorsError) {
        func fail(_ fault: SafetensorsError.Fault) -> SafetensorsError { SafetensorsError(file: path, fault: fault) }
        let promised = try Self.promised(path)
        let folder = path.split(separator: "/", omittingEmptySubsequences: false).dropLast().joined(separator: "/")
        var shards: [String: Safetensors] = [:]
        var found: [String: String] = [:]
        var names: [String] = []
        for shard in Set(promised.map(\.shard)).sorted() {
            do {
                shards[shard] = try Safetensors(contentsOf: folder.isEmpty && !path.hasPrefix("/") ? shard : "\(folder)/\(shard)")
            } catch {
                if case .unreadable = error.fault { throw fail(.missingShard(shard: shard)) }
                throw error
            }
            for name in shards[shard]?.names ?? [] {
                if let first = found.updateValue(shard, forKey: name) {
                    throw fail(.twoShards(tensor: name, first: first, second: shard))
                }
                names.append(name)
            }
        }
        for (name, shard) in promised {
            guard let there = found[name] else { throw fail(.missingFromShard(tensor: name, shard: shard)) }
            guard there == shard else { throw fail(.wrongShard(tensor: name, promised: shard, found: there)) }
        }
        let known = Set(promised.map(\.name))
        for name in names where !known.contains(name) {
            throw fail(.notInIndex(tensor: name, shard: found[name] ?? ""))
        }
        self.index = path
        self.names = names
        self.shards = shards
        shardOfTensor = found
    }

    public func shape(of name: String) -> [Int]? { shardOfTensor[name].flatMap { shards[$0]?.shape(of: name) } }

    public func tensor(_ name: String) throws(SafetensorsError) -> Tensor {
        guard let shard = shardOfTensor[name].flatMap({ shards[$0] }) else {
            throw SafetensorsError(file: index, fault: .missing(tensor: name))
        }
        return try shard.tensor(name)
    }

    /// Which tensor the index says is in which file, in its order.
    private static func promised(_ path: String) throws(SafetensorsError) -> [(name: String, shard: String)] {
        func fail(_ fault: SafetensorsError.Fault) -> SafetensorsError { SafetensorsError(file: path, fault: fault) }
        let json: StrictJSON
        do {
            let file = try FileBytes(mapping: path)
            let bytes = UnsafeRawBufferPointer(file.bytes)
            guard String(validating: bytes, as: UTF8.self) != nil else { throw fail(.notUTF8) }
            json = try withExtendedLifetime(file) { try StrictJSON(bytes) }
        } catch let error as FileBytes.Refused {
            throw fail(.unreadable(reason: error.reason))
        } catch let error as StrictJSON.Fault {
            throw fail(.json(problem: error.problem, offset: error.offset))
        } catch {
            throw fail(.notUTF8)
        }
        guard case .object(let members) = json, case .object(let map)? = members.first(where: { $0.name == "weight_map" })?.value
        else { throw fail(.field(tensor: "weight_map", field: "it", expected: "an object")) }
        var promised: [(name: String, shard: String)] = []
        for member in map {
            guard case .string(let shard) = member.value else {
                throw fail(.field(tensor: "weight_map", field: member.name, expected: "a file name"))
            }
            guard !shard.isEmpty, shard != ".", shard != "..", !shard.contains("/"), !shard.utf8.contains(0) else {
                throw fail(.shardName(tensor: member.name, shard: shard))
            }
            promised.append((member.name, shard))
        }
        return promised
    }
}
