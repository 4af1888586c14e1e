import CanIFlyStore
import StoreFiles
import StoreTestSupport
import Testing

/// Each sync is there for a reason: the crash simulator must find something wrong when it is left
/// out. A sync that no workload misses is one too many.
@Suite struct SyncMutationTests {
    /// Which sync of the code it is: the call and the file, names that chance makes left out.
    private struct Site: Hashable, CustomStringConvertible {
        var kind: String
        var path: String
        var description: String { "\(kind) of \(path)" }
    }

    private static func sites(of workload: StoreWorkload) throws -> [Site] {
        let machine = try workload.initialMachine()
        let calls = FaultInjectingSystemCalls(wrapping: machine, [], keepsTrace: true)
        for step in workload.steps { try step.run(step.isApplication ? machine : calls) }
        return calls.syncs.map { sync in
            Site(kind: "\(sync.kind)", path: normalized(sync.path))
        }
    }

    /// Temporary names differ from run to run of the program, not of the test; and each compaction
    /// writes a log of the next generation, by the same code.
    private static func normalized(_ path: String) -> String {
        path.split(separator: "/", omittingEmptySubsequences: false).map { component in
            if TemporaryName.isOurs(component) { return "(temporary)" }
            if component.hasPrefix("log-") { return "log-(generation)" }
            return component.hasSuffix(".log") ? "(segment)" : String(component)
        }.joined(separator: "/")
    }

    @Test("leaving out any sync is found")
    func everySyncIsNeeded() async throws {
        var missed: [Site: Bool] = [:]
        for workload in StoreWorkload.all {
            for (index, site) in try Self.sites(of: workload).enumerated()
            where missed[site] != false {
                var explorer = CrashExplorer(
                    try workload.scenario(faults: [.skip(sync: index + 1)]))
                explorer.budgetOfSecondCrash = nil
                explorer.violationsWanted = 1
                explorer.simplifiesViolations = false
                let report = try await explorer.explore()
                missed[site] = report.violationCount == 0
            }
        }
        let needless = missed.filter(\.value).keys.map(\.description).sorted()
        print("\(missed.count) syncs, \(missed.count - needless.count) proven necessary")
        for site in missed.keys.map(\.description).sorted() { print("  \(site)") }
        #expect(needless.isEmpty, "nothing is found when these are left out: \(needless)")
        #expect(missed.count >= 8)
    }
}
