internal import COpenSSL

/// One side of a TLS connection, in memory: whoever owns it carries the sealed bytes.
final class TLSSession {
    private let session: OpaquePointer
    private let (incoming, outgoing): (OpaquePointer, OpaquePointer)
    /// Kept as long as what was made from it.
    private let identity: TLSIdentity

    /// The server's side.
    ///
    /// - Throws: ``TLSFault`` where there is no memory for it.
    init(_ identity: TLSIdentity) throws(TLSFault) {
        self.identity = identity
        (session, incoming, outgoing) = try Self.made(identity.context)
        SSL_set_accept_state(session)
    }

    private static func made(_ context: OpaquePointer) throws(TLSFault) -> (OpaquePointer, OpaquePointer, OpaquePointer) {
        guard let session = SSL_new(context) else { throw .broken(TLSFault.latest()) }
        guard let incoming = tls_memory(), let outgoing = tls_memory() else {
            SSL_free(session)
            throw .broken(TLSFault.latest())
        }
        SSL_set_bio(session, incoming, outgoing)  // it frees them with itself
        return (session, incoming, outgoing)
    }

    deinit { SSL_free(session) }

    /// Takes sealed bytes of the peer.
    func take(_ sealed: some Collection<UInt8>) {
        let bytes = Array(sealed)
        // A memory takes all that there is memory for.
        _ = BIO_write(incoming, bytes, Int32(bytes.count))
    }

    /// The sealed bytes that are to go to the peer by now; empty where there are none.
    func sealed() -> [UInt8] {
        let count = BIO_ctrl_pending(outgoing)
        guard count > 0 else { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
            filled = max(0, Int(BIO_read(outgoing, buffer.baseAddress, Int32(count))))
        }
    }

    /// Goes on with the handshake; true once it is done, false where more of the peer's bytes are needed.
    func handshake() throws(TLSFault) -> Bool {
        ERR_clear_error()
        let status = SSL_do_handshake(session)
        if status == 1 { return true }
        return try waits(after: status)
    }

    /// The next plain bytes; empty where more of the peer's bytes are needed, nil once the peer has closed its side.
    func read() throws(TLSFault) -> [UInt8]? {
        var fault: TLSFault?
        var isClosed = false
        let bytes = [UInt8](unsafeUninitializedCapacity: Self.most) { buffer, filled in
            ERR_clear_error()
            let status = SSL_read(session, buffer.baseAddress, Int32(Self.most))
            filled = max(0, Int(status))
            guard status <= 0 else { return }
            if SSL_get_error(session, status) == SSL_ERROR_ZERO_RETURN { return isClosed = true }
            do throws(TLSFault) { _ = try waits(after: status) } catch { fault = error }
        }
        if let fault { throw fault }
        return isClosed ? nil : bytes
    }

    /// Seals plain bytes.
    func write(_ bytes: [UInt8]) throws(TLSFault) {
        guard !bytes.isEmpty else { return }
        ERR_clear_error()
        let status = SSL_write(session, bytes, Int32(bytes.count))
        guard status == Int32(bytes.count) else { throw .broken(TLSFault.latest()) }
    }

    /// Tells the peer that no more will come.
    func close() {
        ERR_clear_error()
        SSL_shutdown(session)
    }

    /// False where more of the peer's bytes are needed.
    private func waits(after status: Int32) throws(TLSFault) -> Bool {
        switch SSL_get_error(session, status) {
        case SSL_ERROR_WANT_READ: return false
        case SSL_ERROR_ZERO_RETURN: throw .closed
        default: throw .broken(TLSFault.latest())
        }
    }

    /// A record holds no more.
    private static let most = 16_384
}
