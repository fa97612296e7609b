internal import Dispatch
internal import Foundation

#if canImport(Glibc)
    internal import Glibc
#elseif canImport(Darwin)
    internal import Darwin
#endif

/// Looks up the addresses of a host.
enum HostName {
    enum Address: Sendable { case four(sockaddr_in), six(sockaddr_in6) }

    /// The addresses of `host`, in the order the system prefers; none where it has none.
    static func addresses(of host: String, port: UInt16) async -> [Address] {
        await withCheckedContinuation { continuation in
            // The system's look-up blocks its thread, so it gets one outside of Swift's own.
            DispatchQueue.global().async { continuation.resume(returning: lookedUp(host, port)) }
        }
    }

    private static func lookedUp(_ host: String, _ port: UInt16) -> [Address] {
        var hints = addrinfo()
        hints.ai_family = AF_UNSPEC
        #if canImport(Glibc)
            hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        #else
            hints.ai_socktype = SOCK_STREAM
        #endif
        var list: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, String(port), &hints, &list) == 0 else { return [] }
        defer { freeaddrinfo(list) }
        var found: [Address] = []
        var next = list
        while let entry = next?.pointee {
            next = entry.ai_next
            guard let place = entry.ai_addr else { continue }
            let raw = UnsafeRawPointer(place)
            if entry.ai_family == AF_INET { found.append(.four(raw.loadUnaligned(as: sockaddr_in.self))) }
            if entry.ai_family == AF_INET6 { found.append(.six(raw.loadUnaligned(as: sockaddr_in6.self))) }
        }
        return found
    }
}
