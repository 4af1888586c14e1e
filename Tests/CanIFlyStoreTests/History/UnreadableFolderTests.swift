import CanIFlyStore
import StoreFiles
import StoreTestSupport
import Testing

/// A folder that cannot be read looks as if nothing were in it. Once a restore of everything took that
/// for the truth, left the documents in it as they were, and called itself done; and a snapshot
/// recorded them as deleted.
@Suite("A folder that cannot be read")
struct UnreadableFolderTests {
    private static let listings: Set<SystemCallKind> = [.entries, .open, .statusOfName]

    /// Runs a command with each of the calls by which a folder is listed failing in turn, each time
    /// on a store of its own, and says how often it ended in success.
    private func sweep(
        _ command: (Store) throws -> Void, check: (HistoryStore) throws -> Void
    ) throws -> Int {
        var successes = 0
        var call = 0
        while true {
            call += 1
            let store = try HistoryStore(["a.json": "1"])
            try store.snapshot()
            try store.put("folder/b.json", "2")
            let calls = FaultInjectingSystemCalls(
                wrapping: LinuxSystemCalls(),
                [.fail(call: call, of: Self.listings, with: .inputOutput)], keepsTrace: true)
            do {
                try command(try Store.open(at: store.scratch.path, system: calls))
                successes += 1
                try check(store)
            } catch is StoreError {}
            if !calls.trace.contains(where: { $0.error == .inputOutput }) { return successes }
        }
    }

    @Test("is not restored as if it were empty")
    func restore() throws {
        let successes = try sweep { store in
            _ = try store.restore(
                RestoreRequest([], at: .transaction(1)), WriteOptions(command: "restore"))
        } check: { store in
            #expect(store.read("folder/b.json") == nil)
        }
        #expect(successes > 0)
    }

    @Test("is not recorded as if its documents were deleted")
    func snapshot() throws {
        let successes = try sweep { store in
            _ = try store.snapshot(WriteOptions(command: "snapshot"))
        } check: { store in
            let deletions = try store.store.history().flatMap(\.changes).filter { $0.after == nil }
            #expect(deletions.isEmpty)
        }
        #expect(successes > 0)
    }

    @Test("is not left out when documents are packed")
    func compact() throws {
        let successes = try sweep { store in
            var request = CompactRequest()
            request.pack = ["**/*.json"]
            _ = try store.compact(request, WriteOptions(command: "compact"))
        } check: { store in
            #expect(store.bytes("a.json.gz") != nil && store.bytes("folder/b.json.gz") != nil)
        }
        #expect(successes > 0)
    }

    @Test("is not left out of a backup")
    func backup() throws {
        let backups = ScratchDirectory()
        let path = backups.path("b.tar.gz")
        let successes = try sweep { store in
            _ = try store.backup(to: path, isLive: false, WriteOptions(command: "backup"))
        } check: { _ in
            let found = try Store.checkBackup(at: path, system: LinuxSystemCalls())
            #expect(found.manifest.documents.map(\.document.text) == ["a.json", "folder/b.json"])
        }
        #expect(successes > 0)
    }
}
