public import MynaStages

/// What a home is made of: its people, places and entities with the states they start from.
public struct Home: Sendable, Equatable {
    public var id: String
    public var name: String
    public var units: Units
    /// An identifier such as `Europe/London`; nil where the file has none.
    public var timeZone: String?
    /// The home's own clock at the start, ISO 8601 with an offset; nil where the file has none.
    public var now: String?
    public var residents: [Resident]
    public var floors: [Floor]
    public var areas: [Area]
    public var entities: [Entity]

    public init(
        id: String, name: String, units: Units = .metric, timeZone: String? = nil, now: String? = nil,
        residents: [Resident] = [], floors: [Floor] = [], areas: [Area] = [], entities: [Entity] = []
    ) {
        self.id = id
        self.name = name
        self.units = units
        self.timeZone = timeZone
        self.now = now
        self.residents = residents
        self.floors = floors
        self.areas = areas
        self.entities = entities
    }

    /// The system of measures the people of a home think in.
    public enum Units: String, Sendable, CaseIterable { case metric, imperial }

    /// A person who lives in the home.
    public struct Resident: Sendable, Equatable {
        public var id: String
        public var name: String
        public var role: String?
        /// The area they mean by "my room".
        public var room: String?
        /// Services as `domain.service` that this person may not call.
        public var forbiddenCalls: [String]

        public init(id: String, name: String, role: String? = nil, room: String? = nil, forbiddenCalls: [String] = []) {
            self.id = id
            self.name = name
            self.role = role
            self.room = room
            self.forbiddenCalls = forbiddenCalls
        }
    }

    /// A storey.
    public struct Floor: Sendable, Equatable {
        public var id: String
        public var name: String
        public var aliases: [String]

        public init(id: String, name: String, aliases: [String] = []) {
            self.id = id
            self.name = name
            self.aliases = aliases
        }
    }

    /// A room or another place.
    public struct Area: Sendable, Equatable {
        public var id: String
        public var name: String
        public var aliases: [String]
        public var floor: String?

        public init(id: String, name: String, aliases: [String] = [], floor: String? = nil) {
            self.id = id
            self.name = name
            self.aliases = aliases
            self.floor = floor
        }
    }

    /// A device, sensor, list, scene or anything else that has a state.
    public struct Entity: Sendable, Equatable {
        /// `domain.name`.
        public var id: String
        public var name: String
        public var aliases: [String]
        public var area: String?
        /// Further areas under which the file lists it again.
        public var otherAreas: [String] = []
        public var domain: String
        public var state: EntityState
        /// What may be called on it, without its domain.
        public var services: [String]
        /// Services that need a spoken "yes" first.
        public var confirm: [String]
        /// The device it is a part of.
        public var device: String?

        public init(
            id: String, name: String, aliases: [String] = [], area: String? = nil, domain: String, state: EntityState,
            services: [String]? = nil, confirm: [String] = [], device: String? = nil
        ) {
            self.id = id
            self.name = name
            self.aliases = aliases
            self.area = area
            self.domain = domain
            self.state = state
            self.services = services ?? DomainServices.all[domain] ?? []
            self.confirm = confirm
            self.device = device
        }

        /// Every area it is in.
        public var areas: [String] { (area.map { [$0] } ?? []) + otherAreas }
        /// Name and aliases.
        public var names: [String] { [name] + aliases }
        /// What kind of its domain it is, such as `window` or `garage`.
        public var deviceClass: String? { state.attributes["device_class"]?.string }
    }

    /// The entity called `id`.
    public func entity(_ id: String) -> Entity? { entities.first { $0.id == id } }
    /// The area called `id`.
    public func area(_ id: String) -> Area? { areas.first { $0.id == id } }
    /// The resident called `id`.
    public func resident(_ id: String) -> Resident? { residents.first { $0.id == id } }
}

/// The services a domain has when a file does not say.
enum DomainServices {
    static let all: [String: [String]] = [
        "light": ["turn_on", "turn_off", "toggle"],
        "switch": ["turn_on", "turn_off", "toggle"],
        "input_boolean": ["turn_on", "turn_off", "toggle"],
        "automation": ["turn_on", "turn_off", "toggle", "trigger"],
        "siren": ["turn_on", "turn_off"],
        "humidifier": ["turn_on", "turn_off", "set_humidity", "set_mode"],
        "water_heater": ["turn_on", "turn_off", "set_temperature", "set_operation_mode"],
        "fan": ["turn_on", "turn_off", "set_percentage", "oscillate"],
        "climate": ["turn_on", "turn_off", "set_temperature", "set_hvac_mode", "set_preset_mode"],
        "cover": ["open_cover", "close_cover", "stop_cover", "set_cover_position"],
        "valve": ["open_valve", "close_valve", "stop_valve", "set_valve_position"],
        "lock": ["lock", "unlock"],
        "media_player": [
            "turn_on", "turn_off", "media_play", "media_pause", "media_stop", "media_next_track", "media_previous_track",
            "volume_set", "volume_up", "volume_down", "volume_mute", "play_media", "select_source",
        ],
        "vacuum": ["start", "pause", "stop", "return_to_base", "clean_area"],
        "lawn_mower": ["start_mowing", "pause", "dock"],
        "todo": ["add_item", "update_item", "complete_item", "remove_item", "get_items"],
        "calendar": ["create_event", "delete_event", "get_events"],
        "timer": ["start", "cancel", "pause", "resume", "change", "get_all"],
        "scene": ["turn_on"],
        "script": ["turn_on"],
        "button": ["press"],
        "input_button": ["press"],
        "number": ["set_value"],
        "input_number": ["set_value"],
        "select": ["select_option"],
        "input_select": ["select_option"],
        "alarm_control_panel": ["alarm_arm_home", "alarm_arm_away", "alarm_arm_night", "alarm_disarm"],
    ]
}
