import Foundation
import Synchronization

/// A server on this machine that speaks enough HTTP/1.1: one request a connection, answered by a closure.
///
/// `@unchecked Sendable`: everything that changes is inside the mutex.
final class LocalServer: @unchecked Sendable {
    struct Request: Sendable {
        var path: String
        var headers: [String: String]  // names in lower case
        var body = ""
    }

    struct Response: Sendable {
        var status = 200
        var headers: [String: String] = [:]
        var body: [UInt8] = []
        /// Hangs up after so many bytes of the body, whatever its length said.
        var cutAfter: Int?
    }

    let port: UInt16
    private let socket: Int32
    private let requests = Mutex<[Request]>([])

    init(_ answer: @escaping @Sendable (Request) -> Response) throws {
        #if canImport(Glibc)
            let stream = Int32(SOCK_STREAM.rawValue)
        #else
            let stream = SOCK_STREAM
        #endif
        let listener = Foundation.socket(AF_INET, stream, 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = UInt32(0x7f00_0001).bigEndian
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let bound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { plain in
                bind(listener, plain, length) == 0 && listen(listener, 16) == 0 && getsockname(listener, plain, &length) == 0
            }
        }
        guard listener >= 0, bound else { throw POSIXError(.EADDRNOTAVAIL) }
        (socket, port) = (listener, UInt16(bigEndian: address.sin_port))
        Thread.detachNewThread { [weak self] in
            while true {
                let connection = accept(listener, nil, nil)
                guard connection >= 0 else { break }  // the server was shut down
                if let request = Self.read(connection) {
                    self?.requests.withLock { $0.append(request) }
                    Self.write(answer(request), to: connection)
                }
                close(connection)
            }
            // Here and not in deinit: until now this thread may ask for the descriptor, which must not be another's meanwhile.
            close(listener)
        }
    }

    deinit {
        shutdown(socket, Int32(SHUT_RDWR))
    }

    var address: String { "http://127.0.0.1:\(port)" }
    /// What was asked so far.
    var seen: [Request] { requests.withLock { $0 } }

    private static func read(_ connection: Int32) -> Request? {
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 4096)
        func receive() -> Bool {
            let count = recv(connection, &buffer, buffer.count, 0)
            if count > 0 { bytes += buffer[..<count] }
            return count > 0
        }
        var end: Int?
        while end == nil {
            guard receive() else { return nil }
            end = Data(bytes).firstRange(of: Data([13, 10, 13, 10]))?.lowerBound
        }
        let head = bytes[..<(end ?? 0)]
        let lines = String(decoding: head, as: UTF8.self).components(separatedBy: "\r\n")
        let words = lines[0].split(separator: " ")
        guard words.count == 3 else { return nil }
        var headers: [String: String] = [:]
        for line in lines.dropFirst() {
            guard let colon = line.firstIndex(of: ":") else { continue }
            headers[line[..<colon].lowercased()] = line[line.index(after: colon)...].trimmingCharacters(in: .whitespaces)
        }
        let length = head.count + 4 + (headers["content-length"].flatMap { Int($0) } ?? 0)
        while bytes.count < length {
            guard receive() else { return nil }
        }
        return Request(
            path: String(words[1]), headers: headers, body: String(decoding: bytes[(head.count + 4)...], as: UTF8.self))
    }

    private static func write(_ response: Response, to connection: Int32) {
        var head = "HTTP/1.1 \(response.status) Answer\r\nConnection: close\r\n"
        var headers = response.headers
        headers["Content-Length"] = headers["Content-Length"] ?? "\(response.body.count)"
        for (name, value) in headers { head += "\(name): \(value)\r\n" }
        let body = response.body.prefix(response.cutAfter ?? .max)
        let bytes = Array((head + "\r\n").utf8) + body
        var sent = 0
        while sent < bytes.count {
            let count = bytes[sent...].withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return }
            sent += count
        }
    }
}
