/// How replies put things.
enum Wording {
    /// "a", "a and b", "a, b and c".
    static func list(_ items: [String], _ word: String = "and") -> String {
        switch items.count {
        case 0: ""
        case 1: items[0]
        default: items.dropLast().joined(separator: ", ") + " \(word) " + items[items.count - 1]
        }
    }
}
