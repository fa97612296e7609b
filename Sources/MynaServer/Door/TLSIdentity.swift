internal import COpenSSL
internal import Foundation

/// Who a server is to those that connect over TLS: a certificate with its chain, and the key that belongs to it, from PEM files.
final class TLSIdentity: Sendable {
    let certificate: String
    let key: String
    /// Set up once in `init`; OpenSSL lets many threads make sessions from one that no longer changes.
    nonisolated(unsafe) let context: OpaquePointer

    /// Reads and checks both files.
    ///
    /// - Throws: ``ServerError/badTLS(path:problem:)`` for the file that can't be read, is no PEM, or does not belong to the other.
    init(certificate: String, key: String) throws(ServerError) {
        (self.certificate, self.key) = (certificate, key)
        for path in [certificate, key] {
            guard FileManager.default.fileExists(atPath: path) else { throw .noFile(path: path) }
            guard FileManager.default.contents(atPath: path) != nil else {
                throw .badTLS(path: path, problem: "it can't be read")
            }
        }
        guard let context = SSL_CTX_new(TLS_server_method()) else {
            throw .badTLS(path: certificate, problem: TLSFault.latest())
        }
        self.context = context
        _ = tls_set_oldest_version(context)
        tls_release_idle_buffers(context)
        tls_refuse_renegotiation(context)
        // Tickets come behind the handshake, while a client may be writing already: one that reads and writes from two threads,
        // as Python's `websockets` does, then loses what it wrote and waits for ever, once in 300 connections.
        SSL_CTX_set_num_tickets(context, 0)
        // A key with a passphrase is refused: nobody is there to type it.
        SSL_CTX_set_default_passwd_cb(context) { _, _, _, _ in 0 }
        ERR_clear_error()
        guard SSL_CTX_use_certificate_chain_file(context, certificate) == 1 else {
            throw .badTLS(path: certificate, problem: "it holds no certificate in PEM form (\(TLSFault.latest()))")
        }
        guard SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) == 1 else {
            throw Self.holdsKey(key)
                ? .badTLS(path: key, problem: "it does not belong to the certificate in \(certificate)")
                : .badTLS(path: key, problem: "it holds no private key in PEM form without a passphrase (\(TLSFault.latest()))")
        }
        guard SSL_CTX_check_private_key(context) == 1 else {
            throw .badTLS(path: key, problem: "it does not belong to the certificate in \(certificate)")
        }
    }

    deinit { SSL_CTX_free(context) }

    /// Whether the file's key can be read, whatever it belongs to.
    private static func holdsKey(_ path: String) -> Bool {
        guard let file = fopen(path, "r") else { return false }
        defer { fclose(file) }
        guard let key = PEM_read_PrivateKey(file, nil, { _, _, _, _ in 0 }, nil) else { return false }
        EVP_PKEY_free(key)
        return true
    }

    /// The last moment of the certificate's life; nil where it names none.
    var expires: Date? {
        var parts = tm()
        guard let shown = SSL_CTX_get0_certificate(context), let time = X509_get0_notAfter(shown),
            ASN1_TIME_to_tm(time, &parts) == 1
        else { return nil }
        return Date(timeIntervalSince1970: Double(timegm(&parts)))
    }
}

/// Why a TLS connection can't go on.
enum TLSFault: Error, Equatable, CustomStringConvertible {
    /// What came is no TLS, or breaks it; what OpenSSL says of it.
    case broken(String)
    /// The peer closed the connection before it was set up.
    case closed

    var description: String {
        switch self {
        case .broken(let problem): problem
        case .closed: "the peer closed it"
        }
    }

    /// What OpenSSL says of the last thing that failed on this thread.
    static func latest() -> String {
        var code = ERR_get_error()
        while case let next = ERR_get_error(), next != 0 { code = next }
        guard code != 0 else { return "no reason given" }
        guard let reason = ERR_reason_error_string(code) else { return "error \(code)" }
        return String(cString: reason)
    }
}
