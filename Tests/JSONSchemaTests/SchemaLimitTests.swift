import JSONSchema
import LosslessJSON
import Testing

@Suite("Limits of validation", .timeLimit(.minutes(2)))
struct SchemaLimitTests {
    @Test(
        "end references that go round in a circle",
        arguments: [
            ##"{"$ref": "#"}"##,
            ##"{"$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}, "$ref": "#/$defs/a"}"##,
            ##"{"not": {"$ref": "#"}}"##,
            ##"{"allOf": [{"$ref": "#"}, {"$ref": "#"}]}"##,
            ##"{"anyOf": [{"$ref": "#"}, {"$ref": "#"}]}"##,
            ##"{"oneOf": [{"$ref": "#"}, {"$ref": "#"}]}"##,
            ##"{"if": {"$ref": "#"}, "then": true}"##,
            ##"{"$dynamicAnchor": "x", "$dynamicRef": "#x"}"##,
        ])
    func circles(schema: String) throws {
        let schema = try compiled(schema)
        let violations = schema.validate(try document("[1]"))
        #expect(violations.map(\.message) == ["references go round in a circle"])
        #expect(!schema.isValid(try document("[1]")))
    }

    @Test("let values nest as deep as documents may, several schemas at each level")
    func depth() throws {
        let schema = try compiled(
            ##"{"anyOf": [{"type": "null"}, {"$ref": "#/$defs/list"}], "$defs": {"list": {"items": {"$ref": "#"}}}}"##
        )
        let deep = try document(
            String(repeating: "[", count: 512) + String(repeating: "]", count: 512))
        #expect(schema.validate(deep).isEmpty)
    }

    @Test("give up where schemas on top of each other would exhaust the stack")
    func tooDeep() throws {
        let references = (0..<40).map {
            ##""s\##($0)": {"allOf": [{"$ref": "#/$defs/s\##($0 + 1)"}]}"##
        }
        let schema = try compiled(
            ##"{"$ref": "#/$defs/s0", "$defs": {\##(references.joined(separator: ",")), "s40": {"items": {"$ref": "#"}}}}"##
        )
        let deep = try document(
            String(repeating: "[", count: 512) + String(repeating: "]", count: 512))
        #expect(!schema.isValid(deep))
        #expect(schema.validate(deep).map(\.message) == ["the schema goes too deep here"])
    }

    @Test("hold on every way down, of which some take more of the stack than others")
    func deepestWays() throws {
        let schema = try compiled(
            ##"""
            {"anyOf": [{"type": "null"}, {"$ref": "#/$defs/map"}],
             "$defs": {"map": {"oneOf": [false, {"patternProperties": {"^a": {"$ref": "#/$defs/list"}},
                "unevaluatedProperties": false}]},
               "list": {"contains": {"if": true, "then": {"$ref": "#"}}, "unevaluatedItems": false}}}
            """##)
        for levels in [20, 60, 256] {
            let text =
                String(repeating: #"{"a": ["#, count: levels) + "1"
                + String(repeating: "]}", count: levels)
            #expect(schema.validate(try document(text)).isEmpty)
        }
    }

    @Test("give up on a schema that doubles its work with each step")
    func exponential() throws {
        let doubling = (0..<60).map {
            ##""s\##($0)": {"allOf": [{"$ref": "#/$defs/s\##($0 + 1)"}, {"$ref": "#/$defs/s\##($0 + 1)"}]}"##
        }
        let schema = try compiled(
            ##"{"$ref": "#/$defs/s0", "$defs": {\##(doubling.joined(separator: ",")), "s60": {"type": "integer"}}}"##
        )
        #expect(!schema.isValid(try document("1")))
    }

    @Test("do not hold for large arrays and objects")
    func large() throws {
        let unique = try compiled(#"{"uniqueItems": true, "items": {"type": "integer"}}"#)
        let numbers = (0..<50_000).map(String.init).joined(separator: ",")
        #expect(unique.isValid(try document("[" + numbers + "]")))
        #expect(!unique.isValid(try document("[" + numbers + ",49999.0]")))
        // All of these have the same digits, and the last ones exponents beyond any integer.
        let powers = (0..<20_000).map { "1e\($0)" }.joined(separator: ",")
        #expect(unique.isValid(try document("[" + powers + "]")))
        let giants = (0..<100).map { "1e99999999999999999999\($0)" }.joined(separator: ",")
        #expect(unique.isValid(try document("[" + giants + "]")))
        let more = (0..<5_000).map { "1e99999999999999999999\($0)" }.joined(separator: ",")
        let violations = unique.validate(try document("[" + more + "]"))
        #expect(violations.map(\.keyword) == [""])
        let names = (0..<2_000).map { "\"name\($0)\": true" }.joined(separator: ",")
        let required = (0..<2_000).map { "\"name\($0)\"" }.joined(separator: ",")
        let schema = try compiled(
            #"{"properties": {\#(names)}, "required": [\#(required)], "additionalProperties": false}"#
        )
        #expect(schema.isValid(try document("{" + names + "}")))
        let lacking = schema.validate(
            try document("{" + names.replacing("name1999", with: "other") + "}"))
        #expect(lacking.map(\.keyword).sorted() == ["additionalProperties", "required"])
    }
}

@Suite("Exact numbers")
struct ExactNumberTests {
    @Test(
        "compare beyond any machine number",
        arguments: [
            (#"{"multipleOf": 0.01}"#, "123456789012345678901234567890.12", true),
            (#"{"multipleOf": 0.01}"#, "123456789012345678901234567890.125", false),
            (#"{"multipleOf": 7}"#, "700000000000000000000000000000", true),
            (#"{"multipleOf": 7}"#, "700000000000000000000000000001", false),
            (#"{"multipleOf": 0.1}"#, "0.3", true), (#"{"multipleOf": 3}"#, "1e400000000", false),
            (#"{"type": "integer"}"#, "1.0", true), (#"{"type": "integer"}"#, "1e400000000", true),
            (#"{"type": "integer"}"#, "1e-400000000", false), (#"{"type": "integer"}"#, "-0", true),
            (#"{"type": "integer"}"#, "12.50", false), (#"{"type": "integer"}"#, "125e-1", false),
            (#"{"const": 9007199254740993}"#, "9007199254740992", false),
            (#"{"const": 1}"#, "1.000000000000000000000000000001", false),
            (#"{"const": 100}"#, "1e2", true), (#"{"enum": [0]}"#, "-0.0e7", true),
            (#"{"maximum": 9223372036854775807}"#, "9223372036854775807", true),
            (#"{"maximum": 9223372036854775807}"#, "9223372036854775808", false),
            (#"{"exclusiveMinimum": 0}"#, "1e-999999999999", true),
            (#"{"minimum": 1e999999999999}"#, "1e999999999998", false),
        ])
    func compares(schema: String, instance: String, expected: Bool) throws {
        #expect(try compiled(schema).isValid(document(instance)) == expected)
    }

    @Test("are the same value however they are written, in any place")
    func unique() throws {
        let schema = try compiled(#"{"uniqueItems": true}"#)
        let filler = (10..<30).map(String.init).joined(separator: ",")
        #expect(!schema.isValid(try document("[\(filler), 1.50e1, {}, 15]")))
        #expect(
            !schema.isValid(
                try document(#"[\#(filler), {"a": 1, "b": 100}, {"b": 1e2, "a": 1.0}]"#)))
        #expect(
            !schema.isValid(try document("[\(filler), 1e1000000000000000, 10e999999999999999]")))
        #expect(!schema.isValid(try document("[\(filler), 0.001e3, 1e0]")))
        #expect(schema.isValid(try document("[\(filler), 150, 1.5, 0.15, 0, false, null, \"15\"]")))
    }
}
