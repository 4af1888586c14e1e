import LosslessJSON
import Testing

@Suite("Merge patches")
struct MergePatchTests {
    func merged(_ document: String, _ patch: String) throws -> String {
        let patch = JSONMergePatch(try JSONDocument(text: patch).root)
        return text(try patch.apply(to: Array(document.utf8)))
    }

    @Test(
        "give what the examples of RFC 7396, appendix A, give",
        arguments: [
            (#"{"a":"b"}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
            (#"{"a":"b"}"#, #"{"b":"c"}"#, #"{"a":"b","b":"c"}"#),
            (#"{"a":"b"}"#, #"{"a":null}"#, #"{}"#),
            (#"{"a":"b","b":"c"}"#, #"{"a":null}"#, #"{"b":"c"}"#),
            (#"{"a":["b"]}"#, #"{"a":"c"}"#, #"{"a":"c"}"#),
            (#"{"a":"c"}"#, #"{"a":["b"]}"#, #"{"a":["b"]}"#),
            (#"{"a":{"b":"c"}}"#, #"{"a":{"b":"d","c":null}}"#, #"{"a":{"b":"d"}}"#),
            (#"{"a":[{"b":"c"}]}"#, #"{"a":[1]}"#, #"{"a":[1]}"#),
            (#"["a","b"]"#, #"["c","d"]"#, #"["c","d"]"#),
            (#"{"a":"b"}"#, #"["c"]"#, #"["c"]"#),
            (#"{"a":"foo"}"#, #"null"#, #"null"#),
            (#"{"a":"foo"}"#, #""bar""#, #""bar""#),
            (#"{"e":null}"#, #"{"a":1}"#, #"{"e":null,"a":1}"#),
            (#"[1,2]"#, #"{"a":"b","c":null}"#, #"{"a":"b"}"#),
            (#"{}"#, #"{"a":{"bb":{"ccc":null}}}"#, #"{"a":{"bb":{}}}"#),
        ])
    func appendix(document: String, patch: String, result: String) throws {
        #expect(try merged(document, patch) == result)
    }

    @Test("leave nulls in arrays, and objects in arrays, as they are")
    func arrays() throws {
        #expect(
            try merged("{}", #"{"a":[null,{"b":null}],"c":{"d":[null],"e":null}}"#)
                == #"{"a":[null,{"b":null}],"c":{"d":[null]}}"#)
    }

    @Test("keep the layout, and the spelling of what they add")
    func layout() throws {
        let document = "{\n  \"a\": 1.0,\n\n  \"b\": {\n    \"c\": [1,2]\n  },\n  \"d\": 4\n}\n"
        let patch = #"{"b":{"c":[1, 2],"\u0065":1.50},"d":null,"f":{"g":{"h":[1E2]}}}"#
        let result =
            "{\n  \"a\": 1.0,\n\n  \"b\": {\n    \"c\": [1,2],\n    \"\\u0065\": 1.50\n  },\n"
            + "  \"f\": {\n    \"g\": {\n      \"h\": [1E2]\n    }\n  }\n}\n"
        #expect(try merged(document, patch) == result)
    }

    @Test("change many members at once")
    func many() throws {
        func object(_ numbers: some Sequence<Int>, _ value: (Int) -> String) -> String {
            "{\n" + numbers.map { "  \"k\($0)\": \(value($0))" }.joined(separator: ",\n") + "\n}"
        }
        let document = object(0..<300) { "\($0)" }
        let patch = object(0..<310) { $0 % 3 == 0 ? "null" : "\($0 * 2)" }
        let result = object((0..<310).filter { $0 % 3 != 0 }) { "\($0 * 2)" }
        #expect(try merged(document, patch) == result)
        #expect(try merged(document, object(0..<300) { _ in "null" }) == "{}")
    }

    @Test("refuse a document that is no JSON, and results beyond the limits")
    func errors() throws {
        let one = JSONMergePatch(try JSONDocument(text: #"{"a":{"b":{"c":[]}}}"#).root)
        let truncated = #expect(throws: JSONPatchError.self) { try one.apply(to: [0x7B]) }
        guard case .document(let error)? = truncated?.kind else {
            Issue.record("\(truncated as Any)")
            return
        }
        #expect(error.code == .truncated)
        let limits = JSONLimits(maximumDepth: 3)
        let tooDeep = #expect(throws: JSONPatchError.self) {
            try one.apply(to: Array("{}".utf8), limits: limits)
        }
        #expect(tooDeep?.kind == .tooDeep)
        let same = #expect(throws: JSONPatchError.self) {
            try one.apply(to: Array(#"{"a":{"b":{}}}"#.utf8), limits: limits)
        }
        #expect(same?.kind == .tooDeep)
    }
}
