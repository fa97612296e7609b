internal import Foundation
public import Torch
public import TorchNN

/// Makes a model folder of a given shape with random weights, for measurements of memory and speed.
public enum RandomRecognizer {
    private struct Architecture: Decodable { var architectures: [String]? }

    /// Writes `config.json`, `model.safetensors` and a `tokenizer.json` whose pieces are numbers.
    ///
    /// - Parameter configuration: a file in the form of `config.json`, of any recogniser that ``AnyRecognizer`` opens.
    /// - Returns: how many numbers the model has.
    /// - Throws: ``RecognitionError/configuration(field:problem:)``, or ``ModelFolderError`` naming the file.
    public static func write(
        configuration path: String, to folder: ModelFolder, dtype: DType = .float32, seed: UInt64 = 1
    ) throws -> Int {
        let url = URL(filePath: path)
        let source = ModelFolder(url.deletingLastPathComponent().path)
        let name = url.lastPathComponent
        let architectures = try source.config(Architecture.self, from: name).architectures ?? []
        TorchRandom.seed(seed)
        // One tensor after the other is drawn in the final type: a model of gigabytes is held once.
        let store = ParameterStore(dtype: dtype)
        let pieces: Int
        if architectures.first.flatMap(ParakeetConfig.Kind.init(rawValue:)) != nil {
            let config = try source.config(over: ParakeetConfig(), from: name)
            try config.validate()
            _ = withoutGradients { ParakeetModel(store.root, config) }
            try folder.write(config: config, store.parameters)
            pieces = config.vocab_size
        } else {
            let config = try source.config(over: FastConformerConfig(), from: name)
            guard architectures == FastConformerConfig().architectures else {
                throw RecognitionError.configuration(field: "architectures", problem: "is \(architectures), which is unknown")
            }
            try config.validate()
            _ = withoutGradients { FastConformerTransducer(store.root, config) }
            try folder.write(config: config, store.parameters)
            pieces = config.vocab_size
        }
        try tokenizer(pieces: pieces - 1).write(toFile: folder.file("tokenizer.json"), atomically: true, encoding: .utf8)
        return store.count
    }

    /// A byte-level tokenizer with the 256 bytes first, or as many as there are, and words of digits after them.
    private static func tokenizer(pieces: Int) -> String {
        // The byte alphabet of GPT-2: bytes that print stand for themselves, the others for the characters from U+0100 on.
        let printing = Array(0x21...0x7e) + Array(0xa1...0xac) + Array(0xae...0xff)
        var others = 0x100
        var names = (0..<256).map { byte -> String in
            if printing.contains(byte) { return String(Character(UnicodeScalar(UInt8(byte)))) }
            defer { others += 1 }
            return UnicodeScalar(UInt32(others)).map { String(Character($0)) } ?? ""
        }
        names += (0..<max(0, pieces - 256)).map { "\u{120}w\($0)" }
        let entries = names.prefix(pieces).enumerated().map { index, name in
            let escaped = name == "\"" || name == "\\" ? "\\" + name : name
            return "\"\(escaped)\": \(index)"
        }
        return """
            {"version": "1.0", "added_tokens": [], "normalizer": null,
             "pre_tokenizer": {"type": "ByteLevel", "add_prefix_space": false, "trim_offsets": true, "use_regex": true},
             "post_processor": null, "decoder": {"type": "ByteLevel"},
             "model": {"type": "BPE", "vocab": {\(entries.joined(separator: ", "))}, "merges": []}}
            """
    }
}
