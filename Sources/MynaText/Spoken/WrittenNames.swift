/// A thing counted, in the singular and the plural.
struct UnitName {
    var one: String
    var many: String
}

/// Units that are written short after a number, with or without a space.
let unitNames: [String: UnitName] = [
    "kg": UnitName(one: "kilogram", many: "kilograms"), "mg": UnitName(one: "milligram", many: "milligrams"),
    "km": UnitName(one: "kilometer", many: "kilometers"), "cm": UnitName(one: "centimeter", many: "centimeters"),
    "mm": UnitName(one: "millimeter", many: "millimeters"), "ml": UnitName(one: "milliliter", many: "milliliters"),
    "lb": UnitName(one: "pound", many: "pounds"), "lbs": UnitName(one: "pound", many: "pounds"),
    "oz": UnitName(one: "ounce", many: "ounces"), "ft": UnitName(one: "foot", many: "feet"),
    "mph": UnitName(one: "mile per hour", many: "miles per hour"),
    "kph": UnitName(one: "kilometer per hour", many: "kilometers per hour"),
    "min": UnitName(one: "minute", many: "minutes"), "mins": UnitName(one: "minute", many: "minutes"),
    "hr": UnitName(one: "hour", many: "hours"), "hrs": UnitName(one: "hour", many: "hours"),
    "sec": UnitName(one: "second", many: "seconds"), "secs": UnitName(one: "second", many: "seconds"),
    "ms": UnitName(one: "millisecond", many: "milliseconds"),
    "kw": UnitName(one: "kilowatt", many: "kilowatts"), "kwh": UnitName(one: "kilowatt hour", many: "kilowatt hours"),
    "gb": UnitName(one: "gigabyte", many: "gigabytes"), "mb": UnitName(one: "megabyte", many: "megabytes"),
    "hz": UnitName(one: "hertz", many: "hertz"), "khz": UnitName(one: "kilohertz", many: "kilohertz"),
    "mhz": UnitName(one: "megahertz", many: "megahertz"), "ghz": UnitName(one: "gigahertz", many: "gigahertz"),
    "db": UnitName(one: "decibel", many: "decibels"), "pct": UnitName(one: "percent", many: "percent"),
]

/// Units of one letter, which are units only when nothing stands between them and the number; "5m" is asked of a timer
/// more often than of a tape measure, and "2700k" is a colour temperature.
let attachedUnitNames: [String: UnitName] = [
    "m": UnitName(one: "minute", many: "minutes"), "g": UnitName(one: "gram", many: "grams"),
    "l": UnitName(one: "liter", many: "liters"),
    "h": UnitName(one: "hour", many: "hours"), "s": UnitName(one: "second", many: "seconds"),
    "c": UnitName(one: "degree celsius", many: "degrees celsius"),
    "f": UnitName(one: "degree fahrenheit", many: "degrees fahrenheit"),
    "k": UnitName(one: "thousand", many: "thousand"), "w": UnitName(one: "watt", many: "watts"),
    "v": UnitName(one: "volt", many: "volts"),
    "x": UnitName(one: "times", many: "times"),
]

/// A currency and its hundredth part.
struct Currency {
    var one: String
    var many: String
    var oneHundredth: String
    var hundredths: String
}

let currencies: [String: Currency] = [
    "$": Currency(one: "dollar", many: "dollars", oneHundredth: "cent", hundredths: "cents"),
    "€": Currency(one: "euro", many: "euros", oneHundredth: "cent", hundredths: "cents"),
    "£": Currency(one: "pound", many: "pounds", oneHundredth: "penny", hundredths: "pence"),
]

let monthOrder = [
    "january", "february", "march", "april", "may", "june", "july", "august", "september", "october", "november", "december",
]

/// Months by their full and short names.
let monthNames: [String: String] = {
    var names: [String: String] = ["sept": "september"]
    for month in monthOrder {
        names[month] = month
        names[String(month.prefix(3))] = month
    }
    return names
}()
