import MynaStages
import MynaText

/// Holds what is put on a list to all that was said of it.
///
/// "Two lemons", not "lemons", and "stick sticking plasters on the list" is about plasters that stick: where a request has the plain
/// form of English for putting something on a list of this home, what stands between the verb and the list goes on it, whatever a
/// part of it was taken for.
struct SaidLists {
    /// The words by which each list is called, without "the" and "my".
    private let names: [[String]]

    init(_ home: Home) {
        let lists = home.entities.filter { $0.domain == "todo" }.map { $0.names.map(Phrase.words) }
        var names = lists.flatMap { $0 }.filter { !$0.isEmpty }
        names += names.filter { $0.last != "list" }.map { $0 + ["list"] }
        // "My tasks" are the personal tasks of a home that has no others.
        let ends = lists.compactMap { $0.first?.last }.filter { $0 != "list" }
        names += ends.filter { end in ends.count { $0 == end } == 1 }.flatMap { [[$0], [$0, "list"]] }
        if lists.count == 1 { names.append(["list"]) }
        self.names = names.sorted { $0.count > $1.count }
    }

    private static let verbs: Set<String> = [
        "add", "put", "stick", "pop", "write", "jot", "note", "include", "place", "throw", "slap", "enter", "append",
    ]
    private static let openers: Set<String> = ["of", "need", "low"]
    private static let prepositions: Set<String> = ["to", "on", "onto", "in", "into"]
    private static let determiners: Set<String> = ["the", "my", "our", "a", "an", "this", "that"]
    private static let pronouns: Set<String> = ["it", "them", "that", "those", "some", "this", "one", "more"]
    /// What may follow a thing that is to go on a list.
    private static let obligations: Set<String> = [
        "needs", "need", "has", "have", "should", "must", "ought", "goes", "go", "belongs", "belong", "wants",
    ]
    /// Words with which somebody asks what is on a list, or speaks of several things at once.
    private static let others: Set<String> = [
        "what", "what's", "which", "how", "is", "are", "do", "does", "did", "read", "show", "tell", "give", "check", "anything",
        "remove", "delete", "take", "cross", "tick", "and", "then", "plus", "also", "not", "no", "don't", "if", "when",
    ]
    private static let polite: Set<String> = [
        "please", "hey", "okay", "ok", "could", "can", "would", "you", "just", "also", "kindly",
    ]

    /// Words beside a thing that don't say what is to become of it.
    private static let fillers: Set<String> = ["please", "and", "also", "too", "well", "as", "another", "just", "now", "then"]

    /// The intents of `request`, with the whole of what was to be put on a list, and nothing on one that nobody spoke of.
    ///
    /// - Parameter last: what was done last, of which the request may say more.
    func completed(_ intents: [Intent], in request: String, after last: Intent? = nil) -> [Intent] {
        let words = Phrase.words(request)
        // With several requests in one sentence, which words belong to which is for the model to say.
        guard intents.count == 1, let intent = intents.first else { return intents }
        if intent.action == "list_add", intent.slots["list"] == nil, isBare(intent.slots["item"] ?? "", in: words),
            !(last?.action.hasPrefix("list_") ?? false)
        {
            // "And the belfry printer too" says more of what was done; "photograph the dog" is nothing to buy.
            let isMore = last != nil && !Set(words).isDisjoint(with: ["and", "too", "also", "well"])
            return [isMore ? Intent("again", ["target": intent.slots["item"] ?? ""]) : Intent("unsupported")]
        }
        guard let (item, list) = said(in: words) else { return intents }
        switch intent.action {
        case "list_add":
            let known = Phrase.words(intent.slots["item"] ?? "")
            guard known != item, known.isEmpty || !Set(known).isDisjoint(with: item) else { return intents }
        case "list_read", "unsupported", "chat", "knowledge", "event_create": break
        default: return intents
        }
        return [Intent("list_add", ["item": item.joined(separator: " "), "list": list.joined(separator: " ")])]
    }

    /// Whether a request says a thing and not what is to become of it.
    private func isBare(_ item: String, in words: [String]) -> Bool {
        var rest = words.filter { !Self.fillers.contains($0) && !Self.determiners.contains($0) }
        for word in Phrase.words(item) { if let index = rest.firstIndex(of: word) { rest.remove(at: index) } }
        return rest.isEmpty
    }

    /// What `words` put on which list, where they have a plain form of doing so and nothing more.
    private func said(in words: [String]) -> (item: [String], list: [String])? {
        var words = words[...]
        while let last = words.last, Self.polite.contains(last) { words.removeLast() }
        while let first = words.first, Self.polite.contains(first) { words.removeFirst() }
        guard let list = names.first(where: { words.count > $0.count + 2 && Array(words.suffix($0.count)) == $0 }) else {
            return nil
        }
        words = words.dropLast(list.count)
        while let last = words.last, Self.determiners.contains(last) { words.removeLast() }
        guard let preposition = words.popLast(), Self.prepositions.contains(preposition), let first = words.first else {
            return nil
        }
        var item: ArraySlice<String>
        if Self.verbs.contains(first) {
            item = words.dropFirst()  // "add two lemons to"
            if item.last == "down" { item.removeLast() }
        } else if let verb = words.lastIndex(where: Self.verbs.contains),
            let open = words.firstIndex(where: Self.openers.contains),
            open < verb, words[(verb + 1)...].allSatisfy({ Self.pronouns.contains($0) || $0 == "down" })
        {
            item = words[(open + 1)..<verb]  // "we are out of two lemons so put it on"
            if words[open] == "low", item.first == "on" { item.removeFirst() }
            while let last = item.last, ["so", "and", "please", "you", "can", "could"].contains(last) { item.removeLast() }
        } else if let obligation = words.firstIndex(where: Self.obligations.contains), obligation > words.startIndex,
            words[(obligation + 1)...].allSatisfy({
                ["to", "be", "go", "put", "added", "adding", "putting", "written"].contains($0)
            })
        {
            item = words[..<obligation]  // "two lemons need to go on"
        } else {
            return nil
        }
        while let first = item.first, Self.determiners.contains(first) || first == "more" || first == "some" {
            item.removeFirst()
        }
        guard !item.isEmpty, item.count <= 8, !item.contains(where: Self.others.contains),
            !item.allSatisfy(Self.pronouns.contains)
        else { return nil }
        return (Array(item), list)
    }
}
