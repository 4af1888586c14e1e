import CanIFlyStore
import StoreFiles
import StoreTestSupport
import Testing

/// A command that only reads, and what it makes of a store, as text.
private struct Reader: Sendable, CustomTestStringConvertible {
    var testDescription: String
    /// Stands in an answer that says itself that something could not be read.
    var mark: String?
    var read: @Sendable (Store, any SystemCalls) throws -> [String]

    init(
        _ name: String, marks mark: String? = nil,
        _ read: @escaping @Sendable (Store, any SystemCalls) throws -> [String]
    ) {
        testDescription = name
        self.mark = mark
        self.read = read
    }

    static let all = [
        Reader("verify", marks: "unreadable ") { store, _ in try findings(store, isDeep: false) },
        Reader("verify --deep", marks: "unreadable ") { store, _ in
            try findings(store, isDeep: true)
        },
        Reader("list", marks: "digest: nil, standing: CanIFlyStore.DocumentStanding.changed") {
            store, _ in try store.list(patterns: []).map { "\($0)" }
        },
        Reader("get") { store, _ in ["\(try store.content(of: StorePath("p.json"), at: nil))"] },
        Reader("get --at") { store, _ in
            ["\(try store.content(of: StorePath("a.json"), at: .transaction(2)))"]
        },
        Reader("diff") { store, _ in
            var request = DiffRequest()
            request.from = .transaction(1)
            return ["\(try store.diff(request))"]
        },
        Reader("log") { store, _ in try store.history().map { "\($0)" } },
        Reader("status", marks: "next: [\"canifly-store verify\"") { store, _ in
            ["\(try store.status())"]
        },
        Reader("backup --check") { _, system in
            ["\(try Store.checkBackup(at: "/backups/b.tar.gz", system: system))"]
        },
        Reader("repair --dry-run") { store, _ in
            ["\(try store.repairPlan(RepairRequest()).steps)"]
        },
        Reader("put --dry-run") { store, _ in
            var options = WriteOptions(command: "put")
            options.isDryRun = true
            let request = PutRequest(document: try StorePath("a.json"), bytes: Array("7".utf8))
            return ["\(try store.put(request, options))"]
        },
    ]

    private static func findings(_ store: Store, isDeep: Bool) throws -> [String] {
        var request = VerifyRequest()
        request.isDeep = isDeep
        request.threads = 1
        return try store.verify(request).findings.map {
            "\($0.code.rawValue) \($0.document ?? "-") \($0.detail)"
        }
    }
}

/// Each system call of each command that reads fails with each error: the command says so, or does
/// without the call and says the same as ever. Never does it take a failing disk for damaged data.
@Suite("A failing system call of a command that reads")
struct ReaderFaultTests {
    private static let errors: [Errno] = [
        .inputOutput, .noSpace, .quotaExceeded, .interrupted, .tooManyOpenFiles, .accessDenied,
    ]

    private static func makeMachine() throws -> SimulatedDisk {
        let store = try FormStore(["a.json": "1", "b.txt": "text\n", "folder/c.json": "3"])
        store.disk.placeDirectory(at: "/backups", mode: .privateDirectory)
        _ = try store.store.initialize(
            profile: .named("generic"), WriteOptions(command: "init"))
        _ = try store.store.snapshot(WriteOptions(command: "snapshot"))
        try store.put("a.json", "[10]")
        try store.put("p.json", "[2, 2, 2, 2, 2, 2]", packs: true)
        try store.put("s.json", "{\"secret\": 1}", seals: true)
        _ = try store.store.backup(
            to: "/backups/b.tar.gz", isLive: false, WriteOptions(command: "backup"))
        // What the application wrote since, and a leftover of it.
        store.place("b.txt", Array("other text\n".utf8))
        store.place("a.json.tmp", Array("[1".utf8))
        store.system.endProcess()
        store.disk.settle()
        return store.disk
    }

    @Test("is told, and changes neither the answer nor the disk", arguments: Reader.all)
    fileprivate func everyCall(reader: Reader) throws {
        let machine = try Self.makeMachine()
        let calm = FaultInjectingSystemCalls(wrapping: machine.copy(), keepsTrace: true)
        let expected = try reader.read(try Store.open(at: "/store", system: calm), calm)
        #expect(!calm.trace.isEmpty)
        let tree = machine.tree(at: "/")
        var complaints: [String] = []
        for error in Self.errors {
            for (call, forGood) in calm.trace.flatMap({ [($0, false), ($0, true)] }) {
                let copy = machine.copy()
                let calls = FaultInjectingSystemCalls(
                    wrapping: copy, [.fail(call: call.ordinal, with: error, forGood: forGood)])
                let complaint = Self.complaint(expected) {
                    try reader.read(try Store.open(at: "/store", system: calls), calls)
                } unless: {
                    reader.mark.map($0.contains) ?? false
                }
                let where_ = "\(error.name)\(forGood ? " for good" : "") at \(call)"
                if let complaint { complaints.append("\(where_): \(complaint)") }
                if copy.tree(at: "/") != tree { complaints.append("\(where_): it wrote") }
            }
        }
        #expect(complaints.isEmpty, "\(complaints.count): \(complaints.prefix(4))")
    }

    private static func complaint(
        _ expected: [String], _ read: () throws -> [String], unless isTold: (String) -> Bool
    ) -> String? {
        do {
            let found = try read()
            if found == expected || found.contains(where: isTold) { return nil }
            let added = found.filter { !expected.contains($0) }
            return "another answer: \(added.prefix(2)), not \(expected.count) but \(found.count)"
        } catch let error as StoreError {
            if error.message.contains("\n") { return "no single line: \(error.message)" }
            let isOfSystem = [.inputOutput, .permission, .cannotCreate].contains(error.kind)
            let isTold = isOfSystem || error.cause != nil
            return isTold ? nil : "taken for something else: \(error)"
        } catch {
            return "not the store's error: \(error)"
        }
    }
}
