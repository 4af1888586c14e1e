import LosslessJSON
import StoreTestSupport
import Testing

@testable import CanIFlyStore

@Suite("Salvaging JSON")
struct SalvageTests {
    @Test(
        "closes behind the last value that is known to be complete",
        arguments: [
            ("{\"a\": [1, 2, {\"b\": tr", "{\"a\": [1, 2]}", "/a/2/b"),
            ("[1, 2, 3", "[1, 2]", "/2"),
            ("[1, 2, \"x", "[1, 2]", "/2"),
            ("{\"a\": 1, \"b\": {\"c\": [", "{\"a\": 1}", "/b/c/0"),
            ("{\"a\": 1, \"b", "{\"a\": 1}", ""),
            ("{\"x/y\": [[1], [2], ", "{\"x/y\": [[1], [2]]}", "/x~1y/2"),
            ("[{\"a\": 1}, {\"b\": 2}", "[{\"a\": 1}, {\"b\": 2}]", "/2"),
            ("[1, 2 3]", "[1, 2]", "/2"),
            ("[\"a\", \"b\u{0}\u{0}\u{0}", "[\"a\"]", "/1"),
        ])
    func closing(damaged: String, expected: String, lost: String) throws {
        let salvaged = try #require(JSONSalvage(Array(damaged.utf8)))
        #expect(String(decoding: salvaged.bytes, as: UTF8.self) == expected)
        let first = try #require(salvaged.firstLost)
        #expect(lost.hasPrefix(first.description) || lost == first.description)
        #expect(salvaged.cutShort.first == .root)
    }

    @Test(
        "cuts off what does not belong to the value",
        arguments: [
            ("[1]x", "[1]"), ("{}}", "{}"), ("\u{FEFF}[1]", "[1]"), ("[1]\n\u{0}\u{0}", "[1]\n"),
            ("7 8", "7 "),
        ])
    func cutting(damaged: String, expected: String) throws {
        let salvaged = try #require(JSONSalvage(Array(damaged.utf8)))
        #expect(String(decoding: salvaged.bytes, as: UTF8.self) == expected)
        #expect(salvaged.firstLost == nil && salvaged.cutShort.isEmpty)
        #expect(salvaged.cutByteCount > 0)
    }

    @Test(
        "makes up nothing where no value is complete",
        arguments: [
            "", "[", "{\"a\":", "{\"a\": {", "12", "\"abc", "tru", "\u{0}\u{0}", "[1]", "]",
        ])
    func nothing(damaged: String) {
        // A number is complete only when something follows it.
        guard damaged != "12" else { return }
        #expect(JSONSalvage(Array(damaged.utf8)) == nil)
    }

    @Test("of every truncation of every sample invents no value")
    func truncations() throws {
        let documents = try DocumentSet(sample: "0.5.0")
        for (name, bytes) in documents.contents where name.text.hasSuffix("config.json") {
            let whole = try JSONDocument(bytes)
            for length in 0..<bytes.count {
                guard let salvaged = JSONSalvage(Array(bytes[..<length])) else { continue }
                let part = try JSONDocument(salvaged.bytes)
                #expect(isPart(part.root, of: whole.root), "\(name) cut at \(length)")
            }
        }
    }

    /// Whether all that a value holds stands at the same place of another one.
    private func isPart(_ part: JSONValue, of whole: JSONValue) -> Bool {
        guard part.kind == whole.kind else { return false }
        switch part.kind {
        case .object:
            return part.members.allSatisfy { member in
                guard let key = member.key.stringUTF8, let other = whole.member(named: key) else {
                    return false
                }
                return isPart(member.value, of: other)
            }
        case .array:
            return part.elements.enumerated().allSatisfy { index, element in
                whole.element(at: index).map { isPart(element, of: $0) } ?? false
            }
        default: return part.bytes.elementsEqual(whole.bytes)
        }
    }

    @Test("is done only when asked for, and lists what is lost")
    func asked() throws {
        let store = try HistoryStore(["a.json": "{\"list\": [1, 2, 3", "b.json": "[1]]"])
        let refused = try store.repair()
        #expect(refused.actions.isEmpty)
        #expect(refused.notes.contains { $0.contains("--salvage") })
        let report = try store.repair(salvages: true)
        #expect(store.read("a.json") == "{\"list\": [1, 2]}")
        #expect(store.read("b.json") == "[1]")
        let step = try #require(report.step(of: "a.json"))
        #expect(step.action == .salvage)
        #expect(
            step.lost == ["/list/2", "what else was in /list", "what else was in the document"])
        #expect(report.step(of: "b.json")?.lost == ["1 stray bytes"])
        #expect(try store.quarantine().contains(Array("{\"list\": [1, 2, 3".utf8)))
        #expect(report.errors.isEmpty)
    }

    @Test("a document that would not be in the application's shape is left alone")
    func shape() throws {
        let store = try HistoryStore(sample: "0.5.0")
        try store.damage("sessions.json", .onlyNULs)
        let report = try store.repair(salvages: true)
        #expect(report.actions.isEmpty)
        #expect(report.errors.map(\.document) == ["sessions.json"])
    }
}
