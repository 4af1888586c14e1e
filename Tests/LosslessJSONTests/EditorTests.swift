import LosslessJSON
import Testing

/// The document after one operation of a JSON Patch.
func patched(_ document: String, _ operation: String) throws -> String {
    let patch = try JSONPatch(JSONDocument(text: "[" + operation + "]").root)
    return text(try patch.apply(to: Array(document.utf8)))
}

@Suite("Editing")
struct EditorTests {
    struct Case: Sendable, CustomTestStringConvertible {
        var name: String
        var before: String
        var operation: String
        var after: String
        var testDescription: String { name }

        init(_ name: String, _ before: String, _ operation: String, _ after: String) {
            self.name = name
            self.before = before
            self.operation = operation
            self.after = after
        }
    }

    static let replacing: [Case] = [
        Case(
            "a value and nothing else",
            " {\"a\" :1.50 ,\r\n\"b\":[ 1e2 ]}\n\n", #"{"op":"replace","path":"/b/0","value":1E2}"#,
            " {\"a\" :1.50 ,\r\n\"b\":[ 1E2 ]}\n\n"),
        Case(
            "the whole document between its white space",
            "\n{\"a\": 1}\n", #"{"op":"replace","path":"","value":[1.0]}"#, "\n[1.0]\n"),
        Case(
            "a value that is written alike but for white space by itself",
            "{\n  \"a\": [ 1,\n2 ]\n}", #"{"op":"replace","path":"/a","value":[1,2]}"#,
            "{\n  \"a\": [ 1,\n2 ]\n}"),
        Case(
            "an array on one line by one on one line",
            "{\n  \"a\": [1, 2],\n  \"b\": {\n    \"c\": 1\n  }\n}",
            #"{"op":"replace","path":"/a","value":[1,2,3]}"#,
            "{\n  \"a\": [1, 2, 3],\n  \"b\": {\n    \"c\": 1\n  }\n}"),
        Case(
            "a scalar by an object with the indentation of its line",
            "{\n    \"a\": {\n        \"b\": 1\n    }\n}\n",
            #"{"op":"replace","path":"/a/b","value":{"c":[],"d":{"e":"\u00e9"}}}"#,
            "{\n    \"a\": {\n        \"b\": {\n            \"c\": [],\n            \"d\": {\n"
                + "                \"e\": \"\\u00e9\"\n            }\n        }\n    }\n}\n"),
    ]

    static let adding: [Case] = [
        Case(
            "a member as the last, on a line of its own",
            "{\n  \"a\": 1\n}\n", #"{"op":"add","path":"/b","value":[1,{"c":2}]}"#,
            "{\n  \"a\": 1,\n  \"b\": [\n    1,\n    {\n      \"c\": 2\n    }\n  ]\n}\n"),
        Case(
            "with tabs where the document has tabs",
            "{\n\t\"a\": {\n\t\t\"b\": 1\n\t}\n}", #"{"op":"add","path":"/a/c","value":{"d":1}}"#,
            "{\n\t\"a\": {\n\t\t\"b\": 1,\n\t\t\"c\": {\n\t\t\t\"d\": 1\n\t\t}\n\t}\n}"),
        Case(
            "with the line ends of the document",
            "{\r\n  \"a\": 1\r\n}\r\n", #"{"op":"add","path":"/b","value":[1]}"#,
            "{\r\n  \"a\": 1,\r\n  \"b\": [\r\n    1\r\n  ]\r\n}\r\n"),
        Case(
            "without white space where there is none",
            #"{"a":[1,2],"b":{}}"#, #"{"op":"add","path":"/b/c","value":{"d": [1, 2]}}"#,
            #"{"a":[1,2],"b":{"c":{"d":[1,2]}}}"#),
        Case(
            "with spaces where a line has spaces",
            #"{"a": [1, 2], "b": {}}"#, #"{"op":"add","path":"/b/c","value":{"d":[1,2],"e":3}}"#,
            #"{"a": [1, 2], "b": {"c": {"d": [1, 2], "e": 3}}}"#),
        Case(
            "with padding where the document has padding",
            #"{ "a": [ 1 ] }"#, #"{"op":"add","path":"/b","value":{"c":[2,3]}}"#,
            #"{ "a": [ 1 ], "b": { "c": [ 2, 3 ] } }"#),
        Case(
            "to an object that was empty, in the document's indentation",
            "{\n   \"a\": {}\n}", #"{"op":"add","path":"/a/b","value":1}"#,
            "{\n   \"a\": {\n      \"b\": 1\n   }\n}"),
        Case(
            "to an array that was empty, in the document's indentation",
            "{\n  \"a\": [\n  ]\n}", #"{"op":"add","path":"/a/-","value":{"b":1}}"#,
            "{\n  \"a\": [\n    {\n      \"b\": 1\n    }\n  ]\n}"),
        Case(
            "to an empty document without any layout",
            "{}\n", #"{"op":"add","path":"/a","value":{"b":[1]}}"#, "{\"a\":{\"b\":[1]}}\n"),
        Case(
            "a first element that shares its line with the others",
            "[1, 2]", #"{"op":"add","path":"/0","value":0}"#, "[0, 1, 2]"),
        Case(
            "an element in the middle, on a line of its own",
            "[\n  1,\n  2\n]", #"{"op":"add","path":"/1","value":1.5}"#,
            "[\n  1,\n  1.5,\n  2\n]"),
        Case(
            "a second element beside the only one",
            "{\"a\": [1]}", #"{"op":"add","path":"/a/0","value":0}"#, "{\"a\": [0, 1]}"),
        Case(
            "a record on one line among records on one line",
            "[\n  {\"id\": 1},\n  {\"id\": 2}\n]",
            #"{"op":"add","path":"/-","value":{"id":3,"tags":["x"]}}"#,
            "[\n  {\"id\": 1},\n  {\"id\": 2},\n  {\"id\": 3, \"tags\": [\"x\"]}\n]"),
        Case(
            "without the blank lines of its neighbours",
            "{\n  \"a\": 1,\n\n  \"b\": 2\n}", #"{"op":"add","path":"/c","value":3}"#,
            "{\n  \"a\": 1,\n\n  \"b\": 2,\n  \"c\": 3\n}"),
        Case(
            "a key with what has to be escaped",
            "{}", #"{"op":"add","path":"/\"\\\u0001~1é","value":1}"#, #"{"\"\\\u0001/é":1}"#),
    ]

    static let removing: [Case] = [
        Case(
            "the first member with its line", "{\n  \"a\": 1,\n  \"b\": 2\n}",
            #"{"op":"remove","path":"/a"}"#, "{\n  \"b\": 2\n}"),
        Case(
            "the last member with its line and the comma before", "{\n  \"a\": 1,\n  \"b\": 2\n}\n",
            #"{"op":"remove","path":"/b"}"#, "{\n  \"a\": 1\n}\n"),
        Case(
            "a member in the middle with its comma", #"{"a":1,"b":2,"c":3}"#,
            #"{"op":"remove","path":"/b"}"#, #"{"a":1,"c":3}"#),
        Case("the first of a line", "[1, 2, 3]", #"{"op":"remove","path":"/0"}"#, "[2, 3]"),
        Case("the last of a line", "[ 1 , 2 ]", #"{"op":"remove","path":"/1"}"#, "[ 1 ]"),
        Case(
            "the only member, and its line with it", "{\n  \"a\": {\n    \"b\": 1\n  }\n}",
            #"{"op":"remove","path":"/a/b"}"#, "{\n  \"a\": {}\n}"),
    ]

    static let moving: [Case] = [
        Case(
            "a value with its spelling, to the indentation of its new place",
            "{\n  \"a\": {\n    \"b\": {\n      \"c\": [1.0, 2]\n    }\n  },\n  \"d\": 1\n}",
            #"{"op":"move","from":"/a/b","path":"/e"}"#,
            "{\n  \"a\": {},\n  \"d\": 1,\n  \"e\": {\n    \"c\": [1.0, 2]\n  }\n}"),
        Case(
            "a copy, to the indentation of its new place",
            "{\n  \"a\": {\n    \"b\": 1e0\n  },\n  \"c\": [\n    0\n  ]\n}",
            #"{"op":"copy","from":"/a","path":"/c/0"}"#,
            "{\n  \"a\": {\n    \"b\": 1e0\n  },\n  \"c\": [\n    {\n      \"b\": 1e0\n    },\n"
                + "    0\n  ]\n}"),
    ]

    @Test("replaces", arguments: replacing)
    func replaces(_ example: Case) throws {
        #expect(try patched(example.before, example.operation) == example.after)
    }

    @Test("adds", arguments: adding)
    func adds(_ example: Case) throws {
        #expect(try patched(example.before, example.operation) == example.after)
    }

    @Test("removes", arguments: removing)
    func removes(_ example: Case) throws {
        #expect(try patched(example.before, example.operation) == example.after)
    }

    @Test("moves and copies", arguments: moving)
    func moves(_ example: Case) throws {
        #expect(try patched(example.before, example.operation) == example.after)
    }

    @Test("removing what was added gives the bytes from before", arguments: adding)
    func undoes(_ example: Case) throws {
        // White space inside an empty container is not worth remembering.
        guard !example.before.contains("[\n  ]") else { return }
        let path = try #require(
            JSONDocument(text: example.operation).root.member(named: "path")?.string)
        let last = path.hasSuffix("/-") ? String(path.dropLast()) + lastIndex(example) : path
        var editor = JSONEditor(try JSONDocument(text: example.after))
        try editor.remove(JSONPointer(last))
        #expect(text(editor.bytes) == example.before)
    }

    private func lastIndex(_ example: Case) -> String {
        example.before.hasPrefix("[") ? "2" : "0"
    }

    @Test("removes a key that comes twice altogether")
    func duplicates() throws {
        let document = try JSONDocument(text: #"{"a":1,"b":2,"a":3}"#, duplicateKeys: .allow)
        var editor = JSONEditor(document)
        try editor.replace(JSONPointer("/a"), with: JSONDocument(text: "4").root)
        #expect(text(editor.bytes) == #"{"a":1,"b":2,"a":4}"#)
        try editor.remove(JSONPointer("/a"))
        #expect(text(editor.bytes) == #"{"b":2}"#)
    }

    @Test("a move that fails changes nothing", arguments: ["/a", "/b", "/c"])
    func failedMove(source: String) throws {
        let document = "{ \"a\": 1 ,\n \"b\": 2 ,\n\n \"c\": 3 }"
        var editor = JSONEditor(try JSONDocument(text: document))
        #expect(throws: JSONEditError.nothingThere(try JSONPointer("/x/y"))) {
            try editor.move(from: JSONPointer(source), to: JSONPointer("/x/y"))
        }
        #expect(text(editor.bytes) == document)
    }

    @Test("tells what cannot be done")
    func errors() throws {
        var editor = JSONEditor(try JSONDocument(text: #"{"a":{"b":[1]}}"#))
        let one = try JSONDocument(text: "1").root
        let missing = try JSONPointer("/a/c")
        #expect(throws: JSONEditError.nothingThere(missing)) {
            try editor.replace(missing, with: one)
        }
        #expect(throws: JSONEditError.nothingThere(missing)) { try editor.remove(missing) }
        #expect(throws: JSONEditError.nothingThere(missing)) {
            try editor.copy(from: missing, to: .root)
        }
        let beyond = try JSONPointer("/a/b/2")
        #expect(throws: JSONEditError.nothingThere(beyond)) { try editor.add(beyond, one) }
        #expect(throws: JSONEditError.rootCannotBeRemoved) { try editor.remove(.root) }
        let outer = try JSONPointer("/a")
        #expect(throws: JSONEditError.movedIntoItself(outer)) {
            try editor.move(from: outer, to: JSONPointer("/a/b/0"))
        }
        #expect(text(editor.bytes) == #"{"a":{"b":[1]}}"#)
    }

    @Test("stays within the limits it was given")
    func limits() throws {
        let document = try JSONDocument(text: #"{"a":[]}"#)
        var editor = JSONEditor(document, limits: JSONLimits(maximumDepth: 3, maximumBytes: 200))
        let pointer = try JSONPointer("/a/-")
        #expect(throws: JSONEditError.tooDeep(pointer)) {
            try editor.add(pointer, JSONDocument(text: "[[]]").root)
        }
        try editor.add(pointer, JSONDocument(text: "[1]").root)
        let long = try JSONDocument(text: "\"" + String(repeating: "x", count: 200) + "\"").root
        #expect(throws: JSONEditError.tooLarge(pointer)) { try editor.add(pointer, long) }
        #expect(text(editor.bytes) == #"{"a":[[1]]}"#)
        // Each copy doubles the document; the limit stops that.
        #expect(throws: JSONEditError.tooLarge(try JSONPointer("/a/0"))) {
            for _ in 0..<100 {
                try editor.copy(from: JSONPointer("/a/0"), to: JSONPointer("/a/0"))
            }
        }
        #expect(editor.bytes.count <= 200)
    }

    @Test("shows values as they are after changes")
    func values() throws {
        var editor = JSONEditor(try JSONDocument(text: #"{"a":{"b":[1,2]}}"#))
        #expect(editor.value(at: try JSONPointer("/a/b/1"))?.integer == 2)
        try editor.remove(JSONPointer("/a/b/0"))
        #expect(editor.value(at: try JSONPointer("/a/b/0"))?.integer == 2)
        #expect(editor.value(at: try JSONPointer("/a/b/1")) == nil)
        #expect(editor.value(at: try JSONPointer("/a")).map { text($0.bytes) } == #"{"b":[2]}"#)
    }
}
