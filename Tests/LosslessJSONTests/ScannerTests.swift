import LosslessJSON
import Testing

@Suite("Scanning")
struct ScannerTests {
    @Test(
        "says what is wrong and where",
        arguments: [
            ("", "empty", 0, 1, 1, "there is no value"),
            (" \n ", "empty", 3, 2, 2, "there is no value"),
            ("{\"a\"\n  1}", "json-malformed", 7, 2, 3, "expected ':' after the key but found '1'"),
            ("[1,]", "json-malformed", 3, 1, 4, "expected a value but found ']'"),
            ("[1 2]", "json-malformed", 3, 1, 4, "expected ',' or ']' but found '2'"),
            ("{\"a\":1,}", "json-malformed", 7, 1, 8, "expected a key after ',' but found '}'"),
            ("{a:1}", "json-malformed", 1, 1, 2, "expected a key or '}' but found 'a'"),
            (
                "[01]", "json-malformed", 2, 1, 3,
                "expected no digit after a leading zero but found '1'"
            ),
            ("[-]", "json-malformed", 2, 1, 3, "expected a digit after '-' but found ']'"),
            ("[1.]", "json-malformed", 3, 1, 4, "expected a digit after '.' but found ']'"),
            ("[1e+]", "json-malformed", 4, 1, 5, "expected a digit of the exponent but found ']'"),
            ("[nul]", "json-malformed", 4, 1, 5, "expected 'null' but found ']'"),
            (
                "[\"\t\"]", "json-malformed", 2, 1, 3,
                "expected no control character in a string but found byte 0x09"
            ),
            (
                "[\"\\x\"]", "json-malformed", 3, 1, 4,
                "expected an escape that JSON knows after '\\' but found 'x'"
            ),
            (
                "[\"\\u12g4\"]", "json-malformed", 6, 1, 7,
                "expected four hexadecimal digits after '\\u' but found 'g'"
            ),
            ("\u{FEFF}{}", "json-malformed", 0, 1, 1, "starts with a byte order mark"),
            ("{} x", "json-trailing", 3, 1, 4, "expected the end after the value but found 'x'"),
            ("1]", "json-trailing", 1, 1, 2, "expected the end after the value but found ']'"),
            ("{\"a\":", "json-truncated", 5, 1, 6, "the input ends inside an object"),
            ("[\n\"ab", "json-truncated", 5, 2, 4, "the input ends inside a string"),
            ("{\"ab", "json-truncated", 4, 1, 5, "the input ends inside a key"),
            ("-", "json-truncated", 1, 1, 2, "the input ends inside a number"),
            ("tru", "json-truncated", 3, 1, 4, "the input ends inside 'true'"),
            (
                "{\"a\":1,\n \"\\u0061\":2}", "json-duplicate-key", 9, 2, 2,
                "the object has this key already"
            ),
            ("[1]\0\0", "nul-bytes", 3, 1, 4, "nothing but NUL bytes from here to the end"),
            ("\0\0", "nul-bytes", 0, 1, 1, "nothing but NUL bytes from here to the end"),
            (
                "[\"\0\0x", "json-malformed", 2, 1, 3,
                "expected no control character in a string but found byte 0x00"
            ),
        ])
    func reasons(
        input: String, code: String, offset: Int, line: Int, column: Int, reason: String
    ) throws {
        let error = try #require(scan(input))
        #expect(error.code.rawValue == code)
        #expect(error.offset == offset)
        #expect(error.line == line)
        #expect(error.column == column)
        #expect(error.reason == reason)
        #expect(parse(Array(input.utf8)) == error)
    }

    @Test("a broken UTF-8 sequence is told where it starts")
    func brokenSequence() throws {
        let error = try #require(scan([0x5B, 0x22, 0x61, 0xE6, 0x97, 0x22, 0x5D]))
        #expect(error.code == .invalidUTF8)
        #expect(error.offset == 3)
    }

    @Test("nesting is accepted up to the limit and refused beyond it")
    func depth() throws {
        func nested(_ depth: Int) -> String {
            String(repeating: "[", count: depth) + String(repeating: "]", count: depth)
        }
        #expect(scan(nested(512)) == nil)
        let error = try #require(scan(nested(513)))
        #expect(error.code == .tooDeep)
        #expect(error.offset == 512)
        let objects =
            String(repeating: "{\"a\":[", count: 256) + "0"
            + String(repeating: "]}", count: 256)
        #expect(scan(objects) == nil)
        #expect(scan("[" + objects + "]")?.code == .tooDeep)
        let two = JSONLimits(maximumDepth: 2)
        #expect(scan([Array("[[]]".utf8)[...]], limits: two) == nil)
        #expect(scan([Array("[[{}]]".utf8)[...]], limits: two)?.code == .tooDeep)
    }

    @Test("length is accepted up to the limit and refused beyond it, however it comes")
    func length() throws {
        let bytes = Array("[1,2]  ".utf8)
        let limits = JSONLimits(maximumBytes: 6)
        for cut in 0...bytes.count {
            let error = try #require(scan([bytes[..<cut], bytes[cut...]], limits: limits))
            #expect(error.code == .tooLarge)
            #expect(error.offset == 6)
        }
        #expect(scan([bytes[..<6]], limits: limits) == nil)
        // What is wrong within the limit comes first.
        #expect(scan([Array("[1,]    ".utf8)[...]], limits: limits)?.code == .malformed)
    }

    @Test("an error stays, whatever comes after it")
    func poisoned() {
        var scanner = JSONScanner()
        var errors: [JSONError] = []
        for piece in ["[1", "x", "]"] {
            do throws(JSONError) { try scanner.consume(Array(piece.utf8)) } catch {
                errors.append(error)
            }
        }
        do throws(JSONError) { try scanner.finish() } catch { errors.append(error) }
        #expect(errors.count == 3)
        #expect(errors.allSatisfy { $0.offset == 2 && $0.code == .malformed })
    }

    @Test(
        "keys are the same if they decode to the same bytes",
        arguments: [
            (#"{"a":1,"a":2}"#, true), (#"{"a":1,"\u0061":2}"#, true),
            (#"{"\u00e9":1,"é":2}"#, true), (#"{"\ud834\udd1e":1,"𝄞":2}"#, true),
            (#"{"\/":1,"/":2}"#, true), (#"{"\n":1,"\u000a":2}"#, true),
            (#"{"":1,"":2}"#, true), (#"{"\ud800":1,"\ufffd":2}"#, true),
            (#"{"\ud800a":1,"\udc00a":2}"#, true), (#"{"\ud800\ud800\udc00":1,"\ufffd𐀀":2}"#, true),
            ("{\"caf\u{E9}\":1,\"cafe\u{301}\":2}", false), (#"{"a":1,"A":2}"#, false),
            (#"{"a":{"a":1},"b":{"a":1}}"#, false), (#"{"\u0000":1,"":2}"#, false),
            (#"{"a\u0000":1,"a":2}"#, false), (#"{"1234567":1,"1234567\u0000":2}"#, false),
            (#"{"12345678":1,"1234567":2}"#, false), (#"[{"a":1},{"a":2}]"#, false),
            (#"{"\\u0061":1,"a":2}"#, false),
        ])
    func duplicates(input: String, areSame: Bool) {
        let bytes = Array(input.utf8)
        #expect(scan(bytes)?.code == (areSame ? .duplicateKey : nil))
        #expect(scan(bytes, duplicateKeys: .allow) == nil)
        let single = bytes.indices.map { bytes[$0...$0] }
        #expect(scan(single) == scan(bytes))
        #expect(parse(bytes) == scan(bytes))
    }

    @Test(
        "a key that comes twice is found in objects of any size",
        arguments: [1, 15, 16, 17, 33, 5000])
    func largeObjects(count: Int) throws {
        func object(_ keys: some Sequence<Int>, _ last: String) -> String {
            let inner = (0..<40).map { "\"\($0)\":0" }.joined(separator: ",")
            return "{" + keys.map { "\"key \($0)\":{\(inner)}" }.joined(separator: ",") + last + "}"
        }
        #expect(scan(object(0..<count, "")) == nil)
        #expect(scan(object(0..<count, ",\"key \(count)\":0")) == nil)
        for repeated in [0, count / 2, count - 1] {
            let input = object(0..<count, ",\"key \(repeated)\":0")
            let error = try #require(scan(input))
            #expect(error.code == .duplicateKey)
            #expect(error.offset == input.utf8.count - "\"key \(repeated)\":0}".utf8.count)
        }
    }
}
