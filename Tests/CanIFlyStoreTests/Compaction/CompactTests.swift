import CanIFlyStore
import Foundation
import StoreCodecs
import StoreFiles
import StoreTestSupport
import Testing

@Suite("Compaction")
struct CompactTests {
    private static let options = WriteOptions(command: "compact")
    private static let dryRun = {
        var options = WriteOptions(command: "compact")
        options.isDryRun = true
        return options
    }()

    private static func text(_ number: Int) -> String {
        "{\"number\": \(number), \"text\": \"\(String(repeating: "some words, ", count: 200))\"}"
    }

    private static func random(count: Int) -> [UInt8] {
        var generator = SeededGenerator(seed: 4)
        return (0..<count / 8).flatMap { _ in
            withUnsafeBytes(of: generator.next()) { Array($0) }
        }
    }

    /// A store with so many transactions, each a `put` of `a.json`.
    private func store(transactions: Int, keep: String? = nil) throws -> FormStore {
        let store = try FormStore()
        for number in 1...transactions { try store.put("a.json", Self.text(number)) }
        if let keep { configure(store, keep) }
        return store
    }

    private func configure(_ store: FormStore, _ text: String) {
        store.disk.place(
            Array(text.utf8), at: "/store/.canifly-store/config.json", mode: .privateFile)
    }

    private func sizes(_ report: CompactReport, _ kind: String) -> CompactSizes? {
        report.kinds.first { $0.kind == kind }?.sizes
    }

    private func logNames(_ store: FormStore) -> [String] {
        store.disk.tree(at: "/store/.canifly-store").map {
            String(decoding: $0.path, as: UTF8.self)
        }
        .filter { $0.hasPrefix("log") }
    }

    // MARK: History

    @Test("packs history and forgets nothing without a policy")
    func packs() throws {
        let store = try store(transactions: 12)
        let before = try store.store.history().map(\.changes)
        let foreseen = try store.store.compact(CompactRequest(), Self.dryRun)
        let report = try store.store.compact(CompactRequest(), Self.options)
        let history = try #require(sizes(report, "history"))
        #expect(history.after < history.before / 2)
        #expect(foreseen.total == report.total)
        #expect(report.transaction == nil && report.prunedTransactions == 0)
        #expect(try store.store.history().map(\.changes) == before)
        for number in 1...12 {
            #expect(try store.get("a.json", at: UInt64(number)) == Self.text(number))
        }
        #expect(try store.findings(isDeep: true).isEmpty)
        #expect(logNames(store) == ["log-2", "log-2/00000002.log"])
    }

    @Test("changes nothing where nothing is to be won")
    func idempotent() throws {
        let store = try store(transactions: 5, keep: "{\"keep\": {\"last\": 3}}")
        _ = try store.store.compact(CompactRequest(), Self.options)
        let before = store.disk.tree(at: "/store")
        let report = try store.store.compact(CompactRequest(), Self.options)
        #expect(report.total.before == report.total.after)
        #expect(store.disk.tree(at: "/store") == before)
    }

    @Test("does not write a long log anew for next to nothing, and does for a 32nd")
    func longLog() throws {
        let store = try FormStore()
        // Two megabytes that do not get smaller.
        store.place("a.bin", Self.random(count: 2 << 20))
        var request = CompactRequest()
        request.pack = ["a.bin"]
        _ = try store.store.compact(request, Self.options)
        #expect(logNames(store) == ["log", "log/00000001.log"])
        try store.put("b.json", Self.text(1))
        let foreseen = try store.store.compact(CompactRequest(), Self.dryRun)
        #expect(foreseen.total.before == foreseen.total.after)
        _ = try store.store.compact(CompactRequest(), Self.options)
        #expect(logNames(store) == ["log", "log/00000001.log"])
        try store.put("b.json", "[\(String(repeating: Self.text(2) + ",", count: 40))1]")
        _ = try store.store.compact(CompactRequest(), Self.options)
        #expect(logNames(store) == ["log-2", "log-2/00000002.log"])
        #expect(try store.get("b.json", at: 2) == Self.text(1))
        #expect(try store.findings(isDeep: true).isEmpty)
    }

    @Test("lets the store go on, over and over")
    func goesOn() throws {
        let store = try store(transactions: 3)
        for round in 1...4 {
            _ = try store.store.compact(CompactRequest(), Self.options)
            try store.put("a.json", Self.text(100 + round))
            try store.put("b.json", Self.text(round))
        }
        #expect(try store.store.history().count == 11)
        #expect(try store.get("a.json", at: 2) == Self.text(2))
        #expect(try store.get("a.json") == Self.text(104))
        #expect(try store.get("b.json", at: 5) == Self.text(1))
        #expect(try store.findings(isDeep: true).isEmpty)
    }

    @Test("keeps exactly the last transactions that the policy names", arguments: 1...5)
    func keepsLast(count: Int) throws {
        let store = try store(transactions: 5, keep: "{\"keep\": {\"last\": \(count)}}")
        let report = try store.store.compact(CompactRequest(), Self.options)
        #expect(report.prunedTransactions == 5 - count)
        for number in 1...5 {
            let code = store.code {
                let text = try store.get("a.json", at: UInt64(number))
                #expect(text == Self.text(number))
            }
            #expect((code == nil) == (number > 5 - count), "\(number): \(code ?? "")")
        }
        #expect(
            try store.store.history().map(\.number) == Array((6 - UInt64(count)...5).reversed()))
        #expect(try store.store.history().last?.changes.count == 1)
        #expect(try store.get("a.json") == Self.text(5))
        #expect(try store.findings(isDeep: true).isEmpty)
        try store.put("a.json", Self.text(6))
        #expect(try store.store.history().first?.number == 6)
    }

    @Test("keeps the transactions of the last days")
    func keepsDays() throws {
        let store = try store(transactions: 4)
        let now = store.system.now()
        let later = try Store.open(
            at: "/store", system: store.system,
            environment: StoreEnvironment(
                now: Timestamp(seconds: now.seconds + 10 * 86_400)))
        configure(store, "{\"keep\": {\"days\": 11}}")
        #expect(try later.compact(CompactRequest(), Self.options).prunedTransactions == 0)
        configure(store, "{\"keep\": {\"days\": 9}}")
        #expect(try later.compact(CompactRequest(), Self.options).prunedTransactions == 3)
        configure(store, "{\"keep\": {\"days\": 9, \"last\": 4}}")
        #expect(try later.compact(CompactRequest(), Self.options).prunedTransactions == 0)
    }

    @Test("keeps what every other document was, and can go back to it")
    func keepsTheRest() throws {
        let store = try FormStore(["b.json": "{\"b\": 1}", "c.json": "{\"c\": 1}"])
        _ = try store.store.snapshot(WriteOptions(command: "snapshot"))
        try store.put("c.json", "{\"c\": 2}")
        for number in 1...4 { try store.put("a.json", Self.text(number)) }
        configure(store, "{\"keep\": {\"last\": 2}}")
        _ = try store.store.compact(CompactRequest(), Self.options)
        let first = try #require(try store.store.history().last)
        #expect(first.changes.map(\.document.text) == ["a.json"])
        #expect(try store.get("b.json", at: first.number) == "{\"b\": 1}")
        #expect(try store.get("c.json", at: first.number) == "{\"c\": 2}")
        #expect(try store.store.list(patterns: []).allSatisfy { $0.standing == .recorded })
        #expect(try store.findings(isDeep: true).isEmpty)
    }

    @Test("always keeps the last good content of a document")
    func keepsLastGood() throws {
        let store = try FormStore(["a.json": "{\"good\": true}"])
        _ = try store.store.snapshot(WriteOptions(command: "snapshot"))
        store.place("a.json", Array("{\"good\": tr".utf8))
        _ = try store.store.snapshot(WriteOptions(command: "snapshot"))
        for number in 1...3 { try store.put("b.json", Self.text(number)) }
        configure(store, "{\"keep\": {\"last\": 1}}")
        _ = try store.store.compact(CompactRequest(), Self.options)
        let good = Digest.of(Array("{\"good\": true}".utf8))
        let history = try store.store.history(of: store.path("a.json"))
        #expect(history.flatMap(\.changes).contains { $0.before == good })
    }

    @Test("refuses a policy that it does not understand, and changes nothing")
    func malformedPolicy() throws {
        let store = try store(transactions: 3)
        for text in [
            "{", "[]", "{\"kep\": {\"last\": 1}}", "{\"keep\": {\"last\": 0}}",
            "{\"keep\": {\"last\": \"1\"}}", "{\"keep\": {\"weeks\": 1}}", "{\"keep\": 1}",
            "{\"quarantine_days\": -1}",
        ] {
            configure(store, text)
            let before = store.disk.tree(at: "/store")
            #expect(
                store.code { _ = try store.store.compact(CompactRequest(), Self.options) }
                    == "configuration-malformed")
            #expect(store.disk.tree(at: "/store") == before)
        }
    }

    @Test("leaves a damaged history as it is, and says so")
    func damagedHistory() throws {
        let store = try store(transactions: 3)
        let name = "/store/.canifly-store/log/00000001.log"
        var log = try #require(store.disk.contents(at: name))
        log[700] ^= 1
        store.disk.place(log, at: name, mode: .privateFile)
        let before = store.disk.tree(at: "/store")
        #expect(
            store.code { _ = try store.store.compact(CompactRequest(), Self.options) }
                == "history-corrupt")
        #expect(store.disk.tree(at: "/store") == before)
    }

    @Test("keeps a content once that recurs, and finds it for the next transaction")
    func keepsOnce() throws {
        let store = try FormStore()
        for number in 1...6 { try store.put("a.json", Self.text(number % 2)) }
        _ = try store.store.compact(CompactRequest(), Self.options)
        let name = "/store/.canifly-store/log-2/00000002.log"
        let before = try #require(store.disk.contents(at: name)).count
        try store.put("a.json", Self.text(1))
        let after = try #require(store.disk.contents(at: name)).count
        #expect(after - before < 1024)
        #expect(try store.get("a.json", at: 7) == Self.text(1))
    }

    // MARK: Forms

    @Test("packs and unpacks documents, with modes and times")
    func packsDocuments() throws {
        let store = try FormStore(["a.json": Self.text(1), "b/c.json": Self.text(2), "d.txt": "d"])
        let before = try store.store.list(patterns: [])
        var request = CompactRequest()
        request.pack = ["**/*.json"]
        let foreseen = try store.store.compact(request, Self.dryRun)
        #expect(store.bytes("a.json.gz") == nil)
        let report = try store.store.compact(request, Self.options)
        #expect(report.transaction == 2)
        #expect(sizes(foreseen, "documents") == sizes(report, "documents"))
        #expect(foreseen.changes == report.changes)
        #expect(store.bytes("a.json") == nil && store.bytes("d.txt") != nil)
        #expect(try store.get("b/c.json") == Self.text(2))
        #expect(
            try GzipReader.unpack(try #require(store.bytes("b/c.json.gz")))
                == Array(Self.text(2).utf8))
        #expect(try store.findings(isDeep: true).isEmpty)
        // The plain document stays in history, without a copy of its own.
        #expect(try store.get("a.json", at: 2) == Self.text(1))

        var back = CompactRequest()
        back.unpack = ["a.json", "b/c.json.gz"]
        _ = try store.store.compact(back, Self.options)
        let after = try store.store.list(patterns: [])
        #expect(after.map(\.document) == before.map(\.document))
        #expect(after.map(\.digest) == before.map(\.digest))
        #expect(after.map(\.mode) == before.map(\.mode))
        #expect(after.map(\.modified) == before.map(\.modified))
        #expect(try store.findings(isDeep: true).isEmpty)
        #expect(try store.get("a.json", at: 2) == Self.text(1))
    }

    /// The packed document's one record is the content of two digests: its own, and that of the
    /// document before. Where history had the document already, its record there was once taken for
    /// both, and compaction gave up because of damage that was none.
    @Test("packs documents that history keeps already", arguments: ["short", text(9)])
    func packsKeptDocuments(text: String) throws {
        let store = try store(transactions: 8)
        try store.put("b.txt", text)
        try store.put("c.txt", text)
        var request = CompactRequest()
        request.pack = ["b.txt"]
        let report = try store.store.compact(request, Self.options)
        #expect(report.transaction == 11)
        let history = try #require(sizes(report, "history"))
        #expect(history.after < history.before)
        let packed = try #require(store.bytes("b.txt.gz"))
        #expect(try store.get("b.txt", at: 9) == text && store.get("b.txt") == text)
        #expect(try store.findings(isDeep: true).isEmpty)
        // Both forms come back out of the new log.
        let before = RestoreRequest([store.path("b.txt")], at: .before(11))
        _ = try store.store.restore(before, WriteOptions(command: "restore"))
        #expect(store.bytes("b.txt") == Array(text.utf8) && store.bytes("b.txt.gz") == nil)
        let after = RestoreRequest([store.path("b.txt")], at: .transaction(11))
        _ = try store.store.restore(after, WriteOptions(command: "restore"))
        #expect(store.bytes("b.txt") == nil && store.bytes("b.txt.gz") == packed)
        _ = try store.store.compact(CompactRequest(), Self.options)
        #expect(try store.findings(isDeep: true).isEmpty)
    }

    @Test("packs what takes several batches")
    func packsLarge() throws {
        // Three batches and a half: packing goes on while the next are read.
        let piece = Self.random(count: 100_000) + [UInt8](repeating: 32, count: 200_000)
        let content = Array([[UInt8]](repeating: piece, count: 50).joined())
        let store = try FormStore()
        store.place("a.bin", content)
        var request = CompactRequest()
        request.pack = ["a.bin"]
        _ = try store.store.compact(request, Self.options)
        let packed = try #require(store.bytes("a.bin.gz"))
        #expect(try GzipReader.unpack(packed, requiresOwnHeader: true) == content)
        #expect(packed == PackedDocument.pack(content))
        #expect(try store.findings(isDeep: true).isEmpty)
    }

    @Test("keeps the plain document where the packed one is not what was written")
    func readsBack() throws {
        let sound = try HistoryStore(["a.json": Self.text(1)])
        try sound.initialize()
        var system = HookedSystemCalls()
        // A bit of the packed document flips before it is read for the log.
        system.onOpen = { [folder = sound.url(".canifly-store/staging")] name in
            let file = folder.appending(path: name)
            guard name.hasSuffix(".tmp"), var bytes = try? Data(contentsOf: file),
                bytes.count > 60
            else { return }
            bytes[50] ^= 1
            try? bytes.write(to: file)
        }
        let store = try Store.open(at: sound.scratch.path, system: system)
        var request = CompactRequest()
        request.pack = ["a.json"]
        #expect(throws: StoreError.self) { _ = try store.compact(request, Self.options) }
        let content = try Data(contentsOf: sound.url("a.json"))
        #expect(content == Data(Self.text(1).utf8))
        #expect(!FileManager.default.fileExists(atPath: sound.url("a.json.gz").path))
        #expect(try store.history().count == 1)
    }

    @Test("minifies JSON, and leaves its values as they are spelt")
    func minifies() throws {
        let store = try FormStore(["a.json": "{ \"a\" : [ 1.50 , \"x y\" ] }\n", "b.txt": "a  b"])
        var request = CompactRequest()
        request.minify = ["*"]
        _ = try store.store.compact(request, Self.options)
        #expect(try store.get("a.json") == "{\"a\":[1.50,\"x y\"]}")
        #expect(try store.get("b.txt") == "a  b")
    }

    @Test("minifies and packs in one step")
    func minifiesAndPacks() throws {
        let store = try FormStore(["a.json": "{ \"a\" : 1 }"])
        var request = CompactRequest()
        request.minify = ["a.json"]
        request.pack = ["a.json"]
        _ = try store.store.compact(request, Self.options)
        #expect(try store.get("a.json") == "{\"a\":1}")
        #expect(store.bytes("a.json") == nil && store.bytes("a.json.gz") != nil)
    }

    @Test("refuses to pack what is there packed already, and patterns of nothing")
    func refusals() throws {
        let store = try FormStore(["a.json": "1"])
        store.place("a.json.gz", GzipWriter.pack(Array("1".utf8)))
        var request = CompactRequest()
        request.pack = ["a.json"]
        #expect(store.code { _ = try store.store.compact(request, Self.options) } == "packed-twice")
        request.pack = ["nothing.json"]
        #expect(
            store.code { _ = try store.store.compact(request, Self.options) } == "no-such-document")
        request = CompactRequest()
        request.unpack = ["a.json"]
        #expect(store.code { _ = try store.store.compact(request, Self.options) } == "packed-twice")
    }

    @Test("leaves a damaged packed document as it is")
    func damagedPacked() throws {
        let store = try FormStore()
        store.place("a.json.gz", Array(GzipWriter.pack(Array("[1]".utf8)).dropLast()))
        var request = CompactRequest()
        request.unpack = ["a.json"]
        #expect(store.code { _ = try store.store.compact(request, Self.options) } == "gzip-corrupt")
        #expect(store.bytes("a.json") == nil && store.bytes("a.json.gz") != nil)
    }

    @Test("refuses to pack what reading would take for a bomb")
    func bomb() throws {
        let store = try FormStore()
        store.place("a.bin", [UInt8](repeating: 0, count: 100 << 20))
        var request = CompactRequest()
        request.pack = ["a.bin"]
        #expect(
            store.code { _ = try store.store.compact(request, Self.options) } == "packs-too-well")
        #expect(store.bytes("a.bin")?.count == 100 << 20)
    }

    @Test("removes the entries that the layout calls expired")
    func expires() throws {
        let scratch = ScratchDirectory()
        let store = try Store.open(
            at: scratch.path, system: LinuxSystemCalls(),
            environment: StoreEnvironment(now: Timestamp(rfc3339: "2026-11-01T12:00:00Z")))
        _ = try store.initialize(profile: .named("canifly"), WriteOptions(command: "init"))
        func session(_ id: String, _ expires: String) -> String {
            "\"\(id)\": {\"session_id\": \"\(id)\", \"account_name\": \"a\", \"characters\": null, "
                + "\"created_at\": \"2026-10-01T12:00:00Z\", "
                + "\"last_accessed\": \"2026-10-01T12:00:00Z\", \"expires_at\": \"\(expires)\", "
                + "\"remember_me\": false}"
        }
        let text =
            "{" + session("one", "2026-10-02T12:00:00Z") + ", "
            + session("two", "2026-12-02T12:00:00Z") + ", "
            + session("three", "2026-10-03T12:00:00Z") + "}"
        for (name, text) in [("sessions.json", text), ("accounts.json", "{\"Accounts\": []}")] {
            _ = try store.put(
                PutRequest(document: StorePath(unchecked: name), bytes: Array(text.utf8)),
                WriteOptions(command: "put"))
        }
        var request = CompactRequest()
        request.expires = true
        _ = try store.compact(request, Self.options)
        let left = String(
            decoding: try store.content(of: StorePath(unchecked: "sessions.json")), as: UTF8.self)
        #expect(left == "{" + session("two", "2026-12-02T12:00:00Z") + "}")
    }

    // MARK: Leftovers

    @Test("puts old leftovers away, and removes them when their time has come")
    func quarantine() throws {
        let store = try FormStore(["a.json": "1"])
        store.place("a.json.tmp", Array("leftover".utf8))
        func later(_ days: Int64) throws -> Store {
            try Store.open(
                at: "/store", system: store.system,
                environment: StoreEnvironment(
                    now: Timestamp(seconds: store.system.now().seconds + days * 86_400)))
        }
        _ = try later(0).compact(CompactRequest(), Self.options)
        #expect(store.bytes("a.json.tmp") != nil)
        let report = try later(2).compact(CompactRequest(), Self.options)
        #expect(store.bytes("a.json.tmp") == nil)
        #expect(sizes(report, "temporaries")?.before == 8)
        #expect(sizes(report, "quarantine")?.after == 8)
        func kept() -> [TreeEntry] {
            store.disk.tree(at: "/store/.canifly-store/quarantine")
        }
        #expect(kept().map { String(decoding: $0.bytes, as: UTF8.self) } == ["leftover"])
        #expect(kept().map(\.mode.bits) == [0o600])
        _ = try later(31).compact(CompactRequest(), Self.options)
        #expect(kept().count == 1)
        _ = try later(34).compact(CompactRequest(), Self.options)
        #expect(kept().isEmpty)
    }
}
