import LosslessJSON
import Testing

@Suite("Differences")
struct DiffTests {
    func edits(
        _ before: String, _ after: String, memberOrder: Bool = false
    ) throws -> [String] {
        let diff = JSONDiff(
            from: try JSONDocument(text: before), to: try JSONDocument(text: after),
            memberOrder: memberOrder)
        return diff.edits.map { edit in
            let old = edit.before.map { text(diff.before.bytes[$0]) } ?? ""
            let new = edit.after.map { text(diff.after.bytes[$0]) } ?? ""
            return "\(edit.operation.rawValue) \(edit.pointer) \(old)>\(new)"
        }
    }

    @Test(
        "are told by pointer",
        arguments: [
            (#"{"a":1,"b":2}"#, #"{ "b": 2, "a": 1 }"#, []),
            (#"{"a":1}"#, #"{"a":1.0}"#, ["replace /a 1>1.0"]),
            (#"{"a":"é"}"#, #"{"a":"\u00e9"}"#, [#"replace /a "é">"\u00e9""#]),
            (
                #"{"a":1,"b":2}"#, #"{"b":3,"c":4}"#,
                ["remove /a 1>", "replace /b 2>3", "add /c >4"]
            ),
            (
                #"{"a":{"b/c":[1,{"d":2}]}}"#, #"{"a":{"b/c":[1,{"d":null}]}}"#,
                ["replace /a/b~1c/1/d 2>null"]
            ),
            (#"[1,2,3,4]"#, #"[1,3,4]"#, ["remove /1 2>"]),
            (#"[1,2,3,4]"#, #"[1,9,2,3,8,4]"#, ["add /1 >9", "add /4 >8"]),
            (#"[1,2,3,4,5]"#, #"[2,3,5,6]"#, ["remove /0 1>", "remove /2 4>", "add /3 >6"]),
            (#"[1,2,3]"#, #"[]"#, ["remove /2 3>", "remove /1 2>", "remove /0 1>"]),
            (
                #"[{"id":1,"n":1},{"id":2,"n":1}]"#, #"[{"id":1,"n":1},{"id":2,"n":2}]"#,
                ["replace /1/n 1>2"]
            ),
            (#"[1]"#, #"{"a":1}"#, [#"replace  [1]>{"a":1}"#]),
            (#"1"#, #" 1 "#, []),
        ])
    func table(before: String, after: String, expected: [String]) throws {
        #expect(try edits(before, after) == expected)
    }

    @Test("in the order of members are told only where that is asked for")
    func order() throws {
        let before = #"{"x":{"a":1,"b":2,"c":3}}"#
        let after = #"{"x":{"b":2,"a":1,"c":3}}"#
        #expect(try edits(before, after) == [])
        #expect(
            try edits(before, after, memberOrder: true)
                == [#"replace /x {"a":1,"b":2,"c":3}>{"b":2,"a":1,"c":3}"#])
        #expect(
            try edits(#"{"a":1,"c":3}"#, #"{"a":1,"b":2,"c":3}"#, memberOrder: true) == [
                "add /b >2"
            ])
    }

    @Test("applied as a patch give the second document", arguments: 0..<10)
    func roundTrip(seed: UInt64) throws {
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<100 {
            let value = MadeUpValue.random(4, using: &generator)
            let other = value.changed(4, using: &generator)
            let before = try JSONDocument(text: value.text(using: &generator))
            let after = try JSONDocument(text: other.text(using: &generator))
            let diff = JSONDiff(from: before, to: after)
            let patch = try JSONPatch(JSONDocument(diff.patch()).root)
            let result = try JSONDocument(patch.apply(to: before))
            #expect(
                result.root.isEqual(to: after.root), "\(text(before.bytes)) \(text(after.bytes))")
            // Spelling comes along: nothing but the order of members can be left.
            #expect(JSONDiff(from: result, to: after).edits.isEmpty)
            #expect(JSONDiff(from: before, to: before).edits.isEmpty)
        }
    }

    @Test("of arrays too large for a common subsequence are told by position")
    func large() throws {
        func array(_ numbers: some Sequence<Int>) -> String {
            "[" + numbers.map(String.init).joined(separator: ",") + "]"
        }
        let before = array(0..<2000)
        let after = array((0..<2000).map { $0 % 2 == 0 ? $0 + 1 : $0 - 1 })
        #expect(try edits(before, after).count == 2000)
        #expect(try edits(before, array(1..<2000)) == ["remove /0 0>"])
    }
}
