internal import MynaStages
internal import MynaText

/// Takes values for a function's parameters from the words of a request.
struct Filling {
    let words: [String]
    let roots: [String]
    let tool: ClientTool

    /// The value of `parameter`; the words that made it are marked in `isUsed`.
    func value(for parameter: ClientTool.Parameter, _ isUsed: inout [Bool]) -> Value? {
        switch parameter.form {
        case .choice(let choices): choice(choices, &isUsed).map { .string($0) }
        case .number(let isWhole): number(isWhole, &isUsed)
        case .truth: truth(&isUsed)
        case .text: text(parameter, &isUsed).map { .string($0) }
        case .other: nil
        }
    }

    /// The choice whose words all stand in the request in a row, the longest of several.
    private func choice(_ choices: [String], _ isUsed: inout [Bool]) -> String? {
        var best: (choice: String, range: Range<Int>)?
        for choice in choices {
            let sought = SpokenForm.words(of: choice.replacing("_", with: " ")).map(ToolMatcher.root)
            guard !sought.isEmpty, sought.count <= roots.count, sought.count > best?.range.count ?? 0 else { continue }
            for start in 0...(roots.count - sought.count) where Array(roots[start..<start + sought.count]) == sought {
                best = (choice, start..<start + sought.count)
                break
            }
        }
        for index in best?.range ?? 0..<0 { isUsed[index] = true }
        return best?.choice
    }

    private func number(_ isWhole: Bool, _ isUsed: inout [Bool]) -> Value? {
        // Words of another value count no more: they are no number words.
        let free = zip(words, isUsed).map { $1 ? "" : $0 }
        guard let (value, range) = NumberWords.first(in: free), !isWhole || value == value.rounded() else { return nil }
        for index in range { isUsed[index] = true }
        return .number(value)
    }

    private static let yes: Set<String> = ["yes", "true", "on", "enable", "enabled", "activate", "start"]
    private static let no: Set<String> = ["no", "not", "false", "off", "disable", "disabled", "deactivate", "stop", "without"]

    private func truth(_ isUsed: inout [Bool]) -> Value? {
        for (index, word) in words.enumerated() where Self.yes.contains(word) || Self.no.contains(word) {
            isUsed[index] = true
            return .bool(Self.yes.contains(word))
        }
        return nil
    }

    private static let joints: Set<String> = [
        "in", "at", "for", "from", "to", "about", "of", "on", "with", "by", "named", "called", "saying", "that",
    ]
    /// Words that say which joint leads to a parameter.
    private static let leads: [String: Set<String>] = [
        "from": ["origin", "source", "from", "start", "sender"], "to": ["destination", "target", "to", "end", "recipient"],
        "in": ["city", "location", "place", "country", "region", "room", "area", "language"],
        "at": ["time", "when", "address"], "for": ["query", "term", "item", "product", "person"],
        "about": ["topic", "subject", "about"], "by": ["artist", "author"],
    ]

    /// The stretch of words after the joint that suits the parameter; else after any; else what no other value took.
    private func text(_ parameter: ClientTool.Parameter, _ isUsed: inout [Bool]) -> String? {
        let about = Set(ToolMatcher.nameWords(parameter.name))
        var stretches: [(joint: String?, range: Range<Int>)] = []
        var start = 0
        var joint: String?
        func close(_ end: Int) {
            // Without words of the function's name and common ones at either end.
            var range = start..<end
            func isIdle(_ index: Int) -> Bool { isUsed[index] || ToolMatcher.common.contains(words[index]) }
            while let first = range.first, isIdle(first) { range = first + 1..<range.upperBound }
            while let last = range.last, isIdle(last) { range = range.lowerBound..<last }
            if let hole = range.first(where: { isUsed[$0] }) { range = range.lowerBound..<hole }
            if !range.isEmpty { stretches.append((joint, range)) }
        }
        for (index, word) in words.enumerated() where Self.joints.contains(word) {
            close(index)
            (start, joint) = (index + 1, word)
        }
        close(words.count)
        let suits = stretches.first { stretch in stretch.joint.map { Self.leads[$0]?.isDisjoint(with: about) == false } ?? false }
        guard let found = suits ?? stretches.first(where: { $0.joint != nil }) ?? stretches.last else { return nil }
        for index in found.range { isUsed[index] = true }
        return words[found.range].joined(separator: " ")
    }
}
