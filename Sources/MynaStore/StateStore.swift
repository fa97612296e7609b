public import Foundation
internal import GRDB
public import MynaStages

/// Why what is kept could not be read or written.
public enum StoreError: Error, Equatable, CustomStringConvertible {
    case cannotOpen(String, reason: String)
    /// Another program keeps its state in the same folder now.
    case inUse(String)
    case damaged(String, reason: String)
    case cannotWrite(String, reason: String)

    public var description: String {
        switch self {
        case .cannotOpen(let path, let reason): "\(path): the state cannot be kept there: \(reason)"
        case .inUse(let path):
            "\(path): another myna keeps its state there; end it, or set MYNA_STATE to another folder"
        case .damaged(let path, let reason): "\(path): what was kept cannot be read: \(reason)"
        case .cannotWrite(let path, let reason): "\(path): the state could not be written: \(reason)"
        }
    }
}

/// What a home's lists, calendars and timers are, and what is to be done later.
public struct KeptState: Sendable, Equatable {
    public var entities: [String: EntityState] = [:]
    public var timers: [KeptTimer] = []
    public var scheduled: [KeptCalls] = []

    public init() {}
}

/// A timer, by the moment it ends rather than by what is left of it.
public struct KeptTimer: Sendable, Equatable, Codable {
    public var entity: String
    public var name: String?
    public var seconds: Double
    /// When it ends; nil while it is paused.
    public var due: Date?
    /// What is left while it is paused.
    public var remaining: Double
    public var area: String?
}

/// Calls that are to be made at a moment.
public struct KeptCalls: Sendable, Equatable, Codable {
    public var id: Int
    public var due: Date
    public var calls: [Call]

    /// A service call without what it takes back: by then that is no longer so.
    public struct Call: Sendable, Equatable, Codable {
        public var name: String
        public var entity: String
        public var data: [String: Value]
    }
}

/// Keeps states in an SQLite file: what ``save(_:home:)`` has returned from is there after any end of the program.
public final class StateStore: Sendable {
    private let path: String
    private let database: DatabaseQueue
    /// Held as long as the store: its lock goes with the program, however that ends.
    private let lock: FolderLock

    /// Opens the store in `folder`, which is made where it is missing.
    public init(folder: String) throws(StoreError) {
        path = folder
        do {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        } catch { throw .cannotOpen(folder, reason: "the folder cannot be made") }
        lock = try FolderLock(folder)
        do {
            var configuration = Configuration()
            configuration.prepareDatabase { database in
                // A commit returns once the disk has it; SQLite's default in this mode would wait less.
                try database.execute(sql: "PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL")
            }
            database = try DatabaseQueue(path: folder + "/state.sqlite", configuration: configuration)
            var migrator = DatabaseMigrator()
            migrator.registerMigration("1") { database in
                try database.create(table: "entity") { table in
                    table.column("home", .text).notNull()
                    table.column("id", .text).notNull()
                    table.column("state", .text).notNull()
                    table.primaryKey(["home", "id"])
                }
                for name in ["timer", "scheduled"] {
                    try database.create(table: name) { table in
                        table.column("home", .text).notNull()
                        table.column("position", .integer).notNull()
                        table.column("value", .text).notNull()
                        table.primaryKey(["home", "position"])
                    }
                }
            }
            try migrator.migrate(database)
        } catch { throw .cannotOpen(folder, reason: Self.reason(error)) }
    }

    /// What is kept of the home called `home`; empty for one that was never saved.
    public func state(of home: String) throws(StoreError) -> KeptState {
        do {
            return try database.read { database in
                var state = KeptState()
                for row in try Row.fetchAll(
                    database, sql: "SELECT id, state FROM entity WHERE home = ?", arguments: [home])
                {
                    state.entities[row["id"]] = try Self.read(row["state"])
                }
                func rows(_ table: String) throws -> [String] {
                    try String.fetchAll(
                        database, sql: "SELECT value FROM \(table) WHERE home = ? ORDER BY position",
                        arguments: [home])
                }
                state.timers = try rows("timer").map { try Self.read($0) }
                state.scheduled = try rows("scheduled").map { try Self.read($0) }
                return state
            }
        } catch { throw .damaged(path, reason: Self.reason(error)) }
    }

    /// Keeps `state` in place of what was kept of `home`, whole or not at all; returns once it is on the disk.
    public func save(_ state: KeptState, home: String) throws(StoreError) {
        do {
            try database.write { database in
                for table in ["entity", "timer", "scheduled"] {
                    try database.execute(sql: "DELETE FROM \(table) WHERE home = ?", arguments: [home])
                }
                for (id, entity) in state.entities {
                    try database.execute(
                        sql: "INSERT INTO entity (home, id, state) VALUES (?, ?, ?)",
                        arguments: [home, id, try Self.text(entity)])
                }
                func insert(_ table: String, _ values: [some Encodable]) throws {
                    for (position, value) in values.enumerated() {
                        try database.execute(
                            sql: "INSERT INTO \(table) (home, position, value) VALUES (?, ?, ?)",
                            arguments: [home, position, try Self.text(value)])
                    }
                }
                try insert("timer", state.timers)
                try insert("scheduled", state.scheduled)
            }
        } catch { throw .cannotWrite(path, reason: Self.reason(error)) }
    }

    private static func text(_ value: some Encodable) throws -> String {
        String(decoding: try JSONEncoder().encode(value), as: UTF8.self)
    }

    private static func read<Kept: Decodable>(_ text: String) throws -> Kept {
        try JSONDecoder().decode(Kept.self, from: Data(text.utf8))
    }

    private static func reason(_ error: any Error) -> String {
        (error as? DatabaseError)?.message ?? "\(error)"
    }
}

/// A lock on a folder that ends with the program.
private final class FolderLock: Sendable {
    private let descriptor: Int32

    init(_ folder: String) throws(StoreError) {
        let opened = open(folder + "/lock", O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard opened >= 0 else {
            throw .cannotOpen(folder, reason: String(cString: strerror(errno)))
        }
        guard flock(opened, LOCK_EX | LOCK_NB) == 0 else {
            close(opened)
            throw .inUse(folder)
        }
        descriptor = opened
    }

    deinit { close(descriptor) }
}
