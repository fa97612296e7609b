/// One way to say something, and what it means.
struct RequestTemplate: Sendable {
    /// What may be said around a request.
    enum Class: String, Sendable {
        case command, fragment, statement, question, answer
    }

    /// The group and a hash of the text: the same as long as the template is.
    var id: String
    var kind: String
    var saying: Class
    var action: String
    var node: Int

    /// Stands for the action of what means nothing.
    static let noAction = "none"
    var split: RequestSplit
}

/// Templates of one subject, drawn with one weight.
struct TemplateGroup: Sendable {
    var name: String
    var kind: String
    var saying: RequestTemplate.Class
    var weight: Double
    /// The states in which these may be said; empty: in any.
    var states: [String]
    var templates: [RequestTemplate] = []
}

/// All templates, with the rules that they use.
struct RequestTemplates: Sendable {
    private(set) var patterns = PatternSet()
    private(set) var groups: [TemplateGroup] = []

    /// The templates that come with the program.
    static let all: RequestTemplates = {
        do {
            var templates = RequestTemplates()
            for rules in RequestRules.all + [
                TemplatesHome.rules, TemplatesHome.talkRules, TemplatesSettings.rules, TemplatesHousehold.rules,
                TemplatesQuestions.rules, TemplatesTalk.rules, RequestFrames.rules,
            ] { try templates.patterns.define(rules: rules) }
            for text in [
                TemplatesHome.text, TemplatesSettings.text, TemplatesHousehold.text, TemplatesQuestions.text, TemplatesTalk.text,
            ] { try templates.read(text) }
            try templates.patterns.validate()
            return templates
        } catch {
            preconditionFailure("our own templates: \(error)")
        }
    }()

    /// Reads groups of templates; see ``TemplatesHome`` for the form.
    mutating func read(_ text: String) throws(PatternError) {
        for line in PatternSet.lines(of: text) {
            if line.hasPrefix("@") {
                let fields = line.dropFirst().split(separator: " ").map(String.init)
                guard fields.count >= 4, let saying = RequestTemplate.Class(rawValue: fields[2]), let weight = Double(fields[3])
                else {
                    throw PatternError(pattern: line, problem: "a group is @name kind class weight states")
                }
                let states = Array(fields.dropFirst(4))
                groups.append(.init(name: fields[0], kind: fields[1], saying: saying, weight: weight, states: states))
            } else {
                try add(line)
            }
        }
    }

    private mutating func add(_ line: String) throws(PatternError) {
        guard let colon = line.firstIndex(of: ":"), !groups.isEmpty else {
            throw PatternError(pattern: line, problem: "a template is action: pattern")
        }
        let action = String(line[..<colon])
        guard IntentSchema.action(action) != nil || action == RequestTemplate.noAction else {
            throw PatternError(pattern: line, problem: "no action is called \(action)")
        }
        let group = groups[groups.count - 1]
        let id = group.name + "/" + String(splitHash(line) >> 32, radix: 16)
        let node = try patterns.read(line[line.index(after: colon)...].trimmingPrefix(" ").description)
        groups[groups.count - 1].templates.append(
            .init(id: id, kind: group.kind, saying: group.saying, action: action, node: node, split: .of(id)))
    }
}
