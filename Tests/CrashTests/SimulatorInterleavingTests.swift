import StoreFiles
import StoreTestSupport
import Testing

/// Two toy writers that count up a number in a file, with and without a lock.
@Suite struct SimulatorInterleavingTests {
    private static func addOne(_ system: any SystemCalls, _ temporary: String) throws {
        let store = try system.openDirectory(at: "/store")
        let counter = try system.readFile("counter", in: store)
        try system.makeFile(temporary, in: store, [counter[0] + 1])
        try system.rename(temporary, in: store, to: "counter", in: store, .replace)
    }

    /// Waits for a lock that the kernel keeps.
    private static func addOneLocked(_ system: any SystemCalls, _ temporary: String) throws {
        let store = try system.openDirectory(at: "/store")
        let guardFile = try system.open("guard", in: store, [.write, .create], mode: .privateFile)
        while !(try system.tryLockExclusively(guardFile)) {
            system.sleep(nanoseconds: 1_000_000)
        }
        try addOne(system, temporary)
        try system.close(guardFile)
    }

    private static func explorer(
        _ add: @escaping @Sendable (any SystemCalls, String) throws -> Void
    ) -> InterleavingExplorer {
        let disk = SimulatedDisk()
        disk.place([0], at: "/store/counter")
        return InterleavingExplorer(
            InterleavingScenario(
                "two writers", initial: disk,
                participants: [{ try add($0, "one") }, { try add($0, "two") }],
                judge: { machine, failures in
                    if let failure = failures.compactMap({ $0 }).first { return .illegal(failure) }
                    let counter = machine.contents(at: "/store/counter")
                    return counter == [2] ? .legal() : .illegal("lost: \(counter ?? [])")
                }))
    }

    @Test("without a lock an update is lost, and the schedule of it can be run again")
    func lostUpdate() throws {
        let explorer = Self.explorer(Self.addOne)
        let report = explorer.explore()
        let violation = try #require(report.violations.first)
        #expect(violation.message == "lost: [1]")
        #expect(explorer.replay(violation.schedule) == .illegal("lost: [1]"))
        #expect(explorer.replay(InterleavingSchedule(first: 0, turns: [])) == .legal())
    }

    @Test("with a lock none is")
    func lockedUpdates() {
        let report = Self.explorer(Self.addOneLocked).explore()
        #expect(report.violations.isEmpty, "\(report)")
        #expect(report.schedules > 100)
    }

    @Test("two that wait for each other are told to be endless")
    func deadlock() throws {
        let disk = SimulatedDisk()
        disk.placeDirectory(at: "/store")
        func waitFor(_ theirs: String, after ours: String)
            -> @Sendable (any SystemCalls) throws -> Void
        {
            { system in
                let store = try system.openDirectory(at: "/store")
                let mine = try system.open(ours, in: store, [.write, .create], mode: .privateFile)
                _ = try system.tryLockExclusively(mine)
                let other = try system.open(
                    theirs, in: store, [.write, .create], mode: .privateFile)
                while !(try system.tryLockExclusively(other)) {
                    system.sleep(nanoseconds: 1_000_000)
                }
            }
        }
        var explorer = InterleavingExplorer(
            InterleavingScenario(
                "deadlock", initial: disk,
                participants: [waitFor("a", after: "b"), waitFor("b", after: "a")],
                judge: { _, _ in .legal() }))
        explorer.maximumSteps = 1_000
        explorer.violationsWanted = 1
        let report = explorer.explore()
        #expect(report.violations.map(\.message) == ["it does not end"])
    }
}
