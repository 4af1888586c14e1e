import StoreTestSupport
import Testing

@Suite struct StoreCrashTests {
    @Test(
        "no crash leaves a store that is neither before nor after", arguments: StoreWorkload.all)
    func everyCrashRecovers(_ workload: StoreWorkload) async throws {
        let report = try await CrashExplorer(try workload.scenario()).explore()
        print(report)
        #expect(report.violationCount == 0, "\(report)")
        #expect(report.statesAfterOneCrash > 10)
    }
}
