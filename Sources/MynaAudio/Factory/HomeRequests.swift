internal import MynaStages

/// Makes home requests from templates, device names and rooms.
struct HomeRequests: Sendable {
    private struct Template: Sendable {
        var device: String
        var phrase: String
        var weight: Double
    }

    private let templates: [Template]
    private let devices: [String: [String]]
    private let durations: [String]
    private let media: [String]
    private let todos: [String]
    private let plain: PlainWords

    private static let rooms = [
        "kitchen", "living room", "bedroom", "bathroom", "hall", "hallway", "office", "study", "garage", "garden", "attic",
        "basement",
        "dining room", "guest room", "kids room", "nursery", "laundry room", "pantry", "porch", "patio", "balcony",
        "master bedroom",
        "den", "library", "workshop", "cellar", "conservatory", "entrance", "lounge", "playroom", "terrace", "shed",
        "utility room",
    ]
    private static let lamps = [
        "light", "lights", "lamp", "ceiling light", "floor lamp", "reading lamp", "desk lamp", "bedside lamp", "table lamp",
        "wall lights", "spotlights", "main light", "night light", "chandelier", "led strip",
    ]
    private static let things = [
        "fan", "ceiling fan", "heater", "air conditioner", "thermostat", "radiator", "blinds", "curtains", "shutters", "shades",
        "door", "front door", "back door", "garage door", "window", "television", "tv", "speaker", "radio", "music",
        "coffee machine",
        "kettle", "oven", "dishwasher", "washing machine", "dryer", "vacuum", "robot vacuum", "humidifier", "dehumidifier",
        "air purifier", "plug", "outlet", "switch", "alarm", "camera", "lock", "gate", "sprinkler", "heating", "sound bar",
    ]
    private static let colours = [
        "red", "green", "blue", "yellow", "orange", "purple", "pink", "white", "warm white", "cold white", "turquoise", "violet",
    ]
    private static let openings = [
        ("", 12.0), ("please ", 2), ("could you ", 1.5), ("can you ", 2), ("can you please ", 1), ("hey, ", 0.4), ("okay, ", 0.4),
        ("i want you to ", 0.4), ("would you ", 0.6), ("i'd like you to ", 0.3), ("now ", 0.3), ("and then ", 0.2),
    ]
    private static let endings = [
        ("", 12.0), (" please", 2), (" for me", 0.7), (" now", 0.6), (" right now", 0.3), (" again", 0.3), (" tonight", 0.2),
        (" will you", 0.2), (" thanks", 0.2), (" in ten minutes", 0.2), (" at seven", 0.1),
    ]

    /// Requests of our own, with slots in angle brackets.
    private static let patterns = [
        "turn on the <room> <lamp>", "turn off the <room> <lamp>", "turn the <room> <lamp> on", "turn the <room> <lamp> off",
        "switch on the <lamp> in the <room>", "switch off the <lamp> in the <room>", "lights on in the <room>",
        "turn on the <thing> in the <room>", "turn off the <thing> in the <room>", "turn off the <room> <thing>",
        "turn on the <room> <thing>", "switch the <thing> off", "dim the <room> <lamp>", "dim the <room> <lamp> to <percent>",
        "set the <room> <lamp> to <percent>", "make the <room> <lamp> <colour>", "change the <room> <lamp> to <colour>",
        "set the <lamp> in the <room> to <colour>", "brighten the <room> <lamp>", "make it brighter in the <room>",
        "turn everything off in the <room>", "turn off all the lights", "turn off all the lights in the <room>",
        "turn on all the lights upstairs", "open the <room> blinds", "close the <room> blinds", "open the <room> curtains",
        "close the curtains in the <room>", "close the blinds halfway", "set the blinds in the <room> to <percent>",
        "set the temperature to <degrees>", "set the <room> to <degrees>", "set the thermostat in the <room> to <degrees>",
        "make the <room> warmer", "make it cooler in the <room>", "it's too cold in the <room>", "it's too dark in here",
        "turn up the heating in the <room>", "turn down the heating", "what's the temperature in the <room>",
        "how warm is it in the <room>", "how cold is it outside", "is the <room> <lamp> on", "is the <thing> on in the <room>",
        "are the lights on in the <room>", "are any lights on", "is the <room> window open", "is the <room> door locked",
        "which lights are on", "which windows are open in the <room>", "did i leave the <thing> on", "is anyone in the <room>",
        "lock the <room> door", "lock the front door", "unlock the back door", "is the front door locked", "open the garage door",
        "close the garage door", "set a timer for <duration>", "set a <duration> timer", "start a timer for <duration>",
        "set a timer for <duration> called <thing>", "cancel the timer", "pause the timer", "how much time is left on the timer",
        "add <duration> to the timer", "remind me in <duration> to <todo>", "remind me to <todo>", "add <todo> to my list",
        "put milk on the shopping list", "what's on my shopping list", "play music in the <room>", "play some jazz in the <room>",
        "play <media>", "play <media> in the <room>", "pause the music", "stop the music in the <room>", "next song",
        "skip this song", "turn it up", "turn the volume up in the <room>", "set the volume to <percent>",
        "set the <room> speaker to <percent>", "mute the tv", "start the vacuum", "send the vacuum to the <room>",
        "vacuum the <room>", "send the vacuum home", "what time is it", "what's the weather tomorrow", "will it rain today",
        "turn on the fan for <duration>", "turn off the <thing> in <duration>", "turn on movie mode", "activate the <room> scene",
        "turn the <room> fan to <percent>", "turn on the <lamp> and the <thing>", "turn off the <lamp> and turn on the <thing>",
        "open the <room> window", "close all the blinds", "how humid is it in the <room>",
        "what is the <thing> in the <room> set to",
        "turn the <lamp> in the <room> to <colour> and <percent>", "cancel the alarm", "wake me up at seven", "good night",
        "i'm leaving the house", "i'm home", "undo that", "no the other one", "the one in the <room>",
        "not the <lamp> the <thing>",
        "do the same in the <room>", "what did you just turn on", "turn it off again", "make it a bit brighter",
    ]

    init(_ corpus: CorpusText, _ plain: PlainWords) throws(AudioError) {
        self.plain = plain
        var devices: [String: [String]] = [:]
        for row in try corpus.rows("home-llm/device_names.jsonl.xz") {
            guard let id = row["device_name"]?.string, let name = row["description"]?.string,
                let kind = id.split(separator: ".").first
            else { continue }
            devices[String(kind), default: []].append(name.lowercased())
        }
        self.devices = devices
        durations = try corpus.field("name", "home-llm/durations.jsonl.xz").map { $0.lowercased() }
        media = try corpus.lines("home-llm/media_names.txt.xz").compactMap { plain.spoken($0, words: 1...5) }.map {
            String($0.dropLast())
        }
        todos = try corpus.lines("home-llm/todo_items.txt.xz").compactMap { plain.spoken($0, words: 1...6) }.map {
            String($0.dropLast())
        }
        var templates: [Template] = []
        for (file, weight) in [("templated_actions", 1.0), ("status_requests", 0.5)] {
            for row in try corpus.rows("home-llm/\(file).jsonl.xz") {
                guard let phrase = row["phrase"]?.string, let device = row["device_type"]?.string else { continue }
                templates.append(Template(device: device, phrase: phrase.lowercased(), weight: weight))
            }
        }
        for row in try corpus.rows("home-llm/specific_actions.jsonl.xz") {
            guard let phrase = row["phrase"]?.string else { continue }
            templates.append(Template(device: "", phrase: phrase.lowercased(), weight: 0.4))
        }
        let own = templates.reduce(0) { $0 + $1.weight } * 1.5 / Double(HomeRequests.patterns.count)
        templates += HomeRequests.patterns.map { Template(device: "", phrase: $0, weight: own) }
        self.templates = templates
        let total = templates.reduce(0) { $0 + $1.weight }
        var sum = 0.0
        cumulative = templates.map {
            sum += $0.weight / total
            return sum
        }
    }

    private let cumulative: [Double]

    /// A request of `split`; nil where the draw fell into another split or cannot be spoken: draw again.
    func draw(_ split: DataSplit, _ random: inout FactoryRandom) -> String? {
        let point = random.uniform(0...1)
        let template = templates[min(templates.count - 1, cumulative.partitioningIndex { $0 >= point })]
        // Some templates are heard in no training sentence at all.
        if split == .train && DataSplit(of: template.phrase) != .train { return nil }
        guard let filled = fill(template, &random), let spoken = plain.spoken(filled, words: 1...20),
            DataSplit(of: PlainWords.text(spoken)) == split
        else { return nil }
        return spoken
    }

    private func fill(_ template: Template, _ random: inout FactoryRandom) -> String? {
        var text = template.phrase
        while let open = text.firstIndex(of: "<"), let close = text[open...].firstIndex(of: ">") {
            let slot = text[text.index(after: open)..<close]
            let value: String
            switch slot {
            case "device_name":
                guard let names = devices[template.device], !names.isEmpty else { return nil }
                value = random.pick(names)
            case "room": value = random.pick(HomeRequests.rooms)
            case "lamp": value = random.pick(HomeRequests.lamps)
            case "thing": value = random.pick(HomeRequests.things)
            case "color", "colour": value = random.pick(HomeRequests.colours)
            case "percent": value = PlainWords.number(5 * (1 + random.index(20))) + " percent"
            case "brightness", "volume", "humidity": value = PlainWords.number(5 * (1 + random.index(20)))
            case "degrees": value = PlainWords.number(15 + random.index(15)) + (random.chance(0.7) ? " degrees" : "")
            case "temp_c": value = PlainWords.number(15 + random.index(12))
            case "temp_f": value = PlainWords.number(60 + random.index(20))
            case "duration", "remaining":
                if random.chance(0.5) {
                    value = random.pick(durations)
                } else {
                    let n = 2 + random.index(58)
                    value = PlainWords.number(n) + random.pick([" minutes", " minutes", " seconds"])
                }
            case "media": value = random.pick(media)
            case "todo": value = random.pick(todos)
            case "fan_mode": value = random.pick(["low", "medium", "high", "auto"])
            case "hvac_mode": value = random.pick(["heat", "cool", "auto", "dry", "eco"])
            default: return nil
            }
            text.replaceSubrange(open...close, with: value)
        }
        // Questions and full sentences take no polite frame.
        let verb = text.prefix { $0 != " " }
        let framed: Set<Substring> = [
            "turn", "switch", "set", "dim", "open", "close", "make", "change", "play", "lock", "start", "stop", "raise", "lower",
            "shut",
            "add", "cancel", "pause", "remind", "put", "vacuum", "send", "brighten", "activate", "mute", "unlock", "skip",
        ]
        if framed.contains(verb) {
            let end = text.last.map { ".?!".contains($0) } == true
            if end { text.removeLast() }
            text = random.pick(HomeRequests.openings) + text + random.pick(HomeRequests.endings)
        }
        return text
    }
}

extension Array {
    /// The first index whose element satisfies `belongs`, where all that do stand at the end.
    func partitioningIndex(_ belongs: (Element) -> Bool) -> Int {
        var low = 0
        var high = count
        while low < high {
            let middle = (low + high) / 2
            if belongs(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
