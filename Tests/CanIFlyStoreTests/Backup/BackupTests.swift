import CanIFlyStore
import StoreCodecs
import StoreFiles
import StoreTestSupport
import Synchronization
import Testing

@Suite("Backups")
struct BackupTests {
    private static let documents = [
        "a.json": "{\"a\": 1}", "plans/b c.txt": "Gunnery 5\n", "back\\slash.txt": "x",
        "ä/ö.json": "[]", "empty.txt": "",
    ]
    private static let options = WriteOptions(command: "backup")

    private func sample() throws -> FormStore {
        let store = try FormStore(Self.documents)
        store.disk.placeDirectory(at: "/backups", mode: .privateDirectory)
        return store
    }

    @discardableResult
    private func backup(_ store: FormStore, isLive: Bool = false) throws -> BackupReport {
        try store.store.backup(to: "/backups/b.tar.gz", isLive: isLive, Self.options)
    }

    private func archive(_ store: FormStore) -> [UInt8]? {
        store.disk.contents(at: "/backups/b.tar.gz")
    }

    private func check(_ store: FormStore, _ bytes: [UInt8]) -> String? {
        store.disk.place(bytes, at: "/backups/other.tar.gz", mode: .privateFile)
        return store.code {
            _ = try Store.checkBackup(at: "/backups/other.tar.gz", system: store.system)
        }
    }

    private func restore(_ store: FormStore, _ documents: String...) throws -> WriteReport {
        try store.store.restore(
            fromBackup: "/backups/b.tar.gz", documents: documents.map(store.path),
            WriteOptions(command: "restore"))
    }

    @Test("hold every document, and are the owner's alone")
    func whole() throws {
        let store = try sample()
        let report = try backup(store)
        #expect(report.manifest.documents.map(\.document.text) == Self.documents.keys.sorted())
        #expect(report.manifest.transaction == 1)
        let bytes = try #require(archive(store))
        #expect(report.bytes == Int64(bytes.count) && report.digest == Digest.of(bytes))
        #expect(store.disk.tree(at: "/backups").map(\.mode.bits) == [0o600])
        #expect(store.disk.tree(at: "/backups").count == 1)
        let found = try Store.checkBackup(at: "/backups/b.tar.gz", system: store.system)
        #expect(found.manifest == report.manifest && found.digest == report.digest)
    }

    @Test("of the same store are the same bytes")
    func deterministic() throws {
        let store = try sample()
        try backup(store)
        let first = archive(store)
        try backup(store)
        #expect(first != nil && archive(store) == first)
    }

    @Test("on a dry run are as long as they will be, and not there")
    func dryRun() throws {
        let store = try sample()
        var options = Self.options
        options.isDryRun = true
        let foreseen = try store.store.backup(
            to: "/backups/b.tar.gz", isLive: false, options)
        #expect(archive(store) == nil)
        #expect(try backup(store).digest == foreseen.digest)
    }

    @Test("tell a flip of every byte")
    func everyFlip() throws {
        let store = try sample()
        try backup(store)
        let bytes = try #require(archive(store))
        for index in bytes.indices {
            var damaged = bytes
            damaged[index] ^= 1 << UInt8(index % 8)
            #expect(check(store, damaged) != nil, "byte \(index)")
        }
        #expect(check(store, bytes) == nil)
        #expect(check(store, Array(bytes.dropLast())) == "backup-corrupt")
        #expect(check(store, bytes + [0]) == "backup-corrupt")
        #expect(check(store, bytes + bytes) == "backup-corrupt")
    }

    @Test("tell flips that leave what is packed in them as it is")
    func meaninglessFlips() throws {
        let store = try sample()
        try backup(store)
        let bytes = try #require(archive(store))
        let content = try GzipReader.unpack(bytes)
        // Bits that fill a byte up where a block of the deflate data ends, for one.
        var harmless = 0
        for bit in 0..<(bytes.count * 8) {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            guard (try? GzipReader.unpack(damaged)) == content else { continue }
            harmless += 1
            #expect(check(store, damaged) == "backup-corrupt", "bit \(bit)")
        }
        // The seal's digest, and some that a sealed file alone cannot do without.
        #expect(harmless > 256)
        #expect(check(store, Array(bytes.dropLast(GzipSeal.byteCount))) == "backup-corrupt")
    }

    @Test("are refused inside the store, and where no file can be made")
    func refusals() throws {
        let store = try sample()
        #expect(
            store.code {
                _ = try store.store.backup(to: "/store/b.tar.gz", isLive: false, Self.options)
            }
                == "backup-inside-store")
        #expect(
            store.code { _ = try store.store.backup(to: "/backups", isLive: false, Self.options) }
                == "cannot-create")
        #expect(
            store.code {
                _ = try Store.checkBackup(at: "/backups/none.tar.gz", system: store.system)
            } == "file-not-found")
    }

    @Test("are refused while the application runs, but for live ones, which say so")
    func beside() throws {
        let store = try sample()
        let application = store.disk.process(4242)
        store.disk.place(
            Array("4242\nlinux\n2026-11-01T12:00:00Z\n".utf8), at: "/store/.lock",
            mode: FileMode(0o600))
        #expect(store.code { try backup(store) } != nil)
        #expect(archive(store) == nil)
        #expect(try backup(store, isLive: true).manifest.isLive)
        application.endProcess()
    }

    /// The store, beside an application that writes so many times while documents are read.
    private func disturbed(_ store: FormStore, times: Int) throws -> Store {
        let disk = store.disk
        let written = Counter()
        return try Store.open(
            at: "/store", system: store.system,
            environment: StoreEnvironment(pendingSignal: {
                // Asked before each document is read.
                let number = written.next()
                if number <= times {
                    for name in ["a.json", "empty.txt"] {
                        disk.place(
                            [UInt8](repeating: 0x31, count: number), at: "/store/\(name)",
                            mode: FileMode(0o644))
                    }
                }
                return nil
            }))
    }

    @Test("are never mixed: without an end to the changes there is none", arguments: [true, false])
    func changing(isLive: Bool) throws {
        let store = try sample()
        let observed = try disturbed(store, times: .max)
        #expect(
            store.code {
                _ = try observed.backup(to: "/backups/b.tar.gz", isLive: isLive, Self.options)
            } == "changed-meanwhile")
        #expect(store.disk.tree(at: "/backups").isEmpty)
    }

    @Test("are never mixed: a live one reads again until nothing changes", arguments: [1, 3, 9])
    func settling(times: Int) throws {
        let store = try sample()
        let observed = try disturbed(store, times: times)
        let report = try observed.backup(to: "/backups/b.tar.gz", isLive: true, Self.options)
        let lengths = report.manifest.documents
            .filter { ["a.json", "empty.txt"].contains($0.document.text) }.map(\.bytes)
        #expect(lengths == [Int64(times), Int64(times)])
        #expect(try store.findings().allSatisfy { $0.severity == .info })
    }

    // MARK: Restoring

    @Test("bring everything back into an empty directory, with modes and times")
    func intoEmpty() throws {
        let store = try sample()
        let before = try store.store.list(patterns: [])
        try backup(store)
        store.disk.placeDirectory(at: "/new", mode: .privateDirectory)
        let empty = try Store.open(at: "/new", system: store.system)
        let report = try empty.restore(
            fromBackup: "/backups/b.tar.gz", documents: [], WriteOptions(command: "restore"))
        #expect(report.transaction == 1 && report.changes.count == Self.documents.count)
        let after = try empty.list(patterns: [])
        #expect(after.map(\.document) == before.map(\.document))
        #expect(after.map(\.digest) == before.map(\.digest))
        #expect(after.map(\.mode) == before.map(\.mode))
        #expect(after.map(\.modified) == before.map(\.modified))
        #expect(try empty.verify(VerifyRequest()).findings.isEmpty)
    }

    @Test("change only what differs, as one transaction that can be undone")
    func overChanges() throws {
        let store = try sample()
        try backup(store)
        try store.put("a.json", "{\"a\": 2}")
        try store.put("new.json", "3")
        _ = try store.store.delete([store.path("empty.txt")], WriteOptions(command: "delete"))
        let report = try restore(store)
        #expect(report.changes.map(\.document.text) == ["a.json", "empty.txt"])
        #expect(try store.get("a.json") == "{\"a\": 1}")
        #expect(try store.get("new.json") == "3")
        #expect(try store.get("a.json", at: report.transaction! - 1) == "{\"a\": 2}")
        #expect(try restore(store).transaction == nil)
        #expect(try store.findings(isDeep: true).isEmpty)
    }

    @Test("bring back single documents")
    func single() throws {
        let store = try sample()
        try backup(store)
        try store.put("a.json", "2")
        try store.put("ä/ö.json", "[2]")
        _ = try restore(store, "a.json")
        #expect(try store.get("a.json") == "{\"a\": 1}" && store.get("ä/ö.json") == "[2]")
        #expect(store.code { _ = try restore(store, "none.json") } == "no-such-document")
    }

    @Test("replace the packed form of a document that comes back plain")
    func otherForm() throws {
        let store = try sample()
        try backup(store)
        try store.put("a.json", "{\"a\": 2}", packs: true)
        _ = try restore(store, "a.json")
        #expect(store.bytes("a.json.gz") == nil && store.bytes("a.json") != nil)
        #expect(try store.findings().isEmpty)
    }

    // MARK: Archives of others

    private struct Member {
        var entry: TarEntry
        var content: [UInt8] = []
    }

    /// A backup of these documents, and then what the change makes of its members.
    private func forge(
        _ names: [String], _ change: (inout [Member]) -> Void = { _ in }
    ) -> [UInt8] {
        let content = Array("1".utf8)
        let manifest = BackupManifest(
            transaction: nil, profile: "generic", layout: nil, isLive: false,
            documents: names.map {
                BackupManifest.Entry(
                    document: StorePath(unchecked: $0), bytes: 1, digest: Digest.of(content),
                    mode: FileMode(0o644), user: 0, group: 0, modified: Timestamp(seconds: 5))
            })
        func own(_ name: String, _ content: [UInt8]) -> Member {
            Member(
                entry: TarEntry(
                    name: Array(name.utf8), size: UInt64(content.count), mode: 0o600,
                    modified: RecordedTime(seconds: 0)), content: content)
        }
        var members = [
            own("manifest.json", manifest.encode()), own("SHA256SUMS", manifest.sums()),
        ]
        for name in names {
            members.append(
                Member(
                    entry: TarEntry(
                        name: Array("documents/\(name)".utf8), size: 1, mode: 0o644,
                        modified: RecordedTime(seconds: 5)), content: content))
        }
        change(&members)
        var tar: [UInt8] = []
        for member in members {
            tar += TarWriter.header(for: member.entry) + member.content
            tar += [UInt8](
                repeating: 0,
                count: TarWriter.paddingLength(contentLength: UInt64(member.content.count)))
        }
        return seal(GzipWriter.pack(tar + TarWriter.end))
    }

    private func seal(_ bytes: [UInt8]) -> [UInt8] {
        bytes + GzipSeal.member(for: Digest.of(bytes))
    }

    private func restoreCode(_ bytes: [UInt8]) throws -> String? {
        let store = try sample()
        store.disk.place(bytes, at: "/backups/b.tar.gz", mode: .privateFile)
        let before = WriteView(store)
        let code = store.code { _ = try restore(store) }
        if code != nil { #expect(WriteView(store) == before) }
        return code
    }

    /// The documents, for comparing.
    private struct WriteView: Equatable {
        let entries: [TreeEntry]
        init(_ store: FormStore) {
            entries = store.disk.tree(at: "/store").filter {
                !String(decoding: $0.path, as: UTF8.self).hasPrefix(".")
            }
        }
    }

    @Test("that are sound are taken from any program")
    func forged() throws {
        #expect(try restoreCode(forge(["x.json", "y/z.json"])) == nil)
    }

    @Test(
        "with names that leave the store, or that no document may have, are refused",
        arguments: [
            "../x.json", "/etc/x", "a/../../x", ".lock", ".canifly-store/catalog", "x.tmp", "a//b",
        ])
    func unsafeNames(_ name: String) throws {
        let code = try restoreCode(forge([name]))
        #expect(code == "backup-unsafe" || code == "path-unsafe", "\(code ?? "nothing")")
    }

    @Test("with names that collide are refused together")
    func collisions() throws {
        #expect(try restoreCode(forge(["A.json", "a.json"])) == "backup-unsafe")
        #expect(try restoreCode(forge(["e\u{301}.json", "\u{e9}.json"])) == "backup-unsafe")
        #expect(try restoreCode(forge(["a", "a/b.json"])) == "backup-unsafe")
    }

    @Test(
        "with links and devices are refused",
        arguments: [
            TarEntryKind.symbolicLink, .hardLink, .characterDevice, .blockDevice, .fifo, .directory,
        ])
    func kinds(_ kind: TarEntryKind) throws {
        let bytes = forge(["x.json"]) { members in
            members[2].entry.kind = kind
            members[2].entry.size = 0
            members[2].content = []
            if kind == .symbolicLink || kind == .hardLink {
                members[2].entry.linkTarget = Array("/etc/passwd".utf8)
            }
        }
        #expect(try restoreCode(bytes) == "backup-unsafe")
    }

    @Test("that are not what their manifest says are refused")
    func mismatches() throws {
        #expect(try restoreCode(forge(["x.json"]) { $0[2].content = [0x32] }) == "backup-corrupt")
        #expect(try restoreCode(forge(["x.json"]) { $0.removeLast() }) == "backup-corrupt")
        #expect(try restoreCode(forge(["x.json"]) { $0.append($0[2]) }) == "backup-unsafe")
        #expect(
            try restoreCode(forge(["x.json", "y.json"]) { $0.swapAt(2, 3) }) == "backup-unsafe")
        #expect(try restoreCode(forge(["x.json"]) { $0[2].entry.mode = 0o4755 }) == "backup-unsafe")
        #expect(
            try restoreCode(forge(["x.json"]) { $0[1].content[0] ^= 1 }) == "backup-corrupt")
        #expect(try restoreCode(Array("no archive".utf8)) == "backup-corrupt")
        #expect(try restoreCode([]) == "backup-corrupt")
    }
}

/// Counts from 1.
private final class Counter: Sendable {
    private let count = Mutex(0)
    func next() -> Int {
        count.withLock {
            $0 += 1
            return $0
        }
    }
}
