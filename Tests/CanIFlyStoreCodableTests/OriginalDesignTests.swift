import CanIFlyStore
import CanIFlyStoreCodable
import StoreFiles
import StoreTestSupport
import Testing

/// The calls of the first design, one by one, as docs/library.md maps them.
@Suite("The functions of the original design")
struct OriginalDesignTests {
    private let account = Account(id: 1, name: "a")

    @Test("AtomicWriteJSON: save")
    func atomicWriteJSON() throws {
        let store = try ValueStore(["a.json": "[1]"])
        try store.store.save(account, to: "a.json", mode: FileMode(0o600))
        #expect(store.text("a.json") == #"{"id":1,"name":"a"}"#)
        #expect(store.disk.status(at: "/store/a.json")?.mode == FileMode(0o600))
    }

    @Test("AtomicWriteFile: save(bytes:)")
    func atomicWriteFile() throws {
        let store = try ValueStore()
        try store.store.save(bytes: [0, 1, 0xff], to: "folder/a.bin", mode: FileMode(0o640))
        #expect(store.bytes("folder/a.bin") == [0, 1, 0xff])
        #expect(store.disk.status(at: "/store/folder/a.bin")?.mode == FileMode(0o640))
        #expect(code { try store.store.save(bytes: [0x7b], to: "b.json") } == "json-truncated")
    }

    @Test("AtomicWriteJSONWithRetry: save(retries:)")
    func atomicWriteWithRetry() throws {
        let store = try ValueStore()
        let application = store.disk.process(4_000)
        let held = try Store.open(at: "/store", system: application)
        try held.withLock { _ in
            var options = WriteOptions(command: "save")
            options.lockWaitNanoseconds = 0
            let begun = store.disk.monotonicNanoseconds()
            #expect(
                code {
                    try store.store.save(
                        account, to: "a.json",
                        retries: RetryPolicy(timeLimitNanoseconds: 3_000_000_000),
                        options: options)
                } == "lock-held")
            #expect(store.disk.monotonicNanoseconds() - begun >= 3_000_000_000)
        }
        try store.store.save(account, to: "a.json", retries: RetryPolicy())
        #expect(store.bytes("a.json") != nil)
    }

    @Test("a retry succeeds as soon as nothing is in the way")
    func retrySucceeds() throws {
        let store = try ValueStore()
        var attempts = 0
        let result = try store.store.retrying(RetryPolicy()) {
            attempts += 1
            if attempts < 3 { throw StoreError(.busy, code: "lock-held", "busy") }
            return attempts
        }
        #expect(result == 3)
        #expect(
            code {
                try store.store.retrying(RetryPolicy()) {
                    attempts += 1
                    throw StoreError(.inputOutput, code: "no-space", "full")
                }
            } == "no-space")
        #expect(attempts == 4)
    }

    @Test("VersionedStore.Load: load(versions:)")
    func versionedLoad() throws {
        struct Old: Codable { var title: String }
        let store = try ValueStore()
        try store.store.save(Old(title: "t"), to: "a.json", sealed: true, schemaVersion: 1)
        let versions = SchemaVersions(current: 2)
            .migrating(from: 1, Old.self) { Account(id: 0, name: $0.title) }
        #expect(
            try store.store.load(Account.self, from: "a.json", versions: versions).name == "t")
    }

    @Test("NewWAL, LogOperation, Close: open, transaction, and nothing")
    func log() throws {
        let disk = SimulatedDisk()
        disk.placeDirectory(at: "/store", mode: .privateDirectory)
        do {
            let store = try Store.open(at: "/store", system: disk.process(1))
            try store.transaction(options: WriteOptions(command: "move")) { transaction in
                try transaction.save([1], to: "a.json")
                try transaction.save([2], to: "b.json")
            }
        }
        // The store that wrote is gone, and what it logged is there.
        let store = try Store.open(at: "/store", system: disk.process(2))
        #expect(try store.history().map(\.command) == ["move"])
        #expect(try store.load([Int].self, from: "a.json", at: .transaction(1)) == [1])
    }

    @Test("Replay: recover, which every write does first, after a death at any system call")
    func replay() throws {
        let initial = SimulatedDisk()
        initial.placeDirectory(at: "/store", mode: .privateDirectory)
        initial.place(Array("[1]".utf8), at: "/store/a.json", mode: FileMode(0o600))
        initial.place(Array("[1]".utf8), at: "/store/b.json", mode: FileMode(0o600))
        func write(_ system: any SystemCalls) throws {
            try Store.open(at: "/store", system: system).transaction { transaction in
                try transaction.save([2], to: "a.json")
                try transaction.save([2], to: "b.json")
            }
        }
        let counting = FaultInjectingSystemCalls(wrapping: initial.copy())
        try write(counting)
        var outcomes: Set<[Int]> = []
        var halves = 0
        for call in 1...counting.callCount {
            let disk = initial.copy()
            let dying = FaultInjectingSystemCalls(wrapping: disk, [.kill(atCall: call)])
            // Where it dies while it closes what it had open, the write has succeeded.
            try? write(dying)
            #expect(dying.isKilled)
            disk.endProcess()
            if disk.contents(at: "/store/a.json") != disk.contents(at: "/store/b.json") {
                halves += 1
            }
            let store = try Store.open(at: "/store", system: disk.process(5_000))
            try store.recover()
            let outcome = [
                try store.load([Int].self, from: "a.json")[0],
                try store.load([Int].self, from: "b.json")[0],
            ]
            outcomes.insert(outcome)
            #expect(disk.contents(at: "/store/a.json") == disk.contents(at: "/store/b.json"))
        }
        #expect(outcomes == [[1, 1], [2, 2]])
        // Else there was nothing to replay.
        #expect(halves > 0)
    }

    @Test("AcquireLock, Release: withLock")
    func lock() throws {
        let store = try ValueStore()
        let other = try Store.open(at: "/store", system: store.disk.process(4_000))
        var options = WriteOptions(command: "save")
        options.lockWaitNanoseconds = 0
        try store.store.withLock { locked throws(StoreError) in
            #expect(store.bytes(".lock") != nil)
            #expect(try other.lockReport().isHeld)
            #expect(code { try other.save([1], to: "a.json", options: options) } == "lock-held")
            try locked.save([2], to: "a.json")
            try locked.save([3], to: "a.json")
        }
        #expect(store.bytes(".lock") == nil)
        #expect(store.text("a.json") == "[3]")
        try other.save([1], to: "a.json", options: options)
        #expect(
            code {
                try store.store.withLock { _ throws(StoreError) in
                    throw StoreError(.usage, code: "mine", "")
                }
            } == "mine")
        #expect(store.bytes(".lock") == nil)
    }

    @Test("SaveCompressedJSON, LoadCompressedJSON: save(packed:), load")
    func compressed() throws {
        let store = try ValueStore()
        let numbers = Array(0..<5000)
        try store.store.save(numbers, to: "a.json", packed: true)
        let packed = try #require(store.bytes("a.json.gz"))
        #expect(packed.starts(with: [0x1f, 0x8b]) && packed.count < 12_000)
        #expect(try store.store.load([Int].self, from: "a.json") == numbers)
        var damaged = packed
        damaged[packed.count / 2] ^= 0x10
        store.disk.place(damaged, at: "/store/a.json.gz", mode: FileMode(0o600))
        #expect(
            code { _ = try store.store.load([Int].self, from: "a.json") } == "gzip-corrupt")
    }

    @Test("SaveWithChecksum, LoadWithChecksum: save(sealed:), load(requiresSeal:)")
    func checksums() throws {
        let store = try ValueStore(["plain.json": #"{"id":1,"name":"a"}"#])
        try store.store.save(account, to: "a.json", sealed: true)
        #expect(store.text("a.json")?.hasPrefix(#"{"checksum":""#) == true)
        #expect(
            try store.store.load(Account.self, from: "a.json", requiresSeal: true) == account)
        #expect(
            code {
                _ = try store.store.load(Account.self, from: "plain.json", requiresSeal: true)
            } == "not-sealed")
        let text = try #require(store.text("a.json"))
        store.place("a.json", text.replacing(#""id":1"#, with: #""id":2"#))
        #expect(
            code { _ = try store.store.load(Account.self, from: "a.json") }
                == "checksum-mismatch")
        #expect(
            code {
                try store.store.update(Account.self, at: "a.json") { $0.name = "b" }
            } == "checksum-mismatch")
    }
}
