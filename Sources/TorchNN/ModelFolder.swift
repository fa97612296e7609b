public import Torch
#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// Why a model folder cannot be used.
public struct ModelFolderError: Error, Equatable, CustomStringConvertible {
    public var file: String
    public var problem: String

    /// A problem with one file of a model's folder.
    public init(file: String, problem: String) {
        self.file = file
        self.problem = problem
    }

    public var description: String { "\(file): \(problem)" }
}

/// A model on disk in the published layout: `config.json`, `model.safetensors` and tokenizer files in one folder.
public struct ModelFolder: Sendable {
    public let path: String

    /// The folder at `path`; nothing is read yet.
    public init(_ path: String) { self.path = path }

    /// The path of one of its files.
    public func file(_ name: String) -> String { path + "/" + name }

    /// Reads one of its files of settings as `Config`.
    public func config<Config: Decodable>(_ type: Config.Type, from name: String = "config.json") throws(ModelFolderError)
        -> Config
    {
        let file = file(name)
        guard let data = FileManager.default.contents(atPath: file) else {
            throw ModelFolderError(file: file, problem: "is missing: not a model folder")
        }
        do {
            return try JSONDecoder().decode(Config.self, from: data)
        } catch let error as DecodingError {
            throw ModelFolderError(file: file, problem: error.named)
        } catch {
            throw ModelFolderError(file: file, problem: "\(error)")
        }
    }

    /// Reads one of its files of settings over `defaults`: a field that is absent or null keeps its default.
    public func config<Config: Codable>(
        over defaults: Config, from name: String = "config.json"
    ) throws(ModelFolderError) -> Config {
        let fields = try config(JSONValue.self, from: name)
        do {
            let known = try JSONDecoder().decode(JSONValue.self, from: JSONEncoder().encode(defaults))
            return try JSONDecoder().decode(Config.self, from: JSONEncoder().encode(known.overlaid(with: fields)))
        } catch let error as DecodingError {
            throw ModelFolderError(file: file(name), problem: error.named)
        } catch {
            throw ModelFolderError(file: file(name), problem: "\(error)")
        }
    }

    /// Opens `model.safetensors`, or the shards that `model.safetensors.index.json` names where there is no such file.
    public func weights(dtype: DType = .float32, device: Device = .cpu) throws -> ParameterStore {
        let file = file("model.safetensors")
        let index = file + ".index.json"
        if !FileManager.default.fileExists(atPath: file), FileManager.default.fileExists(atPath: index) {
            return ParameterStore(try ShardedSafetensors(index: index), named: index, dtype: dtype, device: device)
        }
        return ParameterStore(try Safetensors(contentsOf: file), named: file, dtype: dtype, device: device)
    }

    /// Writes `config.json` and `model.safetensors`; each file appears whole or not at all.
    public func write(
        config: some Encodable, _ parameters: [(name: String, tensor: Tensor)], metadata: [String: String] = ["format": "pt"]
    ) throws {
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        try encoder.encode(config).write(to: URL(filePath: file("config.json")), options: .atomic)
        try Safetensors.write(parameters, metadata: metadata, to: file("model.safetensors"))
    }
}

extension DecodingError {
    /// The field and what is wrong with it, in a few words.
    public var named: String {
        func name(_ path: [any CodingKey], _ last: String? = nil) -> String {
            (path.map { $0.intValue.map { "[\($0)]" } ?? $0.stringValue } + (last.map { [$0] } ?? [])).joined(separator: ".")
        }
        return switch self {
        case .keyNotFound(let key, let context): "the field \(name(context.codingPath, key.stringValue)) is missing"
        case .typeMismatch(let type, let context): "the field \(name(context.codingPath)) should be \(type)"
        case .valueNotFound(let type, let context): "the field \(name(context.codingPath)) should be \(type), not null"
        case .dataCorrupted(let context):
            context.codingPath.isEmpty ? "not valid JSON" : "the field \(name(context.codingPath)): \(context.debugDescription)"
        @unknown default: "\(self)"
        }
    }
}

/// JSON of any shape, for laying a file's fields over defaults and for comparing files.
enum JSONValue: Codable, Equatable {
    case null
    case bool(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case list([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let field = try decoder.singleValueContainer()
        // Each miss only means: some other type.
        if field.decodeNil() {
            self = .null
        } else if let value = try? field.decode(Bool.self) {
            self = .bool(value)
        } else if let value = try? field.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? field.decode(Double.self) {
            self = .number(value)
        } else if let value = try? field.decode(String.self) {
            self = .string(value)
        } else if let value = try? field.decode([JSONValue].self) {
            self = .list(value)
        } else {
            self = .object(try field.decode([String: JSONValue].self))
        }
    }

    func encode(to encoder: any Encoder) throws {
        var field = encoder.singleValueContainer()
        switch self {
        case .null: try field.encodeNil()
        case .bool(let value): try field.encode(value)
        case .integer(let value): try field.encode(value)
        case .number(let value): try field.encode(value)
        case .string(let value): try field.encode(value)
        case .list(let value): try field.encode(value)
        case .object(let value): try field.encode(value)
        }
    }

    func overlaid(with other: JSONValue) -> JSONValue {
        switch (self, other) {
        case (_, .null): self
        case (.object(let mine), .object(let theirs)): .object(mine.merging(theirs) { $0.overlaid(with: $1) })
        default: other
        }
    }
}
