import CanIFlyStore
import StoreFiles
import StoreTestSupport
import Testing

/// Every system call of every workload fails once, and the process dies at every one: the store is
/// before or after, the error is a clear one, and the next command works.
@Suite struct FaultSweepTests {
    private static let workloads = FaultSweep.workloads

    @Test("every call may fail once", arguments: workloads)
    func everyCallFailsOnce(_ workload: StoreWorkload) throws {
        let sweep = try FaultSweep(workload)
        #expect(sweep.calls.count > 20)
        for error in [
            Errno.inputOutput, .noSpace, .quotaExceeded, .accessDenied, .tooManyOpenFiles,
        ] {
            let complaints = try sweep.complaints { .fail(call: $0, with: error) }
            #expect(complaints.isEmpty, "\(error.name): \(complaints.prefix(3))")
        }
    }

    @Test("every call may fail from then on", arguments: workloads)
    func everyCallFailsForGood(_ workload: StoreWorkload) throws {
        let sweep = try FaultSweep(workload)
        for error in [Errno.inputOutput, .noSpace] {
            let complaints = try sweep.complaints { .fail(call: $0, with: error, forGood: true) }
            #expect(complaints.isEmpty, "\(error.name): \(complaints.prefix(3))")
        }
    }

    @Test("the process may die at every call", arguments: workloads)
    func everyCallKills(_ workload: StoreWorkload) throws {
        let sweep = try FaultSweep(workload)
        let complaints = try sweep.complaints { .kill(atCall: $0) }
        #expect(complaints.isEmpty, "\(complaints.prefix(3))")
        print("\(workload.name): killed at each of \(sweep.calls.count) calls")
    }

    @Test(
        "a failed sync, then the same command again, then a crash",
        arguments: workloads.filter { !$0.isLong })
    func failedSyncThenCrash(_ workload: StoreWorkload) async throws {
        let syncs = try FaultSweepTests.syncCount(workload)
        let moments = try workload.moments(from: try workload.initialMachine())
        for sync in 1...syncs {
            var faulty = workload
            let command = workload.steps[0]
            faulty.steps = [
                StoreWorkload.Step { system in
                    let calls = FaultInjectingSystemCalls(
                        wrapping: system,
                        [.fail(call: sync, of: SystemCallKind.syncs, with: .inputOutput)])
                    do {
                        try command.run(calls)
                    } catch is StoreError {
                        let store = try StoreWorkload.store(on: system)
                        if try store.history().count == moments[1].transactions {
                            // It is committed, and not to be done twice.
                            try store.recover()
                        } else {
                            try command.run(system)
                        }
                    }
                }
            ]
            let initial = try workload.initialMachine()
            let steps = faulty.steps
            var explorer = CrashExplorer(
                CrashScenario(
                    "\(workload.name), sync \(sync) failing", initial: initial,
                    workload: { machine in
                        try steps[0].run(machine)
                        machine.acknowledge()
                    },
                    recover: { try StoreWorkload.store(on: $0).recover() },
                    judge: { machine, acknowledged in
                        let documents = StoreWorkload.documents(on: machine)
                        let allowed = acknowledged == 0 ? moments[...] : moments[1...]
                        return allowed.contains { $0.documents == documents }
                            ? .legal() : .illegal("neither before nor after: \(documents)")
                    }))
            explorer.budgetOfSecondCrash = nil
            explorer.budget = .short
            explorer.violationsWanted = 1
            let report = try await explorer.explore()
            #expect(report.violationCount == 0, "\(report)")
        }
    }

    private static func syncCount(_ workload: StoreWorkload) throws -> Int {
        let calls = FaultInjectingSystemCalls(wrapping: try workload.initialMachine())
        try workload.steps[0].run(calls)
        return calls.syncs.count
    }
}
