public import Foundation
public import MynaStages

/// One service to call on one entity.
public struct ServiceCall: Sendable, Equatable {
    /// `domain.service`.
    public var name: String
    public var entity: String
    public var data: [String: Value]
    /// When the call takes an earlier one back: what the entity was before that. A home that can set it exactly does.
    public var restoring: EntityState?

    public init(_ name: String, on entity: String, _ data: [String: Value] = [:], restoring: EntityState? = nil) {
        self.name = name
        self.entity = entity
        self.data = data
        self.restoring = restoring
    }

    /// The service without its domain.
    public var service: String { String(name.split(separator: ".", maxSplits: 1).last ?? "") }

    /// What events report: the data and the entity.
    public var arguments: [String: Value] {
        var arguments = data
        arguments["entity_id"] = .string(entity)
        return arguments
    }
}

/// Why a home did not do what was called.
public enum ServiceError: Error, Equatable, CustomStringConvertible {
    case unknownEntity(String)
    /// The entity does not offer the service.
    case unsupported(service: String, entity: String)
    case missingArgument(String, service: String)
    case outOfRange(argument: String, value: Double, low: Double, high: Double, entity: String)
    case notAllowed(argument: String, value: String, allowed: [String], entity: String)
    /// There is no such list item, event or timer.
    case notFound(String, entity: String)
    /// The home named so is not there at the moment.
    case unreachable(String)
    /// The home knows the service and would not do it, for a reason in its own words.
    case refused(entity: String, reason: String)
    /// The home took the call and said nothing more.
    case unanswered(service: String, entity: String)
    /// Nothing of this program is left once the request is answered, so nothing can be done later.
    case cannotWait

    public var description: String {
        switch self {
        case .unknownEntity(let entity): "there is no entity \(entity)"
        case .unsupported(let service, let entity): "\(entity) has no service \(service)"
        case .missingArgument(let argument, let service): "\(service) needs \(argument)"
        case .outOfRange(let argument, let value, let low, let high, let entity):
            "\(argument) \(value) is outside \(low) to \(high) of \(entity)"
        case .notAllowed(let argument, let value, let allowed, let entity):
            "\(argument) \(value) is not one of \(allowed.joined(separator: ", ")) of \(entity)"
        case .notFound(let item, let entity): "\(entity) has no \(item)"
        case .unreachable(let home): "\(home) cannot be reached"
        case .refused(let entity, let reason): "\(entity) was refused: \(reason)"
        case .unanswered(let service, let entity): "\(service) on \(entity) was not answered"
        case .cannotWait: "nothing can be done later: the program ends with its answer"
        }
    }
}

/// A timer that runs in a home.
public struct HomeTimer: Sendable, Equatable {
    public var entity: String
    public var name: String?
    /// What it was set for.
    public var seconds: Double
    public var remaining: Double
    public var isPaused: Bool
    /// Where it was set, if that is known.
    public var area: String?
}

/// A home that can be looked at and acted on: the virtual one, or a real one behind an interface.
public protocol HomeBackend: Sendable {
    /// The home as it is now, states included.
    func home() async throws -> Home
    /// The state of one entity, read anew.
    func state(of entity: String) async throws -> EntityState
    /// The state of one entity once `isReached` holds of it, or as it is when the home has had time enough.
    func state(of entity: String, once isReached: @Sendable (EntityState) -> Bool) async throws -> EntityState
    /// Calls one service; returns once the home has taken it.
    func call(_ call: ServiceCall) async throws
    /// Makes the calls once `delay` has passed on the home's clock; returns what they are cancelled by.
    func schedule(_ calls: [ServiceCall], after delay: Duration) async throws -> Int
    /// Forgets calls that were scheduled and are not yet due.
    func cancelScheduled(_ id: Int) async throws
    /// The timers that run or are paused.
    func timers() async throws -> [HomeTimer]
    /// The home's clock.
    func now() async throws -> Date
}

extension HomeBackend {
    /// For homes whose states change with the call.
    public func state(of entity: String, once isReached: @Sendable (EntityState) -> Bool) async throws -> EntityState {
        try await state(of: entity)
    }
}
