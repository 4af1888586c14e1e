import LosslessJSON
import Testing

@Suite("Patches")
struct PatchTests {
    @Test(
        "tell what is wrong with them, and with which operation",
        arguments: [
            (#"{"op":"remove"}"#, JSONPatchError.Kind.malformed, nil as Int?),
            (#"[1]"#, .malformed, 0),
            (#"[{"op":"test","path":"/a","value":1},{"path":"/a"}]"#, .malformed, 1),
            (#"[{"op":"ADD","path":"/a","value":1}]"#, .malformed, 0),
            (#"[{"op":1,"path":"/a","value":1}]"#, .malformed, 0),
            (#"[{"op":"add","path":"/a"}]"#, .malformed, 0),
            (#"[{"op":"move","path":"/a"}]"#, .malformed, 0),
            (#"[{"op":"remove","path":""}]"#, .malformed, 0),
            (#"[{"op":"move","from":"/b","path":"/b/0"}]"#, .malformed, 0),
            (#"[{"op":"add","path":"a","value":1}]"#, .notAPointer, 0),
            (#"[{"op":"add","path":"/~2","value":1}]"#, .notAPointer, 0),
            (#"[{"op":"copy","from":"/b~","path":"/a"}]"#, .notAPointer, 0),
            (#"[{"op":"remove","path":"/c"}]"#, .nothingThere, 0),
            (#"[{"op":"remove","path":"/b/-"}]"#, .nothingThere, 0),
            (#"[{"op":"replace","path":"/b/1","value":1}]"#, .nothingThere, 0),
            (#"[{"op":"test","path":"/c","value":null}]"#, .nothingThere, 0),
            (#"[{"op":"add","path":"/b/01","value":1}]"#, .nothingThere, 0),
            (#"[{"op":"add","path":"/a/b","value":1}]"#, .nothingThere, 0),
            (
                #"[{"op":"test","path":"/a","value":1.0},{"op":"test","path":"/a","value":"1"}]"#,
                .testFailed, 1
            ),
        ])
    func errors(patch: String, kind: JSONPatchError.Kind, operation: Int?) throws {
        let document = Array(#"{"a":1,"b":[0]}"#.utf8)
        let error = #expect(throws: JSONPatchError.self) {
            try JSONPatch(JSONDocument(text: patch).root).apply(to: document)
        }
        #expect(error?.kind == kind)
        #expect(error?.operation == operation)
    }

    @Test(
        "test for equality exactly",
        arguments: [
            (#"1"#, #"1.0"#, true), (#"100"#, #"1e2"#, true), (#"0"#, #"-0.0"#, true),
            (#"1e400"#, #"1e401"#, false),
            (#"9007199254740993"#, #"9007199254740992"#, false),
            (#"0.1"#, #"0.10000000000000000001"#, false),
            (#""é""#, #""\u00e9""#, true), ("\"\u{E9}\"", "\"e\u{301}\"", false),
            (#"{"a":1,"b":[2]}"#, #"{"b":[2.0],"a":1}"#, true),
            (#"{"a":1}"#, #"{"a":1,"b":null}"#, false), (#"[1,2]"#, #"[2,1]"#, false),
            (#"null"#, #"false"#, false), (#""1""#, #"1"#, false),
        ])
    func equality(left: String, right: String, areEqual: Bool) throws {
        let a = try JSONDocument(text: left).root
        let b = try JSONDocument(text: right).root
        #expect(a.isEqual(to: b) == areEqual)
        #expect(b.isEqual(to: a) == areEqual)
        let operation = "{\"op\":\"test\",\"path\":\"/x\",\"value\":\(right)}"
        let holds = (try? patched("{\"x\":\(left)}", operation)) != nil
        #expect(holds == areEqual)
    }

    @Test("with hundreds of operations cost what the document and they cost together")
    func many() throws {
        var writer = JSONWriter(indented: true)
        writer.object { writer in
            for number in 0..<2000 {
                writer.key("key \(number)")
                writer.object { $0.member("value", number) }
            }
        }
        let document = writer.bytes
        var operations = JSONWriter()
        operations.array { writer in
            for number in 0..<400 {
                writer.raw(
                    "{\"op\":\"replace\",\"path\":\"/key \(number)/value\",\"value\":\(-number)}"
                        .utf8)
                writer.raw("{\"op\":\"add\",\"path\":\"/new \(number)\",\"value\":[]}".utf8)
                writer.raw("{\"op\":\"remove\",\"path\":\"/key \(number + 1000)\"}".utf8)
            }
        }
        let patch = try JSONPatch(JSONDocument(operations.bytes).root)
        let result = try JSONDocument(patch.apply(to: document))
        #expect(patch.count == 1200)
        #expect(result.root.count == 2000)
        #expect(result.root.member(named: "key 399")?.member(named: "value")?.integer == -399)
        #expect(result.root.member(named: "key 1000") == nil)
        #expect(result.root.member(named: "new 399")?.kind == .array)
    }

    @Test("cannot make a document nest without bounds")
    func nesting() throws {
        let operations = (0..<600).map { number in
            let path = String(repeating: "/a", count: number + 1)
            return "{\"op\":\"add\",\"path\":\"\(path)\",\"value\":{}}"
        }
        let error = #expect(throws: JSONPatchError.self) {
            try patched("{}", operations.joined(separator: ","))
        }
        #expect(error?.kind == .tooDeep)
        #expect(error?.operation == 511)
    }
}
