internal import MynaStages

/// Which part of all requests is meant: what is trained on, tuned on, or only measured.
public enum RequestSplit: String, Sendable, Codable, CaseIterable {
    case train, dev, test

    /// Where a template, or a name that requests are made with, belongs; the same for ever.
    static func of(_ text: String, held: UInt64 = 3) -> RequestSplit {
        switch splitHash(text) % 100 {
        case ..<held: .dev
        case held..<(2 * held): .test
        default: .train
        }
    }
}

/// The entries of one list that one split draws: what is held out is drawn only there, and there half the time.
struct DrawnList: Sendable {
    private let common: [[String]]
    /// How many of ``common`` are our own: they come first, and are drawn as often as the rest together.
    private let ownCount: Int
    private let held: [[String]]

    init(_ entries: [[String]], ownCount: Int, split: RequestSplit) {
        let isCommon = entries.map { RequestSplit.of($0.joined(separator: " ")) == .train }
        common = zip(entries, isCommon).filter(\.1).map(\.0)
        self.ownCount = isCommon.prefix(ownCount).count { $0 }
        held = split == .train ? [] : entries.filter { RequestSplit.of($0.joined(separator: " ")) == split }
    }

    func draw(using random: inout SeededRandom) -> [String] {
        if !held.isEmpty, common.isEmpty || random.chance(0.5) { return random.pick(held) }
        if ownCount > 0, random.chance(0.5) { return common[random.below(ownCount)] }
        return common.isEmpty ? [InventedWord.draw(using: &random)] : random.pick(common)
    }
}
