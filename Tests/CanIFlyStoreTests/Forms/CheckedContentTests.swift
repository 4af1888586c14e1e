import CanIFlyStore
import Foundation
import StoreCodecs
import StoreFiles
import StoreTestSupport
import Testing

/// Contents on their way out of the store, in pieces.
@Suite("Contents in pieces")
struct CheckedContentTests {
    /// Longer than what is kept in memory, in bytes.
    private static let long = 18 << 20

    /// JSON that packs well, but not so well that it is taken for a bomb.
    private static func json(_ length: Int) -> String {
        var generator = SeededGenerator(seed: 3)
        var text = "{\"list\": ["
        let row = (0..<60).map { _ in "\(generator.next())" }.joined(separator: ", ")
        while text.utf8.count < length { text += "\(generator.next()), \(row),\n" }
        return text + "1]}"
    }

    private func content(
        _ store: FormStore, _ name: String, at number: UInt64? = nil, unsealed: Bool = false
    ) throws -> String {
        let checked = try store.store.checkedContent(
            of: store.path(name), at: number.map { .transaction($0) }, unsealed: unsealed)
        var bytes: [UInt8] = []
        try checked.forEachPiece {
            bytes.append(contentsOf: $0)
            return true
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    @Test("are those that are read at once, however long", arguments: [100, long])
    func same(length: Int) throws {
        let text = Self.json(length)
        let store = try FormStore()
        try store.put("a.json", text)
        try store.put("b.json", text, packs: true)
        try store.put("c.json", text, seals: true, version: 2)
        #expect(try content(store, "a.json") == text)
        #expect(try content(store, "b.json") == text)
        #expect(try Array(content(store, "b.json.gz").utf8.prefix(1)) == [0x1F])
        #expect(try content(store, "c.json") == store.get("c.json"))
        #expect(try content(store, "c.json", unsealed: true) == text)
        #expect(
            store.code { _ = try content(store, "a.json", unsealed: true) } == "not-sealed")
        for name in ["a.json", "b.json", "c.json"] {
            try store.put(name, "{}", packs: name == "b.json")
        }
        #expect(try content(store, "a.json", at: 3) == text)
        #expect(try content(store, "b.json", at: 3) == text)
        #expect(try content(store, "c.json", at: 3, unsealed: true) == text)
        #expect(store.code { _ = try content(store, "a.json", at: 0) } == "no-such-transaction")
        _ = try store.store.compact(CompactRequest(), WriteOptions(command: "compact"))
        #expect(try content(store, "a.json", at: 3) == text)
        #expect(try content(store, "b.json", at: 3) == text)
        #expect(try content(store, "c.json", at: 3, unsealed: true) == text)
    }

    @Test("that are damaged are refused before anything is handed over")
    func damaged() throws {
        let text = Self.json(Self.long)
        let store = try FormStore()
        try store.put("a.json", text, packs: true)
        var packed = try #require(store.bytes("a.json.gz"))
        packed[packed.count - 100] ^= 4
        store.place("a.json.gz", packed)
        #expect(store.code { _ = try content(store, "a.json") } == "gzip-corrupt")
        #expect(store.code { _ = try content(store, "a.json.gz") } == "gzip-corrupt")
        #expect(store.code { _ = try content(store, "b.json") } == "no-such-document")

        #expect(try content(store, "a.json", at: 1) == text)
        let name = "/store/.canifly-store/log/00000001.log"
        var log = try #require(store.disk.contents(at: name))
        log[log.count / 2] ^= 1
        store.disk.place(log, at: name, mode: .privateFile)
        #expect(store.code { _ = try content(store, "a.json", at: 1) } == "history-corrupt")
    }

    @Test("that another program writes meanwhile are told")
    func changedMeanwhile() throws {
        let text = Self.json(Self.long)
        let scratch = try HistoryStore(["a.json": text])
        let checked = try scratch.store.checkedContent(of: StorePath(unchecked: "a.json"))
        // In place, as no careful program does.
        let file = try FileHandle(forWritingTo: scratch.url("a.json"))
        try file.seek(toOffset: UInt64(Self.long - 5))
        try file.write(contentsOf: Data("x".utf8))
        try file.close()
        var count = 0
        #expect {
            try checked.forEachPiece {
                count += $0.count
                return true
            }
        } throws: { ($0 as? StoreError)?.code == "changed-meanwhile" }
        // Who wants no more is not told.
        try checked.forEachPiece { _ in false }
    }
}
