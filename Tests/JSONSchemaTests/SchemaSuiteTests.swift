import JSONSchema
import Testing

@Suite("The suite of draft 2020-12", .enabled(if: SchemaSuite.folder != nil))
struct SchemaSuiteTests {
    @Test("every required test passes")
    func required() throws {
        var passed = 0
        for file in SchemaSuite.files(in: "") {
            let outcome = try SchemaSuite.run(file, assertsFormats: false)
            passed += outcome.passed
            for failure in outcome.failures { Issue.record("\(file): \(failure)") }
        }
        print("JSON Schema suite, required: \(passed) passed")
        #expect(passed == 1_299)
    }

    /// The files of which not all tests pass, with how many do. docs/json-schema.md says why.
    private static let incomplete = [
        "optional/cross-draft.json": 0,
        "optional/format/duration.json": 27,
        "optional/format/hostname.json": 29,
        "optional/format/idn-email.json": 16,
        "optional/format/idn-hostname.json": 36,
        "optional/format/iri-reference.json": 11,
        "optional/format/iri.json": 18,
        "optional/format/relative-json-pointer.json": 13,
        "optional/format/uri-reference.json": 17,
        "optional/format/uri-template.json": 25,
    ]

    @Test("the optional tests pass as far as they did")
    func optional() throws {
        var total = (passed: 0, failed: 0)
        for folder in ["optional/", "optional/format/"] {
            for file in SchemaSuite.files(in: folder) {
                let outcome = try SchemaSuite.run(
                    file, assertsFormats: folder == "optional/format/")
                total.passed += outcome.passed
                total.failed += outcome.failures.count
                print("\(file): \(outcome.passed) passed, \(outcome.failures.count) failed")
                if let expected = Self.incomplete[file] {
                    #expect(outcome.passed >= expected, "\(file)")
                } else {
                    for failure in outcome.failures { Issue.record("\(file): \(failure)") }
                }
            }
        }
        print("JSON Schema suite, optional: \(total.passed) passed, \(total.failed) failed")
        #expect(total.passed >= 765)
    }
}
