import Foundation
import MynaText

/// Moments as people say them: "at seven", "tomorrow at half past nine", "friday evening", "in ten minutes".
enum SpokenMoment {
    /// A moment, and whether a time of day was said with it.
    struct Found: Equatable {
        var date: Date
        var hasTime: Bool
    }

    private static let weekdays = ["sunday", "monday", "tuesday", "wednesday", "thursday", "friday", "saturday"]
    private static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
    ]
    private static let dayOrdinals = [
        "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth", "eleventh", "twelfth",
        "thirteenth", "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth",
    ]
    private static let partsOfDay: [String: Double] = [
        "morning": 8, "noon": 12, "midday": 12, "lunchtime": 12, "afternoon": 15, "evening": 19, "tonight": 20, "night": 21,
        "midnight": 0,
    ]

    /// The moment `text` says, counted from `now`; nil where it says none.
    static func find(_ text: String, now: Date, zone: TimeZone) -> Found? {
        let words = Phrase.words(text)
        let calendar = HomeTime.calendar(zone)
        if words.first == "in", let seconds = SpokenDuration.seconds(in: text) {
            return Found(date: now.addingTimeInterval(seconds), hasTime: true)
        }
        let today = calendar.startOfDay(for: now)
        var day: Date?
        if words.contains("tomorrow") {
            day = calendar.date(byAdding: .day, value: 1, to: today)
        } else if words.contains("today") || words.contains("tonight") {
            day = today
        } else if let weekday = words.lazy.compactMap({ weekdays.firstIndex(of: Phrase.stem($0)) }).first {
            let ahead = (weekday + 1 - calendar.component(.weekday, from: now) + 7) % 7
            day = calendar.date(byAdding: .day, value: ahead == 0 ? 7 : ahead, to: today)
        } else if let month = words.lazy.compactMap({ months.firstIndex(of: $0) }).first, let number = dayOfMonth(words) {
            var parts = calendar.dateComponents([.year], from: now)
            parts.month = month + 1
            parts.day = number
            day = calendar.date(from: parts)
            if let found = day, found < today { day = calendar.date(byAdding: .year, value: 1, to: found) }
        }
        if let minutes = timeOfDay(words) {
            let start = day ?? today
            var date = start.addingTimeInterval(minutes * 60)
            if day == nil, date < now { date.addTimeInterval(86400) }
            return Found(date: date, hasTime: true)
        }
        return day.map { Found(date: $0, hasTime: false) }
    }

    private static func dayOfMonth(_ words: [String]) -> Int? {
        for (index, word) in words.enumerated() {
            if let ordinal = dayOrdinals.firstIndex(of: word) {
                let isCompound = ordinal < 9 && index > 0 && words[index - 1] == "twenty"
                return ordinal + 1 + (isCompound ? 20 : 0)
            }
        }
        return NumberWords.first(in: words).map { Int($0.value) }
    }

    /// Minutes since midnight; nil where no time of day is said.
    private static func timeOfDay(_ words: [String]) -> Double? {
        let words = words.lastIndex(of: "at").map { Array(words[($0 + 1)...]) } ?? words
        let part = words.lazy.compactMap { partsOfDay[$0] }.first
        let isMorning = words.contains("am") || words.contains("morning") || containsPair(words, "a", "m")
        let isLater =
            words.contains("pm") || containsPair(words, "p", "m")
            || ["evening", "afternoon", "tonight", "night"].contains(where: words.contains)
        func minutes(_ hour: Double, _ minute: Double) -> Double? {
            guard hour < 25, minute < 60 else { return nil }
            var hour = hour
            if isLater, hour < 12 { hour += 12 }
            if isMorning, hour == 12 { hour = 0 }
            return hour * 60 + minute
        }
        if let past = words.firstIndex(where: { $0 == "past" || $0 == "to" }), past > 0, past + 1 < words.count,
            let (hour, _) = NumberWords.match(words, from: past + 1)
        {
            let before = words[past - 1]
            let amount = before == "half" ? 30 : before == "quarter" ? 15 : NumberWords.match(words, from: past - 1)?.value
            if let amount, let base = minutes(hour, 0) { return words[past] == "past" ? base + amount : base - amount }
        }
        if let (hour, range) = NumberWords.first(in: words), hour == hour.rounded(),
            !months.contains(where: words.contains)
        {
            var minute = 0.0
            var next = range.upperBound
            if next < words.count, words[next] == "oh" { next += 1 }
            if let (value, _) = NumberWords.match(words, from: next) { minute = value }
            return minutes(hour, minute)
        }
        return part.map { $0 * 60 }
    }

    private static func containsPair(_ words: [String], _ first: String, _ second: String) -> Bool {
        zip(words, words.dropFirst()).contains { $0 == first && $1 == second }
    }

    /// A moment as a reply says it, in relation to `now`.
    static func spoken(_ date: Date, now: Date, zone: TimeZone, withTime: Bool = true) -> String {
        let calendar = HomeTime.calendar(zone)
        let days =
            calendar.dateComponents([.day], from: calendar.startOfDay(for: now), to: calendar.startOfDay(for: date)).day ?? 0
        let day =
            switch days {
            case 0: "today"
            case 1: "tomorrow"
            case 2...6: "on " + HomeTime.formatter("EEEE", zone: zone).string(from: date)
            default: "on " + HomeTime.formatter("EEEE, MMMM d", zone: zone).string(from: date)
            }
        return withTime ? "\(day) at \(clock(date, zone: zone))" : day
    }

    /// The time of day: "6:40 PM", "7 AM".
    static func clock(_ date: Date, zone: TimeZone) -> String {
        let whole = HomeTime.calendar(zone).component(.minute, from: date) == 0
        return HomeTime.formatter(whole ? "h a" : "h:mm a", zone: zone).string(from: date)
    }
}
