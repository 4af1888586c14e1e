import CanIFlyStore
import Foundation
import StoreCodecs
import StoreFiles
import StoreTestSupport
import Testing

@Suite("Differences of documents")
struct DiffTests {
    private func diff(
        _ store: HistoryStore, _ names: String..., from: PointInTime? = nil,
        to: PointInTime? = nil
    ) throws -> [DocumentDifference] {
        try store.store.diff(
            DiffRequest(try names.map { try StorePath($0) }, from: from, to: to)
        ).differences
    }

    /// One line for each edit.
    private func edits(_ difference: DocumentDifference?) throws -> [String] {
        guard case .edits(let edits)? = difference?.detail else {
            Issue.record("no edits: \(String(describing: difference))")
            return []
        }
        return edits.map { edit in
            let values = [edit.before, edit.after].map { value in
                value.map { String(decoding: $0, as: UTF8.self) } ?? "-"
            }
            return "\(edit.operation) \(edit.path) \(values[0]) \(values[1])"
        }
    }

    private func lines(_ difference: DocumentDifference?) throws -> [String] {
        guard case .lines(let lines)? = difference?.detail else {
            Issue.record("no lines: \(String(describing: difference))")
            return []
        }
        return lines.map { line in
            "\(line.operation == .add ? "+" : "-")\(line.line) "
                + String(decoding: line.text, as: UTF8.self) + (line.lacksLineEnd ? "$" : "")
        }
    }

    private func reason(_ difference: DocumentDifference?) -> DocumentDifference.DigestReason? {
        guard case .digests(let reason)? = difference?.detail else { return nil }
        return reason
    }

    @Test("of what the application wrote since the last record, by value and by line")
    func live() throws {
        let store = try HistoryStore([
            "a.json": "{\"n\": 1.10, \"list\": [1, 2, 3]}", "b.txt": "one\ntwo\nthree\n",
            "same.json": "{}", "gone.json": "[null]",
        ])
        try store.snapshot()
        #expect(try diff(store).isEmpty)
        try store.write("a.json", "{\"list\":[1,3],\"n\":1.1,\"new\":\"x\"}")
        try store.write("b.txt", "one\n2\nthree\nfour")
        try store.write("new.txt", "text\n")
        try store.remove("gone.json")
        let found = try diff(store)
        #expect(found.map(\.document.text) == ["a.json", "b.txt", "gone.json", "new.txt"])
        #expect(found.map(\.change) == [.changed, .changed, .removed, .added])
        #expect(
            try edits(found[0]) == [
                "replace /n 1.10 1.1", "remove /list/1 2 -", "add /new - \"x\"",
            ])
        #expect(try lines(found[1]) == ["-2 two", "+2 2", "+4 four$"])
        #expect(try edits(found[2]) == ["remove  [null] -"])
        #expect(try lines(found[3]) == ["+1 text"])
        #expect(found[0].before == Digest.of(Array("{\"n\": 1.10, \"list\": [1, 2, 3]}".utf8)))
        #expect(found[2].after == nil && found[3].before == nil)
        #expect(try diff(store, "b.txt").map(\.document.text) == ["b.txt"])
    }

    @Test("between any two moments, and of what one transaction did")
    func moments() throws {
        let store = try HistoryStore(["a.json": "[1]"])
        try store.snapshot()
        try store.put("a.json", "[2]")
        try store.write("a.json", "[3]")
        try store.put("a.json", "[4]")
        try store.delete("a.json")
        func at(_ from: PointInTime?, _ to: PointInTime?) throws -> [String] {
            try edits(try diff(store, from: from, to: to).first)
        }
        #expect(try at(.transaction(1), .transaction(2)) == ["replace /0 1 2"])
        #expect(try at(.transaction(2), .transaction(1)) == ["replace /0 2 1"])
        #expect(try at(.transaction(2), .transaction(3)) == ["replace /0 2 4"])
        #expect(try at(.before(3), .transaction(3)) == ["replace /0 3 4"])
        #expect(try at(.transaction(3), nil) == ["remove  [4] -"])
        #expect(try diff(store).isEmpty)
        #expect(throws: StoreError.self) { try diff(store, from: .transaction(5)) }
        #expect(throws: StoreError.self) { try diff(store, to: .transaction(5)) }
    }

    @Test("of mode alone, and of white space alone")
    func smallThings() throws {
        let store = try HistoryStore(["a.json": "{\"a\":1,\"b\":2}", "b.json": "{}"])
        try store.snapshot()
        try store.setMode("b.json", 0o600)
        try store.write("a.json", "{ \"b\": 2, \"a\": 1 }\n")
        let found = try diff(store)
        #expect(found.map(\.change) == [.changed, .mode])
        #expect(try edits(found[0]).isEmpty)
        #expect(found[1].modeBefore?.octal == "0644" && found[1].modeAfter?.octal == "0600")
        #expect(reason(found[1]) == .equal)
    }

    @Test("of contents that are no text or were not kept are told by digest")
    func digestsOnly() throws {
        let store = try HistoryStore(["a.json": "1", "b.bin": "x", "nul.txt": "a"])
        try store.initialize()
        try store.write("a.json", "2")
        #expect(reason(try diff(store, "a.json").first) == .notKept)
        try store.snapshot()
        try store.write("b.bin", [0xFF, 0xFE])
        try store.write("nul.txt", [0x61, 0])
        #expect(reason(try diff(store, "b.bin").first) == .binary)
        #expect(reason(try diff(store, "nul.txt").first) == .binary)
        try store.write("nul.txt", [UInt8](repeating: 0x0A, count: (1 << 20) + 1))
        #expect(reason(try diff(store, "nul.txt").first) == .tooLarge)
        try store.write("a.json", [UInt8](repeating: 0x20, count: 65 << 20) + [0x31])
        let large = try #require(try diff(store, "a.json").first)
        #expect(reason(large) == .tooLarge && large.after != nil)
    }

    @Test("of text that is no UTF-8 are told by line all the same")
    func notUTF8() throws {
        let store = try HistoryStore()
        try store.write("l.txt", [0x66, 0xFC, 0x72, 0x0A, 0x78, 0x0A])
        try store.snapshot()
        try store.write("l.txt", [0x66, 0xFD, 0x72, 0x0A, 0x78, 0x0A])
        guard case .lines(let lines)? = try diff(store).first?.detail else {
            Issue.record("no lines")
            return
        }
        #expect(lines.map(\.text) == [[0x66, 0xFC, 0x72], [0x66, 0xFD, 0x72]])
    }

    @Test("of malformed JSON are told by line where nothing in it is secret")
    func malformed() throws {
        let store = try HistoryStore(["a.json": "{\"a\":\n1}\n"])
        _ = try store.store.initialize(profile: .named("generic"), WriteOptions(command: "init"))
        try store.snapshot()
        try store.write("a.json", "{\"a\":\n")
        #expect(try lines(try diff(store).first) == ["-2 1}"])
        // The application treats an empty document as none.
        try store.write("a.json", "")
        #expect(try edits(try diff(store).first) == ["remove  {\"a\":1} -"])
    }

    @Test("leave out what nothing was known of, unless it is asked for")
    func unknown() throws {
        let store = try HistoryStore(["a.json": "1", "b.json": "1"])
        let report = try store.store.diff(DiffRequest())
        #expect(report.differences.isEmpty && !report.isRecorded)
        #expect(try store.store.diff(DiffRequest([StorePath("a.json")])).differences.isEmpty)
        try store.put("a.json", "2")
        #expect(try diff(store).isEmpty)
        #expect(try diff(store, "b.json").map(\.change) == [.added])
        #expect(throws: StoreError.self) { try diff(store, "never.json") }
        try store.snapshot()
        #expect(try diff(store, from: .transaction(1)).isEmpty)
    }

    @Test("do not count packing, and look into packed documents")
    func packed() throws {
        let store = try HistoryStore(["a.json": "{\"a\":1}"])
        try store.snapshot()
        var packing = PutRequest(document: try StorePath("a.json"), bytes: Array("{\"a\":1}".utf8))
        packing.packs = true
        _ = try store.store.put(packing, WriteOptions(command: "put"))
        #expect(store.read("a.json") == nil && store.read("a.json.gz") != nil)
        #expect(
            try diff(store, from: .transaction(1)).filter { $0.change != .mode }.isEmpty)
        try store.put("a.json", "{\"a\":2}")
        #expect(store.read("a.json") == nil)
        let found = try diff(store, from: .transaction(1))
        #expect(found.map(\.document.text) == ["a.json"])
        #expect(try edits(found.first) == ["replace /a 1 2"])
        #expect(
            try edits(try diff(store, from: .transaction(2), to: .transaction(3)).first) == [
                "replace /a 1 2"
            ])
    }

    @Test("count a transaction that waits in the log as done")
    func pending() throws {
        let disk = SimulatedDisk()
        disk.placeDirectory(at: "/store", mode: .privateDirectory)
        for name in ["a.json", "b.json"] {
            disk.place([0x31], at: "/store/\(name)", mode: FileMode(0o644))
        }
        _ = try Store.open(at: "/store", system: disk).snapshot(WriteOptions(command: "snapshot"))
        let operations = [
            (line: 1, operation: StoreWorkload.write("a.json", "2")),
            (line: 2, operation: StoreWorkload.write("b.json", "2")),
        ]
        func apply(_ system: any SystemCalls) throws {
            _ = try Store.open(at: "/store", system: system).apply(
                operations, WriteOptions(command: "apply"))
        }
        let counting = FaultInjectingSystemCalls(wrapping: disk.copy())
        try apply(counting)
        var pendingStates = 0
        for call in 1...counting.callCount {
            let machine = disk.copy()
            let process = machine.process(91)
            try? apply(FaultInjectingSystemCalls(wrapping: process, [.kill(atCall: call)]))
            process.endProcess()
            let store = try Store.open(at: "/store", system: machine)
            guard try store.status().isLogPending else { continue }
            pendingStates += 1
            #expect(try store.diff(DiffRequest()).differences.isEmpty, "call \(call)")
            let since = try store.diff(DiffRequest(from: .transaction(1))).differences
            #expect(try since.map { try edits($0) } == [["replace  1 2"], ["replace  1 2"]])
        }
        #expect(pendingStates > 3)
    }
}
