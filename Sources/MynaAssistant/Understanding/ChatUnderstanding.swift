public import MynaStages
public import MynaText

/// A request as it was made, and what it may refer to.
public struct HomeRequest: Sendable {
    /// As it was typed or heard.
    public var request: Request
    public var state: DialogueState
    /// The home at this moment.
    public var home: Home
    /// What was said last, and what the assistant replied.
    public var before: (said: String, replied: String)?
    /// Hears a reply that is being worded, a sentence at a time; joined they are how the reply begins.
    public var saying: (@Sendable (String) async -> Void)?

    public init(
        _ request: Request, after state: DialogueState, in home: Home, before: (said: String, replied: String)? = nil
    ) {
        (self.request, self.state, self.home, self.before) = (request, state, home, before)
    }
}

/// Understands requests by what the home is at the moment: names come from it, not only from the request.
public protocol HomeUnderstanding: RequestUnderstanding {
    /// The intents in a request to a home, in the order of the sentence.
    func intents(in request: HomeRequest) async throws -> [Intent]
}

/// Understands requests by a large language model that answers in JSON, held to the actions of the assistant and the names of
/// the home; each answer is checked here, whoever held it.
public struct ChatUnderstanding: HomeUnderstanding {
    private let model: any ChatModel
    private let limit: Int
    private let told: @Sendable (String) async -> Void

    /// - Parameters:
    ///   - limit: the most tokens of an answer.
    ///   - told: hears the pieces of an answer as the model writes it.
    public init(_ model: any ChatModel, limit: Int = 400, told: @escaping @Sendable (String) async -> Void = { _ in }) {
        (self.model, self.limit, self.told) = (model, limit, told)
    }

    /// For a home of which nothing is known: no call can name a thing.
    public func intents(in request: String, after state: DialogueState) async throws -> [Intent] {
        try await intents(in: HomeRequest(Request(text: request), after: state, in: Home(id: "", name: "")))
    }

    /// - Throws: `ChatModelError`, which names the model, and says what it answered where that cannot be used.
    public func intents(in request: HomeRequest) async throws -> [Intent] {
        guard request.request.text.contains(where: { !$0.isWhitespace }) else { return [] }
        let prompt = HomePrompt(request.home)
        let question = ChatQuestion(
            [ChatMessage(.system, prompt.system), ChatMessage(.user, Self.text(of: request))], schema: prompt.schema, limit: limit
        )
        let (told, sentences) = (told, SentencesSoFar())
        let answer = try await model.answer(to: question) { piece in
            await told(piece)
            guard let saying = request.saying else { return }
            for sentence in sentences.take(piece) { await saying(sentence) }
        }
        do { return try HomeAnswer.intents(answer, prompt) } catch {
            throw ChatModelError.badAnswer(model: model.name, problem: "\(error)", said: answer)
        }
    }

    /// What stands in the user's message: the request, and what it may refer to.
    static func text(of request: HomeRequest) -> String {
        var lines: [String] = []
        func name(_ text: String) -> String { JSONTree.string(text).text }  // on one line, whatever it holds
        if let before = request.before { lines.append("Before: \(name(before.said)), answered: \(name(before.replied))") }
        switch request.state {
        case .fresh: break
        case .acted: lines.append("The request may refer to what was done last.")
        case .askedWhich: lines.append("The assistant asked which one was meant; an answer is select.")
        case .askedConfirmation: lines.append("The assistant asked for a yes; an answer is yes, no or cancel.")
        case .askedValue: lines.append("The assistant asked for a value; an answer is tell or select.")
        }
        if let area = request.request.area.flatMap(request.home.area) { lines.append("The person is in: \(name(area.name))") }
        if let speaker = request.request.speaker.flatMap(request.home.resident) {
            lines.append("The person is: \(name(speaker.name))")
        }
        return (lines + ["Request: \(request.request.text)"]).joined(separator: "\n")
    }
}
