import StoreTestSupport
import Testing

/// A short form of what `make contend` does.
@Suite struct StoreInterleavingTests {
    @Test("two processes may change places before any call that the other can see")
    func pairs() throws {
        var schedules = 0
        for scenario in try StoreInterleavings.pairs() {
            var explorer = InterleavingExplorer(scenario)
            explorer.changes = 1
            let report = explorer.explore()
            #expect(report.violations.isEmpty, "\(report)")
            schedules += report.schedules
            explorer.changes = 2
            explorer.kinds = StoreInterleavings.sharedKinds
            let second = explorer.explore()
            #expect(second.violations.isEmpty, "\(second)")
            schedules += second.schedules
        }
        #expect(schedules > 1_000)
    }

    @Test("three processes may change places once")
    func triples() throws {
        for scenario in try StoreInterleavings.triples() {
            var explorer = InterleavingExplorer(scenario)
            explorer.changes = 1
            explorer.kinds = StoreInterleavings.sharedKinds
            let report = explorer.explore()
            #expect(report.violations.isEmpty, "\(report)")
            #expect(report.schedules > 10)
        }
    }
}
