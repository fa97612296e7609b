internal import Foundation
internal import Synchronization

/// Runs a program to its end and gives what it wrote; cheaper than `Process`, which costs more than a whole synthesis.
enum ChildProcess {
    private static let starting = Mutex(())

    /// Whether the search path has a program of that name.
    static func isInstalled(_ program: String) -> Bool {
        let path = ProcessInfo.processInfo.environment["PATH"] ?? "/usr/local/bin:/usr/bin:/bin"
        return path.split(separator: ":").contains { access("\($0)/\(program)", X_OK) == 0 }
    }

    /// The program's standard output; nil when it could not start, failed, or wrote more than `limit` bytes.
    static func output(_ arguments: [String], limit: Int = 1 << 30) -> [UInt8]? {
        var ends: [Int32] = [0, 0]
        #if canImport(Glibc)
            var actions = posix_spawn_file_actions_t()
        #else
            var actions: posix_spawn_file_actions_t?
        #endif
        posix_spawn_file_actions_init(&actions)
        defer { posix_spawn_file_actions_destroy(&actions) }
        posix_spawn_file_actions_addopen(&actions, 0, "/dev/null", O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 2, "/dev/null", O_WRONLY, 0)
        var pid = pid_t()
        var argv: [UnsafeMutablePointer<CChar>?] = arguments.map { strdup($0) }
        argv.append(nil)
        defer { argv.forEach { free($0) } }
        // Other threads start programs too: those must not inherit this pipe, or its end comes late.
        let status = starting.withLock { _ -> Int32 in
            guard pipe(&ends) == 0 else { return errno }
            _ = fcntl(ends[0], F_SETFD, FD_CLOEXEC)
            _ = fcntl(ends[1], F_SETFD, FD_CLOEXEC)
            posix_spawn_file_actions_adddup2(&actions, ends[1], 1)
            let status = posix_spawnp(&pid, argv[0]!, &actions, nil, argv, environ)
            close(ends[1])
            if status != 0 { close(ends[0]) }
            return status
        }
        if status != 0 { return nil }
        defer { close(ends[0]) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        var sound = true
        while true {
            let got = Foundation.read(ends[0], &buffer, buffer.count)
            if got < 0 && errno == EINTR { continue }
            if got <= 0 { break }
            if bytes.count + got > limit {
                sound = false
                kill(pid, SIGKILL)
                break
            }
            bytes += buffer[0..<got]
        }
        var exit: Int32 = 0
        while waitpid(pid, &exit, 0) < 0 && errno == EINTR {}
        return sound && exit == 0 ? bytes : nil
    }
}
