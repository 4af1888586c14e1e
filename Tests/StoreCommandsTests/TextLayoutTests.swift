import StoreCommands
import Testing

@Suite("Text on a terminal")
struct TextLayoutTests {
    @Test(
        "takes as many columns as the terminal gives it",
        arguments: [
            ("", 0), ("abc", 3), ("Торговый", 8), ("备用账号", 8), ("e\u{301}", 1), ("🚀", 2),
            ("👩‍👩‍👧‍👦", 2), ("☂️", 2), ("☂", 1), ("ﾊﾝ", 2), ("ｆｕｌｌ", 8), ("a\u{200B}b", 2),
            ("한국", 4), ("🇩🇪", 2), ("…", 1), ("→", 1),
        ])
    func width(text: String, columns: Int) {
        #expect(displayWidth(text) == columns)
    }

    @Test("is cut at a character, never inside one, and the cut is shown")
    func cut() {
        #expect(truncated("abcdef", toColumns: 6) == "abcdef")
        #expect(truncated("abcdef", toColumns: 4) == "abc…")
        #expect(truncated("备用账号", toColumns: 6) == "备用…")
        #expect(truncated("备用账号", toColumns: 2) == "…")
        #expect(truncated("abc", toColumns: 0) == "")
    }

    @Test("is broken at spaces, and inside a word only where it is longer than a line")
    func wrap() {
        #expect(wrapped("one two three", toColumns: 7) == ["one two", "three"])
        #expect(wrapped("", toColumns: 7) == [""])
        #expect(wrapped("a verylongword b", toColumns: 6) == ["a", "verylo", "ngword", "b"])
        #expect(wrapped("备用账号 备用", toColumns: 5) == ["备用", "账号", "备用"])
        for columns in 1...40 {
            let lines = wrapped("Hello 备用账号 🚀🚀🚀 supercalifragilistic words", toColumns: columns)
            // A character wider than the line has to stand somewhere.
            #expect(
                lines.allSatisfy { displayWidth($0) <= max(2, columns) }, "\(columns): \(lines)")
        }
    }

    @Test("writes numbers for people")
    func numbers() {
        #expect(grouped(0) == "0")
        #expect(grouped(999) == "999")
        #expect(grouped(1_234_567) == "1,234,567")
        #expect(grouped(-1234) == "-1,234")
        #expect(humanBytes(0) == "0 B")
        #expect(humanBytes(1023) == "1023 B")
        #expect(humanBytes(1024) == "1.0 KiB")
        #expect(humanBytes(1_048_575) == "1023.9 KiB")
        #expect(humanBytes(1_048_576) == "1.0 MiB")
        #expect(humanBytes(.max) == "7.9 EiB")
        #expect(humanDuration(0) == "under 1 ms")
        #expect(humanDuration(12_000_000) == "12 ms")
        #expect(humanDuration(1_590_000_000) == "1.5 s")
        #expect(humanDuration(3_725_000_000_000) == "1 h 2 min")
        #expect(humanAge(seconds: 90) == "1 minute ago")
        #expect(humanAge(seconds: 86_400 * 3) == "3 days ago")
        #expect(decimalSeconds(1_000_000_042) == "1.000000042")
    }

    @Test("puts a label and its text side by side, or one under the other where it is narrow")
    func entries() {
        var wide = Screen(columns: 40, isColored: false, isVerbose: false)
        wide.entry("Layout", "4, versions 0.1.6 to 0.5.0 of the app", labelColumns: 9)
        #expect(
            wide.text == """
                  Layout     4, versions 0.1.6 to 0.5.0
                             of the app

                """)
        var narrow = Screen(columns: 20, isColored: false, isVerbose: false)
        narrow.entry("Layout", "4, versions 0.1.6", labelColumns: 9)
        #expect(
            narrow.text == """
                  Layout
                      4, versions
                      0.1.6

                """)
    }

    @Test("is coloured only where that was asked for, and colour takes no columns")
    func colour() {
        var screen = Screen(columns: 40, isColored: true, isVerbose: false)
        screen.entry("A", "b", labelColumns: 3, .bad, labelEmphasis: .strong)
        #expect(screen.text == "  \u{1B}[1mA\u{1B}[0m    \u{1B}[31mb\u{1B}[0m\n")
    }
}
