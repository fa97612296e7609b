#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif

/// What a SentencePiece `.model` file holds, as far as encoding and decoding need it.
///
/// The file is a protocol buffer, `sentencepiece_model.proto`; field numbers below are that file's. It is read here rather
/// than through the C++ library: the format is small and frozen, and the library would be one more to install and to ship.
struct SentencePieceFile: Sendable {
    enum Kind: Int, Sendable {
        case normal = 1, unknown, control, userDefined, unused, byte
    }

    enum Algorithm: Int, Sendable {
        case unigram = 1, bytePairs
    }

    struct Piece: Sendable {
        var text: [UInt8] = []
        var score: Float = 0
        var kind = Kind.normal
    }

    var pieces: [Piece] = []
    var algorithm = Algorithm.unigram
    /// Whether a character without a piece is written by its bytes.
    var fallsBackToBytes = false
    /// What an unknown token is decoded to.
    var unknownSurface = " \u{2047} "
    var beginID = 1
    var endID = 2
    /// The compiled rules of normalisation; empty for none.
    var charsmap: [UInt8] = []
    var addsDummyPrefix = true
    var removesExtraSpaces = true
    var escapesSpaces = true

    /// - Throws: ``TokenizerError``, naming the file and what in it cannot be read.
    init(contentsOf path: String) throws(TokenizerError) {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw .cannotRead(file: path, reason: "there is no such file, or it may not be read")
        }
        do {
            try self.init([UInt8](data))
        } catch let error as ProtocolBuffer.Damage {
            throw .cannotRead(file: path, reason: "not a SentencePiece model: \(error.description)")
        } catch let error as TokenizerError {
            throw error
        } catch {
            throw .cannotRead(file: path, reason: "\(error)")
        }
    }

    init(_ bytes: [UInt8]) throws {
        var buffer = ProtocolBuffer(bytes[...])
        while let field = try buffer.next() {
            switch field.number {
            case 1: pieces.append(try Self.piece(field.message("pieces"), index: pieces.count))
            case 2: try readTrainer(field.message("trainer_spec"))
            case 3: try readNormalizer(field.message("normalizer_spec"))
            case 5:
                var rules = SentencePieceFile(empty: ())
                try rules.readNormalizer(field.message("denormalizer_spec"))
                if !rules.charsmap.isEmpty {
                    throw TokenizerError.unsupported(field: "denormalizer_spec", value: "not empty")
                }
            default: break  // training data's self test and extensions
            }
        }
        guard !pieces.isEmpty else { throw ProtocolBuffer.Damage("it has no pieces") }
        let unknowns = pieces.count { $0.kind == .unknown }
        guard unknowns == 1 else {
            throw TokenizerError.inconsistent(field: "pieces", reason: "\(unknowns) of them are unknown-tokens, not 1")
        }
    }

    private init(empty: Void) {}

    private static func piece(_ message: ProtocolBuffer, index: Int) throws -> Piece {
        var message = message
        var piece = Piece()
        while let field = try message.next() {
            switch field.number {
            case 1: piece.text = Array(try field.bytes("piece"))
            case 2: piece.score = try field.float("score")
            case 3:
                let type = try field.integer("type")
                guard let kind = Kind(rawValue: type) else {
                    throw TokenizerError.unsupported(field: "pieces[\(index)].type", value: "\(type)")
                }
                piece.kind = kind
            default: break
            }
        }
        guard !piece.text.isEmpty, String(validating: piece.text, as: UTF8.self) != nil else {
            throw TokenizerError.inconsistent(field: "pieces[\(index)]", reason: "it is empty or not UTF-8")
        }
        if piece.kind == .byte, SentencePieceTokenizer.byte(of: piece.text) == nil {
            throw TokenizerError.inconsistent(
                field: "pieces[\(index)]", reason: "\"\(String(decoding: piece.text, as: UTF8.self))\" stands for no byte")
        }
        guard piece.score.isFinite else {
            throw TokenizerError.inconsistent(field: "pieces[\(index)].score", reason: "it is \(piece.score)")
        }
        return piece
    }

    private mutating func readTrainer(_ message: ProtocolBuffer) throws {
        var message = message
        while let field = try message.next() {
            switch field.number {
            case 3:
                let type = try field.integer("model_type")
                guard let known = Algorithm(rawValue: type) else {
                    throw TokenizerError.unsupported(field: "trainer_spec.model_type", value: "\(type)")
                }
                algorithm = known
            case 24 where try field.integer("treat_whitespace_as_suffix") != 0:
                throw TokenizerError.unsupported(field: "trainer_spec.treat_whitespace_as_suffix", value: "true")
            case 35: fallsBackToBytes = try field.integer("byte_fallback") != 0
            case 41: beginID = try field.integer("bos_id")
            case 42: endID = try field.integer("eos_id")
            case 44: unknownSurface = String(decoding: try field.bytes("unk_surface"), as: UTF8.self)
            default: break  // how it was trained
            }
        }
    }

    private mutating func readNormalizer(_ message: ProtocolBuffer) throws {
        var message = message
        while let field = try message.next() {
            switch field.number {
            case 2: charsmap = Array(try field.bytes("precompiled_charsmap"))
            case 3: addsDummyPrefix = try field.integer("add_dummy_prefix") != 0
            case 4: removesExtraSpaces = try field.integer("remove_extra_whitespaces") != 0
            case 5: escapesSpaces = try field.integer("escape_whitespaces") != 0
            default: break
            }
        }
    }
}

/// Walks over the fields of a protocol buffer's message.
struct ProtocolBuffer {
    /// What is wrong with the bytes.
    struct Damage: Error, CustomStringConvertible {
        var description: String
        init(_ description: String) { self.description = description }
    }

    enum Value {
        case integer(UInt64)
        case bytes(ArraySlice<UInt8>)
        case fixed32(UInt32)
        case fixed64
    }

    struct Field {
        var number: Int
        var value: Value

        func integer(_ name: String) throws -> Int {
            guard case .integer(let value) = value else { throw Damage("\(name) is no integer") }
            return Int(truncatingIfNeeded: Int64(bitPattern: value))
        }

        func bytes(_ name: String) throws -> ArraySlice<UInt8> {
            guard case .bytes(let value) = value else { throw Damage("\(name) is no text") }
            return value
        }

        func float(_ name: String) throws -> Float {
            guard case .fixed32(let value) = value else { throw Damage("\(name) is no float") }
            return Float(bitPattern: value)
        }

        func message(_ name: String) throws -> ProtocolBuffer { ProtocolBuffer(try bytes(name)) }
    }

    private var rest: ArraySlice<UInt8>

    init(_ bytes: ArraySlice<UInt8>) { rest = bytes }

    /// The next field; nil at the end.
    mutating func next() throws -> Field? {
        guard !rest.isEmpty else { return nil }
        let key = try varint()
        let number = Int(key >> 3)
        guard number > 0, key >> 3 < 1 << 29 else { throw Damage("a field has the number \(key >> 3)") }
        switch key & 7 {
        case 0: return Field(number: number, value: .integer(try varint()))
        case 1:
            _ = try take(8)
            return Field(number: number, value: .fixed64)
        case 2:
            let length = try varint()
            guard length <= UInt64(rest.count) else { throw Damage("field \(number) reaches beyond the end") }
            return Field(number: number, value: .bytes(try take(Int(length))))
        case 5:
            let bytes = try take(4)
            return Field(number: number, value: .fixed32(bytes.reversed().reduce(0) { $0 << 8 | UInt32($1) }))
        default: throw Damage("field \(number) is of the unknown kind \(key & 7)")
        }
    }

    private mutating func take(_ count: Int) throws -> ArraySlice<UInt8> {
        guard rest.count >= count else { throw Damage("it ends within a field") }
        defer { rest = rest.dropFirst(count) }
        return rest.prefix(count)
    }

    private mutating func varint() throws -> UInt64 {
        var value: UInt64 = 0
        for shift in stride(from: 0, to: 70, by: 7) {
            guard let byte = rest.popFirst() else { throw Damage("it ends within a number") }
            value |= UInt64(byte & 0x7F) << UInt64(shift)
            if byte < 0x80 { return value }
        }
        throw Damage("a number has more than ten bytes")
    }
}
