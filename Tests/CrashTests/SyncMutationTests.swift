import StoreTestSupport
import Testing

/// Each sync is there for a reason: the crash simulator must find something wrong when it is left
/// out. A sync that no workload misses is one too many.
@Suite struct SyncMutationTests {
    @Test("leaving out any sync is found")
    func everySyncIsNeeded() async throws {
        let found = try await SyncMutation.score(of: StoreWorkload.all)
        let needless = found.filter { !$0.value }.keys.map(\.description).sorted()
        print("\(found.count) syncs, \(found.count - needless.count) proven necessary")
        for site in found.keys.map(\.description).sorted() { print("  \(site)") }
        #expect(needless.isEmpty, "nothing is found when these are left out: \(needless)")
        #expect(found.count >= 8)
    }
}
