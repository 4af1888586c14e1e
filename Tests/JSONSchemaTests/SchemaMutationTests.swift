import JSONSchema
import LosslessJSON
import StoreTestSupport
import Testing

/// Schemas and documents that nobody would write: whatever they are, compiling and validating
/// ends, both ways of asking agree, and each violation lies in the document.
@Suite("Mutated schemas and documents", .timeLimit(.minutes(5)))
struct SchemaMutationTests {
    private static let schemas = [
        ##"""
        {"$id": "https://example.org/a", "type": ["object", "array"], "required": ["a"],
         "properties": {"a": {"$ref": "#/$defs/b"}, "c": {"enum": ["x", 1, null]}},
         "patternProperties": {"^[a-z]{2,3}$": {"minLength": 2, "maxLength": 5}},
         "additionalProperties": {"$ref": "#"}, "propertyNames": {"pattern": "\\w+"},
         "$defs": {"b": {"anyOf": [{"type": "integer", "minimum": 3}, {"$dynamicRef": "#d"}]},
                   "d": {"$dynamicAnchor": "d", "items": {"multipleOf": 0.5}}}}
        """##,
        ##"""
        {"allOf": [{"properties": {"a": true}}], "unevaluatedProperties": {"type": "string"},
         "if": {"required": ["a"]}, "then": {"dependentRequired": {"a": ["b"]}},
         "else": {"oneOf": [{"minProperties": 1}, {"not": {"type": "object"}}]},
         "prefixItems": [{"const": 1}], "contains": {"type": "number"}, "maxContains": 2,
         "unevaluatedItems": false, "uniqueItems": true, "format": "date-time"}
        """##,
        ##"""
        {"type": "object", "properties": {"Accounts": {"type": ["array", "null"],
         "items": {"type": "object", "required": ["ID", "Name"], "properties": {
         "ID": {"type": "integer", "exclusiveMaximum": 9223372036854775808},
         "Name": {"type": "string", "pattern": "^(?=.*[a-z])(?!x).{1,20}$", "format": "email"}}}}}}
        """##,
    ]

    private static let documents = [
        #"{"a": 5, "ab": "xyz", "c": 1, "d": {"a": [1.5, 2]}}"#,
        #"[1, 2, "3", {"a": {"b": null}}]"#,
        #"{"Accounts": [{"ID": 1e2, "Name": "jo@example.org"}, {"ID": 2, "Name": "é\n"}]}"#,
        #"{"a": 1, "b": "2020-01-01T00:00:00Z", "c": [[], {}, 0.50, -0]}"#,
    ]

    /// Pieces that mean something to either side.
    private static let pieces = [
        "{}", "[]", "null", "true", "false", "0", "-1", "1e400", "1e-9", "\"\"", "\"#\"", "\"a\"",
        "\"$ref\"", "\"$dynamicRef\"", "\"$id\"", "\"$anchor\"", "\"items\"", "\"not\"",
        "\"allOf\"",
        "\"^(a+)+$\"", "\"integer\"", "\"pattern\"", "\"type\"", "\"#/$defs/b\"", "\"https://x/y\"",
        "\"unevaluatedProperties\"", "\"\\ud800\"", "{\"$ref\": \"#\"}", "[{\"$ref\": \"#\"}]",
        "\"uniqueItems\"", "[1, 1.0]", "{\"const\": {\"a\": [1]}}",
    ]

    @Test("never crash, hang or disagree", arguments: 0..<4)
    func mutations(seed: UInt64) throws {
        var generator = SeededGenerator(seed: 0xF022 &+ seed)
        var compiledCount = 0
        var outcomes: Set<Bool> = []
        for round in 0..<1_000 {
            let source = Self.schemas.randomElement(using: &generator) ?? "{}"
            let schemaText = mutated(source, round % 5, &generator)
            guard let schemaDocument = try? JSONDocument(schemaText) else { continue }
            let schema: CompiledSchema
            do {
                schema = try CompiledSchema(schemaDocument, assertsFormats: round % 2 == 0)
            } catch {
                #expect(!error.reason.isEmpty)
                continue
            }
            compiledCount += 1
            let text = mutated(
                Self.documents.randomElement(using: &generator) ?? "{}", round % 4, &generator)
            guard let document = try? JSONDocument(text) else { continue }
            let violations = schema.validate(document)
            outcomes.insert(violations.isEmpty)
            #expect(schema.isValid(document) == violations.isEmpty)
            for violation in violations {
                let place = violation.instanceLocation.resolve(in: document)
                #expect(place != nil, "\(violation)")
                #expect(violation.range.upperBound <= text.count)
                #expect(!violation.message.isEmpty)
            }
        }
        #expect(compiledCount > 100)
        #expect(outcomes.count == 2)
    }

    /// `source` with one of its values or keys replaced, doubled or taken away, `count` times;
    /// often still JSON.
    private func mutated(
        _ source: String, _ count: Int, _ generator: inout SeededGenerator
    ) -> [UInt8] {
        var text = Array(source.utf8)
        for _ in 0..<count {
            guard let document = try? JSONDocument(text) else { return text }
            var ranges: [Range<Int>] = []
            collect(document.root, into: &ranges)
            guard let range = ranges.randomElement(using: &generator) else { return text }
            switch Int.random(in: 0..<4, using: &generator) {
            case 0, 1:
                let piece = Self.pieces.randomElement(using: &generator) ?? ""
                text.replaceSubrange(range, with: Array(piece.utf8))
            case 2:
                let other = ranges.randomElement(using: &generator) ?? range
                text.replaceSubrange(range, with: Array(text[other]))
            default:
                let offset = Int.random(in: range, using: &generator)
                text[offset] = UInt8.random(in: 0x20...0x7E, using: &generator)
            }
        }
        return text
    }

    private func collect(_ value: JSONValue, into ranges: inout [Range<Int>]) {
        ranges.append(value.range)
        for member in value.members {
            ranges.append(member.key.range)
            collect(member.value, into: &ranges)
        }
        for element in value.elements { collect(element, into: &ranges) }
    }

    @Test("of patterns and texts never crash or hang, and the ways of matching agree")
    func patterns() throws {
        var generator = SeededGenerator(seed: 0x9A77)
        let alphabet = Array("ab01(|)[]{}*+?.^$\\dwspPubBk<=!:,->né🐲".unicodeScalars)
        var compiledCount = 0
        for _ in 0..<5_000 {
            var pattern = ""
            for _ in 0..<Int.random(in: 1...10, using: &generator) {
                pattern.unicodeScalars.append(alphabet.randomElement(using: &generator) ?? "a")
            }
            guard let expression = try? RegularExpression(pattern) else { continue }
            compiledCount += 1
            var text = ""
            for _ in 0..<Int.random(in: 0...8, using: &generator) {
                text.unicodeScalars.append(alphabet.randomElement(using: &generator) ?? "a")
            }
            let matches = expression.matches(text)
            #expect(matches == expression.matchesBySimulation(text), "\(pattern) on \(text)")
        }
        #expect(compiledCount > 300)
    }

    @Test("of formats never crash, whatever the bytes")
    func formats() {
        var generator = SeededGenerator(seed: 0xF0)
        let samples = [
            "1998-12-31T23:59:60Z", "2020-02-29", "23:59:60+00:00", "http://a@[v1.x]:80/%41?q#f",
            "\"a b\"@[IPv6:::1]", "98d80576-482e-427f-8434-7f86890ab222", "255.255.255.255",
            "1::d6:192.168.0.1", "^(?<n>a)[b-c]\\p{L}$", "/a~0/b~1",
        ]
        for sample in samples {
            for cut in 0...sample.utf8.count {
                let prefix = Array(sample.utf8.prefix(cut))
                for format in Format.allCases { _ = format.accepts(prefix.span) }
            }
            for _ in 0..<1_000 {
                var bytes = Array(sample.utf8)
                let offset = Int.random(in: bytes.indices, using: &generator)
                bytes[offset] = UInt8.random(in: 0...255, using: &generator)
                for format in Format.allCases { _ = format.accepts(bytes.span) }
            }
        }
    }
}
