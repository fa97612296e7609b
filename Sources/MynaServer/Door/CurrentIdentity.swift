internal import Foundation
internal import MynaStages
internal import Synchronization

/// The identity that new connections get: read anew when one of its files has changed, as when a certificate was renewed.
final class CurrentIdentity: Sendable {
    private struct State {
        var identity: TLSIdentity
        var stamps: [Date?]
    }
    private let state: Mutex<State>
    private let log: ServerLog

    init(_ identity: TLSIdentity, _ log: ServerLog) {
        self.log = log
        state = Mutex(State(identity: identity, stamps: Self.stamps(identity)))
    }

    /// The latest that could be read: files that are wrong are told of once, and what was there before stays.
    var current: TLSIdentity {
        state.withLock { state in
            let stamps = Self.stamps(state.identity)
            guard stamps != state.stamps else { return state.identity }
            state.stamps = stamps
            do {
                state.identity = try TLSIdentity(certificate: state.identity.certificate, key: state.identity.key)
                log.note("tls.renewed")
            } catch {
                log.note("tls.kept", [("problem", .string("\(error)"))])
            }
            return state.identity
        }
    }

    private static func stamps(_ identity: TLSIdentity) -> [Date?] {
        [identity.certificate, identity.key].map { path in
            // A file that is away for a moment has no date.
            (try? FileManager.default.attributesOfItem(atPath: path))?[.modificationDate] as? Date
        }
    }
}
