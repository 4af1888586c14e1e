import CanIFlyStore
import StoreFiles

/// One command, of which one sync fails; then the same command again, as a user would; then a crash.
package struct FailedSync: Sendable {
    private let workload: StoreWorkload
    private let initial: SimulatedDisk
    private let moments: [StoreWorkload.Moment]
    /// How many syncs the command makes where none fails.
    package let syncCount: Int

    /// - Precondition: the workload is one command.
    package init(_ workload: StoreWorkload) throws {
        precondition(workload.steps.count == 1, "one command has one before and one after")
        self.workload = workload
        initial = try workload.initialMachine()
        moments = try workload.moments(from: initial)
        let calls = FaultInjectingSystemCalls(wrapping: initial.copy())
        try workload.steps[0].run(calls)
        syncCount = calls.syncs.count
    }

    /// Explores what a crash leaves after a sync has failed.
    /// - Parameter sync: from 1.
    package func explore(failing sync: Int) async throws -> CrashReport {
        let moments = moments
        let workload = workload
        var explorer = CrashExplorer(
            CrashScenario(
                "\(workload.name), sync \(sync) failing", initial: initial,
                workload: { machine in
                    try run(on: machine, failing: sync)
                    machine.acknowledge()
                },
                // A repair that finds nothing left to do promises nothing of what an earlier one did
                // before its sync failed: the damage may be back, and is repaired once more.
                recover: { try workload.recover(on: $0, acknowledged: 0) },
                judge: { machine, acknowledged in
                    let documents = StoreWorkload.documents(on: machine)
                    let allowed = acknowledged == 0 ? moments[...] : moments[1...]
                    return allowed.contains { $0.documents == documents }
                        ? .legal() : .illegal("neither before nor after: \(documents)")
                }))
        explorer.budgetOfSecondCrash = nil
        explorer.budget = .short
        explorer.violationsWanted = 1
        return try await explorer.explore()
    }

    private func run(on machine: SimulatedDisk, failing sync: Int) throws {
        let command = workload.steps[0]
        let calls = FaultInjectingSystemCalls(
            wrapping: machine,
            [.fail(call: sync, of: SystemCallKind.syncs, with: .inputOutput)])
        do {
            try command.run(calls)
        } catch is StoreError {
            let isRecorded = moments[0].transactions < moments[1].transactions
            let store = try StoreWorkload.store(on: machine)
            if isRecorded, try store.history().count == moments[1].transactions {
                // It is committed, and not to be done twice.
                try store.recover()
            } else {
                try command.run(machine)
            }
        }
    }
}
