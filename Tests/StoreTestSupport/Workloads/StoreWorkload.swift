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
    /// Wherever a crash leaves half of a step, the application must not be able to start.
    package var keepsApplicationOut: Bool
    /// Takes a minute or more: for `make crash-test`, not for the tests.
    package var isLong: Bool

    package init(
        name: String, documents: [String: String], preparation: [Step] = [], steps: [Step],
        keepsApplicationOut: Bool = false, isLong: Bool = false
    ) {
        self.name = name
        self.documents = documents
        self.preparation = preparation
        self.steps = steps
        self.keepsApplicationOut = keepsApplicationOut
        self.isLong = isLong
    }

    /// The last command alone, after all that comes before it; nil where that is another program's.
    package var lastCommand: StoreWorkload? {
        guard let last = steps.last, !last.isApplication else { return nil }
        var workload = self
        workload.preparation += steps.dropLast()
        workload.steps = [last]
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
        for (name, text) in documents {
            machine.place(
                Array(text.utf8), at: "\(Self.root)/\(name)", mode: FileMode(0o644))
        }
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
    /// program's own.
    package static func documents(on machine: SimulatedDisk) -> [TreeEntry] {
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
    }

    /// What the store looks like before and after each step, found out by doing it.
    package func moments(from initial: SimulatedDisk) throws -> [Moment] {
        let rehearsal = initial.copy()
        var moments = [try Self.moment(on: rehearsal)]
        for step in steps {
            try step.run(rehearsal)
            moments.append(try Self.moment(on: rehearsal))
        }
        return moments
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
        let keepsApplicationOut = keepsApplicationOut
        return CrashScenario(
            name, initial: initial,
            workload: { machine in
                let calls: any SystemCalls =
                    plan.isEmpty
                    ? machine : FaultInjectingSystemCalls(wrapping: machine, plan)
                for step in steps {
                    try step.run(step.isApplication ? machine : calls)
                    machine.acknowledge()
                }
            },
            recover: { machine in
                if keepsApplicationOut { try Self.requireFence(on: machine, states: states) }
                try Self.store(on: machine).recover()
            },
            judge: { machine, acknowledged in
                try Self.judge(machine, acknowledged: acknowledged, states: states)
            })
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

    package static func judge(
        _ machine: SimulatedDisk, acknowledged: Int, states: [Moment]
    ) throws -> Verdict {
        let found = try moment(on: machine)
        let allowed = [acknowledged, acknowledged + 1].filter { $0 < states.count }
        guard let outcome = allowed.first(where: { states[$0] == found }) else {
            return .illegal("the store is neither before nor after: \(found)")
        }
        let store = try store(on: machine)
        var request = VerifyRequest()
        request.isDeep = true
        request.threads = 1
        let report = try store.verify(request)
        let bad = report.findings.filter {
            $0.severity != .info && $0.code != .layoutLeftBehind
                || $0.code == .leftoverTemporary && $0.document != applicationTemporary
        }
        guard bad.isEmpty else { return .illegal("verify finds \(bad)") }
        if machine.contents(at: "\(root)/.lock") != nil {
            return .illegal("the lock was left behind")
        }
        // Every state of history that is said to be kept can be read back.
        for transaction in try store.history() {
            for change in transaction.changes where change.after != nil {
                do throws(StoreError) {
                    let bytes = try store.content(
                        of: change.document, at: .transaction(transaction.number))
                    _ = bytes
                } catch  where error.code == "content-not-kept" {
                } catch {
                    return .illegal("history is broken: \(error)")
                }
            }
        }
        let before = everything(on: machine)
        try store.recover()
        guard everything(on: machine) == before else {
            return .illegal("a second recovery writes")
        }
        var put = PutRequest(document: try StorePath("after the crash.json"), bytes: [0x31])
        put.precondition = .absent
        _ = try store.put(put, WriteOptions(command: "put"))
        guard machine.contents(at: "\(root)/after the crash.json") == [0x31] else {
            return .illegal("a new transaction does not work")
        }
        return .legal(outcome: outcome)
    }
}
