import Foundation
import JSONSchema
import LosslessJSON
import Testing

@Suite("The page on JSON Schema")
struct DocumentationTests {
    @Test("shows code that does what it says")
    func use() throws {
        let commonBytes = Array(#"{"$defs": {"name": {"type": "string"}}}"#.utf8)
        let schemaBytes = Array(
            #"{"properties": {"a": {"$ref": "https://example.org/common#/$defs/name"}}}"#.utf8)
        let bytes = Array(#"{"a": 1}"#.utf8)
        var shown: [String] = []
        func print(_ location: JSONPointer, _ offset: Int, _ message: String) {
            shown.append("\(location) \(offset) \(message)")
        }

        var registry = SchemaRegistry()  // what schemas may refer to
        registry.add(try JSONDocument(commonBytes), uri: "https://example.org/common")

        let schema = try CompiledSchema(  // once for each kind of document
            try JSONDocument(schemaBytes), registry: registry, assertsFormats: true)

        let document = try JSONDocument(bytes)  // for each document, in any thread
        for violation in schema.validate(document) {
            print(violation.instanceLocation, violation.offset, violation.message)
        }

        #expect(shown.count == 1 && shown.first?.hasPrefix("/a 6 ") == true, "\(shown)")
    }

    @Test("shows no other code than that")
    func isHere() throws {
        let folder = URL(filePath: #filePath).deletingLastPathComponent()
        func code(_ path: String) throws -> [String] {
            try String(contentsOf: folder.appending(path: path), encoding: .utf8)
                .split(separator: "\n").map { line in
                    line.split(whereSeparator: \.isWhitespace).joined(separator: " ")
                }
        }
        let page = try code("../../docs/json-schema.md")
        let here = try code("DocumentationTests.swift")
        let start = try #require(page.firstIndex(of: "```swift"))
        let block = page[(start + 1)...].prefix { $0 != "```" }
        #expect(block.count > 5)
        #expect(here.indices.contains { here[$0...].starts(with: block) })
    }
}
