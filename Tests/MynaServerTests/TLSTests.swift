import Foundation
import MynaStages
import MynaTestSupport
import Testing

@testable import MynaServer

/// Certificates and keys that a server can or can't use.
@Suite struct TLSTests {
    static let hasOpenSSL = ["/usr/bin/openssl", "/usr/local/bin/openssl", "/opt/homebrew/bin/openssl"].contains {
        FileManager.default.isExecutableFile(atPath: $0)
    }

    /// A folder of its own with what `openssl` made in it.
    final class Folder {
        let path = NSTemporaryDirectory() + "myna-tls-" + UUID().uuidString
        init() throws { try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true) }
        // What can't be removed is left to the system.
        deinit { try? FileManager.default.removeItem(atPath: path) }

        func file(_ name: String) -> String { path + "/" + name }
        func write(_ name: String, _ text: String) throws -> String {
            try text.write(toFile: file(name), atomically: true, encoding: .utf8)
            return file(name)
        }

        func openssl(_ arguments: [String]) throws {
            // Not through `Process`: where several start at once, it may miss the end of one and wait for ever.
            let words = (["openssl"] + arguments).map { "'\($0)'" }.joined(separator: " ")
            #expect(system("cd '\(path)' && \(words) 2>/dev/null") == 0, "openssl \(arguments)")
        }

        /// A certificate for this machine, signed by itself, and its key.
        func pair(_ name: String, days: String = "2") throws -> (certificate: String, key: String) {
            try openssl([
                "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", days, "-subj",
                "/CN=localhost", "-keyout", "\(name)-key.pem", "-out", "\(name).pem",
            ])
            return (file("\(name).pem"), file("\(name)-key.pem"))
        }
    }

    @Test(.enabled(if: hasOpenSSL, "needs the openssl command"))
    func `a file that is missing, wrong or of another pair is named`()
        throws
    {
        let folder = try Folder()
        let (a, b) = (try folder.pair("a"), try folder.pair("b"))
        let expires = try #require(try TLSIdentity(certificate: a.certificate, key: a.key).expires)
        #expect(expires > Date() && expires < Date() + 3 * 86_400)
        let text = try folder.write("text.pem", "no certificate\n")
        try folder.openssl(["ec", "-in", "a-key.pem", "-aes128", "-passout", "pass:word", "-out", "locked.pem"])
        let wrong: [(String, String, String, String)] = [
            ("/no/such.pem", a.key, "/no/such.pem", "no such file"),
            (a.certificate, "/no/key.pem", "/no/key.pem", "no such file"),
            (folder.path, a.key, folder.path, "it can't be read"), (text, a.key, text, "holds no certificate"),
            (a.certificate, text, text, "holds no private key"), (a.key, a.key, a.key, "holds no certificate"),
            (a.certificate, b.key, b.key, "does not belong to the certificate in \(a.certificate)"),
            (a.certificate, folder.file("locked.pem"), folder.file("locked.pem"), "without a passphrase"),
        ]
        for (certificate, key, named, problem) in wrong {
            let error = #expect(throws: ServerError.self) { try TLSIdentity(certificate: certificate, key: key) }
            let told = "\(try #require(error))"
            #expect(told.hasPrefix(named + ":") && told.contains(problem), "\(told)")
        }
        var options = ServerOptions()
        options.certificate = a.certificate
        let half = #expect(throws: ServerError.self) { try options.certificateExpiry() }
        #expect("\(try #require(half))".contains("tls-key"))
        options.key = a.key
        #expect(try options.certificateExpiry() == expires)
    }

    @Test(.enabled(if: hasOpenSSL, "needs the openssl command"))
    func `a renewed certificate is taken, a broken one is told and the old one kept`()
        throws
    {
        let folder = try Folder()
        let pair = try folder.pair("a")
        let lines = Collected<String>()
        let current = CurrentIdentity(
            try TLSIdentity(certificate: pair.certificate, key: pair.key), ServerLog(.plain) { lines.add($0) })
        let first = current.current
        #expect(current.current === first)
        func touch(_ offset: Double) throws {
            try FileManager.default.setAttributes([.modificationDate: Date() + offset], ofItemAtPath: pair.certificate)
        }
        let text = try String(contentsOfFile: pair.certificate, encoding: .utf8)
        _ = try folder.write("a.pem", "broken")
        try touch(10)
        #expect(current.current === first && current.current === first)
        #expect(lines.all.count == 1 && lines.all[0].contains("tls.kept") && lines.all[0].contains("a.pem"))
        _ = try folder.write("a.pem", text)
        try touch(20)
        #expect(current.current !== first && lines.all.last?.contains("tls.renewed") == true)
    }

    @Test(.enabled(if: hasOpenSSL, "needs the openssl command"))
    func `bytes that are no TLS end a session with its alert, whatever they are`()
        throws
    {
        let folder = try Folder()
        let pair = try folder.pair("a")
        let identity = try TLSIdentity(certificate: pair.certificate, key: pair.key)
        var random = SeededRandom(seed: 3)
        for round in 0..<300 {
            let session = try TLSSession(identity)
            var bytes = (0..<Int.random(in: 1...400, using: &random)).map { _ in UInt8.random(in: 0...255, using: &random) }
            // Half of them look like the record of a greeting.
            if round % 2 == 0 { bytes = [22, 3, 1, 0, UInt8(min(255, bytes.count)), 1, 0, 0] + bytes }
            session.take(bytes)
            do {
                #expect(try !session.handshake())
            } catch {
                guard case .broken(let problem) = error else {
                    Issue.record("\(error)")
                    continue
                }
                #expect(!problem.isEmpty)
            }
        }
    }
}
