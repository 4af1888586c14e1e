import StoreCommands
import StoreFiles
import StoreTestSupport
import Testing

/// What the explorer does not do twice, and that it misses nothing by that.
@Suite struct CrashLedgerTests {
    private static let put = StoreWorkload(
        name: "put", documents: ["a.json": "1"], preparation: [StoreWorkload.initialize],
        steps: [StoreWorkload.put("a.json", "2")])

    private static func explorer(
        _ workload: StoreWorkload = put, faults: [FaultPlan] = [], ledger: CrashLedger? = nil
    ) throws -> CrashExplorer {
        var explorer = CrashExplorer(try workload.scenario(faults: faults))
        explorer.budget = CrashBudget(exhaustiveCombinations: 64, pairs: 8, samples: 8)
        explorer.budgetOfSecondCrash = CrashBudget(
            exhaustiveCombinations: 4, pairs: 2, samples: 2, precedingStates: 2)
        explorer.simplifiesViolations = false
        explorer.ledger = ledger
        return explorer
    }

    @Test("a judge that is spared machines alike says the same of every state", arguments: [0, 3])
    func sparedJudge(sync: Int) async throws {
        let faults = sync == 0 ? [] : [FaultPlan.skip(sync: sync)]
        var explorer = try Self.explorer(faults: faults)
        explorer.violationsWanted = .max
        let spared = try await explorer.explore()
        explorer.scenario.sight = nil
        let thorough = try await explorer.explore()
        #expect(spared.violations == thorough.violations)
        #expect(spared.distinctStates == thorough.distinctStates)
    }

    @Test("a judge that sees more than its scenario says is found out")
    func blindSight() async throws {
        var explorer = try Self.explorer()
        explorer.scenario.sight = { _ in .zero }
        explorer.scenario.judge = { machine, _ in
            let length = machine.contents(at: "/store/.canifly-store/catalog")?.count ?? 0
            return .legal(outcome: length)
        }
        let report = try await explorer.explore()
        #expect(report.violations.contains { $0.message.contains("sees more") })
    }

    @Test("what one exploration has tried another one with its ledger does not")
    func sharedLedger() async throws {
        let ledger = CrashLedger()
        let first = try await Self.explorer(ledger: ledger).explore()
        #expect(first.distinctStates == ledger.distinctStates && first.distinctStates > 50)
        let again = try await Self.explorer(ledger: ledger).explore()
        #expect(again.statesAfterOneCrash == 0)
        // Followed by another command, the first one leaves what it left before.
        var longer = Self.put
        longer.steps.append(StoreWorkload.put("b.json", "3"))
        let rest = try await Self.explorer(longer, ledger: ledger).explore()
        let alone = try await Self.explorer(longer).explore()
        #expect(rest.statesAfterOneCrash + first.statesAfterOneCrash >= alone.statesAfterOneCrash)
        #expect(rest.distinctStates < alone.distinctStates)
        #expect(ledger.distinctStates == first.distinctStates + rest.distinctStates)
    }

    @Test("equal disks of which another thing is demanded are two states")
    func demands() async throws {
        let ledger = CrashLedger()
        _ = try await Self.explorer(ledger: ledger).explore()
        // Until it is done, this one leaves nothing on the disk that the other one does not.
        var other = Self.put
        other.steps = [StoreWorkload.put("a.json", "4")]
        let report = try await Self.explorer(other, ledger: ledger).explore()
        let alone = try await Self.explorer(other).explore()
        #expect(report.statesAfterOneCrash == alone.statesAfterOneCrash)
    }

    /// A command that nobody tries under crashes would be taken for safe.
    @Test("every command that writes has a workload")
    func everyCommandIsTried() {
        for command in CommandTable.standard.commands
        where command.effect == .writes || command.effect == .locks {
            // Measures the machine, in a store of its own that nobody wants to keep.
            if command.name == "bench" { continue }
            #expect(
                StoreWorkload.all.contains { $0.name.contains(command.name) }, "\(command.name)")
        }
    }
}
