import StoreFiles
import Testing

@testable import CanIFlyStore

struct PlanTests {
    private func findings(_ text: String, layout: Int) -> [Finding] {
        DocumentSet(texts: ["plans/a.txt": text]).contentFindings("plans/a.txt", layout: layout)
    }

    @Test(
        "plans that every version reads", arguments: 2...4,
        [
            "Hull Tempering 3\nOre Whispering 4", "\n\n  Hull Tempering\t3  \r\n\r\nA 1\r\n", "\n",
            "Тест Ü 5\nHull Tempering 3\nHull Tempering 2\n", "A +1",
        ])
    func readable(layout: Int, text: String) {
        #expect(findings(text, layout: layout) == [])
    }

    @Test("comments and icons keep old versions from starting, and new ones read them")
    func comments() {
        let text = "# icon: 990002\nA 1\n  # icon: 3\n#\n# note 3\n"
        #expect(findings(text, layout: 3) == [])
        #expect(findings(text, layout: 4) == [])
        let old = findings(text, layout: 2)
        #expect(old.map(\.line) == [1, 3, 4, 5])
        #expect(old.allSatisfy { $0.code == .schemaMismatch && $0.severity == .error })
    }

    @Test(
        "a line that keeps the application from starting is an error at its place",
        arguments: [
            ("A 1\nHull Tempering IV\n", 2, 16), ("Tempering\n", 1, 1), ("Hull Tempering\n", 1, 6),
            ("A 1\n\nHull Tempering 3.0", 3, 16), ("\u{FEFF}# note", 1, 6),
            ("A 99999999999999999999", 1, 3), ("A 1_0", 1, 3), ("A -", 1, 3),
        ])
    func unreadable(text: String, line: Int, column: Int) {
        for layout in 2...4 {
            let found = findings(text, layout: layout)
            #expect(found.map(\.code) == [.schemaMismatch])
            #expect(found.map(\.severity) == [.error])
            #expect(found.map(\.line) == [line])
            #expect(found.map(\.column) == [column])
        }
    }

    @Test("a level that no skill has is a warning", arguments: ["A 0", "A 6", "A -1"])
    func oddLevel(text: String) {
        #expect(findings(text, layout: 4).map(\.severity) == [.warning])
    }

    @Test("for a line that cannot be read there is one that can, where there is")
    func suggestions() {
        let suggestion = { (text: String, form: PlanForm) in
            PlanLines(Array(text.utf8), form: form).problems.first?.suggestion
                .map { String(decoding: $0, as: UTF8.self) }
        }
        let withComments = PlanForm(comment: [UInt8(ascii: "#")])
        #expect(suggestion("Hull  Tempering  IV", withComments) == "Hull  Tempering 4")
        #expect(suggestion("Hull Tempering X", PlanForm()) == "Hull Tempering 10")
        #expect(suggestion("Tempering", withComments) == "# Tempering")
        #expect(suggestion("Tempering", PlanForm()) == nil)
        #expect(suggestion("Hull Tempering", withComments) == "# Hull Tempering")
        #expect(suggestion("# note", PlanForm()) == nil)
    }

    @Test("bytes that are no UTF-8 are found where they are")
    func invalidUTF8() {
        var documents = DocumentSet()
        documents["plans/a.txt"] = Array("A 1\nÜb".utf8) + [0xFF] + Array(" 2".utf8)
        let found = documents.contentFindings("plans/a.txt", layout: 4)
        #expect(found.map(\.code) == [.textInvalidUTF8])
        #expect(found.map(\.offset) == [7])
        #expect(found.map(\.line) == [2])
        #expect(found.map(\.column) == [4])
    }
}

struct UTF8ScanTests {
    @Test("Swift's own decoder agrees about every sequence of up to four bytes from the edges")
    func agreement() {
        let edges: [UInt8] = [
            0x00, 0x41, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xDF, 0xE0,
            0xE1, 0xEC, 0xED, 0xEE, 0xEF, 0xF0, 0xF1, 0xF3, 0xF4, 0xF5, 0xFF,
        ]
        for first in edges {
            for second in edges {
                for third in edges {
                    for bytes in [
                        [first], [first, second], [first, second, third],
                        [first, second, third, 0x80], [first, second, third, 0x41],
                    ] {
                        let isValid = String(validating: bytes, as: UTF8.self) != nil
                        #expect((UTF8Scan.firstInvalidOffset(in: bytes) == nil) == isValid)
                    }
                }
            }
        }
    }
}

struct TableTests {
    private func findings(
        _ text: String, _ document: String = "config/fuzzworks/invTypes.csv"
    ) -> [Finding] {
        DocumentSet(texts: [document: text]).contentFindings(document, layout: 4)
    }

    @Test(
        "tables that the application reads",
        arguments: [
            "typeID,groupID,typeName\n1,2,A\n", "groupID,typeName,typeID\r\n1,A,2\r\n\r\n3,B,4",
            "typeID,groupID,typeName,x\n1,2,\"A\nspans, \"\"lines\"\"\",\n",
            "typeID,groupID,typeName",
            "\"typeID\",\"groupID\",\"typeName\"\n,,",
        ])
    func readable(text: String) {
        #expect(findings(text) == [])
    }

    @Test(
        "what keeps the application from starting is an error",
        arguments: [
            ("typeID,groupID,typeName\n1,2\n", 2, 1),
            ("typeID,groupID,typeName\n1,2,A,4\n5,6\n", 2, 1),
            ("typeID,groupID,typeName\n1,2,\"A", 2, 5),
            ("typeID,groupID,typeName\n1,2,A\"b\n", 2, 6),
            ("typeID,groupID,typeName\n1,2,\"A\"b\n", 2, 8), ("typeID,groupID\n1,2\n", 1, 1),
            ("\u{FEFF}typeID,groupID,typeName\n", 1, 1), ("typeid,groupID,typeName\n", 1, 1),
        ])
    func unreadable(text: String, line: Int, column: Int) {
        let found = findings(text)
        #expect(found.map(\.code) == [.schemaMismatch])
        #expect(found.map(\.severity) == [.error])
        #expect(found.map(\.line) == [line])
        #expect(found.map(\.column) == [column])
    }

    @Test("an empty table is empty, also one of line ends alone")
    func emptyTables() {
        #expect(findings("").map(\.code) == [.empty])
        #expect(findings("\n\r\n\n").map(\.code) == [.empty])
    }

    @Test("ragged solar systems are a warning, since the application reads on")
    func raggedSystems() {
        let found = findings(
            "solarSystemID,solarSystemName\n1\n2\n", "config/fuzzworks/mapSolarSystems.csv")
        #expect(found.map(\.severity) == [.warning])
        #expect(found.first?.detail.contains("2 such rows") == true)
    }

    @Test("fields come out as they were meant")
    func fields() throws {
        var reader = CSVReader(Array("a,\"b\"\"c,\nd\",\r\n\"\",e\r,f".utf8))
        var rows: [[String]] = []
        while try reader.next() {
            rows.append(reader.fields.map { String(decoding: reader.text($0), as: UTF8.self) })
        }
        #expect(rows == [["a", "b\"c,\nd", ""], ["", "e\r", "f"]])
    }
}
