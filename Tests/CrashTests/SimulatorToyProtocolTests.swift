import StoreFiles
import StoreTestSupport
import Testing

/// Protocols small enough that everybody knows what is wrong with them: the simulator must find
/// it, and must find nothing in those that are right.
@Suite struct SimulatorToyProtocolTests {
    private static let old = TreeEntry(path: "document", mode: FileMode(0o644), bytes: letters(600))
    private static let new = TreeEntry(
        path: "document", mode: .privateFile, bytes: letters(1_700, from: UInt8(ascii: "A")))

    private static func diskWithOldDocument() -> SimulatedDisk {
        let disk = SimulatedDisk()
        disk.place(old.bytes, at: "/store/document", mode: old.mode)
        return disk
    }

    /// Before the acknowledgement old or new, after it new; nothing else but the temporary file.
    private static func judgeDocument(_ disk: SimulatedDisk, _ acknowledged: Int) -> Verdict {
        let documents = disk.tree(at: "/store").filter { $0.path != Array("temporary".utf8) }
        if documents == [new] { return .legal(outcome: 1) }
        if documents == [old] && acknowledged == 0 { return .legal(outcome: 0) }
        guard let found = documents.first else { return .illegal("gone") }
        if found == old { return .illegal("old") }
        if found.bytes.isEmpty { return .illegal("empty") }
        if found.bytes.allSatisfy({ $0 == 0 }) { return .illegal("zeros") }
        return .illegal("torn")
    }

    private static func explorer(
        _ name: String, _ workload: @escaping @Sendable (SimulatedDisk) throws -> Void
    ) -> CrashExplorer {
        CrashExplorer(
            CrashScenario(
                name, initial: diskWithOldDocument(), workload: workload, judge: judgeDocument))
    }

    /// Replaces the document by any system calls.
    private static func replace(_ system: any SystemCalls) throws {
        let store = try system.openDirectory(at: "/store")
        try system.replaceFile("document", in: store, new.bytes)
        try system.synchronize(store)
        try system.close(store)
    }

    @Test("the classic safe replacement survives every crash", arguments: CrashProfile.allCases)
    func safeReplacement(_ profile: CrashProfile) async throws {
        var explorer = Self.explorer("safe replacement") { disk in
            try Self.replace(disk)
            disk.acknowledge()
        }
        explorer.profiles = [profile]
        let report = try await explorer.explore()
        #expect(report.violationCount == 0, "\(report)")
        #expect(report.cutPoints == 4)
        #expect(report.statesAfterOneCrash > 20)
    }

    @Test("each sync of the safe replacement is needed", arguments: [1, 2])
    func everySyncIsNeeded(_ sync: Int) async throws {
        let explorer = Self.explorer("replacement without sync \(sync)") { disk in
            let faulty = FaultInjectingSystemCalls(wrapping: disk, [.skip(sync: sync)])
            try Self.replace(faulty)
            #expect(faulty.syncs.map(\.path) == ["/store/temporary", "/store"])
            disk.acknowledge()
        }
        let report = try await explorer.explore()
        #expect(report.violationCount > 0)
    }

    @Test("a violation can be run again from its text")
    func replay() async throws {
        let explorer = Self.explorer("replacement without a sync") { disk in
            try Self.replace(FaultInjectingSystemCalls(wrapping: disk, [.skip(sync: 1)]))
            disk.acknowledge()
        }
        let report = try await explorer.explore()
        #expect(report.violations.count == explorer.violationsWanted)
        for violation in report.violations {
            let crashes = violation.crashes.compactMap { CrashReplay($0.description) }
            #expect(crashes == violation.crashes)
            #expect(try explorer.replay(crashes) == .illegal(violation.message))
        }
    }

    @Test("a violation is reduced to the registers that matter")
    func simplification() async throws {
        let explorer = Self.explorer("replacement without a sync") { disk in
            try Self.replace(FaultInjectingSystemCalls(wrapping: disk, [.skip(sync: 1)]))
            disk.acknowledge()
        }
        let violation = try #require(try await explorer.explore().violations.first)
        // The rename of the empty file is all it takes; its other half comes with it.
        #expect(violation.message == "empty")
        #expect(violation.crashes.map(\.profile) == [.coupledRenames])
        #expect(violation.crashes[0].choices.count == 1)
        #expect(violation.story.contains("the other 5 registers: floor"))
    }

    @Test("the same exploration finds the same states and violations")
    func determinism() async throws {
        let explorer = Self.explorer("replacement without a sync") { disk in
            try Self.replace(FaultInjectingSystemCalls(wrapping: disk, [.skip(sync: 1)]))
            disk.acknowledge()
        }
        let first = try await explorer.explore()
        let second = try await explorer.explore()
        #expect(first.violations == second.violations)
        #expect(first.distinctStates == second.distinctStates)
    }

    @Test("a rename without a sync of the file leaves it empty, full of zeros, or torn")
    func renameWithoutSync() async throws {
        var explorer = Self.explorer("rename without fsync") { disk in
            let store = try disk.openDirectory(at: "/store")
            try disk.replaceFile("document", in: store, Self.new.bytes, syncs: false)
            try disk.synchronize(store)
            disk.acknowledge()
        }
        explorer.violationsWanted = .max
        explorer.simplifiesViolations = false
        let report = try await explorer.explore()
        let found = Set(report.violations.map(\.message))
        #expect(found == ["empty", "zeros", "torn"])
    }

    @Test("a document in a new directory is lost while the directory's own entry is not durable")
    func newDirectory() async throws {
        func explore(syncsParent: Bool) async throws -> CrashReport {
            let disk = SimulatedDisk()
            disk.placeDirectory(at: "/store")
            return try await CrashExplorer(
                CrashScenario(
                    "new directory", initial: disk,
                    workload: { disk in
                        let store = try disk.openDirectory(at: "/store")
                        try disk.makeDirectory("plans", in: store, mode: .privateDirectory)
                        let plans = try disk.open(
                            "plans", in: store, [.directory], mode: .privateFile)
                        try disk.makeFile("plan.txt", in: plans, letters(10))
                        try disk.synchronize(plans)
                        if syncsParent { try disk.synchronize(store) }
                        disk.acknowledge()
                    },
                    judge: { disk, acknowledged in
                        if acknowledged == 0 { return .legal() }
                        let found = disk.contents(at: "/store/plans/plan.txt")
                        return found == letters(10) ? .legal() : .illegal("lost")
                    })
            ).explore()
        }
        #expect(try await explore(syncsParent: true).violationCount == 0)
        let report = try await explore(syncsParent: false)
        #expect(report.violations.contains { $0.message == "lost" })
    }

    @Test("what a failed sync passed over is not brought back by one that succeeds")
    func failedSync() async throws {
        func explore(writesAnew: Bool) async throws -> CrashReport {
            try await Self.explorer("failed sync") { disk in
                let faulty = FaultInjectingSystemCalls(
                    wrapping: disk, [.fail(call: 1, of: [.synchronize], with: .inputOutput)])
                let store = try faulty.openDirectory(at: "/store")
                let file = try faulty.open(
                    "temporary", in: store, [.write, .create], mode: .privateFile)
                try faulty.writeAll(Self.new.bytes, to: file)
                #expect(throws: Errno.inputOutput) { try faulty.synchronize(file) }
                if writesAnew {
                    try faulty.replaceFile("document", in: store, Self.new.bytes)
                } else {
                    // Programs see the bytes, and the second sync says that all is well.
                    try faulty.synchronize(file)
                    #expect(try faulty.readFile("temporary", in: store) == Self.new.bytes)
                    try faulty.rename("temporary", in: store, to: "document", in: store, .replace)
                }
                try faulty.synchronize(store)
                disk.acknowledge()
            }.explore()
        }
        #expect(try await explore(writesAnew: false).violationCount > 0)
        #expect(try await explore(writesAnew: true).violationCount == 0)
    }

    @Test("an exchange loses one of the two only where its halves happen independently")
    func exchange() async throws {
        func explore(_ profile: CrashProfile) async throws -> CrashReport {
            let disk = SimulatedDisk()
            disk.place(letters(10), at: "/store/first")
            disk.place(letters(20), at: "/store/second")
            var explorer = CrashExplorer(
                CrashScenario(
                    "exchange", initial: disk,
                    workload: { disk in
                        let store = try disk.openDirectory(at: "/store")
                        try disk.rename("first", in: store, to: "second", in: store, .exchange)
                        try disk.synchronize(store)
                    },
                    judge: { disk, _ in
                        let sizes = disk.tree(at: "/store").map(\.bytes.count)
                        return sizes.sorted() == [10, 20] ? .legal() : .illegal("\(sizes)")
                    }))
            explorer.profiles = [profile]
            return try await explorer.explore()
        }
        let coupled = try await explore(.coupledRenames)
        #expect(coupled.violationCount == 0)
        #expect(coupled.statesAfterOneCrash == 2)
        let independent = try await explore(.independentRenames)
        #expect(Set(independent.violations.map(\.message)) == ["[10, 10]", "[20, 20]"])
    }

    @Test("a recovery that cannot be interrupted is found out by a second crash")
    func secondCrash() async throws {
        let disk = SimulatedDisk()
        disk.place([0], at: "/store/counter")
        var explorer = CrashExplorer(
            CrashScenario(
                "add one", initial: disk,
                workload: { disk in
                    let store = try disk.openDirectory(at: "/store")
                    try disk.makeFile("log", in: store, letters(1))
                    try disk.synchronize(store)
                    disk.acknowledge()
                },
                recover: { disk in
                    // The log is removed last, and nothing tells that it was carried out.
                    let store = try disk.openDirectory(at: "/store")
                    guard let log = try? disk.readFile("log", in: store), !log.isEmpty else {
                        return
                    }
                    let counter = try disk.readFile("counter", in: store)
                    try disk.replaceFile("counter", in: store, [counter[0] + 1])
                    try disk.synchronize(store)
                    try disk.unlink("log", in: store)
                    try disk.synchronize(store)
                },
                judge: { disk, acknowledged in
                    let counter = disk.contents(at: "/store/counter") ?? []
                    let legal: [[UInt8]] = acknowledged == 0 ? [[0], [1]] : [[1]]
                    return legal.contains(counter) ? .legal() : .illegal("\(counter)")
                }))
        explorer.budgetOfSecondCrash = nil
        #expect(try await explorer.explore().violationCount == 0)
        explorer.budgetOfSecondCrash = .light
        let report = try await explorer.explore()
        #expect(report.statesAfterTwoCrashes > 0)
        let violation = try #require(report.violations.first)
        #expect(violation.message == "[2]")
        #expect(violation.crashes.count == 2)
        #expect(try explorer.replay(violation.crashes) == .illegal("[2]"))
    }

    @Test("what a recovery decided must not change after it has ended")
    func decisionThatDoesNotLast() async throws {
        // Recovery takes whatever it sees for done, and does not make it durable.
        var explorer = Self.explorer("decision") { disk in
            let store = try disk.openDirectory(at: "/store")
            try disk.replaceFile("document", in: store, Self.new.bytes)
        }
        explorer.violationsWanted = .max
        explorer.simplifiesViolations = false
        explorer.scenario.recover = { disk in
            let store = try disk.openDirectory(at: "/store")
            if (try? disk.status(of: "temporary", in: store)) != nil {
                try disk.rename("temporary", in: store, to: "document", in: store, .replace)
            }
        }
        let report = try await explorer.explore()
        let changed = report.violations.filter { $0.message.hasPrefix("recovery decided") }
        #expect(!changed.isEmpty)
        #expect(changed.allSatisfy { $0.crashes.count == 2 })
    }
}
