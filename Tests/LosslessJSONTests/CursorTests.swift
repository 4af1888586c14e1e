import LosslessJSON
import Testing

@Suite("Cursors")
struct CursorTests {
    @Test("tell of every value what the values themselves tell", arguments: sampleTexts)
    func agreement(sample: String) throws {
        let root = try JSONDocument(Array(sample.utf8), duplicateKeys: .allow).root
        root.withCursor { compare($0, root, in: root) }
    }

    private func compare(_ cursor: JSONCursor, _ value: JSONValue, in root: JSONValue) {
        #expect(cursor.kind == value.kind)
        #expect(cursor.range == value.range)
        #expect(cursor.count == value.count)
        #expect(root.value(at: cursor).range == value.range)
        let elements = Array(value.elements)
        let members = Array(value.members)
        #expect(cursor.elements.reduce(0) { count, _ in count + 1 } == elements.count)
        #expect(cursor.members.reduce(0) { count, _ in count + 1 } == members.count)
        for (inner, element) in zip(cursor.elements, elements) { compare(inner, element, in: root) }
        for (inner, member) in zip(cursor.members, members) {
            compare(inner.key, member.key, in: root)
            compare(inner.value, member.value, in: root)
        }
    }
}
