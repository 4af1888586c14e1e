/// Runs a scenario once to find its cut points, and then recovery and judge in every state that a
/// crash there may leave; and again in every state that a crash of the recovery may leave.
///
/// The same scenario, budgets and seed lead to the same report.
package struct CrashExplorer: Sendable {
    package var scenario: CrashScenario
    package var budget = CrashBudget.standard
    /// For the crash of the recovery; nil for none.
    package var budgetOfSecondCrash: CrashBudget? = .light
    package var profiles = CrashProfile.allCases
    package var seed: UInt64 = 1
    /// Stops soon after this many violations.
    package var violationsWanted = 5
    /// Whether violations are reduced to what matters, which runs each some dozen times more. It
    /// may make another kind of violation of one.
    package var simplifiesViolations = true

    /// Of several explorations, none of which is to try again what another one has tried; nil for a
    /// ledger of its own.
    package var ledger: CrashLedger?

    package init(_ scenario: CrashScenario) { self.scenario = scenario }

    package func explore() async throws -> CrashReport {
        let cutPoints = try recordCutPoints()
        var exploration = Exploration(explorer: self, cutPoints: cutPoints.count)
        for (index, cutPoint) in cutPoints.enumerated() {
            await exploration.explore(cutPoint, index)
            if exploration.isDone { break }
        }
        var report = exploration.report
        if simplifiesViolations {
            report.violations = try report.violations.map { try simplify($0, cutPoints) }
        }
        return report
    }

    func recordCutPoints() throws -> [CutPoint] {
        let machine = scenario.initial.copy()
        machine.beginRecordingCutPoints()
        try scenario.workload(machine)
        return machine.endRecordingCutPoints()
    }

    struct RecoveryResult: Sendable {
        var verdict: Verdict
        var cutPoints: [CutPoint] = []
    }

    /// Recovery and judge on a machine that has just come up. The judge is a process of its own.
    /// - Parameters:
    ///   - judged: of which machines the verdict is known; nil where the judge is to look in any case.
    ///   - checksSight: whether the judge looks all the same, and must say the same.
    func recover(
        _ state: DiskState, records: Bool, judged: JudgedMachines? = nil, checksSight: Bool = false
    ) -> RecoveryResult {
        let acknowledged = state.acknowledged
        let machine = SimulatedDisk(startedIn: state)
        if records { machine.beginRecordingCutPoints() }
        var failure: String?
        do {
            try scenario.recover(machine)
        } catch {
            failure = "recovery failed: \(error)"
        }
        let cutPoints = records ? machine.endRecordingCutPoints() : []
        machine.endProcess()
        if let failure { return RecoveryResult(verdict: .illegal(failure), cutPoints: cutPoints) }
        var sight: Hash128?
        if let judged, let look = scenario.sight {
            let seen = look(machine) + Hash128(tag: 31, UInt64(acknowledged))
            if let verdict = judged.verdict(on: seen) {
                var result = RecoveryResult(verdict: verdict, cutPoints: cutPoints)
                if checksSight, judge(machine, acknowledged) != verdict {
                    result.verdict = .illegal("the judge sees more than the scenario says it does")
                }
                return result
            }
            sight = seen
        }
        let verdict = judge(machine, acknowledged)
        if let judged, let sight { judged.note(verdict, on: sight) }
        return RecoveryResult(verdict: verdict, cutPoints: cutPoints)
    }

    private func judge(_ machine: SimulatedDisk, _ acknowledged: Int) -> Verdict {
        do {
            let judge = machine.process(machine.processIdentifier + 1)
            return try scenario.judge(judge, acknowledged)
        } catch {
            return .illegal("the judge failed: \(error)")
        }
    }
}

extension SimulatedDisk {
    /// Every distinct machine that a crash at this moment can leave, freshly started.
    package func machinesAfterCrash(
        profiles: [CrashProfile] = CrashProfile.allCases, budget: CrashBudget = .standard,
        seed: UInt64 = 1
    ) -> [SimulatedDisk] {
        let model = CrashModel(machine.snapshot())
        var images: Set<Hash128> = []
        var machines: [SimulatedDisk] = []
        for profile in profiles {
            CrashEnumeration(model, profile, budget, seed: seed).visitAll { choices in
                if images.insert(model.hash(choices)).inserted {
                    machines.append(SimulatedDisk(startedIn: model.state(after: choices)))
                }
            }
        }
        return machines
    }

    /// A machine that has just come up, with its one process.
    convenience init(startedIn state: DiskState) {
        self.init(SimulatedMachine(state), process: state.processes[0].identifier)
    }
}
