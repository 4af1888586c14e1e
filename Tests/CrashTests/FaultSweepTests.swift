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
        #expect(sweep.calls.count >= 20)
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
        let failed = try FailedSync(workload)
        for sync in 0..<failed.syncCount {
            let report = try await failed.explore(failing: sync + 1)
            #expect(report.violationCount == 0, "\(report)")
        }
    }
}
