import Foundation

/// Moments as home files write them and as people say them.
enum HomeTime {
    /// The moment written as `2027-03-09T18:40:00+00:00`, or without seconds or offset (then in `zone`).
    static func date(_ text: String, zone: TimeZone = .gmt) -> Date? {
        for format in [
            "yyyy-MM-dd'T'HH:mm:ssXXXXX", "yyyy-MM-dd'T'HH:mmXXXXX", "yyyy-MM-dd'T'HH:mm:ss", "yyyy-MM-dd'T'HH:mm", "yyyy-MM-dd",
        ] {
            if let date = formatter(format, zone: zone).date(from: text) { return date }
        }
        return nil
    }

    /// `date` as calendars in home files write it.
    static func text(_ date: Date, zone: TimeZone) -> String {
        formatter("yyyy-MM-dd'T'HH:mm", zone: zone).string(from: date)
    }

    /// The Gregorian calendar in `zone`.
    static func calendar(_ zone: TimeZone) -> Calendar {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        return calendar
    }

    static func formatter(_ format: String, zone: TimeZone) -> DateFormatter {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: "en_US_POSIX")
        formatter.calendar = calendar(zone)
        formatter.timeZone = zone
        formatter.dateFormat = format
        formatter.isLenient = false
        return formatter
    }
}
