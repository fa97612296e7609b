internal import Foundation
internal import MynaText

/// Requests that people wrote, from annotated corpora, as far as their notes say what we need.
enum RequestCorpora {
    struct Entity: Decodable {
        var type: String
        var value: String
    }

    /// hwu64 and slurp.
    struct IntentRow: Decodable {
        var text: String
        var intent: String
        var entities: [Entity]
    }

    struct SnipsRow: Decodable {
        var intent: String
        var text: String
        var slots: [Entity]
    }

    private struct ClincRow: Decodable {
        var text: String
        var intent: String
    }

    private struct QuestionRow: Decodable {
        var q: String
        var open: Bool?
    }

    private struct TalkRow: Decodable {
        var language: String
        var topic: String
        var turns: [String]
    }

    private struct ChatRow: Decodable {
        /// Who speaks, and what.
        struct Turn: Decodable {
            var text: String

            init(from decoder: any Decoder) throws {
                var parts = try decoder.unkeyedContainer()
                _ = try parts.decode(Int.self)
                text = try parts.decode(String.self)
            }
        }

        var turns: [Turn]
    }

    static func read(_ text: URL) throws(TextFileError) -> [RequestVocabulary.Corpus] {
        var asked: [RequestDraft] = []
        var told: [RequestDraft] = []
        var outside: [RequestDraft] = []
        var home: [RequestDraft] = []
        func sort(_ draft: RequestDraft) {
            switch draft.actions[0] {
            case "knowledge": asked.append(draft)
            case "chat": told.append(draft)
            case "unsupported": outside.append(draft)
            default: home.append(draft)
            }
        }
        for file in ["hwu64/utterances.jsonl.xz", "slurp/devel.jsonl.xz", "slurp/test-rest.jsonl.xz"] {
            for row in try TextFile.rows(text.appending(path: file), as: IntentRow.self) { draft(row).map(sort) }
        }
        for row in try TextFile.rows(text.appending(path: "clinc150/utterances.jsonl.xz"), as: ClincRow.self) {
            draft(row).map(sort)
        }
        for row in try TextFile.rows(text.appending(path: "snips/utterances.jsonl.xz"), as: SnipsRow.self) {
            draft(row).map(sort)
        }
        for file in ["nq-open/nq-open.jsonl.xz", "webquestions/webquestions.jsonl.xz", "trivia/opentriviaqa.jsonl.xz"] {
            // Every third quiz question is plenty.
            let share: UInt64 = file.hasPrefix("trivia") ? 3 : 1
            for row in try TextFile.rows(
                text.appending(path: file), as: QuestionRow.self, where: { share == 1 || splitHash($0) % share == 0 })
            where row.open != false {
                if let words = RequestVocabulary.words(row.q), words.count <= 14 { asked.append(.init(words, "knowledge")) }
            }
        }
        for row in try TextFile.rows(text.appending(path: "chatterbot/conversations.jsonl.xz"), as: TalkRow.self)
        where row.language == "en" {
            guard let first = row.turns.first, let words = RequestVocabulary.words(first), words.count <= 14 else { continue }
            switch row.topic.lowercased() {
            case "trivia", "history", "science", "literature", "sports", "geography", "movies", "food", "computers", "money":
                asked.append(.init(words, "knowledge"))
            case "greetings", "humor", "botprofile", "emotion", "ai", "health", "conversations", "personal", "psychology":
                break  // too mixed: greetings, jokes and questions about the speaker share a topic
            default: break
            }
        }
        for row in try TextFile.rows(
            text.appending(path: "persona-chat/synthetic-persona-chat.jsonl.xz"), as: ChatRow.self)
        {
            for turn in row.turns.prefix(6).map(\.text) {
                guard let words = RequestVocabulary.words(turn), words.count <= 10, words[0] == "i" || words[0] == "my" else {
                    continue
                }
                told.append(.init(words, "chat", [(.kind, "other")]))
            }
        }
        return [
            .init(kind: "knowledge", weight: 8, requests: asked), .init(kind: "chat", weight: 5, requests: told),
            .init(kind: "unsupported", weight: 9, requests: outside), .init(kind: "home", weight: 9, requests: home),
        ]
    }

    // MARK: hwu64 and slurp

    private static func draft(_ row: IntentRow) -> RequestDraft? {
        guard let words = RequestVocabulary.words(row.text), words.count <= 18 else { return nil }
        var draft = RequestDraft(words, "unsupported")
        switch row.intent {
        case "qa_factoid", "qa_definition", "qa_maths", "qa_currency", "cooking_recipe": return .init(words, "knowledge")
        case "general_joke": return .init(words, "chat", [(.kind, "joke")])
        case "general_praise", "general_affirm": return .init(words, "chat", [(.kind, "praise")])
        case _
        where row.intent.hasPrefix("email_") || row.intent.hasPrefix("social_") || row.intent.hasPrefix("takeaway_")
            || row.intent.hasPrefix("transport_") || row.intent.hasPrefix("recommendation_"):
            return draft
        case "qa_stock", "news_query", "play_game": return draft
        case "weather_query":
            draft.actions = ["ask_weather"]
            draft.fill(.place, covering: row.entities, types: ["place_name"])
            draft.fill(.time, covering: row.entities, types: ["date", "time", "timeofday"])
            return draft
        case "datetime_query":
            let says = Set(words)
            if says.contains("time") {
                draft.actions = ["ask_time"]
            } else if !says.isDisjoint(with: ["day", "date", "month", "year"]) {
                draft.actions = ["ask_date"]
            } else {
                return nil
            }
            draft.fill(.place, covering: row.entities, types: ["place_name"])
            draft.fill(.time, covering: row.entities, types: ["date"])
            return draft
        case "alarm_set", "alarm_remove", "alarm_query":
            guard let alarm = words.firstIndex(where: { $0 == "alarm" || $0 == "alarms" }) else { return nil }
            draft.actions = [
                row.intent == "alarm_set" ? "event_create" : row.intent == "alarm_remove" ? "event_delete" : "event_read"
            ]
            draft.fill(.item, alarm..<(alarm + 1))
            draft.fill(.time, covering: row.entities, types: ["date", "time", "timeofday"])
            return draft
        case "calendar_set", "calendar_remove", "calendar_query":
            draft.actions = [
                row.intent == "calendar_set" ? "event_create" : row.intent == "calendar_remove" ? "event_delete" : "event_read"
            ]
            draft.fill(.item, covering: row.entities, types: ["event_name"])
            guard row.intent != "calendar_set" || !draft.spans.isEmpty else { return nil }
            draft.fill(.time, covering: row.entities, types: ["date", "time", "timeofday"])
            return draft.spans.isEmpty && Set(words).isDisjoint(with: ["calendar", "schedule", "events", "agenda"]) ? nil : draft
        case "lists_query":
            draft.actions = ["list_read"]
            guard let list = row.entities.first(where: { $0.type == "list_name" }), let range = draft.range(of: list.value) else {
                return nil
            }
            let end =
                range.upperBound < words.count && words[range.upperBound] == "list" ? range.upperBound + 1 : range.upperBound
            draft.fill(.list, range.lowerBound..<end)
            return draft
        case "music_query":
            guard words.contains("playing"), row.entities.isEmpty else { return nil }
            return .init(words, "ask", [(.question, "what"), (.property, "media")])
        case "audio_volume_up", "audio_volume_down":
            guard row.entities.isEmpty, words.contains("volume"), Set(words).isDisjoint(with: ["percent", "to", "by", "and"])
            else { return nil }
            return .init(words, "adjust", [(.property, "volume"), (.direction, row.intent == "audio_volume_up" ? "up" : "down")])
        case "play_music", "play_radio", "play_podcasts", "play_audiobook":
            return played(
                &draft, row.entities,
                notTypes: ["device_type", "house_place", "player_setting", "time", "date", "timeofday", "order_type"])
        case "general_commandstop":
            guard words.contains("cancel") || words.contains("forget"), !words.contains("stop") else { return nil }
            return .init(words, "cancel")
        case "iot_cleaning":
            guard !words.contains("how"),
                let word = words.firstIndex(where: { ["vacuum", "robot", "hoover", "roomba"].contains($0) }),
                !Set(words).isDisjoint(with: ["start", "run", "begin"]),
                Set(words).isDisjoint(with: ["stop", "off", "at", "every"])
            else { return nil }
            draft.actions = ["start"]
            let cleaner = words[word...].prefix { ["vacuum", "robot", "cleaner", "hoover", "roomba", "bot"].contains($0) }
            draft.fill(.target, cleaner.startIndex..<cleaner.endIndex)
            return draft
        default: return nil
        }
    }

    /// What is to be played: from the first named thing to the last, with what stands between the verb and it.
    private static func played(_ draft: inout RequestDraft, _ entities: [Entity], notTypes: Set<String>) -> RequestDraft? {
        let verbs: Set<String> = ["play", "hear", "playing", "start", "shuffle"]
        guard let verb = draft.words.firstIndex(where: verbs.contains), verb <= 5,
            var range = draft.cover(entities.filter { !notTypes.contains($0.type) }.map(\.value), gap: 4), range.lowerBound > verb
        else { return nil }
        var start = verb + 1
        while start < range.lowerBound, ["me", "us", "some", "the", "a", "my", "something"].contains(draft.words[start]) {
            start += 1
        }
        if start < range.lowerBound, range.lowerBound - start <= 4 { range = start..<range.upperBound }
        if range.upperBound < draft.words.count,
            ["music", "song", "songs", "album", "playlist", "radio"].contains(draft.words[range.upperBound])
        {
            range = range.lowerBound..<(range.upperBound + 1)
        }
        // What follows must be nothing that we would have to understand.
        guard
            Set(draft.words[range.upperBound...]).isSubset(of: [
                "please", "now", "for", "me", "on", "spotify", "youtube", "itunes",
            ])
        else { return nil }
        draft.actions = ["play"]
        draft.fill(.item, range)
        return draft
    }

    // MARK: snips and clinc150

    private static func draft(_ row: SnipsRow) -> RequestDraft? {
        guard let words = RequestVocabulary.words(row.text), words.count <= 16 else { return nil }
        var draft = RequestDraft(words, "unsupported")
        switch row.intent {
        case "PlayMusic": return played(&draft, row.slots, notTypes: ["service"])
        case "GetWeather":
            draft.actions = ["ask_weather"]
            draft.fill(.place, covering: row.slots, types: ["city", "state", "country", "geographic_poi"])
            draft.fill(.time, covering: row.slots, types: ["timeRange"])
            return draft
        case "SearchCreativeWork", "SearchScreeningEvent":
            return Set(words).isDisjoint(with: ["play", "watch", "hear", "listen", "playing", "show", "see"]) ? draft : nil
        case "BookRestaurant", "RateBook", "AddToPlaylist": return draft
        default: return nil
        }
    }

    private static let clincTalk: [String: String] = [
        "greeting": "greeting", "goodbye": "goodbye", "thank_you": "thanks", "tell_joke": "joke", "what_is_your_name": "name",
        "are_you_a_bot": "name", "who_made_you": "maker", "who_do_you_work_for": "maker", "where_are_you_from": "maker",
        "how_old_are_you": "maker", "what_can_i_ask_you": "capability", "do_you_have_pets": "other",
        "what_are_your_hobbies": "other",
        "meaning_of_life": "other", "flip_coin": "other", "roll_dice": "other", "fun_fact": "other",
    ]
    private static let clincKnowledge: Set<String> = [
        "definition", "spelling", "translate", "calculator", "measurement_conversion", "nutrition_info", "calories", "recipe",
        "ingredient_substitution", "ingredients_list", "cook_time", "food_last", "timezone", "distance", "exchange_rate",
        "next_holiday",
    ]
    private static let clincSimple: [String: String] = [
        "yes": "yes", "no": "no", "cancel": "cancel", "weather": "ask_weather", "time": "ask_time", "date": "ask_date",
    ]
    /// Subjects that overlap with what a home does, where the notes say too little.
    private static let clincSkipped: Set<String> = [
        "smart_home", "reminder", "reminder_update", "alarm", "calendar", "calendar_update", "todo_list", "todo_list_update",
        "shopping_list", "shopping_list_update", "play_music", "next_song", "change_volume", "what_song", "timer", "repeat",
        "maybe",
        "oos", "update_playlist", "meeting_schedule", "schedule_meeting", "whisper_mode", "reset_settings", "sync_device",
        "find_phone",
        "change_speed", "user_name", "change_user_name", "change_ai_name", "current_location", "time", "date", "weather",
    ]

    private static func draft(_ row: ClincRow) -> RequestDraft? {
        guard let words = RequestVocabulary.words(row.text), words.count <= 16 else { return nil }
        if let kind = clincTalk[row.intent] { return .init(words, "chat", [(.kind, kind)]) }
        if clincKnowledge.contains(row.intent) { return .init(words, "knowledge") }
        if clincSkipped.contains(row.intent) { return nil }
        if let action = clincSimple[row.intent] { return .init(words, action) }
        return .init(words, "unsupported")
    }
}

extension RequestDraft {
    /// A whole sentence with one meaning.
    init(_ words: [String], _ action: String, _ members: [(IntentSlot, String)] = []) {
        self.words = words
        actions = [action]
        marks = members.map { Mark(intent: 0, slot: $0.0, member: $0.1, position: 0) }
    }

    mutating func fill(_ slot: IntentSlot, _ range: Range<Int>) {
        spans.append(.init(intent: 0, slot: slot, range: range, pattern: -1))
    }

    /// Fills `slot` with the run from the first to the last entity of the types.
    mutating func fill(_ slot: IntentSlot, covering entities: [RequestCorpora.Entity], types: Set<String>) {
        if let range = cover(entities.filter { types.contains($0.type) }.map(\.value), gap: 2) { fill(slot, range) }
    }

    /// Where `text` stands, where it does as whole words.
    func range(of text: String) -> Range<Int>? {
        guard let sought = RequestVocabulary.words(text), sought.count <= words.count else { return nil }
        return (0...(words.count - sought.count)).first { Array(words[$0..<($0 + sought.count)]) == sought }
            .map { $0..<($0 + sought.count) }
    }

    /// The run from the first to the last of `texts`; nil where one is missing or they stand further apart than `gap` words.
    func cover(_ texts: [String], gap: Int) -> Range<Int>? {
        var ranges: [Range<Int>] = []
        for text in texts {
            guard let range = range(of: text) else { return nil }
            ranges.append(range)
        }
        ranges.sort { $0.lowerBound < $1.lowerBound }
        guard var cover = ranges.first else { return nil }
        for range in ranges.dropFirst() {
            guard range.lowerBound - cover.upperBound <= gap else { return nil }
            cover = cover.lowerBound..<max(cover.upperBound, range.upperBound)
        }
        return cover
    }
}
