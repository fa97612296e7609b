import MynaStages

extension Planner {
    /// What to say to small talk and to what a home does not do.
    func talk(_ intent: Intent) -> Reply {
        // A large language model words these itself.
        if let text = intent.slots[HomeAnswer.replySlot] {
            return Reply(text: text, kind: intent.slots[HomeAnswer.replyKindSlot].flatMap { ReplyKind(rawValue: $0) } ?? .chat)
        }
        func chat(_ ways: [String]) -> Reply { Reply(text: wording.one(of: ways), kind: .chat) }
        switch intent.action {
        case "yes": return chat(["Alright.", "Okay."])
        case "no", "cancel": return chat(["Okay, never mind.", "Alright, I'll leave it."])
        case "select", "tell": return Reply(text: "I'm not sure what that was for. What would you like?", kind: .clarify)
        case "knowledge":
            return Reply(
                text: wording.one(of: [
                    "I can't answer that yet, I only know this home.", "I don't know that. I can tell you about this home.",
                ]), kind: .refuse)
        case "announce": return Reply(text: "I can't make announcements yet.", kind: .refuse)
        case "unsupported":
            return Reply(
                text: wording.one(of: [
                    "I can't do that. I look after this home only.", "That's beyond me, I only look after this home.",
                ]),
                kind: .refuse)
        case "chat":
            switch intent.slots["kind"] {
            case "greeting": return chat(["Hello! What can I do?", "Hi there."])
            case "thanks": return chat(["You're welcome.", "Any time."])
            case "goodbye": return chat(["Goodbye.", "See you later."])
            case "joke":
                return chat([
                    "Why did the light bulb fail its test? It wasn't very bright.",
                    "I told the curtains a secret, but they couldn't keep it drawn.",
                ])
            case "name": return chat(["I'm Myna.", "My name is Myna."])
            case "maker": return chat(["I'm Myna, an open assistant that runs in your own home."])
            case "capability":
                return chat([
                    "I can switch lights and devices, set timers, keep lists and tell you how the home is. Try: turn on the hall light."
                ])
            case "privacy": return chat(["It stays here. Nothing you say leaves this machine."])
            case "listening": return chat(["I listen for requests, and nothing I hear leaves this machine."])
            case "feeling": return chat(["I'm well, thank you.", "All good here."])
            case "praise": return chat(["Thank you!", "Glad to help."])
            case "insult": return chat(["I'm sorry. Tell me what to do better.", "Sorry about that."])
            default: return chat(["I'm listening.", "I'm here if you need anything in the home."])
            }
        default: return Reply(text: "I can't do that.", kind: .refuse)
        }
    }
}
