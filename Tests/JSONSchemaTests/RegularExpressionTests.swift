import JSONSchema
import StoreTestSupport
import Testing

@Suite("Patterns of ECMA-262")
struct RegularExpressionTests {
    @Test(
        "match what the standard says",
        arguments: [
            ("", "", true), ("", "x", true),
            ("abc", "xxabcxx", true), ("abc", "ab", false),
            ("^abc$", "abc", true), ("^abc$", "abc\n", false), ("^abc$", "\nabc", false),
            ("^(?:a|b)*$", "abba", true), ("^(?:a|b)*$", "abca", false),
            ("^(a|ab)(c|bcd)$", "abcd", true), ("^(a|ab)(c|bcd)$", "abc", true),
            ("^a+?b{2}$", "aabb", true), ("^a{2,3}$", "aaaa", false), ("^a{2,}$", "a", false),
            ("^a{0}$", "", true), ("^a{0}b$", "ab", false), ("^(){1000000000}$", "", true),
            ("^(?:(?:)*)*$", "", true), ("^(?:a*)*$", "aaa", true), ("^(?:a*)+b$", "aaab", true),
            ("^.$", "é", true), ("^.$", "🐲", true), ("^.$", "\n", false),
            ("^.$", "\u{2028}", false),
            ("^[^]$", "\n", true), ("[]", "anything", false), ("^[^a]$", "b", true),
            ("^[a-cx-z-]+$", "a-z", true), ("^[\\]\\-\\b]+$", "]-\u{8}", true),
            ("^[\\d_]+$", "1_2", true), ("^[^\\d]$", "1", false), ("^[\\D\\d]$", "1", true),
            ("^\\x41\\u0042\\u{43}$", "ABC", true), ("^\\ud83d\\udc32$", "🐲", true),
            ("^\\cJ\\0\\f\\n\\r\\t\\v$", "\n\0\u{C}\n\r\t\u{B}", true),
            ("^\\^\\$\\\\\\.\\*\\+\\?\\(\\)\\[\\]\\{\\}\\|\\/$", "^$\\.*+?()[]{}|/", true),
            ("\\bfoo\\b", "a foo b", true), ("\\bfoo\\b", "afoo", false), ("\\Boo\\b", "foo", true),
            ("^\\p{L}+$", "πλ", true), ("^\\P{L}+$", "π", false), ("^[\\p{Lu}\\d]+$", "Ä1", true),
            ("^\\p{gc=Decimal_Number}$", "৪", true), ("^[^\\p{Alphabetic}]$", "a", false),
            ("^\\p{Uppercase}$", "É", true), ("^\\p{ASCII}$", "é", false),
            ("^\\p{Any}$", "\n", true),
            ("^(?=a)", "abc", true), ("^(?=b)", "abc", false), ("^(?!b)\\w+$", "abc", true),
            ("^(?=.*\\d)(?=.*[a-z]).{4,}$", "abc1", true),
            ("^(?=.*\\d)(?=.*[a-z]).{4,}$", "abcd", false),
            ("(?<=\\$)\\d+", "cost $42", true), ("(?<=\\$)\\d+", "cost 42", false),
            ("(?<!\\$)\\b\\d+", "cost $42", false), ("(?<!\\$)\\b\\d+", "cost 42", true),
            ("^(?!.*(?=x)x)", "abc", true), ("^(?!.*(?=x)x)", "abxc", false),
            ("^(?=(?!b)[a-c]+$)", "ac", true), ("^(?=(?!b)[a-c]+$)", "bc", false),
            ("^(?:(?=a)a|b)+$", "abab", true), ("a$^", "a", false), ("^$|x", "", true),
            ("(?<year>\\d{4})-(?<month>\\d\\d)", "on 2026-11", true),
        ])
    func matches(pattern: String, text: String, expected: Bool) throws {
        let expression = try RegularExpression(pattern)
        #expect(expression.matches(text) == expected)
        #expect(expression.matchesBySimulation(text) == expected)
    }

    @Test(
        "refuse what is no pattern",
        arguments: [
            "(", ")", "(a", "a)", "[", "[a", "]", "}", "{", "a{", "a{1", "a{2,1}", "*", "a**", "+a",
            "^*", "(?=a)*", "\\b+", "\\a", "\\-", "\\_", "\\u", "\\u12", "\\u{110000}", "\\u{}",
            "\\x1", "\\c", "\\c1", "\\01", "[\\1]", "[b-a]", "[\\d-x]", "[a-\\w]", "\\1", "(a)\\2",
            "\\k<n>", "(?<n>a)(?<n>b)", "(?<1>a)", "(?<>a)", "(?<n", "(?P<n>a)", "(?i)a", "(?#c)",
            "\\p", "\\p{", "\\p{Nope}", "\\p{gc=Nope}", "\\p{L", "\\pL", "\\",
        ])
    func refuses(pattern: String) {
        #expect {
            _ = try RegularExpression(pattern)
        } throws: { error in
            (error as? RegularExpressionError)?.kind == .malformed
        }
        let isWellFormed = RegularExpression.isWellFormed(Array(pattern.utf8).span)
        #expect(!isWellFormed)
    }

    @Test(
        "name what they are and cannot be run",
        arguments: ["(a)\\1", "(?<n>a)\\k<n>", "\\k<n>(?<n>a)", "\\p{Script=Greek}", "\\p{RI}"])
    func namesUnsupported(pattern: String) {
        #expect {
            _ = try RegularExpression(pattern)
        } throws: { error in
            (error as? RegularExpressionError)?.kind == .unsupported
        }
        let isWellFormed = RegularExpression.isWellFormed(Array(pattern.utf8).span)
        #expect(isWellFormed)
    }

    @Test(
        "are refused where they would unfold to too much",
        arguments: [
            "(?:a{1000}){1000}", "a{100000}", "(?:(?:(?:a{99}){99}){99}){99}",
            String(repeating: "(", count: 1000) + String(repeating: ")", count: 1000),
            String(repeating: "a", count: 70_000),
        ])
    func refusesTooLarge(pattern: String) {
        #expect {
            _ = try RegularExpression(pattern)
        } throws: { error in
            (error as? RegularExpressionError)?.kind == .tooLarge
        }
    }

    @Test("take linear time where a backtracking engine explodes", .timeLimit(.minutes(1)))
    func linearTime() throws {
        let text = String(repeating: "a", count: 5_000) + "!"
        for pattern in ["^(a+)+$", "^(a|a)*$", "^(a*)*b$", "^(?=(a+)+$)", "(?<!(a*)*)b$"] {
            let expression = try RegularExpression(pattern)
            #expect(!expression.matches(text), "\(pattern)")
        }
    }

    @Test(
        "read ill-formed UTF-8 as replacement characters",
        arguments: ["^a\\ufffd\\ufffdb\\ud800\\ufffd\\ufffd$", "^a..b\\p{Cs}..$"])
    func illFormedText(pattern: String) throws {
        let bytes: [UInt8] = [0x61, 0xFF, 0xC3, 0x62, 0xED, 0xA0, 0x80, 0xE2, 0x82]
        let matches = try RegularExpression(pattern).matches(bytes.span)
        #expect(matches)
    }

    /// The two ways of matching, and the standard library's engine as a third opinion. Texts are not
    /// empty: that engine sees a word boundary in nothing, ECMA-262 does not.
    @Test("agree with each other and with another engine on random patterns")
    func agreement() throws {
        var generator = SeededGenerator(seed: 0x5EED)
        var matched = 0
        for _ in 0..<1_500 {
            let pattern = randomPattern(depth: 3, &generator)
            let expression = try RegularExpression(pattern)
            let other = try Regex(pattern)
            for _ in 0..<4 {
                let count = Int.random(in: 1...6, using: &generator)
                let text = String((0..<count).map { _ in "abc1".randomElement(using: &generator)! })
                let expected = text.firstMatch(of: other) != nil
                if expected { matched += 1 }
                #expect(expression.matches(text) == expected, "\(pattern) on \(text)")
                #expect(expression.matchesBySimulation(text) == expected, "\(pattern) on \(text)")
            }
        }
        #expect(matched > 1_000)
    }

    private func randomPattern(depth: Int, _ generator: inout SeededGenerator) -> String {
        let choice = Int.random(in: 0..<(depth == 0 ? 5 : 12), using: &generator)
        func inner() -> String { randomPattern(depth: depth - 1, &generator) }
        switch choice {
        case 0, 1: return ["a", "b", "c", "1"].randomElement(using: &generator)!
        case 2:
            return ["[ab]", "[^a]", "\\d", "\\w", ".", "[b-c1]"].randomElement(using: &generator)!
        case 3: return ["^", "$", "\\b"].randomElement(using: &generator)!
        case 4: return ""
        case 5: return inner() + inner()
        case 6: return "(?:" + inner() + "|" + inner() + ")"
        case 7: return "(?:" + inner() + ")*"
        case 8: return "(?:" + inner() + ")+"
        case 9: return "(?:" + inner() + "){1,2}"
        case 10: return "(?=" + inner() + ")"
        default: return "(?!" + inner() + ")"
        }
    }
}
