import MynaText
import Testing

@Suite struct SpokenFormTests {
    static let spokenTexts: [(String, String)] = [
        ("Set it to 20%.", "set it to twenty percent"),
        ("72 degrees", "seventy two degrees"),
        ("20.5° please", "twenty point five degrees please"),
        ("it's 20 °C, or 68°F!", "it's twenty degrees celsius or sixty eight degrees fahrenheit"),
        ("-3° outside", "minus three degrees outside"),
        ("Wake me at 7:30 a.m. (weekdays)", "wake me at seven thirty am weekdays"),
        ("7:00 pm, 7:00, 7:05, 19:00", "seven pm seven o'clock seven oh five nineteen hundred"),
        ("the 1st, 2nd, 3rd, 12th and 21st", "the first second third twelfth and twenty first"),
        ("2 1/2 cups, 1/2 a cup, 3/4 of it, 1½ l", "two and a half cups one half a cup three quarters of it one and a half l"),
        (
            "$5, $1, $5.50, $0.99 and €2.5 million",
            "five dollars one dollar five dollars and fifty cents ninety nine cents and two point five million euros"
        ),
        ("3 kg, 1kg, 5 km/h, 60 mph", "three kilograms one kilogram five kilometers per hour sixty miles per hour"),
        (
            "in 1984, since 2005 and May 5, 2024",
            "in nineteen eighty four since two thousand and five and may fifth twenty twenty four"
        ),
        ("on 16 May 2019", "on the sixteenth of may twenty nineteen"),
        ("5/16/2024 is 2024-05-16", "may sixteenth twenty twenty four is may sixteenth twenty twenty four"),
        ("the 1990s and the 80s", "the nineteen nineties and the eighties"),
        (
            "1,200 watts; 12,345,678",
            "one thousand two hundred watts twelve million three hundred and forty five thousand six hundred and seventy eight"
        ),
        ("10-15 minutes", "ten to fifteen minutes"),
        ("a twenty-one-year-old's wi-fi", "a twenty one year old's wi fi"),
        ("salt & pepper", "salt and pepper"),
        ("“Don’t!” said ‘tis’ — o’clock", "don't said tis o'clock"),
        ("agent 007, mp3, #5", "agent zero zero seven mp three number five"),
        ("version 1.2.3 and .5", "version one point two point three and zero point five"),
        ("1h30m or 90s, 2700K", "one hour thirty minutes or ninety seconds two thousand seven hundred kelvin"),
        ("Mr. Smith vs Dr. Café", "mister smith versus doctor cafe"),
        ("MISTER QUILTER IS THE APOSTLE", "mister quilter is the apostle"),
        ("one a m", "one am"),
        ("I am here, may 3% do", "i am here may three percent do"),
        ("", ""), (" ?! … ", ""),
    ]

    @Test("written text becomes the words a person says", arguments: spokenTexts)
    func spoken(written: String, expected: String) {
        #expect(SpokenForm.text(of: written) == expected)
    }

    @Test("what is spoken already stays as it is")
    func idempotent() {
        let written = [
            "Set it to 20.5° at 7:30 p.m. on May 5, 2024", "2 1/2 kg for $5.50", "the 80s & 1990s", "-3.25%",
            "7:00 o'clock, 19:00", "10-15 GB",
            "Mr. O'Neil's wi-fi", "24/7", "1/3 + 2/3 = 1",
        ]
        for text in written {
            let spoken = SpokenForm.text(of: text)
            #expect(SpokenForm.text(of: spoken) == spoken)
            #expect(spoken.allSatisfy { $0.isLowercase || $0 == " " || $0 == "'" }, "\(text) gives \(spoken)")
        }
    }

    @Test("any characters give words without signs and without a fault")
    func anyText() {
        var random = SystemRandomNumberGenerator()
        let alphabet = Array("012379 .,:/-+%$£°#&'’½ast mpdkKhM\u{0}\u{301}é中🎈\n")
        for _ in 0..<3000 {
            let text = String(
                (0..<Int.random(in: 0...14, using: &random)).map { _ in alphabet.randomElement(using: &random) ?? "a" })
            for word in SpokenForm.words(of: text) {
                #expect(
                    !word.isEmpty && word.allSatisfy { $0.isLetter || $0 == "'" },
                    "\(text.debugDescription) gives \(word.debugDescription)")
            }
        }
    }
}

@Suite struct NumberWordsTests {
    @Test("every whole number to 10,000 comes back from its words, alone and amid words")
    func wholeNumbers() {
        for number in 0...10_000 {
            let words = NumberWords.words(of: number)
            let read = NumberWords.match(words, from: 0)
            #expect(read?.value == Double(number) && read?.end == words.count)
            #expect(SpokenForm.words(of: String(number)) == words)
        }
        for number in [10_001, 99_999, 100_000, 123_456, 1_000_000, 1_000_001, 20_300_400, 999_999_999_999, -17] {
            #expect(NumberWords.match(NumberWords.words(of: number), from: 0)?.value == Double(number))
        }
    }

    @Test("decimals come back from their words")
    func decimals() {
        for hundredths in 0...5000 {
            let text = "\(hundredths / 100).\(hundredths % 100 < 10 ? "0" : "")\(hundredths % 100)"
            #expect(NumberWords.value(of: SpokenForm.text(of: text)) == Double(text), "\(text)")
            #expect(NumberWords.value(of: text) == Double(text))
        }
    }

    @Test("ordinals are unlike each other and like none of the numbers")
    func ordinals() {
        let ordinals = (1...1000).map { NumberWords.ordinal($0).joined(separator: " ") }
        #expect(Set(ordinals).count == 1000)
        #expect(
            ["1", "3", "12", "20", "40", "101"].map { NumberWords.ordinal(Int($0) ?? 0).last } == [
                "first", "third", "twelfth", "twentieth", "fortieth", "first",
            ])
    }

    static let saidNumbers: [(String, Double)] = [
        ("twenty two point five", 22.5), ("a hundred", 100), ("half", 0.5), ("a half", 0.5), ("a quarter", 0.25),
        ("one and a half", 1.5), ("two and three quarters", 2.75), ("three quarters", 0.75), ("one third", 0.333333333333),
        ("two thirds", 0.666666666667),
        ("a hundred and ten", 110), ("one hundred five", 105), ("fifteen hundred", 1500), ("two thousand and a half", 2000.5),
        ("one hundred and a half", 100.5), ("one thousand one hundred", 1100), ("minus four", -4),
        ("negative two point oh five", -2.05),
        ("half a million", 500_000), ("two point five million", 2_500_000), ("a dozen", 12), ("half a dozen", 6), ("a couple", 2),
        ("twenty-one", 21), ("0.75", 0.75), ("1/4", 0.25), ("1,500", 1500), ("a thousand and one", 1001), ("point five", 0.5),
        ("zero point one", 0.1), ("five thousand two hundred and thirty one", 5231),
    ]

    @Test("numbers are heard as people say them", arguments: saidNumbers)
    func heard(text: String, value: Double) throws {
        let read = try #require(NumberWords.value(of: text))
        #expect(abs(read - value) < 1e-9)
    }

    @Test(
        "what is no single number is not taken for one",
        arguments: ["", "a", "and", "seven thirty", "two two", "third", "ten lamps", "hundred", "a light", "twenty third"])
    func notHeard(text: String) {
        #expect(NumberWords.value(of: text) == nil)
    }

    @Test("a number is found where it stands")
    func found() throws {
        let words = ["set", "the", "lamp", "to", "a", "hundred", "and", "five", "percent"]
        let (value, range) = try #require(NumberWords.first(in: words))
        #expect(value == 105 && range == 4..<8)
        #expect(NumberWords.first(in: ["no", "number"]) == nil)
        #expect(NumberWords.match(["two", "hundred", "and", "off"], from: 0)?.end == 2)
    }
}

@Suite struct SpokenDurationTests {
    static let saidSpans: [(String, Double)] = [
        ("an hour and a half", 5400), ("one and a half hours", 5400), ("ninety seconds", 90),
        ("set a timer for ten minutes please", 600),
        ("half an hour", 1800), ("a quarter of an hour", 900), ("three quarters of an hour", 2700),
        ("one hour five minutes thirty seconds", 3930),
        ("one hour thirty", 5400), ("1h 30m", 5400), ("1.5 hours", 5400), ("2 1/2 minutes", 150), ("a minute", 60),
        ("an hour and twenty minutes", 4800),
        ("a couple of minutes", 120), ("couple of hours", 7200), ("two days", 172_800), ("in a week", 604_800), ("90 sec", 90),
        ("five minutes and a half", 330),
    ]

    @Test("spans are heard as people say them", arguments: saidSpans)
    func heard(text: String, seconds: Double) {
        #expect(SpokenDuration.seconds(in: text) == seconds)
    }

    @Test("what names no span gives none", arguments: ["", "ten", "the second lamp", "twenty percent", "zero minutes", "a lamp"])
    func notHeard(text: String) {
        #expect(SpokenDuration.seconds(in: text) == nil)
    }
}
