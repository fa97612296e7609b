#if canImport(FoundationEssentials)
    internal import FoundationEssentials
#else
    internal import Foundation
#endif
#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// The bytes of a file, mapped, or of memory, copied; given back when nothing holds them.
///
/// A map is private: what is written into it stays in this process. A file that another process cuts short while it is
/// mapped ends this one with SIGBUS, as everywhere; files that appear whole by a rename never do.
///
/// `@unchecked Sendable`: the address and count never change, and nobody writes but through tensors made over it.
final class FileBytes: @unchecked Sendable {
    let bytes: UnsafeMutableRawBufferPointer
    private let isMapped: Bool

    struct Refused: Error {
        var reason: String
    }

    init(mapping path: String) throws(Refused) {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw Refused(reason: String(cString: strerror(errno))) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Refused(reason: String(cString: strerror(errno))) }
        guard status.st_mode & S_IFMT == S_IFREG else { throw Refused(reason: "not a plain file") }
        let count = Int(status.st_size)
        isMapped = count > 0
        guard count > 0 else {
            bytes = .allocate(byteCount: 0, alignment: 1)
            return
        }
        guard let address = mmap(nil, count, PROT_READ | PROT_WRITE, MAP_PRIVATE, descriptor, 0), address != MAP_FAILED else {
            throw Refused(reason: String(cString: strerror(errno)))
        }
        bytes = UnsafeMutableRawBufferPointer(start: address, count: count)
    }

    init(copying data: Data) {
        bytes = .allocate(byteCount: data.count, alignment: 16)
        isMapped = false
        data.withUnsafeBytes { bytes.copyMemory(from: $0) }
    }

    deinit {
        if isMapped { munmap(bytes.baseAddress, bytes.count) } else { bytes.deallocate() }
    }
}
