public import Foundation
public import MynaText

extension RequestVocabulary {
    /// The built-in words with names, things and requests from the shared text corpora in `data`.
    public init(contentsOf data: URL) throws(TextFileError) {
        self = .builtIn
        let text = data.appending(path: "text")
        try addNames(text)
        try addLists(text.appending(path: "corpora-lists/lists.jsonl.xz"))
        try addSoundalikes(text.appending(path: "cmudict/cmudict.dict.xz"))
        corpora = try RequestCorpora.read(text)
        try addSlotValues(text)
    }

    private mutating func addNames(_ text: URL) throws(TextFileError) {
        for file in ["names/female.txt.xz", "names/male.txt.xz"] {
            add(try TextFile.lines(text.appending(path: file)).map(String.init), to: "names", wordLimit: 1)
        }
        add(try TextFile.lines(text.appending(path: "home-llm/todo_items.txt.xz")).map(String.init), to: "chores")
        add(
            try TextFile.lines(text.appending(path: "home-llm/media_names.txt.xz")).map(String.init), to: "music",
            wordLimit: 4)
        var described: [String: [String]] = [:]
        struct Device: Decodable {
            var device_name: String
            var description: String
        }
        for device in try TextFile.rows(text.appending(path: "home-llm/device_names.jsonl.xz"), as: Device.self) {
            let list: String? =
                switch device.device_name.prefix(while: { $0 != "." }) {
                case "light": "lightnames"
                case "switch": "appliances"
                case "fan": "fannames"
                case "climate": "climatenames"
                case "media_player": "medianames"
                case "blinds": "covernames"
                case "lock": "locknames"
                case "vacuum": "robotnames"
                case "todo": "lists"
                default: nil
                }
            if let list { described[list, default: []].append(device.description) }
        }
        for (list, descriptions) in described { add(descriptions, to: list) }
    }

    /// Which of the public word lists stand for what.
    private static let wordLists: [String: [String]] = [
        "architecture/rooms": ["oddrooms"], "architecture/passages": ["oddrooms"], "objects/objects": ["objects"],
        "objects/clothing": ["objects"], "objects/containers": ["objects"], "animals/common": ["objects"],
        "plants/flowers": ["objects"],
        "animals/dinosaurs": ["objects"], "music/instruments": ["objects"], "technology/appliances": ["appliances"],
        "foods/fruits": ["foods"], "foods/vegetables": ["foods"], "foods/herbs_n_spices": ["foods"], "foods/menuItems": ["foods"],
        "foods/breads_and_pastries": ["foods"], "foods/condiments": ["foods"], "foods/fish": ["foods"],
        "foods/pizzaToppings": ["foods"],
        "foods/sandwiches": ["foods"], "foods/tea": ["foods"], "foods/iba_cocktails": ["foods", "objects"],
        "foods/curds": ["foods"],
        "foods/sausages": ["foods"], "foods/shellfish": ["foods"], "foods/poultry": ["foods"], "music/genres": ["music"],
        "film-tv/popular-movies": ["music"], "film-tv/tv_shows": ["music"], "music/mtv_day_one": ["music"],
        "music/rock_hall_of_fame": ["music"], "books/bestsellers": ["music"], "geography/us_cities": ["cities"],
        "geography/english_towns_cities": ["cities"], "geography/countries": ["cities"], "geography/norwegian_cities": ["cities"],
        "colors/xkcd": ["colors"], "colors/crayola": ["colors"], "humans/moods": ["scenes"],
        "humans/descriptions": ["adjectives"],
        "sports/sports": ["scenes", "events"], "humans/firstNames": ["names"], "mythology/greek_gods": ["objects"],
        "mythology/norse_gods": ["objects"], "science/planets": ["objects"], "humans/familyRelations": ["relations"],
        "games/board_games": ["objects"], "animals/dog_names": ["names"],
        "transportation/commercial-aircraft": [], "corporations/cars": ["brands"], "science/weather_conditions": ["scenes"],
    ]

    private mutating func addLists(_ file: URL) throws(TextFileError) {
        for line in try TextFile.lines(file) {
            let object: Any
            do {
                object = try JSONSerialization.jsonObject(with: Data(line.utf8))
            } catch {
                throw .unreadable(file.path, "\(error)")
            }
            guard let row = object as? [String: Any], let path = row["path"] as? String, let lists = Self.wordLists[path],
                let data = row["data"]
            else { continue }
            var texts: [String] = []
            Self.collect(data, into: &texts)
            for list in lists { add(texts, to: list, wordLimit: list == "music" ? 5 : 3) }
        }
    }

    /// All texts inside a list's data: entries are texts, or objects with a name among other things.
    private static func collect(_ value: Any, into texts: inout [String]) {
        switch value {
        case let text as String: if text.count < 40 { texts.append(text) }
        case let list as [Any]: for element in list { collect(element, into: &texts) }
        case let object as [String: Any]:
            if let name = (object["name"] ?? object["title"] ?? object["color"] ?? object["artist"]) as? String {
                texts.append(name)
            } else {
                for key in object.keys.sorted() where !["description", "source"].contains(key) {
                    collect(object[key]!, into: &texts)
                }
            }
        default: break
        }
    }

    /// Names of songs and playlists that people asked for, from annotated requests.
    private mutating func addSlotValues(_ text: URL) throws(TextFileError) {
        var music: [String] = []
        var cities: [String] = []
        for row in try TextFile.rows(text.appending(path: "snips/utterances.jsonl.xz"), as: RequestCorpora.SnipsRow.self) {
            for slot in row.slots {
                switch slot.type {
                case "artist", "track", "album", "playlist", "genre": music.append(slot.value)
                case "city": cities.append(slot.value)
                default: break
                }
            }
        }
        add(music, to: "music", wordLimit: 5)
        add(cities, to: "cities", wordLimit: 3)
    }

    /// Words that differ in at most one sound, among the words that requests are made of.
    private mutating func addSoundalikes(_ file: URL) throws(TextFileError) {
        var common = Set(Self.builtIn.entries.filter { $0.key != "names" }.values.joined().joined())
        for node in RequestTemplates.all.patterns.nodes { if case .word(let word) = node { common.insert(word) } }
        let words = common.union(entries.values.joined().joined())
        var sounds: [(word: String, sounds: [Substring])] = []
        var seen: Set<String> = []
        for line in try TextFile.lines(file) {
            let first = String(line.prefix { $0 != " " })
            guard words.contains(first), seen.insert(first).inserted else { continue }
            let fields = line.split(separator: " ").prefix { $0 != "#" }
            sounds.append((first, fields.dropFirst().map { $0.prefix { !$0.isNumber } }))
        }
        var buckets: [String: [String]] = [:]
        for entry in sounds where entry.sounds.count >= 3 {
            for index in entry.sounds.indices {
                var pattern = entry.sounds
                pattern[index] = "*"
                buckets[pattern.joined(separator: " "), default: []].append(entry.word)
            }
        }
        // A recogniser takes a rare word for a common one, seldom the other way about.
        for bucket in buckets.values where bucket.count > 1 {
            let heard = bucket.filter(common.contains)
            for word in bucket { soundalikes[word, default: []] += heard.filter { $0 != word } }
        }
        for (word, others) in soundalikes { soundalikes[word] = Set(others).subtracting(Self.opposites[word] ?? []).sorted() }
    }

    /// Words that sound alike and mean the contrary are never taken for each other.
    private static let opposites: [String: Set<String>] = [
        "off": ["on", "of"], "on": ["off", "in", "an"], "up": ["down"], "open": [], "lock": ["unlock"], "hot": ["cold"],
        "warmer": [], "higher": [], "lower": [], "all": [], "mute": [], "cool": ["heat"], "heat": ["cool"], "in": ["on"],
    ]
}
