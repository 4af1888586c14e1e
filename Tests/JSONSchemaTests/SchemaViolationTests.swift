import JSONSchema
import LosslessJSON
import Testing

func compiled(
    _ schema: String, uri: String = "", registry: SchemaRegistry = SchemaRegistry(),
    assertsFormats: Bool = false
) throws -> CompiledSchema {
    try CompiledSchema(
        try JSONDocument(Array(schema.utf8)), uri: uri, registry: registry,
        assertsFormats: assertsFormats)
}

func document(_ text: String) throws -> JSONDocument {
    try JSONDocument(Array(text.utf8))
}

@Suite("A violation")
struct SchemaViolationTests {
    @Test("names the place in the document, its bytes, and the keyword by both ways")
    func places() throws {
        let schema = try compiled(
            """
            {"$id": "https://example.org/store", "properties": {
              "a/b": {"items": {"$ref": "#/$defs/level"}}},
             "$defs": {"level": {"type": "integer", "maximum": 5}}}
            """)
        let text = #"{"x": 1, "a/b": [1, 7, "no"]}"#
        let violations = schema.validate(try document(text))
        #expect(violations.count == 2)
        let first = try #require(violations.first)
        #expect(first.instanceLocation.description == "/a~1b/1")
        #expect(Array(text.utf8)[first.range] == Array("7".utf8)[...])
        #expect(first.offset == 20)
        #expect(first.keyword == "maximum")
        #expect(first.keywordLocation == "/properties/a~1b/items/$ref/maximum")
        #expect(
            first.absoluteKeywordLocation == "https://example.org/store#/$defs/level/maximum")
        #expect(first.message == "is greater than 5")
        #expect(violations[1].instanceLocation.description == "/a~1b/2")
        #expect(violations[1].keyword == "type")
        #expect(violations[1].message == "expected integer, found string")
    }

    @Test(
        "says what the schema wants, on one line",
        arguments: [
            (
                #"{"type": ["integer", "null"]}"#, "1.5", "type",
                "expected null or integer, found number"
            ),
            (
                #"{"type": ["number", "string"]}"#, "null", "type",
                "expected number or string, found null"
            ),
            (
                #"{"enum": ["Alpha", "Omega", 3]}"#, #""Beta""#, "enum",
                #"is none of the allowed values: "Alpha", "Omega", 3"#
            ),
            (#"{"const": {"a": 1}}"#, "{}", "const", #"is not the only allowed value: {"a": 1}"#),
            (#"{"required": ["a\"b"]}"#, "{}", "required", #"lacks the required member "a\"b""#),
            (
                #"{"properties": {"a": false}}"#, #"{"a": 1}"#, "properties",
                "no member of this name is allowed"
            ),
            (
                #"{"additionalProperties": false}"#, #"{"a": 1}"#, "additionalProperties",
                "no member of this name is allowed"
            ),
            (
                #"{"unevaluatedProperties": false}"#, #"{"a": 1}"#, "unevaluatedProperties",
                "no member of this name is allowed"
            ),
            (
                #"{"prefixItems": [true], "items": false}"#, "[1, 2]", "items",
                "no element is allowed here"
            ),
            ("false", "1", "", "nothing is allowed here"),
            (
                #"{"propertyNames": {"maxLength": 1}}"#, #"{"ab": 1}"#, "maxLength",
                "is longer than 1 characters"
            ),
            (#"{"minLength": 2}"#, #""é""#, "minLength", "is shorter than 2 characters"),
            (
                #"{"pattern": "^[a-z]+$"}"#, #""A""#, "pattern",
                #"does not match the pattern "^[a-z]+$""#
            ),
            (#"{"format": "date"}"#, #""today""#, "format", "is not of the format date"),
            (#"{"minimum": 1.50}"#, "1.4", "minimum", "is less than 1.50"),
            (#"{"exclusiveMinimum": 1}"#, "1.0", "exclusiveMinimum", "is not greater than 1"),
            (#"{"exclusiveMaximum": 1}"#, "1", "exclusiveMaximum", "is not less than 1"),
            (#"{"multipleOf": 0.01}"#, "0.001", "multipleOf", "is not a multiple of 0.01"),
            (#"{"minItems": 1}"#, "[]", "minItems", "has fewer elements than 1"),
            (#"{"maxItems": 1}"#, "[1, 2]", "maxItems", "has more elements than 1"),
            (
                #"{"uniqueItems": true}"#, "[1, 2, 1.0]", "uniqueItems",
                "elements 0 and 2 are the same"
            ),
            (
                #"{"contains": {"const": 1}}"#, "[2]", "contains",
                "has fewer than 1 of the elements that it must contain"
            ),
            (
                #"{"contains": {"const": 1}, "maxContains": 1}"#, "[1, 1]", "maxContains",
                "has more than 1 of the elements that it may contain"
            ),
            (#"{"minProperties": 1}"#, "{}", "minProperties", "has fewer members than 1"),
            (#"{"maxProperties": 0}"#, #"{"a": 1}"#, "maxProperties", "has more members than 0"),
            (
                #"{"dependentRequired": {"a": ["b"]}}"#, #"{"a": 1}"#, "dependentRequired",
                #"has the member "a" and lacks "b""#
            ),
            (#"{"not": {"type": "null"}}"#, "null", "not", "fits a schema that it must not fit"),
            (
                #"{"anyOf": [{"minimum": 3}, {"minimum": 4}]}"#, "1", "anyOf",
                "none of the 2 alternatives fits"
            ),
            (
                #"{"oneOf": [true, false, true]}"#, "1", "oneOf",
                "more than one alternative fits: 0 and 2"
            ),
        ])
    func messages(schema: String, instance: String, keyword: String, message: String) throws {
        let schema = try compiled(schema, assertsFormats: true)
        let violations = schema.validate(try document(instance))
        #expect(violations.map(\.keyword) == [keyword])
        #expect(violations.map(\.message) == [message])
        #expect(!schema.isValid(try document(instance)))
    }

    @Test("never quotes the document, whose values may be secret")
    func secrets() throws {
        let schema = try compiled(
            """
            {"type": "integer", "enum": [1], "const": 1, "pattern": "^x", "format": "uuid",
             "maxLength": 1, "not": {"type": "string"},
             "anyOf": [{"type": "null"}, {"const": 2}], "oneOf": [true, true]}
            """, assertsFormats: true)
        let violations = schema.validate(try document(#""refresh-token-4711""#))
        #expect(violations.count == 9)
        for violation in violations {
            #expect(!violation.message.utf8.contains(where: { $0 == UInt8(ascii: "7") }))
        }
    }

    @Test("of the only alternative for a value's type is told, not that none fits")
    func alternatives() throws {
        let schema = try compiled(
            """
            {"anyOf": [{"type": "null"}, {"type": "array", "items": {"type": "string"}}]}
            """)
        let violations = schema.validate(try document(#"["a", 1]"#))
        #expect(violations.map(\.instanceLocation.description) == ["/1"])
        #expect(violations.map(\.keywordLocation) == ["/anyOf/1/items/type"])
        #expect(schema.validate(try document("5")).map(\.keyword) == ["anyOf"])
    }

    @Test("is not blamed on members that another violation kept from being evaluated")
    func unevaluatedAfterViolation() throws {
        let schema = try compiled(
            """
            {"$ref": "#/$defs/base", "unevaluatedProperties": false,
             "$defs": {"base": {"properties": {"a": {"type": "string"}, "b": true}}}}
            """)
        let violations = schema.validate(try document(#"{"a": 1, "b": 2}"#))
        #expect(violations.map(\.keywordLocation) == ["/$ref/properties/a/type"])
    }

    @Test("is the last one collected where there are as many as asked for")
    func cap() throws {
        let schema = try compiled(#"{"items": {"type": "null"}}"#)
        let numbers = "[" + (0..<1000).map(String.init).joined(separator: ",") + "]"
        #expect(schema.validate(try document(numbers)).count == 100)
        #expect(schema.validate(try document(numbers), maximumViolations: 3).count == 3)
        #expect(schema.validate(try document(numbers), maximumViolations: 0).count == 1)
    }

    @Test("points at the key where a name is at fault, and at the object that lacks a member")
    func ranges() throws {
        let text = #"  {"bad name": {}}"#
        let names = try compiled(#"{"propertyNames": {"pattern": "^\\w+$"}}"#)
        #expect(names.validate(try document(text)).map(\.range) == [3..<13])
        let required = try compiled(#"{"additionalProperties": {"required": ["x"]}}"#)
        let violations = required.validate(try document(text))
        #expect(violations.map(\.range) == [15..<17])
        #expect(violations.map(\.instanceLocation.description) == ["/bad name"])
    }

    @Test("of a part of a document has the document's offsets")
    func part() throws {
        let schema = try compiled(#"{"properties": {"a": {"type": "null"}}}"#)
        let whole = try document(#"[0, {"a": "b\"c", "d": 1}]"#)
        let part = try #require(whole.root.element(at: 1))
        let violations = schema.validate(part)
        #expect(violations.map(\.range) == [10..<16])
        #expect(violations.map(\.instanceLocation.description) == ["/a"])
    }

    @Test("in an escaped reference has a location that is a URI")
    func fragment() throws {
        let schema = try compiled(#"{"properties": {"é %": {"type": "null"}}}"#)
        let violation = try #require(schema.validate(try document(#"{"é %": 1}"#)).first)
        #expect(violation.keywordLocation == "/properties/é %/type")
        #expect(violation.absoluteKeywordLocation == "#/properties/%C3%A9%20%25/type")
    }
}
