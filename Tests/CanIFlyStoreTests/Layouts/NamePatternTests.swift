import Testing

@testable import CanIFlyStore

struct NamePatternTests {
    @Test(
        "a pattern matches whole paths, byte for byte",
        arguments: [
            ("a.json", "a.json", true), ("a.json", "A.json", false), ("a.json", "x/a.json", false),
            ("*.json", "a.json", true), ("*.json", ".json", true), ("*.json", "x/a.json", false),
            ("plans/*.txt", "plans/a.b.txt", true), ("plans/*.txt", "plans/a/b.txt", false),
            ("plans/_temp_*_<digits>.txt", "plans/_temp_a_1_22.txt", true),
            ("plans/_temp_*_<digits>.txt", "plans/_temp_a_1_.txt", false),
            ("plans/_temp_*_<digits>.txt", "plans/_temp__7.txt", true),
            ("a<digits>", "a", false), ("a<digits>", "a0123", true), ("a<digits>b", "a1b", true),
            ("?.txt", "é.txt", true), ("?.txt", "ab.txt", false), ("?.txt", ".txt", false),
            ("**", "a", true), ("**", "a/b/c", true), ("**/x", "x", true), ("**/x", "a/b/x", true),
            ("**/x", "a/b/xx", false), ("a/**", "a", true), ("a/**", "a/b/c", true),
            ("a/**", "ab/c", false), ("a/**/z", "a/z", true), ("a/**/z", "a/b/c/z", true),
            ("a/**/z", "a/b/c", false), ("a/**/b/*", "a/b/b/c", true),
            ("*a*b*c*", "xxaxxbxxcxx", true), ("*a*b*c*", "xxaxxcxxbxx", false),
            ("caf\u{E9}", "cafe\u{301}", false),
        ])
    func matching(pattern: String, path: String, expected: Bool) throws {
        #expect(try #require(NamePattern(pattern)).matches(path) == expected)
    }

    @Test(
        "what could leave the store or names nothing is no pattern",
        arguments: ["", "/", "/a", "a//b", "../a", "a/../b", "./a", "a/.", "a\u{0}b"])
    func refused(text: String) {
        #expect(NamePattern(text) == nil)
    }

    @Test("a hostile pattern takes no more than pattern length times path length steps")
    func noBlowUp() throws {
        let pattern = try #require(NamePattern(String(repeating: "*a", count: 300) + "b"))
        #expect(!pattern.matches(String(repeating: "a", count: 2_000)))
        let components = try #require(NamePattern(String(repeating: "**/a/", count: 100) + "b"))
        #expect(!components.matches(String(repeating: "a/", count: 1_000) + "a"))
    }
}

struct PointerPatternTests {
    @Test(
        "a pattern matches the tokens of a pointer",
        arguments: [
            ("", [], true), ("", ["a"], false), ("/a", ["a"], true), ("/a/*", ["a", "b"], true),
            ("/a/*", ["a"], false), ("/a/*", ["a", "b", "c"], false), ("/**/t", ["t"], true),
            ("/**/t", ["a", "0", "t"], true), ("/**/t", ["a", "t", "0"], false), ("/**", [], true),
            ("/a/**/b/*", ["a", "b", "b", "c"], true), ("/Token", ["tOkEn"], true),
            ("/a~1b", ["a/b"], true), ("/a~1b", ["a", "b"], false), ("/~0", ["~"], true),
            ("/caf\u{E9}", ["cafe\u{301}"], false),
        ])
    func matching(pattern: String, pointer: [String], expected: Bool) throws {
        let pattern = try #require(PointerPattern(pattern))
        #expect(pattern.matches(pointer.map { Array($0.utf8) }) == expected)
    }

    @Test("what is no pointer is no pattern", arguments: ["a", "a/b", "/a~", "/a~2"])
    func refused(text: String) {
        #expect(PointerPattern(text) == nil)
    }
}
