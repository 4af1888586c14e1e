import LosslessJSON
import StoreTestSupport
import Testing

/// The files of the JSON parsing suite, by what their names say must become of them.
struct ParsingSuite {
    struct File {
        var name: String
        var bytes: [UInt8]
    }

    var accepted: [File] = []
    var refused: [File] = []
    var open: [File] = []

    init?() {
        guard let folder = ConformanceSuites.folder("json-parsing") else { return nil }
        for name in ConformanceSuites.names(in: folder + "/test_parsing") {
            guard let bytes = ConformanceSuites.contents(of: folder + "/test_parsing/" + name)
            else { return nil }
            let file = File(name: name, bytes: bytes)
            if name.hasPrefix("y_") { accepted.append(file) }
            if name.hasPrefix("n_") { refused.append(file) }
            if name.hasPrefix("i_") { open.append(file) }
        }
    }
}

@Suite(
    "The JSON parsing suite",
    .enabled(if: ConformanceSuites.folder("json-parsing") != nil, "the suite is not there"))
struct ParsingSuiteTests {
    @Test("is there whole")
    func complete() throws {
        let suite = try #require(ParsingSuite())
        #expect(suite.accepted.count == 95)
        #expect(suite.refused.count == 188)
        #expect(suite.open.count == 35)
    }

    @Test("has its valid files accepted where duplicate keys are allowed")
    func accepted() throws {
        let suite = try #require(ParsingSuite())
        for file in suite.accepted {
            #expect(scan(file.bytes, duplicateKeys: .allow) == nil, "\(file.name)")
            #expect(parse(file.bytes, duplicateKeys: .allow) == nil, "\(file.name)")
        }
    }

    @Test("has exactly its two files with duplicate keys refused where they are not")
    func duplicates() throws {
        let suite = try #require(ParsingSuite())
        let refused = suite.accepted.filter { scan($0.bytes) != nil }
        #expect(
            refused.map(\.name) == [
                "y_object_duplicated_key.json", "y_object_duplicated_key_and_value.json",
            ])
        for file in refused {
            #expect(scan(file.bytes)?.code == .duplicateKey)
            #expect(parse(file.bytes)?.code == .duplicateKey)
        }
    }

    @Test("has its invalid files refused with a position, alike by scanning and by parsing")
    func refused() throws {
        let suite = try #require(ParsingSuite())
        for file in suite.refused {
            let error = try #require(scan(file.bytes, duplicateKeys: .allow), "\(file.name)")
            #expect(error == parse(file.bytes, duplicateKeys: .allow), "\(file.name)")
            #expect((0...file.bytes.count).contains(error.offset), "\(file.name)")
            let place = LineColumn(of: error.offset, in: file.bytes)
            #expect(place == LineColumn(line: error.line, column: error.column), "\(file.name)")
            let judgement = ReferenceParser.judge(file.bytes, refusesDuplicates: false)
            #expect(judgement?.code == error.code, "\(file.name)")
            #expect(judgement?.offset == error.offset, "\(file.name)")
        }
    }

    @Test("has no file that scanning and parsing see differently")
    func agreement() throws {
        let suite = try #require(ParsingSuite())
        for file in suite.accepted + suite.open {
            #expect(scan(file.bytes) == parse(file.bytes), "\(file.name)")
        }
    }

    @Test("is judged alike however it is cut into two pieces")
    func splits() throws {
        let suite = try #require(ParsingSuite())
        for file in suite.accepted + suite.refused + suite.open where file.bytes.count < 4096 {
            let whole = scan(file.bytes)
            for cut in 0...file.bytes.count {
                let pieces = [file.bytes[..<cut], file.bytes[cut...]]
                #expect(scan(pieces) == whole, "\(file.name) cut at \(cut)")
            }
            let single = file.bytes.indices.map { file.bytes[$0...$0] }
            #expect(scan(single) == whole, "\(file.name) byte by byte")
        }
    }

    @Test("leaves 35 files open, and docs/json.md says what becomes of each")
    func documentation() throws {
        let suite = try #require(ParsingSuite())
        let package = #filePath.split(separator: "/", omittingEmptySubsequences: false)
            .dropLast(3).joined(separator: "/")
        let page = try #require(ConformanceSuites.contents(of: package + "/docs/json.md"))
        let rows = text(page).split(separator: "\n").filter { $0.hasPrefix("| `i_") }
        let expected = suite.open.map { file in
            let result =
                scan(file.bytes).map { "`\($0.code.rawValue)` at byte \($0.offset)" } ?? "accepted"
            return "| `\(file.name.dropLast(".json".count))` | \(result) |"
        }
        #expect(rows.map(String.init) == expected)
    }
}
