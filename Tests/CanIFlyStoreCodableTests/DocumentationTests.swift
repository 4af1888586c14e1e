import CanIFlyStore
import CanIFlyStoreCodable
import FoundationEssentials
import StoreTestSupport
import Testing

// Example.swift beside this file is a link to the example that programs copy.

@Suite("The documentation of the library")
struct DocumentationTests {
    private static let page = "docs/library.md"
    private static let example = "docs/examples/Sources/accounts/Example.swift"

    private static func lines(of path: String) throws -> [String] {
        let root = String(#filePath.split(separator: "/Tests/", maxSplits: 1)[0])
        let text = String(
            decoding: try Data(contentsOf: URL(filePath: "\(root)/\(path)")), as: UTF8.self)
        return text.split(separator: "\n", omittingEmptySubsequences: false).map { String($0) }
    }

    @Test("the example does what its comments say")
    func example() throws {
        let scratch = ScratchDirectory()
        #expect(
            try runExample(in: scratch.path) == [
                "loaded 1 account of none",
                #"settings: {"zoom": 1.50, "theme": "dark"}"#,
                "1 save: accounts.json",
                "2 save: settings.json",
                "3 update: settings.json",
                "4 archive: accounts.json, archive/main.json.gz",
                "5 count: count.json",
                "6 count: count.json",
                "7 count: count.json",
                "verified 4 documents, 0 errors",
            ])
    }

    @Test("each piece of code on the page comes from the example, which is compiled and run")
    func pieces() throws {
        let example = try Self.lines(of: Self.example).map { $0.trimmed }
        var pieces = 0
        var piece: [String]?
        for line in try Self.lines(of: Self.page) {
            if line == "```swift" {
                piece = []
            } else if line == "```", let lines = piece {
                pieces += 1
                let text = lines.joined(separator: "\n")
                let isThere = example.indices.contains { start in
                    example[start...].starts(with: lines)
                }
                #expect(isThere, "\(Self.example) does not hold:\n\(text)")
                piece = nil
            } else {
                piece?.append(line.trimmed)
            }
        }
        #expect(pieces >= 4)
    }

    @Test("each function of the original design has its row and its test")
    func table() throws {
        let page = try Self.lines(of: Self.page)
        let tests = try Self.lines(of: "Tests/CanIFlyStoreCodableTests/OriginalDesignTests.swift")
        for function in [
            "AtomicWriteJSON", "AtomicWriteFile", "AtomicWriteJSONWithRetry",
            "VersionedStore.Load", "NewWAL", "LogOperation", "Replay", "Close", "AcquireLock",
            "Release", "SaveCompressedJSON", "LoadCompressedJSON", "SaveWithChecksum",
            "LoadWithChecksum",
        ] {
            #expect(page.contains { $0.hasPrefix("| `\(function)` |") }, "\(function)")
            #expect(
                tests.contains { $0.contains("@Test(") && $0.contains(function) }, "\(function)")
        }
    }
}

extension String {
    fileprivate var trimmed: String { String(drop { $0 == " " }) }
}
