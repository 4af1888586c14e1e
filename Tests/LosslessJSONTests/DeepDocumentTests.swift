import LosslessJSON
import Testing

@Suite("The deepest documents")
struct DeepDocumentTests {
    static let limits = JSONLimits(maximumDepth: .max)

    func deep(_ depth: Int, _ innermost: String) throws -> JSONDocument {
        let half = depth / 2
        let text =
            String(repeating: "{\"b\":0,\"a\":[", count: half) + innermost
            + String(repeating: "]}", count: half)
        return try JSONDocument(Array(text.utf8), limits: Self.limits)
    }

    @Test("are as deep as the limits can be set, and can be compared, patched and told apart")
    func allFunctions() throws {
        #expect(Self.limits.maximumDepth == 2048)
        let before = try deep(2048, "1.0")
        let after = try deep(2048, "2")
        #expect(try before.root.isEqual(to: deep(2048, "1").root))
        #expect(!before.root.isEqual(to: after.root))
        let diff = JSONDiff(from: before, to: after)
        #expect(diff.edits.count == 1)
        let patch = try JSONPatch(JSONDocument(diff.patch()).root)
        let result = try patch.apply(to: before, limits: Self.limits)
        #expect(result == after.bytes)
        let moved = try JSONPatch(
            JSONDocument(text: #"[{"op":"move","from":"/a","path":"/c"}]"#).root)
        let same = try moved.apply(to: before, limits: Self.limits)
        #expect(same.count == before.bytes.count)
        let merged = try JSONMergePatch(after.root).apply(to: before, limits: Self.limits)
        #expect(merged == after.bytes)
    }

    @Test("cannot be deeper")
    func refused() {
        #expect(throws: JSONError.self) { try deep(2050, "1") }
    }
}
