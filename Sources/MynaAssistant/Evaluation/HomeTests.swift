import MynaStages
import Yams

/// Tasks for an assistant in one home, in the `home-tests/1` form; the comments of
/// ../shared/formats/home-tests.example.yaml define what passes.
public struct HomeTests: Sendable {
    /// The id of the home they are for.
    public var home: String
    public var tasks: [Task]

    /// One thing to ask for in several ways, or one conversation.
    public struct Task: Sendable {
        public var id: String
        public var category: String
        public var label: String?
        /// Alternatives, each for a fresh home; a conversation has none.
        public var sentences: [String]
        /// What is said in order, where the task is a conversation.
        public var turns: [Turn]
        public var speaker: String?
        public var area: String?
        var setup: [String: StateOverlay]
        var extraAreas: [Home.Area]
        var extraEntities: [Home.Entity]
        var expect: Expectation

        /// Whether its outcome can be checked by what the home or the reply shows.
        public var isCheckable: Bool {
            expect.isCheckable || turns.contains { $0.expect?.isCheckable ?? false }
        }
    }

    /// One thing said in a conversation, and what must be so after it.
    public struct Turn: Sendable {
        public var say: String
        var expect: Expectation?
    }

    /// Reads the tests at `path` for `home`.
    public static func read(at path: String, for home: Home) throws(HomeError) -> HomeTests {
        try tests(from: HomeFile.text(at: path), file: path, for: home)
    }

    /// The tests in `text`; `file` is how errors name it.
    public static func tests(from text: String, file: String, for home: Home) throws(HomeError) -> HomeTests {
        let fields = try FieldReader.read(text, file: file)
        let format = try fields.string("format")
        guard format == "home-tests/1" else {
            throw fields.error("format", .notAllowed(value: format, allowed: ["home-tests/1"]))
        }
        try fields.only(["format", "home", "tasks"])
        let id = try fields.string("home")
        guard id == home.id else { throw fields.error("home", .notAllowed(value: id, allowed: [home.id])) }
        var tasks: [Task] = []
        var taken: Set<String> = []
        for fields in try fields.mappings("tasks") {
            let task = try task(fields, home)
            if !taken.insert(task.id).inserted { throw fields.error("id", .duplicate(value: task.id)) }
            tasks.append(task)
        }
        return HomeTests(home: id, tasks: tasks)
    }

    private static func task(_ fields: FieldReader, _ home: Home) throws(HomeError) -> Task {
        try fields.only([
            "id", "category", "label", "sentences", "turns", "setup", "speaker", "area", "device", "extra_areas",
            "extra_entities", "expect",
        ])
        var extraAreas: [Home.Area] = []
        for fields in try fields.mappings("extra_areas") { extraAreas.append(try HomeFile.area(fields, taken: [], floors: [])) }
        let areas = Set((home.areas + extraAreas).map(\.id))
        let extraEntities = try HomeFile.entities(fields.mappings("extra_entities"), areas: areas, taken: [])
        let entities = Set((home.entities + extraEntities).map(\.id))
        var setup: [String: StateOverlay] = [:]
        if let overlays = try fields.mappingIfPresent("setup") {
            for id in overlays.keys {
                guard entities.contains(id) else { throw overlays.error(id, .unknownReference(value: id, kind: "entity")) }
                guard let overlay = try overlays.mappingIfPresent(id) else { throw overlays.error(id, .missing) }
                try overlay.only(["state", "attributes"])
                setup[id] = StateOverlay(
                    state: try overlay.stringIfPresent("state"), attributes: try overlay.values("attributes"))
            }
        }
        let speaker = try fields.stringIfPresent("speaker")
        if let speaker, home.resident(speaker) == nil {
            throw fields.error("speaker", .unknownReference(value: speaker, kind: "resident"))
        }
        let area = try fields.stringIfPresent("area")
        if let area, !areas.contains(area) { throw fields.error("area", .unknownReference(value: area, kind: "area")) }
        var turns: [Turn] = []
        for fields in try fields.mappings("turns") {
            try fields.only(["say", "expect"])
            turns.append(
                Turn(say: try fields.string("say"), expect: try fields.mappingIfPresent("expect").map(Expectation.init(fields:))))
        }
        let sentences = try fields.strings("sentences")
        if sentences.isEmpty == turns.isEmpty { throw fields.error("sentences", .missing) }
        guard let expected = try fields.mappingIfPresent("expect") else { throw fields.error("expect", .missing) }
        let expect = try Expectation(fields: expected)
        for id in expect.entities where !entities.contains(id) {
            throw expected.error("changes", .unknownReference(value: id, kind: "entity"))
        }
        return Task(
            id: try fields.string("id"), category: try fields.string("category"),
            label: try fields.stringIfPresent("label") ?? expect.label, sentences: sentences, turns: turns, speaker: speaker,
            area: area,
            setup: setup, extraAreas: extraAreas, extraEntities: extraEntities, expect: expect)
    }
}

extension Optional where Wrapped == FieldReader {
    /// `map` that keeps the error's type.
    fileprivate func map<T>(_ transform: (FieldReader) throws(HomeError) -> T) throws(HomeError) -> T? {
        guard let self else { return nil }
        return try transform(self)
    }
}
