internal import Foundation

/// Random access to the members of an uncompressed tar archive, from any number of threads.
///
/// Opening reads the headers alone; a member's bytes are read when asked for.
public final class TarArchive: Sendable {
    public let path: String
    /// Names in the order of the archive.
    public let names: [String]

    private let descriptor: Int32
    private let places: [String: Range<Int>]

    /// - Throws: ``AudioError`` where the file is missing or its headers do not add up.
    public init(path: String) throws(AudioError) {
        self.path = path
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        if descriptor < 0 {
            throw errno == ENOENT ? .missing(file: path) : .unreadable(file: path, reason: String(cString: strerror(errno)))
        }
        do throws(AudioError) {
            (names, places) = try TarArchive.index(descriptor, path)
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
    }

    deinit { close(descriptor) }

    /// The bytes of a member.
    public func bytes(of member: String) throws(AudioError) -> [UInt8] {
        guard let place = places[member] else { throw .noMember(file: path, member: member) }
        let bytes = try TarArchive.read(descriptor, place, path)
        if bytes.count < place.count {
            throw .truncated(file: "\(path):\(member)", expected: place.count, got: bytes.count, unit: "bytes")
        }
        return bytes
    }

    private static func read(_ descriptor: Int32, _ range: Range<Int>, _ path: String) throws(AudioError) -> [UInt8] {
        var failure: Int32 = 0
        let bytes = [UInt8](unsafeUninitializedCapacity: range.count) { buffer, count in
            count = 0
            while count < range.count {
                let got = pread(descriptor, buffer.baseAddress! + count, range.count - count, off_t(range.lowerBound + count))
                if got < 0 { failure = errno }
                if got <= 0 { break }
                count += got
            }
        }
        if failure != 0 { throw .unreadable(file: path, reason: String(cString: strerror(failure))) }
        return bytes
    }

    private static func index(_ descriptor: Int32, _ path: String) throws(AudioError) -> ([String], [String: Range<Int>]) {
        var status = stat()
        if fstat(descriptor, &status) != 0 || status.st_mode & S_IFMT != S_IFREG {
            throw .unreadable(file: path, reason: "it is not a plain file")
        }
        let size = Int(status.st_size)
        if size == 0 { throw .empty(file: path) }
        var names: [String] = []
        var places: [String: Range<Int>] = [:]
        var offset = 0
        while offset + 512 <= size {
            let header = try read(descriptor, offset..<offset + 512, path)
            if header.count < 512 { break }
            if header.allSatisfy({ $0 == 0 }) { return (names, places) }
            guard header[257..<262].elementsEqual(Array("ustar".utf8)), let sum = octal(header[148..<156]),
                sum == checksum(header)
            else { throw .badArchive(file: path, offset: offset, reason: "no ustar header, or its checksum is wrong") }
            guard let length = octal(header[124..<136]) else {
                throw .badArchive(file: path, offset: offset, reason: "the size is not an octal number")
            }
            let start = offset + 512
            if length > size - start {
                throw .truncated(file: path, expected: start + length, got: size, unit: "bytes")
            }
            let prefix = text(header[345..<500])
            let name = (prefix.isEmpty ? "" : prefix + "/") + text(header[0..<100])
            if header[156] == UInt8(ascii: "0") || header[156] == 0 {
                if places.updateValue(start..<start + length, forKey: name) == nil { names.append(name) }
            }
            offset = start + (length + 511) / 512 * 512
        }
        return (names, places)  // without the two empty blocks at the end, as some writers leave it
    }

    private static func octal(_ field: ArraySlice<UInt8>) -> Int? {
        let digits = field.drop { $0 == 0x20 }.prefix { $0 != 0 && $0 != 0x20 }
        if digits.isEmpty || !digits.allSatisfy({ (0x30...0x37).contains($0) }) { return nil }
        return digits.reduce(0) { $0 << 3 | Int($1 - 0x30) }
    }

    private static func text(_ field: ArraySlice<UInt8>) -> String { String(decoding: field.prefix { $0 != 0 }, as: UTF8.self) }

    static func checksum(_ header: [UInt8]) -> Int {
        header.enumerated().reduce(0) { $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element)) }
    }
}

/// Writes a tar archive (ustar), a member at a time; the file appears whole, by ``finish()``, or not at all.
public final class TarWriter {
    private let path: String
    private let draft: String
    private var file: UnsafeMutablePointer<FILE>?
    /// Bytes so far.
    public private(set) var size = 0

    public init(path: String) throws(AudioError) {
        self.path = path
        draft = draftPath(path)
        file = fopen(draft, "wbx")
        if file == nil { throw .unwritable(file: path, reason: String(cString: strerror(errno))) }
    }

    deinit {
        if let file {
            fclose(file)
            unlink(draft)
        }
    }

    /// Appends a member; its name has at most 100 bytes.
    public func add(_ name: String, _ bytes: [UInt8]) throws(AudioError) {
        precondition(name.utf8.count <= 100 && !name.isEmpty, "a member's name has 1 to 100 bytes: \(name)")
        var header = [UInt8](repeating: 0, count: 512)
        func put(_ text: String, at offset: Int) { header.replaceSubrange(offset..<offset + text.utf8.count, with: text.utf8) }
        func octal(_ value: Int, _ width: Int) -> String {
            let digits = String(value, radix: 8)
            return String(repeating: "0", count: width - digits.count) + digits
        }
        put(name, at: 0)
        put("0000644\0" + "0000000\0" + "0000000\0" + octal(bytes.count, 11) + "\0" + octal(0, 11) + "\0", at: 100)
        put("0", at: 156)
        put("ustar\0" + "00", at: 257)
        put(octal(TarArchive.checksum(header), 6) + "\0 ", at: 148)
        try write(header)
        try write(bytes)
        try write([UInt8](repeating: 0, count: (512 - bytes.count % 512) % 512))
    }

    /// Completes the archive and puts it in place.
    public func finish() throws(AudioError) {
        try write([UInt8](repeating: 0, count: 1024))
        let closed = fclose(file!)
        file = nil
        if closed != 0 {
            let reason = String(cString: strerror(errno))
            unlink(draft)
            throw .unwritable(file: path, reason: reason)
        }
        try moveIntoPlace(draft, path)
    }

    private func write(_ bytes: [UInt8]) throws(AudioError) {
        precondition(file != nil, "a finished archive takes no more members")
        if bytes.isEmpty { return }
        if fwrite(bytes, 1, bytes.count, file) != bytes.count {
            throw .unwritable(file: path, reason: String(cString: strerror(errno)))
        }
        size += bytes.count
    }
}
