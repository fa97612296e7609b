import Foundation
import Testing

@testable import MynaAssistant

@Suite struct SpokenTests {
    @Test("numbers are read as people say them", arguments: [
        ("twenty two", 22.0), ("nineteen point five", 19.5), ("a hundred and ten", 110), ("one hundred", 100), ("two and a half", 2.5),
        ("half", 0.5), ("three quarters", 0.75), ("20.5", 20.5), ("minus three", -3), ("two thousand seven hundred", 2700), ("zero", 0),
        ("forty percent", 40),
    ])
    func numbers(words: String, value: Double) throws {
        let found = try #require(SpokenNumber.first(in: Phrase.words(words)))
        #expect(abs(found.value - value) < 1e-9)
    }

    @Test("every whole number that is spelt is read back")
    func spelling() {
        for number in stride(from: 0, through: 9999, by: 7) {
            #expect(SpokenNumber.first(in: SpokenNumber.spell(number))?.value == Double(number), "\(SpokenNumber.spell(number))")
        }
    }

    @Test("spans of time are read as people say them", arguments: [
        ("nine minutes", 540.0), ("an hour and a half", 5400), ("half an hour", 1800), ("one hour five minutes thirty seconds", 3930),
        ("ninety seconds", 90), ("two and a half minutes", 150), ("a minute", 60), ("a quarter of an hour", 900),
        ("one and a half hours", 5400), ("a couple of minutes", 120),
    ])
    func durations(words: String, seconds: Double) { #expect(SpokenDuration.seconds(words) == seconds) }

    @Test("what is no span of time is none", arguments: ["soon", "at seven", "minutes", ""])
    func noDuration(words: String) { #expect(SpokenDuration.seconds(words) == nil) }

    @Test("moments are counted from now", arguments: [
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

    @Test("a share of the whole is read in words and numbers", arguments: [
        ("half", 50.0), ("max", 100), ("the lowest", 1), ("twenty percent", 20), ("a quarter", 25), ("fully", 100), ("halfway", 50),
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
