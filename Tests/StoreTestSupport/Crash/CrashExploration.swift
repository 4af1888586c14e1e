/// The running state of an exploration.
struct Exploration {
    let explorer: CrashExplorer
    var report: CrashReport
    private var tried: Set<StateKey> = []

    /// How many states are recovered between two looks at the results.
    private static let statesInABatch = 256

    /// States are the same if their images are, and what is demanded of them.
    private struct StateKey: Hashable {
        var image: Hash128
        var acknowledged: Int
        var outcome: Int?
    }

    init(explorer: CrashExplorer, cutPoints: Int) {
        self.explorer = explorer
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
        let fresh = take(candidates, limit: explorer.budget.states - report.statesAfterOneCrash)
        report.statesAfterOneCrash += fresh.count
        await judge(fresh)
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
            let fresh = take(followers, limit: limit)
            report.statesAfterTwoCrashes += fresh.count
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

    /// Those that were not tried yet, `limit` at most.
    private mutating func take(_ candidates: [Candidate], limit: Int) -> [Candidate] {
        var fresh: [Candidate] = []
        for candidate in candidates where fresh.count < limit {
            let key = StateKey(
                image: candidate.image, acknowledged: candidate.acknowledged,
                outcome: candidate.outcome)
            if tried.insert(key).inserted {
                fresh.append(candidate)
            } else {
                report.repeatedStates += 1
            }
        }
        return fresh
    }

    // MARK: On several threads

    /// - Parameter records: whether crashes of this recovery are tried.
    private func run(
        _ candidates: [Candidate], records: @escaping @Sendable (Int) -> Bool
    ) async -> [Result] {
        let explorer = explorer
        let statesInATask = 16
        return await withTaskGroup(of: (Int, [Result]).self) { group in
            for start in stride(from: 0, to: candidates.count, by: statesInATask) {
                let part = candidates[start..<min(start + statesInATask, candidates.count)]
                group.addTask {
                    let results = part.indices.map {
                        Self.run(part[$0], explorer, records: records($0))
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
        _ candidate: Candidate, _ explorer: CrashExplorer, records: Bool
    ) -> Result {
        let state = candidate.crash.model.value.state(after: candidate.crash.choices)
        let recovered = explorer.recover(state, records: records)
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
