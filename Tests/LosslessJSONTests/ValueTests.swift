import LosslessJSON
import Testing

@Suite("Documents")
struct ValueTests {
    @Test("show kinds, ranges and raw text")
    func views() throws {
        let source = #" {"a": [1.50, true, null, {}], "é\n": "x"} "#
        let document = try JSONDocument(text: source)
        let root = document.root
        #expect(root.kind == .object)
        #expect(root.count == 2)
        #expect(root.range == 1..<source.utf8.count - 1)
        #expect(root.members.map { $0.key.string } == ["a", "é\n"])
        let array = try #require(root.member(named: "a"))
        #expect(array.count == 4)
        #expect(array.elements.map(\.kind) == [.number, .boolean, .null, .object])
        #expect(array.element(at: 0)?.rawNumber.map(text) == "1.50")
        #expect(array.element(at: 1)?.boolean == true)
        #expect(array.element(at: 2)?.isNull == true)
        #expect(array.element(at: 3)?.count == 0)
        #expect(array.element(at: 4) == nil)
        #expect(array.element(at: -1) == nil)
        #expect(root.member(named: "é\n")?.isString("x") == true)
        #expect(root.element(at: 0) == nil)
        #expect(array.member(named: "0") == nil)
        #expect(Array(array.members).isEmpty && Array(root.elements).isEmpty)
    }

    @Test("find the last of several members with one key")
    func duplicates() throws {
        let document = try JSONDocument(text: #"{"a":1,"\u0061":2,"b":3}"#, duplicateKeys: .allow)
        #expect(document.root.member(named: "a")?.integer == 2)
        let other = try JSONDocument(text: #"{"b":3,"a":2}"#)
        #expect(document.root.isEqual(to: other.root))
        #expect(other.root.isEqual(to: document.root))
    }

    @Test(
        "decode strings as RFC 8259 says, lone surrogates to U+FFFD",
        arguments: [
            (#""""#, ""), (#""\"\\\/\b\f\n\r\t""#, "\"\\/\u{8}\u{C}\n\r\t"),
            (#""\u0041\u00e9\u20AC""#, "Aé€"), (#""\uD834\uDD1E""#, "𝄞"), (#""𝄞""#, "𝄞"),
            (#""\uD834""#, "\u{FFFD}"), (#""\uDD1E\uD834""#, "\u{FFFD}\u{FFFD}"),
            (#""\uD834\uD834\uDD1Ex""#, "\u{FFFD}𝄞x"), (#""\uD834\n""#, "\u{FFFD}\n"),
            (#""\uD834\u0041""#, "\u{FFFD}A"), (#""\u0000""#, "\0"), (#""\\u0041""#, "\\u0041"),
        ])
    func strings(source: String, decoded: String) throws {
        let value = try JSONDocument(text: source).root
        #expect(value.stringUTF8 == Array(decoded.utf8))
        #expect(value.isString(decoded))
        #expect(!value.isString(decoded + "x"))
    }

    @Test("tell keys apart that Swift's strings take for equal")
    func normalization() throws {
        let document = try JSONDocument(text: "{\"\u{E9}\":1,\"e\u{301}\":2}")
        #expect(document.root.member(named: "\u{E9}")?.integer == 1)
        #expect(document.root.member(named: "e\u{301}")?.integer == 2)
        #expect(try JSONPointer("/\u{E9}") != JSONPointer("/e\u{301}"))
        #expect(try JSONPointer("/e\u{301}").resolve(in: document)?.integer == 2)
    }

    @Test("are equal without regard to order and spelling, to any depth")
    func equality() throws {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<300 {
            let value = MadeUpValue.random(4, using: &generator)
            let first = try JSONDocument(text: value.text(using: &generator))
            let second = try JSONDocument(text: value.text(using: &generator))
            #expect(first.root.isEqual(to: second.root))
            #expect(first.root.isWrittenLike(second.root))
            let minified = minify(first.bytes)
            #expect(minified == minify(second.bytes))
            #expect(try JSONDocument(minified).root.isWrittenLike(first.root))
        }
        // Objects in another order at each of many levels: quick all the same.
        let levels = 200
        let first =
            String(repeating: #"{"b":0,"a":"#, count: levels) + "1"
            + String(repeating: "}", count: levels)
        let second =
            String(repeating: #"{"a":"#, count: levels) + "1.0"
            + String(repeating: #","b":0}"#, count: levels)
        #expect(try JSONDocument(text: first).root.isEqual(to: JSONDocument(text: second).root))
    }

    @Test("are minified piece by piece as in one")
    func minifying() throws {
        for sample in sampleTexts {
            let bytes = Array(sample.utf8)
            let whole = minify(bytes)
            #expect(scan(whole) == nil)
            let escapes = sample.contains("\\\"")
            if !escapes {
                // Outside strings no white space is left.
                let outside = text(whole).split(separator: "\"", omittingEmptySubsequences: false)
                    .enumerated().filter { $0.offset % 2 == 0 }
                #expect(outside.allSatisfy { !$0.element.contains { $0.isWhitespace } })
            }
            for cut in 0...bytes.count {
                var minifier = JSONMinifier()
                var pieces: [UInt8] = []
                minifier.consume(bytes[..<cut], appendingTo: &pieces)
                minifier.consume(bytes[cut...], appendingTo: &pieces)
                #expect(pieces == whole)
            }
        }
        #expect(
            text(minify(Array(#" { "a b" : [ 1 , " \" , \\" ] } "#.utf8)))
                == #"{"a b":[1," \" , \\"]}"#)
        let document = try JSONDocument(text: #"{"data": { "a" : 1 }}"#)
        #expect(document.root.member(named: "data").map { text($0.minified()) } == #"{"a":1}"#)
    }
}

@Suite("Pointers")
struct PointerTests {
    @Test("resolve as the examples of RFC 6901 section 5")
    func examples() throws {
        let document = try JSONDocument(
            text:
                #"{"foo":["bar","baz"],"":0,"a/b":1,"c%d":2,"e^f":3,"g|h":4,"i\\j":5,"k\"l":6," ":7,"m~n":8}"#
        )
        #expect(try JSONPointer("").resolve(in: document)?.range == document.root.range)
        #expect(try JSONPointer("/foo").resolve(in: document)?.count == 2)
        #expect(try JSONPointer("/foo/0").resolve(in: document)?.string == "bar")
        let numbers = ["/", "/a~1b", "/c%d", "/e^f", "/g|h", "/i\\j", "/k\"l", "/ ", "/m~0n"]
        for (number, pointer) in numbers.enumerated() {
            let parsed = try JSONPointer(pointer)
            #expect(parsed.resolve(in: document)?.integer == Int64(number), "\(pointer)")
            #expect(parsed.description == pointer)
        }
        for pointer in [
            "/foo/2", "/foo/-", "/foo/00", "/foo/01", "/foo/1e0", "/foo/ 1", "/foo/0/x", "/x",
            "/foo/99999999999999999999",
        ] {
            #expect(try JSONPointer(pointer).resolve(in: document) == nil, "\(pointer)")
        }
    }

    @Test(
        "are refused where they are none",
        arguments: [("a", 0), ("#/a", 0), ("/~", 1), ("/a/~2", 3), ("/~/a", 1)])
    func refused(text: String, offset: Int) {
        let error = #expect(throws: JSONPointerError.self) { try JSONPointer(text) }
        #expect(error?.offset == offset)
    }

    @Test("decode ~1 before ~0")
    func escapes() throws {
        #expect(try JSONPointer("/~01").tokens == [Array("~1".utf8)])
        #expect(JSONPointer.root.appending("~1").appending(0).description == "/~01/0")
        #expect(try JSONPointer("/a/b").parent == JSONPointer("/a"))
        #expect(JSONPointer.root.parent == nil)
        #expect(try JSONPointer("/a").isPrefix(of: JSONPointer("/a/b")))
        #expect(try !JSONPointer("/a").isPrefix(of: JSONPointer("/ab")))
    }
}
