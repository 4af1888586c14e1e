import LosslessJSON
import StoreTestSupport
import Testing

@Suite(
    "The JSON Patch suite",
    .enabled(if: ConformanceSuites.folder("json-patch") != nil, "the suite is not there"))
struct PatchSuiteTests {
    @Test("holds in every test that is enabled", arguments: ["tests.json", "spec_tests.json"])
    func suite(name: String) throws {
        let folder = try #require(ConformanceSuites.folder("json-patch"))
        let bytes = try #require(ConformanceSuites.contents(of: folder + "/" + name))
        let suite = try JSONDocument(bytes, duplicateKeys: .allow)
        var applied = 0
        for (index, test) in suite.root.elements.enumerated() {
            guard test.member(named: "disabled")?.boolean != true else { continue }
            let comment = "\(name) \(index): \(test.member(named: "comment")?.string ?? "")"
            let document = try #require(test.member(named: "doc"), "\(comment)")
            let patch = try #require(test.member(named: "patch"), "\(comment)")
            if let expected = test.member(named: "expected") {
                let result = try JSONPatch(patch).apply(to: Array(document.bytes))
                let isEqual = try JSONDocument(result).root.isEqual(to: expected)
                #expect(isEqual, "\(comment)")
                applied += 1
            } else if test.member(named: "error") != nil {
                #expect(throws: JSONPatchError.self, "\(comment)") {
                    _ = try JSONPatch(patch).apply(to: Array(document.bytes))
                }
                applied += 1
            }
        }
        #expect(applied == (name == "tests.json" ? 92 : 16))
    }
}
