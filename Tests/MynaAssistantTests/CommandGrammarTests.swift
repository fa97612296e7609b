import Testing

@testable import MynaAssistant

struct CommandGrammarTests {
    private static let yaml = """
        context:
          expressions:
            orderDrink:
              - "[brew, can I get] [a, an] $size:size $drink:coffeeDrink with $milk:milkAmount"
              - "[brew, can I get] [a, an] $size:size $drink:coffeeDrink"
              - "[brew, can I get] [a, an] $drink:coffeeDrink"
            stop:
              - "[stop, never mind]"
          slots:
            size: [small, 12 ounce]
            drink: [mocha, latte, iced mocha]
            milk: [milk, a bit of milk]
        """

    @Test func everySentenceOfTheGrammarMeansItself() throws {
        let grammar = try CommandGrammar(yaml: Self.yaml, file: "coffee.yaml")
        var random = SystemRandomNumberGenerator()
        for sentence in grammar.sentences(200, using: &random) {
            let found = try #require(grammar.nearest(to: sentence))
            #expect(found.distance == 0, "\(sentence)")
            #expect(grammar.sentences(meaning: found.command).contains(sentence), "\(sentence)")
        }
    }

    @Test func whatIsMisheardGoesToTheNearestWording() throws {
        let grammar = try CommandGrammar(yaml: Self.yaml, file: "coffee.yaml")
        let found = try #require(grammar.nearest(to: "can i get a twelve ounces ice mocker with a bit of milk"))
        #expect(
            found.command
                == .init(
                    intent: "orderDrink",
                    slots: ["size": "twelve ounce", "coffeeDrink": "iced mocha", "milkAmount": "a bit of milk"]))
        #expect(found.distance > 0 && found.distance < 0.2)
        #expect(grammar.nearest(to: "never mind")?.command.intent == "stop")
        #expect(grammar.nearest(to: " ") == nil)
    }

    @Test func sentencesOfACommandHaveItsSlotsAndNoOthers() throws {
        let grammar = try CommandGrammar(yaml: Self.yaml, file: "coffee.yaml")
        let sentences = grammar.sentences(meaning: .init(intent: "orderDrink", slots: ["coffeeDrink": "latte"]))
        #expect(sentences == ["brew a latte", "brew an latte", "can i get a latte", "can i get an latte"])
        #expect(grammar.sentences(meaning: .init(intent: "orderDrink", slots: ["coffeeDrink": "tea"])).isEmpty)
        #expect(grammar.sentences(meaning: .init(intent: "orderDrink", slots: ["size": "small"])).isEmpty)
    }

    @Test(arguments: [
        ("context: {expressions: {a: [\"go $where:place\"]}}", "slots has no \"where\""),
        ("context: {expressions: {a: [\"[go, run\"]}}", "not closed"),
        ("context: {expressions: {}}", "is empty"),
        ("context: {expressions: {a: [\"$\"]}}", "names no slot"),
        ("expressions: []", "is not a context"),
        ("context: {expressions: {a: [\"...\"]}}", "holds no words"),
    ])
    func aGrammarThatCannotBeReadSaysWhere(yaml: String, problem: String) {
        let error = #expect(throws: CommandGrammarError.self) { try CommandGrammar(yaml: yaml, file: "g.yaml") }
        #expect(error?.description.contains(problem) == true, "\(error?.description ?? "")")
        #expect(error?.file == "g.yaml")
    }
}
