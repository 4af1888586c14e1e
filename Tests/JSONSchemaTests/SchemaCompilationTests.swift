import JSONSchema
import LosslessJSON
import Testing

@Suite("Compiling a schema")
struct SchemaCompilationTests {
    @Test(
        "refuses what the draft does not allow, and says where",
        arguments: [
            ("5", SchemaError.Code.invalidKeyword, "#"),
            (#"{"type": "text"}"#, .invalidKeyword, "#/type"),
            (#"{"type": []}"#, .invalidKeyword, "#/type"),
            (
                #"{"properties": {"a": {"minimum": "1"}}}"#, .invalidKeyword,
                "#/properties/a/minimum"
            ),
            (#"{"properties": {"a": 1}}"#, .invalidKeyword, "#/properties/a"),
            (#"{"properties": []}"#, .invalidKeyword, "#/properties"),
            (#"{"items": [true]}"#, .invalidKeyword, "#/items"),
            (#"{"allOf": []}"#, .invalidKeyword, "#/allOf"),
            (#"{"enum": 1}"#, .invalidKeyword, "#/enum"),
            (#"{"required": "a"}"#, .invalidKeyword, "#/required"),
            (#"{"required": [1]}"#, .invalidKeyword, "#/required"),
            (#"{"minLength": -1}"#, .invalidKeyword, "#/minLength"),
            (#"{"minLength": 1.5}"#, .invalidKeyword, "#/minLength"),
            (#"{"uniqueItems": 1}"#, .invalidKeyword, "#/uniqueItems"),
            (#"{"multipleOf": 0}"#, .invalidKeyword, "#/multipleOf"),
            (#"{"multipleOf": -1}"#, .invalidKeyword, "#/multipleOf"),
            (#"{"format": 1}"#, .invalidKeyword, "#/format"),
            (#"{"$ref": 1}"#, .invalidKeyword, "#/$ref"),
            (#"{"$id": 1}"#, .invalidKeyword, "#/$id"),
            (#"{"$id": "a#b"}"#, .invalidKeyword, "#/$id"),
            (#"{"$anchor": "1a"}"#, .invalidKeyword, "#/$anchor"),
            (##"{"$ref": "#/$defs/none"}"##, .unresolvedReference, "#/$ref"),
            (##"{"$ref": "#none"}"##, .unresolvedReference, "#/$ref"),
            (##"{"$dynamicRef": "#none"}"##, .unresolvedReference, "#/$dynamicRef"),
            (
                #"{"$defs": {"unused": {"$ref": "https://example.org/x"}}}"#, .unresolvedReference,
                "#/$defs/unused/$ref"
            ),
            (
                #"{"$schema": "http://json-schema.org/draft-07/schema#"}"#, .unknownMetaSchema,
                "#/$schema"
            ),
            (#"{"pattern": "("}"#, .invalidPattern, "#/pattern"),
            (#"{"pattern": "(a)\\1"}"#, .invalidPattern, "#/pattern"),
            (#"{"patternProperties": {"[": true}}"#, .invalidPattern, "#/patternProperties/%5B"),
            (
                #"{"$defs": {"a": {"$anchor": "x"}, "b": {"$anchor": "x"}}}"#, .duplicateIdentifier,
                "#/$defs/b/$anchor"
            ),
            (
                #"{"$defs": {"a": {"$id": "u:x"}, "b": {"$id": "u:x"}}}"#, .duplicateIdentifier,
                "u:x#"
            ),
        ])
    func refuses(schema: String, code: SchemaError.Code, location: String) throws {
        #expect {
            _ = try compiled(schema)
        } throws: { error in
            let error = error as? SchemaError
            return error?.code == code && error?.location == location
        }
    }

    @Test("finds other schemas in the registry by URI and by $id, and nowhere else")
    func registry() throws {
        var registry = SchemaRegistry()
        registry.add(
            try document(#"{"$id": "https://example.org/other", "type": "null"}"#),
            uri: "file:///schemas/other.json")
        for reference in ["https://example.org/other", "file:///schemas/other.json"] {
            let schema = try compiled(#"{"$ref": "\#(reference)"}"#, registry: registry)
            #expect(schema.isValid(try document("null")))
            #expect(!schema.isValid(try document("1")))
        }
        let relative = try compiled(
            #"{"$ref": "other.json"}"#, uri: "file:///schemas/main.json", registry: registry)
        #expect(!relative.isValid(try document("1")))
        #expect(throws: SchemaError.self) { try compiled(#"{"$ref": "other.json"}"#) }
    }

    @Test("takes itself for itself where the registry has it too")
    func itselfInRegistry() throws {
        let text =
            ##"{"$id": "https://example.org/a", "items": {"$ref": "https://example.org/a"}}"##
        var registry = SchemaRegistry()
        registry.add(try document(text), uri: "https://example.org/a")
        registry.add(try document(text), uri: "file:///a.json")
        #expect(try compiled(text, registry: registry).isValid(document("[[]]")))
    }

    @Test("does not copy a long name for each schema below it")
    func longNames() throws {
        let name = String(repeating: "n", count: 100_000)
        let inner = (0..<10_000).map { "\"p\($0)\": {\"type\": \"null\"}" }
        let schema = try compiled(
            #"{"properties": {"\#(name)": {"properties": {\#(inner.joined(separator: ","))}}}}"#)
        let violations = schema.validate(try document("{\"\(name)\": {\"p7\": 1}}"))
        #expect(violations.map(\.keywordPointer.tokens.count) == [5])
    }

    @Test("knows the draft's own meta-schema, which fits itself and finds mistakes")
    func metaSchema() throws {
        let meta = try compiled(#"{"$ref": "https://json-schema.org/draft/2020-12/schema"}"#)
        for good in ["true", "{}", #"{"type": ["null"], "items": {"not": false}}"#] {
            #expect(meta.isValid(try document(good)))
        }
        for bad in ["1", #"{"type": "x"}"#, #"{"items": {"not": {"minLength": -1}}}"#] {
            #expect(!meta.isValid(try document(bad)))
        }
        for name in [
            "schema", "meta/core", "meta/applicator", "meta/unevaluated", "meta/validation",
            "meta/meta-data", "meta/format-annotation", "meta/format-assertion", "meta/content",
        ] {
            let uri = "https://json-schema.org/draft/2020-12/" + name
            let text = try #require(CompiledSchema.metaSchemaText(uri))
            #expect(meta.validate(try document(text)).isEmpty, "\(name)")
        }
    }

    @Test("refuses a meta-schema with a vocabulary that it requires and nobody knows")
    func unknownVocabulary() throws {
        var registry = SchemaRegistry()
        registry.add(
            try document(#"{"$vocabulary": {"https://example.org/vocabulary": true}}"#),
            uri: "https://example.org/meta")
        #expect {
            _ = try compiled(#"{"$schema": "https://example.org/meta"}"#, registry: registry)
        } throws: { ($0 as? SchemaError)?.code == .unknownVocabulary }
    }

    @Test("makes one schema for many threads")
    func threads() async throws {
        let schema = try compiled(#"{"items": {"type": "integer", "pattern": "^a"}}"#)
        let good = try document("[1, 2, 3]")
        let bad = try document("[1, 2.5, 3]")
        await withTaskGroup(of: Bool.self) { group in
            for _ in 0..<8 {
                group.addTask {
                    (0..<200).allSatisfy { _ in
                        schema.isValid(good) && schema.validate(bad).count == 1
                    }
                }
            }
            for await isRight in group { #expect(isRight) }
        }
    }
}
