/// Which part of all requests is meant: what is trained on, tuned on, or only measured.
public enum RequestSplit: String, Sendable, Codable, CaseIterable {
    case train, dev, test

    /// Where a template, or a name that requests are made with, belongs; the same for ever.
    static func of(_ text: String, held: UInt64 = 3) -> RequestSplit {
        switch stableHash(text) % 100 {
        case ..<held: .dev
        case held..<(2 * held): .test
        default: .train
        }
    }
}

/// The entries of one list that one split draws: what is held out is drawn only there, and there half the time.
struct DrawnList: Sendable {
    private let common: [[String]]
    private let held: [[String]]

    init(_ entries: [[String]], split: RequestSplit) {
        common = entries.filter { RequestSplit.of($0.joined(separator: " ")) == .train }
        held = split == .train ? [] : entries.filter { RequestSplit.of($0.joined(separator: " ")) == split }
    }

    func draw(using random: inout SeededRandom) -> [String] {
        if !held.isEmpty, common.isEmpty || random.chance(0.5) { return random.pick(held) }
        return common.isEmpty ? [InventedWord.draw(using: &random)] : random.pick(common)
    }
}
