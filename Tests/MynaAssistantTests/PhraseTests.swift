import Foundation
import Testing

@testable import MynaAssistant

@Suite struct PhraseTests {
    @Test(
        "moments are counted from now",
        arguments: [
            ("at eight", "2027-03-10T08:00"), ("tomorrow at half past nine", "2027-03-10T09:30"),
            ("friday at four in the afternoon", "2027-03-12T16:00"), ("quarter to eight in the evening", "2027-03-09T19:45"),
            ("seven thirty p m", "2027-03-09T19:30"), ("noon", "2027-03-10T12:00"), ("in two hours", "2027-03-09T20:40"),
            ("march twenty first at six am", "2027-03-21T06:00"),
        ])
    func moments(words: String, moment: String) throws {
        let now = try #require(HomeTime.date("2027-03-09T18:40:00+00:00"))
        let found = try #require(SpokenMoment.find(words, now: now, zone: .gmt))
        #expect(HomeTime.text(found.date, zone: .gmt) == moment)
    }

    @Test(
        "a share of the whole is read in words and numbers",
        arguments: [
            ("half", 50.0), ("max", 100), ("the lowest", 1), ("twenty percent", 20), ("a quarter", 25), ("fully", 100),
            ("halfway", 50),
            ("one", 1),
        ])
    func shares(words: String, percent: Double) { #expect(Setting.percent(Phrase.words(words)) == percent) }

    @Test("compared words lose case, plural, article and digits")
    func phrases() {
        #expect(Phrase("the Patio Lights").stems == Phrase("patio light").stems)
        #expect(Phrase("Kids Room 1").stems == ["kid", "room", "one"])
        #expect(Phrase("trader joe's").stems == Phrase("Trader Joes").stems)
        #expect(Phrase("all the lights").saysAll)
        #expect(Phrase("50%").words == ["fifty", "percent"])
        #expect(Phrase("switches").stems == ["switch"])
        #expect(Phrase("the glass lamps").stems == ["glass", "lamp"])
    }
}
