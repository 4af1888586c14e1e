/// The running state of an exploration.
struct Exploration {
    let explorer: CrashExplorer
    var report: CrashReport
    private let ledger: CrashLedger
    private let judged = JudgedMachines()

    /// How many states are recovered between two looks at the results.
    private static let statesInABatch = 256

    init(explorer: CrashExplorer, cutPoints: Int) {
        self.explorer = explorer
        ledger = explorer.ledger ?? CrashLedger()
        report = CrashReport(name: explorer.scenario.name)
        report.cutPoints = cutPoints
    }

    var isDone: Bool {
        report.violationCount >= explorer.violationsWanted
            || report.statesAfterOneCrash >= explorer.budget.states
    }

    /// One crash of the one or two that lead to a state.
    private struct Crash: Sendable {
        var cutPoint: Int
        var model: CopyOnWrite<CrashModel>
        var profile: CrashProfile
        var choices: CrashChoices

        var replay: CrashReplay { CrashReplay(cutPoint: cutPoint, profile: profile, choices) }
    }

    /// A state to be recovered, and how it came about.
    private struct Candidate: Sendable {
        var image: Hash128
        var crash: Crash
        var earlierCrash: Crash?
        /// What the recovery after the earlier crash decided, where this state may not differ.
        var outcome: Int?

        var crashes: [Crash] { (earlierCrash.map { [$0] } ?? []) + [crash] }
        var acknowledged: Int { crash.model.value.state.acknowledged }
    }

    private struct Result: Sendable {
        var verdict: Verdict
        var followers: [Candidate] = []
    }

    mutating func explore(_ cutPoint: CutPoint, _ index: Int) async {
        let candidates = Self.candidates(
            of: cutPoint, index, explorer.profiles, explorer.budget, seed: explorer.seed)
        await judge(takeFirst(candidates))
    }

    /// Recovers and judges in batches, and then the states that crashes of these recoveries leave.
    private mutating func judge(_ candidates: [Candidate]) async {
        var start = 0
        let preceding = explorer.budgetOfSecondCrash?.precedingStates ?? 0
        // Rounded up, so that it is never more of them.
        let stride = preceding == 0 ? 0 : max(1, (candidates.count - 1) / preceding + 1)
        while start < candidates.count && !isDone {
            let batch = Array(
                candidates[start..<min(start + Self.statesInABatch, candidates.count)])
            let first = start
            start += batch.count
            let results = await run(batch) { stride > 0 && (first + $0).isMultiple(of: stride) }
            var followers: [Candidate] = []
            for (candidate, result) in zip(batch, results) {
                note(candidate, result.verdict)
                followers += result.followers
            }
            let limit =
                (explorer.budgetOfSecondCrash?.states ?? 0) - report.statesAfterTwoCrashes
            let fresh = takeSecond(followers, limit: limit)
            for (candidate, result) in zip(fresh, await run(fresh) { _ in false }) {
                note(candidate, result.verdict)
            }
        }
    }

    private mutating func note(_ candidate: Candidate, _ verdict: Verdict) {
        guard case .illegal(let message) = verdict.after(decision: candidate.outcome) else {
            return
        }
        report.violationCount += 1
        guard report.violations.count < explorer.violationsWanted else { return }
        report.violations.append(
            CrashViolation(
                crashes: candidate.crashes.map(\.replay), story: [],
                acknowledged: candidate.acknowledged, message: message))
    }

    /// What one crash left and was not tried yet. What two crashes left earlier is tried again, for
    /// the crashes of its recovery, and does not count again.
    private mutating func takeFirst(_ candidates: [Candidate]) -> [Candidate] {
        let follows = explorer.budgetOfSecondCrash != nil
        var fresh: [Candidate] = []
        for candidate in candidates where report.statesAfterOneCrash < explorer.budget.states {
            switch ledger.enter(key(of: candidate), isFollowed: follows) {
            case .new:
                report.statesAfterOneCrash += 1
                fresh.append(candidate)
            case .newlyFollowed: fresh.append(candidate)
            case .known: report.repeatedStates += 1
            }
        }
        return fresh
    }

    /// What two crashes left and was not tried yet, `limit` at most.
    private mutating func takeSecond(_ candidates: [Candidate], limit: Int) -> [Candidate] {
        var fresh: [Candidate] = []
        for candidate in candidates where fresh.count < limit {
            if ledger.enter(key(of: candidate), isFollowed: false) == .new {
                fresh.append(candidate)
            } else {
                report.repeatedStates += 1
            }
        }
        report.statesAfterTwoCrashes += fresh.count
        return fresh
    }

    private func key(of candidate: Candidate) -> Hash128 {
        let demands = explorer.scenario.demands(candidate.acknowledged, candidate.outcome)
        return Hash128(
            tag: 32, demands.low, demands.high, candidate.image.low, candidate.image.high)
    }

    // MARK: On several threads

    /// - Parameter records: whether crashes of this recovery are tried.
    private func run(
        _ candidates: [Candidate], records: @escaping @Sendable (Int) -> Bool
    ) async -> [Result] {
        let explorer = explorer
        let judged = judged
        let statesInATask = 16
        return await withTaskGroup(of: (Int, [Result]).self) { group in
            for start in stride(from: 0, to: candidates.count, by: statesInATask) {
                let part = candidates[start..<min(start + statesInATask, candidates.count)]
                group.addTask {
                    let results = part.indices.map {
                        Self.run(part[$0], explorer, judged, records: records($0))
                    }
                    return (start, results)
                }
            }
            var parts: [(Int, [Result])] = []
            for await part in group { parts.append(part) }
            return parts.sorted { $0.0 < $1.0 }.flatMap(\.1)
        }
    }

    private static func run(
        _ candidate: Candidate, _ explorer: CrashExplorer, _ judged: JudgedMachines,
        records: Bool
    ) -> Result {
        let state = candidate.crash.model.value.state(after: candidate.crash.choices)
        let recovered = explorer.recover(
            state, records: records, judged: judged,
            checksSight: candidate.image.low.isMultiple(of: 128))
        var result = Result(verdict: recovered.verdict)
        guard let budget = explorer.budgetOfSecondCrash, records else { return result }
        guard case .legal(let outcome) = recovered.verdict else { return result }
        for (index, cutPoint) in recovered.cutPoints.enumerated() {
            var followers = candidates(
                of: cutPoint, index, explorer.profiles, budget,
                seed: explorer.seed &+ UInt64(index))
            for follower in followers.indices {
                followers[follower].earlierCrash = candidate.crash
                if cutPoint.moment == .atEnd { followers[follower].outcome = outcome }
            }
            result.followers += followers
        }
        return result
    }

    /// The distinct states of one cut point. What both profiles lead to counts for the first.
    private static func candidates(
        of cutPoint: CutPoint, _ index: Int, _ profiles: [CrashProfile], _ budget: CrashBudget,
        seed: UInt64
    ) -> [Candidate] {
        let model = CopyOnWrite(CrashModel(cutPoint.state))
        var images: Set<Hash128> = []
        var found: [Candidate] = []
        for profile in profiles {
            // Without renames to take apart the profiles are the same.
            if model.value.couplings.isEmpty && profile != profiles.first { continue }
            CrashEnumeration(model.value, profile, budget, seed: seed).visitAll { choices in
                let image = model.value.hash(choices)
                if images.insert(image).inserted {
                    let crash = Crash(
                        cutPoint: index, model: model, profile: profile, choices: choices)
                    found.append(Candidate(image: image, crash: crash))
                }
            }
        }
        return found
    }
}
