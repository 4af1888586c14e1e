import CanIFlyStore
import Foundation
import StoreCodecs
import StoreFiles
import StoreTestSupport
import Synchronization
import Testing

@Suite("Restoring")
struct RestoreTests {
    @Test("brings back contents, modes and modification times, and can itself be undone")
    func thereAndBack() throws {
        let store = try HistoryStore([
            "a.json": "{\"a\":1}", "plans/x.txt": "Mining 1\n", "b.json": "[]",
        ])
        try store.setMode("a.json", 0o640)
        try store.setModified("plans/x.txt", 1_600_000_000)
        try store.snapshot()
        let before = try store.everything()
        try store.put("a.json", "{\"a\":2}", mode: 0o600)
        try store.put("plans/x.txt", "Mining 5\n")
        try store.delete("b.json")
        try store.put("c.json", "3")
        let after = try store.everything()

        let report = try store.restore(at: .transaction(1))
        #expect(report.transaction == 6)
        #expect(
            report.changes.map(\.document.text) == ["a.json", "b.json", "c.json", "plans/x.txt"])
        #expect(try store.everything() == before)
        #expect(try store.modified("plans/x.txt") == 1_600_000_000)
        #expect(try store.isSound())

        try store.restore(at: .before(6))
        #expect(try store.everything() == after)
        try store.restore(at: .transaction(6))
        #expect(try store.everything() == before)
        #expect(try store.restore(at: .transaction(6)).transaction == nil)
    }

    @Test("undoes a transaction exactly, with what the application had written unrecorded")
    func before() throws {
        let store = try HistoryStore(["a.json": "1", "b.json": "1"])
        try store.snapshot()
        try store.write("a.json", "unrecorded")
        try store.setMode("a.json", 0o604)
        try store.setModified("a.json", 1_500_000_000)
        let number = try #require(try store.put("a.json", "\"put\""))
        #expect(try store.content("a.json", at: .transaction(number - 1)) == "1")
        #expect(try store.content("a.json", at: .before(number)) == "unrecorded")
        try store.restore("a.json", at: .before(number))
        #expect(store.read("a.json") == "unrecorded")
        #expect(try store.mode("a.json") == 0o604)
        #expect(try store.modified("a.json") == 1_500_000_000)
        // Of documents that the transaction did not touch, what was recorded before it holds.
        #expect(try store.content("b.json", at: .before(number)) == "1")
    }

    @Test("of named documents leaves the others alone")
    func named() throws {
        let store = try HistoryStore(["a.json": "1", "b.json": "1"])
        try store.snapshot()
        try store.put("a.json", "2")
        try store.put("b.json", "2")
        try store.put("c.json", "2")
        try store.restore("a.json", at: .transaction(1))
        #expect(store.read("a.json") == "1" && store.read("b.json") == "2")
        #expect(store.read("c.json") == "2")
        // What was not there then goes, when it is asked for by name.
        try store.restore("c.json", at: .transaction(1))
        #expect(store.read("c.json") == nil)
    }

    @Test("by time means the last transaction made by then")
    func byTime() throws {
        let store = try HistoryStore(["a.json": "1"])
        try store.snapshot()
        try store.put("a.json", "2")
        try store.put("a.json", "3")
        let times = try store.store.history().map(\.time)
        try store.restore(at: .time(times[1]))
        #expect(store.read("a.json") == "2")
        var early = times[2]
        early.seconds -= 1
        let error = #expect(throws: StoreError.self) { try store.restore(at: .time(early)) }
        #expect(error?.kind == .notFound && error?.code == "no-such-transaction")
        var late = times[0]
        late.seconds += 1000
        #expect(try store.content("a.json", at: .time(late)) == "2")
    }

    @Test("brings back documents that were deleted and made again, each time as they were")
    func recreated() throws {
        let store = try HistoryStore(["a.json": "1"])
        try store.snapshot()
        try store.delete("a.json")
        try store.put("a.json", "2", mode: 0o600)
        try store.delete("a.json")
        for (moment, text) in [(1, "1"), (2, nil), (3, "2"), (4, nil)] {
            try store.restore(at: .transaction(UInt64(moment)))
            #expect(store.read("a.json") == text, "as of \(moment)")
            #expect(try store.isSound())
        }
        try store.restore("a.json", at: .before(4))
        #expect(store.read("a.json") == "2")
    }

    @Test("says what can be had where a content was recorded by its digest alone")
    func notKept() throws {
        let store = try HistoryStore(["a.json": "1", "b.json": "1"])
        try store.initialize()
        try store.write("a.json", "2")
        let lost = #expect(throws: StoreError.self) { try store.restore(at: .transaction(1)) }
        #expect(lost?.kind == .notFound && lost?.code == "content-not-kept")
        #expect(lost?.document?.text == "a.json")
        #expect(lost?.hint.contains("snapshot") == true)
        try store.put("a.json", "3")
        try store.put("a.json", "4")
        let hinting = #expect(throws: StoreError.self) {
            try store.restore("a.json", at: .transaction(1))
        }
        #expect(
            hinting?.hint == "kept of it is what it held --before 2, --at 2, --before 3, --at 3")
        let showing = #expect(throws: StoreError.self) {
            try store.content("a.json", at: .transaction(1))
        }
        #expect(showing?.hint == hinting?.hint)
        #expect(store.read("a.json") == "4")
        // Where it is still as it was, nothing needs to be kept.
        try store.restore("b.json", at: .transaction(1))
        #expect(store.read("b.json") == "1")
    }

    @Test("finds a content that was recorded by its digest and kept when it was replaced")
    func keptLater() throws {
        let store = try HistoryStore(["a.json": "1"])
        try store.initialize()
        try store.put("a.json", "2")
        #expect(try store.content("a.json", at: .transaction(1)) == "1")
        try store.restore(at: .transaction(1))
        #expect(store.read("a.json") == "1")
    }

    @Test("leaves documents alone that nothing was known of at the moment")
    func unknown() throws {
        let store = try HistoryStore(["a.json": "1", "b.json": "1"])
        try store.put("a.json", "2")
        try store.put("a.json", "3")
        let report = try store.restore(at: .transaction(1))
        #expect(report.changes.map(\.document.text) == ["a.json"])
        #expect(report.notes.contains { $0.contains("b.json") })
        #expect(store.read("b.json") == "1")
        let error = #expect(throws: StoreError.self) {
            try store.restore("b.json", at: .transaction(1))
        }
        #expect(error?.kind == .notFound && error?.code == "no-such-document")
        #expect(throws: StoreError.self) { try store.restore("never.json", at: .transaction(1)) }
        // A snapshot that sees it for the first time does not mean that it was not there before.
        try store.snapshot()
        try store.restore(at: .transaction(1))
        #expect(store.read("b.json") == "1")
    }

    @Test(
        "removes what the application made since everything was recorded, and keeps it in history")
    func untracked() throws {
        let store = try HistoryStore(["a.json": "1"])
        try store.snapshot()
        try store.write("new.json", "9")
        let number = try #require(try store.restore(at: .transaction(1)).transaction)
        #expect(store.read("new.json") == nil)
        try store.restore(at: .before(number))
        #expect(store.read("new.json") == "9")
    }

    @Test("keeps what was there already at the moment, though it was never recorded")
    func untrackedButOlder() throws {
        let store = try HistoryStore(["a.json": "1"])
        try store.snapshot()
        try store.write("new.json", "9")
        // Longer than the file system's clock takes for a tick.
        Thread.sleep(forTimeInterval: 0.05)
        let number = try #require(try store.put("a.json", "2"))
        try store.put("a.json", "3")
        try store.restore(at: .transaction(number))
        #expect(store.read("a.json") == "2" && store.read("new.json") == "9")
    }

    @Test("refuses moments that have not been")
    func unknownMoments() throws {
        let store = try HistoryStore(["a.json": "1"])
        let nothing = #expect(throws: StoreError.self) { try store.restore(at: .transaction(1)) }
        #expect(nothing?.kind == .notFound)
        try store.snapshot()
        for moment in [PointInTime.transaction(0), .transaction(2), .before(0), .before(2)] {
            let error = #expect(throws: StoreError.self) { try store.restore(at: moment) }
            #expect(error?.kind == .notFound && error?.code == "no-such-transaction", "\(moment)")
        }
    }

    @Test("on a dry run tells what it would do and changes nothing")
    func dryRun() throws {
        let store = try HistoryStore(["a.json": "1"])
        try store.snapshot()
        try store.put("a.json", "2")
        let before = try store.everything()
        var options = WriteOptions(command: "restore")
        options.isDryRun = true
        let report = try store.store.restore(RestoreRequest([], at: .transaction(1)), options)
        #expect(report.transaction == nil && report.isDryRun)
        #expect(report.changes.map(\.document.text) == ["a.json"])
        #expect(try store.everything() == before)
        #expect(try store.store.history().count == 2)
    }

    @Test("brings back a document by its plain name that has been packed since, and the other way")
    func packed() throws {
        let store = try HistoryStore(["a.json": "{}"])
        try store.snapshot()
        let unpacked = try store.everything()
        let packed = GzipBytes.empty
        try store.remove("a.json")
        try store.write("a.json.gz", packed)
        try store.snapshot()
        let afterwards = try store.everything()
        try store.restore("a.json", at: .transaction(1))
        #expect(try store.everything() == unpacked)
        try store.restore("a.json", at: .transaction(2))
        #expect(try store.everything() == afterwards)
        try store.restore("a.json.gz", at: .transaction(1))
        #expect(try store.everything() == unpacked)
    }

    @Test("brings back names and contents that are not what they look like, to the byte")
    func bytes() throws {
        let composed = "caf\u{e9}.txt"
        let decomposed = "cafe\u{301}.txt"
        let store = try HistoryStore()
        try store.write(composed, "one")
        try store.write(decomposed, "two")
        try store.write("latin.txt", [0x66, 0xFC, 0x72, 0x0A])
        try store.snapshot()
        try store.delete(composed)
        try store.put("latin.txt", "für\n")
        try store.restore(at: .transaction(1))
        #expect(store.read(composed) == "one" && store.read(decomposed) == "two")
        #expect(try Array(Data(contentsOf: store.url("latin.txt"))) == [0x66, 0xFC, 0x72, 0x0A])
    }
}

private enum GzipBytes {
    /// `{}` as gzip.
    static let empty: [UInt8] = [
        0x1f, 0x8b, 0x08, 0, 0, 0, 0, 0, 0x00, 0xff, 0xab, 0xae, 0x05, 0x00, 0x43, 0xbf, 0xa6, 0xa3,
        0x02, 0x00, 0x00, 0x00,
    ]
}

@Suite("Restoring beside the application")
struct ConcurrentRestoreTests {
    /// The store asks for signals before it waits for the lock and right before it commits: at the
    /// last of these, the application writes a document.
    @Test("gives up where the application changes a document meanwhile, and puts everything back")
    func interference() throws {
        let scratch = try HistoryStore(["a.json": "1", "b.json": "1", "c.json": "1"])
        try scratch.snapshot()
        for name in ["a.json", "b.json", "c.json"] { try scratch.put(name, "2") }
        func restore(_ meanwhile: @escaping @Sendable (Int) -> Void) throws -> Int {
            let asked = Mutex(0)
            let environment = StoreEnvironment(pendingSignal: {
                let count = asked.withLock { asked in
                    asked += 1
                    return asked
                }
                meanwhile(count)
                return nil
            })
            let store = try Store.open(
                at: scratch.scratch.path, system: LinuxSystemCalls(), environment: environment)
            defer { asks = asked.withLock { $0 } }
            _ = try store.restore(
                RestoreRequest([], at: .transaction(1)), WriteOptions(command: "restore"))
            return asked.withLock { $0 }
        }
        var asks = 0
        #expect(try restore { _ in } > 1)
        for name in ["a.json", "b.json", "c.json"] { try scratch.put(name, "2") }
        let last = asks
        let url = scratch.url("b.json")
        let error = #expect(throws: StoreError.self) {
            try restore { count in
                if count == last { try! Data("\"application\"".utf8).write(to: url) }
            }
        }
        #expect(error?.kind == .conflict && error?.code == "changed-meanwhile")
        #expect(scratch.read("b.json") == "\"application\"")
        #expect(scratch.read("a.json") == "2" && scratch.read("c.json") == "2")
        #expect(scratch.read(".lock") == nil)
        #expect(try scratch.store.recover().isEmpty)
        #expect(try scratch.isSound())
    }

    @Test("waits for no application that runs")
    func lockHeld() throws {
        let scratch = try HistoryStore(["a.json": "1"])
        try scratch.snapshot()
        try scratch.put("a.json", "2")
        let process = ProcessInfo.processInfo.processIdentifier
        try scratch.write(".lock", "\(process)\nlinux\n2026-11-01T08:30:00Z\n")
        var options = WriteOptions(command: "restore")
        options.lockWaitNanoseconds = 0
        let error = #expect(throws: StoreError.self) {
            try scratch.store.restore(RestoreRequest([], at: .transaction(1)), options)
        }
        #expect(error?.kind == .busy)
        #expect(scratch.read("a.json") == "2")
    }
}
