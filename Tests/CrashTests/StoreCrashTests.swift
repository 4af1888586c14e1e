import StoreTestSupport
import Testing

@Suite struct StoreCrashTests {
    /// A short form of what `make crash-test` does.
    @Test("no crash leaves a store that is neither before nor after")
    func everyCrashRecovers() async throws {
        // What several workloads leave is tried once.
        let ledger = CrashLedger()
        // Long ones are tried by `make crash-test` alone.
        for workload in StoreWorkload.all where !workload.isLong {
            var explorer = CrashExplorer(try workload.scenario())
            explorer.budget = .short
            explorer.budgetOfSecondCrash = .shortSecond
            explorer.ledger = ledger
            let report = try await explorer.explore()
            print(report)
            #expect(report.violationCount == 0, "\(report)")
            #expect(report.statesAfterOneCrash >= 4)
        }
        print("\(ledger.distinctStates) distinct states")
        #expect(ledger.distinctStates >= 100_000)
    }
}
