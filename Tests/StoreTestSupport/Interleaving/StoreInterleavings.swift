internal import CanIFlyStore
internal import StoreCodecs
internal import StoreFiles

/// The store's writers, and the application with its own protocol, at the same time.
package enum StoreInterleavings {
    /// The calls between which it matters who goes on: those by which processes see each other.
    package static let sharedKinds: Set<SystemCallKind> = [
        .link, .unlink, .rename, .tryLockExclusively, .makeDirectory, .synchronizeData,
    ]

    /// A recorded store with a document that counts.
    /// - Parameter clockStandsStill: the file system's clock, long enough for what is written twice to
    ///   keep its times.
    private static func machine(
        staleLock: Bool = false, clockStandsStill: Bool = false
    ) throws -> SimulatedDisk {
        var configuration = SimulatedDiskConfiguration()
        if clockStandsStill { configuration.timestampGranularityNanoseconds = 2_000_000_000 }
        let machine = SimulatedDisk(configuration)
        machine.placeDirectory(at: "/store", mode: FileMode(0o700))
        machine.place(Array("0".utf8), at: "/store/counter.json", mode: FileMode(0o644))
        machine.place(Array("\"b\"".utf8), at: "/store/b.json", mode: FileMode(0o644))
        let process = machine.process(99)
        try StoreWorkload.initialize.run(process)
        process.endProcess()
        if staleLock {
            machine.place(
                Array("999\nlinux\n2026-11-01T12:00:00Z\n".utf8), at: "/store/.lock",
                mode: FileMode(0o644))
        }
        machine.settle()
        return machine
    }

    // MARK: Participants

    private static var options: WriteOptions {
        var options = WriteOptions(command: "put")
        // Simulated time passes fast, and nobody may give up.
        options.retryPolicy = RetryPolicy(timeLimitNanoseconds: 3_600_000_000_000)
        return options
    }

    /// Reads the counter and writes it one higher, if it still is what was read; again and again
    /// until it is.
    @Sendable
    private static func increment(_ system: any SystemCalls) throws {
        let store = try StoreWorkload.store(on: system)
        let path = try StorePath("counter.json")
        var isDone = false
        while !isDone { isDone = try isIncremented(path, in: store) }
    }

    /// False where the document has changed meanwhile.
    private static func isIncremented(_ path: StorePath, in store: Store) throws -> Bool {
        let bytes = try store.content(of: path)
        var request = PutRequest(document: path, bytes: oneMore(bytes))
        request.precondition = .digest(Digest.of(bytes))
        let change = request
        let result = Result { () throws(StoreError) in _ = try store.put(change, options) }
        guard case .failure(let error) = result else { return true }
        if error.kind == .conflict { return false }
        throw error
    }

    private static func oneMore(_ bytes: [UInt8]) -> [UInt8] {
        Array(String((Int(String(decoding: bytes, as: UTF8.self)) ?? -1) + 1).utf8)
    }

    private static func put(_ name: String, _ text: String)
        -> @Sendable (any SystemCalls) throws -> Void
    {
        { system in
            let store = try StoreWorkload.store(on: system)
            _ = try store.put(
                PutRequest(document: try StorePath(name), bytes: Array(text.utf8)), options)
        }
    }

    @Sendable
    private static func breakLock(_ system: any SystemCalls) throws {
        let store = try StoreWorkload.store(on: system)
        let broken = Result { () throws(StoreError) in _ = try store.breakLock() }
        // Somebody lives and has it, or it is gone.
        if case .failure(let error) = broken, error.kind != .busy,
            error.code != "needs-recovery"
        {
            throw error
        }
    }

    @Sendable
    private static func snapshot(_ system: any SystemCalls) throws {
        var options = options
        options.command = "snapshot"
        _ = try StoreWorkload.store(on: system).snapshot(options)
    }

    /// Descriptors are closed when the process ends.
    ///
    /// As the application does: takes `.lock` or refuses to start, reads the counter, writes it one
    /// higher without looking again, and unlinks `.lock` without looking whose it is.
    @Sendable
    private static func application(_ system: any SystemCalls) throws {
        let store = try system.openDirectory(at: "/store")
        // Its user tries again later.
        while try !isStarted(system, in: store) { system.sleep(nanoseconds: 10_000_000) }
        let counter = try system.open(
            "counter.json", in: store, [.read], mode: .privateFile)
        let bytes = try system.readRange(counter, at: 0, count: 20)
        let temporary = "counter.json.tmp.\(system.processIdentifier)"
        let file = try system.open(
            temporary, in: store, [.write, .create, .exclusive], mode: FileMode(0o644))
        try system.writeAll(file, oneMore(bytes), at: 0)
        try system.rename(
            temporary, in: store, to: "counter.json", in: store, .replace)
        try system.unlink(".lock", in: store)
    }

    /// The same, but it writes over what is in the file.
    @Sendable
    private static func applicationInPlace(_ system: any SystemCalls) throws {
        let store = try system.openDirectory(at: "/store")
        while try !isStarted(system, in: store) { system.sleep(nanoseconds: 10_000_000) }
        let counter = try system.open(
            "counter.json", in: store, [.read, .write], mode: .privateFile)
        let bytes = try system.readRange(counter, at: 0, count: 20)
        try system.writeAll(counter, oneMore(bytes), at: 0)
        try system.unlink(".lock", in: store)
    }

    /// False where somebody has the lock.
    private static func isStarted(
        _ system: any SystemCalls, in store: Descriptor
    ) throws -> Bool {
        let opened = Result { () throws(Errno) in
            try system.open(
                ".lock", in: store, [.write, .create, .exclusive], mode: FileMode(0o644))
        }
        if case .failure(.exists) = opened { return false }
        let lock = try opened.get()
        let text = "\(system.processIdentifier)\nlinux\n2026-11-01T12:00:00Z\n"
        try system.writeAll(lock, Array(text.utf8), at: 0)
        try system.synchronize(lock)
        return true
    }

    // MARK: Scenarios

    /// - Parameters:
    ///   - counter: what it must say in the end.
    ///   - others: what other documents must say.
    private static func scenario(
        _ name: String, staleLock: Bool = false, clockStandsStill: Bool = false,
        _ participants: [@Sendable (any SystemCalls) throws -> Void], counter: Int,
        others: [String: String] = [:], transactions: Int
    ) throws -> InterleavingScenario {
        InterleavingScenario(
            name,
            initial: try machine(staleLock: staleLock, clockStandsStill: clockStandsStill),
            participants: participants
        ) { machine, failures in
            if let failure = failures.compactMap({ $0 }).first { return .illegal(failure) }
            let expected = others.merging(["counter.json": "\(counter)"]) { own, _ in own }
            for (document, text) in expected {
                let found = machine.contents(at: "/store/\(document)")
                guard found == Array(text.utf8) else {
                    return .illegal(
                        "\(document) is \(String(decoding: found ?? [], as: UTF8.self))")
                }
            }
            let names = machine.tree(at: "/store").map {
                String(decoding: $0.path, as: UTF8.self)
            }
            if let stray = names.first(where: {
                $0.hasPrefix(".lock") || $0.hasPrefix(".canifly-store/staging/")
                    || $0.contains(".tmp")
            }) {
                return .illegal("\(stray) was left behind")
            }
            let store = try StoreWorkload.store(on: machine)
            let history = try store.history()
            guard history.count == transactions, history.allSatisfy({ !$0.isPending }) else {
                return .illegal("history has \(history.count) transactions")
            }
            // What is written in place and keeps its times looks like damage to everybody.
            if clockStandsStill { return .legal() }
            var request = VerifyRequest()
            request.isDeep = true
            request.threads = 1
            let bad = try store.verify(request).findings.filter { $0.severity > .info }
            return bad.isEmpty ? .legal() : .illegal("verify finds \(bad)")
        }
    }

    /// All of two processes.
    package static func pairs() throws -> [InterleavingScenario] {
        [
            try scenario("two that count", [increment, increment], counter: 2, transactions: 3),
            try scenario(
                "two that write different documents", [increment, put("b.json", "2")],
                counter: 1, others: ["b.json": "2"], transactions: 3),
            try scenario(
                "one that counts, one that records", [increment, snapshot], counter: 1,
                transactions: 3),
            try scenario(
                "one that counts, and the application", [increment, application], counter: 2,
                transactions: 2),
            try scenario(
                "one that counts, and an application that writes in place",
                clockStandsStill: true, [increment, applicationInPlace], counter: 2,
                transactions: 2),
            try scenario(
                "two on the lock of a dead process", staleLock: true, [increment, increment],
                counter: 2, transactions: 3),
            try scenario(
                "one that counts and one that breaks a dead process's lock", staleLock: true,
                [increment, breakLock], counter: 1, transactions: 2),
        ]
    }

    /// All of three processes.
    package static func triples() throws -> [InterleavingScenario] {
        [
            try scenario(
                "three that count", [increment, increment, increment], counter: 3,
                transactions: 4),
            try scenario(
                "three on the lock of a dead process", staleLock: true,
                [increment, increment, increment], counter: 3, transactions: 4),
            try scenario(
                "two that count, and the application", [increment, application, increment],
                counter: 3, transactions: 3),
        ]
    }
}
