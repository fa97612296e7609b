internal import Foundation

/// A folder that only this process's user may enter, for a socket; it goes with its owner.
final class PrivateRoom: Sendable {
    private let folder: String

    /// - Throws: ``ServerError/cannotListen(address:problem:)`` where it can't be made.
    init() throws(ServerError) {
        // Short: a socket's path may have about a hundred characters.
        folder = NSTemporaryDirectory() + "myna-" + UUID().uuidString.prefix(8)
        do {
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: false, attributes: [.posixPermissions: 0o700])
        } catch { throw .cannotListen(address: folder, problem: error.localizedDescription) }
    }

    // What can't be removed is left to the system, which empties its temporary folder.
    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { folder + "/" + name }
}

/// How many files and connections the process may have open.
enum Descriptors {
    /// Asks the system for so many, as far as it lets this process; systems start programs with few.
    static func allow(_ count: Int) {
        var limit = rlimit()
        #if canImport(Glibc)
            let resource = __rlimit_resource_t(RLIMIT_NOFILE.rawValue)
        #else
            let resource = RLIMIT_NOFILE
        #endif
        guard getrlimit(resource, &limit) == 0, limit.rlim_cur < rlim_t(count) else { return }
        limit.rlim_cur = min(limit.rlim_max, rlim_t(count))
        setrlimit(resource, &limit)
    }
}
