package import CanIFlyStore
package import StoreFiles

/// Commands of the store run one after the other on a simulated machine, each acknowledged, and
/// what must be true of the store after a crash at any moment of it.
package struct StoreWorkload: Sendable {
    /// A command of the store, or what another program does beside it.
    package struct Step: Sendable {
        /// Another program's: never disturbed by faults.
        package var isApplication = false
        package let run: @Sendable (any SystemCalls) throws -> Void

        package init(
            isApplication: Bool = false, _ run: @escaping @Sendable (any SystemCalls) throws -> Void
        ) {
            self.isApplication = isApplication
            self.run = run
        }
    }

    package var name: String
    /// What lies in the store before, as the application left it.
    package var documents: [String: String]
    /// Run before, and durable.
    package var preparation: [Step]
    package var steps: [Step]
    /// Does what the steps do in one go, and tells when each of them may be acknowledged. Nil: one step
    /// after the other.
    package var atOnce:
        (@Sendable (_ system: any SystemCalls, _ acknowledge: () -> Void) throws -> Void)?
    /// Wherever a crash leaves half of a step, the application must not be able to start.
    package var keepsApplicationOut: Bool
    /// Takes a minute or more: for `make crash-test`, not for the tests.
    package var isLong: Bool
    /// Something is wrong that `verify` finds, after some of the steps or before them: after a crash it
    /// must find nothing else.
    package var isDamaged: Bool
    /// What the user does after a crash before the last step was acknowledged, where the store is so
    /// damaged that no command goes on by itself. All must be as after the last step then, wherever the
    /// crash was.
    package var recovery: Step?
    /// What else may be wrong after an outcome (the number of steps done), in words.
    package var complaint: @Sendable (_ machine: SimulatedDisk, _ outcome: Int) -> String?

    package init(
        name: String, documents: [String: String], preparation: [Step] = [], steps: [Step],
        keepsApplicationOut: Bool = false, isLong: Bool = false, isDamaged: Bool = false,
        recovery: Step? = nil,
        complaint: @escaping @Sendable (SimulatedDisk, Int) -> String? = { _, _ in nil }
    ) {
        self.name = name
        self.documents = documents
        self.preparation = preparation
        self.steps = steps
        self.keepsApplicationOut = keepsApplicationOut
        self.isLong = isLong
        self.isDamaged = isDamaged
        self.recovery = recovery
        self.complaint = complaint
    }

    /// The last command alone, after all that comes before it; nil where that is another program's.
    package var lastCommand: StoreWorkload? {
        guard let last = steps.last, !last.isApplication else { return nil }
        var workload = self
        workload.preparation += steps.dropLast()
        workload.steps = [last]
        workload.atOnce = nil
        return workload
    }

    static let root = "/store"
    /// Left by the other program when it dies.
    static let applicationTemporary = "application.tmp"
    /// Not ours, and to be left alone.
    static let foreign = TreeEntry(
        path: "SingletonCookie", mode: FileMode(0o600), bytes: Array("not a document".utf8))

    /// The machine before the workload.
    package func initialMachine() throws -> SimulatedDisk {
        let machine = SimulatedDisk()
        machine.placeDirectory(at: Self.root, mode: FileMode(0o700))
        // Sorted, so that inode numbers are the same in each run.
        for (name, text) in documents.sorted(by: { $0.key < $1.key }) {
            machine.place(
                Array(text.utf8), at: "\(Self.root)/\(name)", mode: FileMode(0o644))
        }
        machine.placeDirectory(at: Self.backupFolder)
        machine.place(
            Self.foreign.bytes, at: "\(Self.root)/SingletonCookie", mode: Self.foreign.mode)
        let process = machine.process(99)
        for step in preparation { try step.run(process) }
        process.endProcess()
        machine.settle()
        return machine
    }

    package static func store(on system: any SystemCalls) throws -> Store {
        try Store.open(at: root, system: system)
    }

    /// The documents with their modes, and what transactions write besides, without what else is the
    /// program's own; and the backups, without those that have no name of their own yet.
    package static func documents(on machine: SimulatedDisk) -> [TreeEntry] {
        let backups = machine.tree(at: backupFolder)
            .filter { !TemporaryName.isOurs(String(decoding: $0.path, as: UTF8.self)) }
            .map { entry in
                var entry = entry
                entry.path = Array("..\(backupFolder)/".utf8) + entry.path
                return entry
            }
        return documentsInStore(on: machine) + backups
    }

    private static func documentsInStore(on machine: SimulatedDisk) -> [TreeEntry] {
        machine.tree(at: root).filter { entry in
            guard entry.kind == .regular, let path = try? StorePath(bytes: entry.path) else {
                return false
            }
            if path.isWrittenByTransactions { return true }
            return !path.text.hasPrefix(".canifly-store") && path.text != ".lock"
                && path.text != applicationTemporary
        }
    }

    /// Everything in the store, for comparing before and after.
    static func everything(on machine: SimulatedDisk) -> [TreeEntry] { machine.tree(at: root) }

    /// What must be true after a step.
    package struct Moment: Sendable, Hashable {
        package var documents: [TreeEntry]
        /// How many transactions history has.
        package var transactions: Int
        /// What `verify` finds, where that is expected.
        package var findings: [FindingCode] = []

        fileprivate var digest: Hash128 {
            // What is expected of `verify` follows from these.
            documents.reduce(Hash128(tag: 44, UInt64(transactions))) { sum, entry in
                let path = entry.path.withUnsafeBytes { Hash128(tag: 45, 0, bytes: $0) }
                return sum
                    + entry.bytes.withUnsafeBytes {
                        Hash128(tag: 46, path.low, UInt64(entry.mode.bits), bytes: $0)
                    }
            }
        }
    }

    /// What the store looks like before and after each step, found out by doing it.
    package func moments(from initial: SimulatedDisk) throws -> [Moment] {
        let rehearsal = initial.copy()
        func moment() throws -> Moment {
            var moment = try Self.moment(on: rehearsal)
            if isDamaged { moment.findings = try Self.findings(on: rehearsal).map(\.code) }
            return moment
        }
        if recovery != nil {
            for step in steps { try step.run(rehearsal) }
            return Array(repeating: try moment(), count: steps.count + 1)
        }
        var moments = [try moment()]
        for step in steps {
            try step.run(rehearsal)
            moments.append(try moment())
        }
        return moments
    }

    /// What `verify --deep` finds and should not.
    private static func findings(on machine: SimulatedDisk) throws -> [Finding] {
        var request = VerifyRequest()
        request.isDeep = true
        request.threads = 1
        return try store(on: machine).verify(request).findings.filter {
            $0.severity != .info && $0.code != .layoutLeftBehind
                || $0.code == .leftoverTemporary && $0.document != applicationTemporary
        }
    }

    package static func moment(on machine: SimulatedDisk) throws -> Moment {
        Moment(
            documents: documents(on: machine),
            transactions: try store(on: machine).history().count)
    }

    /// - Parameter plan: faults that the commands meet: a sync left out, for one.
    package func scenario(faults plan: [FaultPlan] = []) throws -> CrashScenario {
        let initial = try initialMachine()
        let states = try moments(from: initial)
        let steps = steps
        let workload = self
        var scenario = CrashScenario(
            name, initial: initial,
            workload: { machine in
                let calls: any SystemCalls =
                    plan.isEmpty
                    ? machine : FaultInjectingSystemCalls(wrapping: machine, plan)
                if let atOnce = workload.atOnce {
                    return try atOnce(calls) { machine.acknowledge() }
                }
                for step in steps {
                    try step.run(step.isApplication ? machine : calls)
                    machine.acknowledge()
                }
            },
            recover: { machine in
                if workload.keepsApplicationOut {
                    try Self.requireFence(on: machine, states: states)
                }
                try workload.recover(on: machine, acknowledged: machine.acknowledgedCount)
            },
            judge: { machine, acknowledged in
                try workload.judge(machine, acknowledged: acknowledged, states: states)
            })
        let digests = states.map(\.digest)
        // Where the application is to be kept out, it may start on each of the states.
        let all = keepsApplicationOut ? digests.reduce(.zero, +) : .zero
        scenario.demands = { acknowledged, outcome in
            var digest = Hash128(tag: 40, all.low, all.high)
            for (tag, index) in [(41, acknowledged), (42, acknowledged + 1), (43, outcome ?? -1)]
            where digests.indices.contains(index) {
                digest += Hash128(tag: UInt64(tag), digests[index].low, digests[index].high)
            }
            return digest
        }
        // Documents are compared with the inode number and the time that the catalog has of them.
        // Its own files the program knows by their names alone.
        let control = Array(".canifly-store".utf8)
        scenario.sight = { $0.digest(withoutIdentitiesBelow: control) }
        return scenario
    }

    /// What is done after a crash.
    package func recover(on machine: SimulatedDisk, acknowledged: Int) throws {
        if let recovery, acknowledged < steps.count { try recovery.run(machine) }
        try Self.store(on: machine).recover()
    }

    /// - Throws: where the documents are neither before nor after a step and the application could
    ///   start on them: without a lock, or with one whose first line is a number, which is that of a
    ///   dead process by now.
    private static func requireFence(on machine: SimulatedDisk, states: [Moment]) throws {
        let found = documents(on: machine)
        if states.contains(where: { $0.documents == found }) { return }
        let lock = machine.contents(at: "\(root)/.lock").map { String(decoding: $0, as: UTF8.self) }
        let firstLine = lock?.prefix { $0 != "\n" }
        guard firstLine.map({ Int32($0) != nil }) ?? true else { return }
        throw ApplicationNotKeptOut(documents: found)
    }

    private struct ApplicationNotKeptOut: Error {
        var documents: [TreeEntry]
    }

    package func judge(
        _ machine: SimulatedDisk, acknowledged: Int, states: [Moment]
    ) throws -> Verdict {
        let found = try Self.moment(on: machine)
        let allowed = [acknowledged, acknowledged + 1].filter { $0 < states.count }
        let outcomes = allowed.filter {
            states[$0].documents == found.documents && states[$0].transactions == found.transactions
        }
        guard let outcome = outcomes.first else {
            return .illegal("the store is neither before nor after: \(found)")
        }
        if let complaint = complaint(machine, outcome) { return .illegal(complaint) }
        let store = try Self.store(on: machine)
        let bad = try Self.findings(on: machine).filter {
            !states[outcome].findings.contains($0.code)
        }
        guard bad.isEmpty else { return .illegal("verify finds \(bad)") }
        if machine.contents(at: "\(Self.root)/.lock") != nil {
            return .illegal("the lock was left behind")
        }
        // Every state of history that is said to be kept can be read back.
        do throws(StoreError) {
            if recovery == nil || !isDamaged { try Self.readHistory(of: machine) }
        } catch {
            return .illegal("history is broken: \(error)")
        }
        let before = Self.everything(on: machine)
        try store.recover()
        guard Self.everything(on: machine) == before else {
            return .illegal("a second recovery writes")
        }
        var put = PutRequest(document: try StorePath("after the crash.json"), bytes: [0x31])
        put.precondition = .absent
        _ = try store.put(put, WriteOptions(command: "put"))
        guard machine.contents(at: "\(Self.root)/after the crash.json") == [0x31] else {
            return .illegal("a new transaction does not work")
        }
        return .legal(outcome: outcome)
    }

    /// Reads every state of every document that history says is kept.
    private static func readHistory(of machine: SimulatedDisk) throws(StoreError) {
        let directory: OwnedDescriptor
        do throws(Errno) {
            directory = OwnedDescriptor(try machine.openDirectory(at: root), machine)
        } catch {
            throw StoreError(error, cannot: "open the store")
        }
        let reading = try StoreReading.open(system: machine, root: directory.descriptor)
        for transaction in try reading.history(of: nil, limit: nil) {
            for change in transaction.changes where change.after != nil {
                let moment = PointInTime.transaction(transaction.number)
                guard let state = try reading.state(of: change.document, at: moment),
                    state.digest == change.after
                else { throw .noSuchDocument(change.document) }
                do throws(StoreError) {
                    _ = try reading.pastContent(of: change.document, state)
                } catch  where error.code == "content-not-kept" {}
            }
        }
    }
}
