import Foundation
import MynaStages
import MynaTestSupport
import Testing

@testable import MynaText

@Suite struct WrittenFormTests {
    @Test func `a written line becomes words, marks and letters, or is refused`() throws {
        let line = try #require(PunctuatorTraining.Line("Well, is the TV on? I don't know — ask Mr. Smith!"))
        #expect(line.words == ["well", "is", "the", "tv", "on", "i", "don't", "know", "ask", "mr", "smith"])
        #expect(line.marks == [.comma, .none, .none, .none, .question, .none, .none, .comma, .none, .none, .period])
        #expect(
            line.letters == [
                .capitalised, .lower, .lower, .upper, .lower, .capitalised, .lower, .lower, .lower, .capitalised, .capitalised,
            ])
        #expect(PunctuatorTraining.Line("no mark at its end")?.marks.last == .period)
        for text in ["", "Word", "It is 5 o'clock.", "läuft das", "ALL IN CAPITALS", "..."] {
            #expect(PunctuatorTraining.Line(text) == nil, "\(text)")
        }
    }

    @Test func `a model learns what it is shown, survives its file, and ends every text`() throws {
        var training = PunctuatorTraining(exponent: 12)
        let lines = ["Is the lamp on?", "Turn on the lamp.", "Where is Anna?", "Tell Anna that the TV is on."].compactMap {
            PunctuatorTraining.Line($0)
        }
        #expect(lines.count == 4)
        for _ in 0..<30 { for line in lines { training.learn(line) } }
        let file = FileManager.default.temporaryDirectory.appending(path: "myna-\(UUID().uuidString).bin")
        defer { try? FileManager.default.removeItem(at: file) }  // nothing to do where it never came to be
        try training.punctuator.write(to: file)
        let punctuator = try Punctuator(contentsOf: file)
        for line in lines {
            for model in [training.punctuator, punctuator] {
                var report = PunctuationReport()
                report.add(line, by: model)
                #expect(report.periods.missed + report.questions.missed + report.capitals.missed == 0, "\(line.words)")
            }
        }
        #expect(
            punctuator.write(["tell", "anna", "that", "the", "tv", "is", "on"]).joined(separator: " ")
                == "Tell Anna that the TV is on.")
        #expect(punctuator.write([]) == [])
        var random = SeededRandom(seed: 3)
        for _ in 0..<100 {
            let words = (0..<Int.random(in: 1...20, using: &random)).compactMap { _ in
                ["lamp", "is", "i'm", "tv", "x", "where"].randomElement(using: &random)
            }
            let written = punctuator.write(words)
            #expect(written.map { $0.lowercased().filter { !",.?".contains($0) } } == words)
            #expect(written.last.map { $0.hasSuffix(".") || $0.hasSuffix("?") } == true)
        }
    }

    @Test func `what is no model is refused by name`() throws {
        let file = FileManager.default.temporaryDirectory.appending(path: "myna-\(UUID().uuidString).bin")
        defer { try? FileManager.default.removeItem(at: file) }  // nothing to do where it never came to be
        try PunctuatorTraining(exponent: 4).punctuator.write(to: file)
        let bytes = try Data(contentsOf: file)
        var random = SeededRandom(seed: 5)
        var damaged = [Data(), bytes.prefix(7), bytes.prefix(20), bytes + Data([0]), Data("MYNAPNC1".utf8)]
        for _ in 0..<200 {
            var copy = bytes
            copy[Int.random(in: 0..<16, using: &random)] = UInt8.random(in: 0...255, using: &random)
            damaged.append(copy)
        }
        for data in damaged {
            try data.write(to: file)
            do {
                _ = try Punctuator(contentsOf: file).write(["a", "b"])
            } catch let error as PunctuatorError {
                #expect(error.file == file.path)
            }
        }
        let none = URL(filePath: "/nowhere/none.bin")
        #expect(throws: PunctuatorError(file: none.path, problem: "cannot be read")) { try Punctuator(contentsOf: none) }
    }

    @Test(arguments: [
        ("Set it to twenty two degrees.", "Set it to 22 degrees."), ("Dim it to five percent.", "Dim it to 5%."),
        ("I have two lamps.", "I have two lamps."), ("Wake me at seven thirty.", "Wake me at seven thirty."),
        ("One, two, three.", "One, two, three."), ("In one hundred and five days.", "In 105 days."),
        ("Half a million.", "Half a million."), ("Two point five percent.", "Two point five percent."), ("", ""),
        ("Ten, eleven and twelve.", "10, 11 and 12."),
    ])
    func `numbers from ten on and before units are digits`(spoken: String, written: String) {
        let words = spoken.split(separator: " ").map(String.init)
        #expect(WrittenNumbers.digits(in: words).joined(separator: " ") == written)
    }

    @Test func `the shipped model writes requests as one would, and leaves what is written alone`() throws {
        let writer = WrittenForm(
            try Punctuator(contentsOf: Fixture.root.appending(path: "Models/myna-punctuation/punctuation.bin")))
        #expect(writer.text(of: "what time is it") == "What time is it?")
        #expect(writer.text(of: "turn on the kitchen light") == "Turn on the kitchen light.")
        #expect(writer.text(of: "i don't know what you mean") == "I don't know what you mean.")
        #expect(writer.text(of: "Already, written") == "Already, written")
        #expect(writer.text(of: "") == "")
    }
}
