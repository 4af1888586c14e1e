import CanIFlyStore
import Foundation
import StoreCodecs
import StoreFiles
import StoreTestSupport
import Testing

@Suite("A long history")
struct LongHistoryTests {
    private func logBytes(_ store: HistoryStore) throws -> Int {
        let folder = store.url(".canifly-store/log")
        return try FileManager.default.contentsOfDirectory(atPath: folder.path).reduce(0) {
            let attributes = try FileManager.default.attributesOfItem(
                atPath: folder.appending(path: $1).path)
            return $0 + (attributes[.size] as! Int)
        }
    }

    @Test("keeps each content once: a snapshot costs what changed, not what there is")
    func snapshots() throws {
        let store = try HistoryStore()
        let documents = 50
        let length = 4000
        func text(_ document: Int, _ version: Int) -> String {
            "\"\(document) \(version) " + String(repeating: "x", count: length) + "\""
        }
        for document in 0..<documents { try store.write("\(document).json", text(document, 0)) }
        try store.snapshot()
        let first = try logBytes(store)
        let rounds = 100
        for round in 1...rounds {
            try store.write("\(round % documents).json", text(round % documents, round))
            try store.snapshot()
        }
        let perSnapshot = (try logBytes(store) - first) / rounds
        #expect(perSnapshot >= length && perSnapshot < length + 2048)
        for round in stride(from: 1, through: rounds, by: 7) {
            let name = "\(round % documents).json"
            let number = UInt64(round + 1)
            #expect(
                try store.content(name, at: .transaction(number)) == text(round % documents, round))
        }
        #expect(try store.store.history(of: StorePath("7.json")).map(\.number) == [58, 8, 1])
    }

    @Test("keeps contents once that come back, and that several documents share")
    func sharedContents() throws {
        let text = "[" + String(repeating: "1,", count: 5000) + "1]"
        let store = try HistoryStore(["a.json": text, "b.json": text, "c.json": text])
        try store.snapshot()
        let once = try logBytes(store)
        #expect(once < text.utf8.count * 2)
        for _ in 0..<5 {
            try store.put("a.json", "0")
            try store.put("a.json", text)
            try store.put("new.json", text)
            try store.delete("new.json")
            try store.restore(at: .transaction(1))
        }
        #expect(try logBytes(store) < once + 25 * 2048)
    }

    @Test("shows the newest transactions as the whole history has them", arguments: [1, 3, 7, 100])
    func limited(limit: Int) throws {
        let store = try HistoryStore(["a.json": "1", "b.json": "1", "c.json": "1"])
        try store.initialize()
        for round in 2...6 {
            try store.write("a.json", "\(round)")
            if round % 2 == 0 { try store.write("b.json", "\(round)") }
            try store.snapshot()
        }
        try store.put("c.json", "7")
        try store.delete("a.json")
        let all = try store.store.history()
        let newest = try store.store.history(limit: limit)
        func shown(_ summary: TransactionSummary) -> String {
            "\(summary.number) \(summary.command) \(summary.changes)"
        }
        #expect(newest.map(shown) == all.prefix(limit).map(shown))
        #expect(all.first?.changes.first?.before == Digest.of(Array("6".utf8)))
        // A snapshot records all documents that are not kept yet; those that did not change are no
        // part of what it did.
        #expect(all[all.count - 2].changes.map(\.document.text) == ["a.json", "b.json"])
    }

    @Test("shows changes of mode alone")
    func modes() throws {
        let store = try HistoryStore(["a.json": "1"])
        try store.snapshot()
        try store.put("a.json", "1", mode: 0o600)
        let change = try #require(try store.store.history().first?.changes.first)
        #expect(change.before == change.after && change.document.text == "a.json")
    }
}
