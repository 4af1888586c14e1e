import StoreFiles

/// Leaves out each sync of a workload's commands in turn: unless the explorer finds something wrong
/// then, the sync is one too many, or the workloads one too few.
package struct SyncMutation: Sendable {
    /// Which sync of the code it is: the call and the file, names that chance makes left out.
    package struct Site: Hashable, Sendable, CustomStringConvertible {
        var kind: String
        var path: String
        package var description: String { "\(kind) of \(path)" }
    }

    package let workload: StoreWorkload

    package init(of workload: StoreWorkload) { self.workload = workload }

    /// The syncs, in order: number n is what `isFound(n)` leaves out.
    package func sites() throws -> [Site] {
        let machine = try workload.initialMachine()
        let calls = FaultInjectingSystemCalls(wrapping: machine, [], keepsTrace: true)
        for step in workload.steps { try step.run(step.isApplication ? machine : calls) }
        return calls.syncs.map { sync in
            Site(kind: "\(sync.kind)", path: Self.normalized(sync.path))
        }
    }

    /// Whether the explorer finds that a sync is left out.
    /// - Parameter sync: from 1.
    package func isFound(_ sync: Int) async throws -> Bool {
        var explorer = CrashExplorer(try workload.scenario(faults: [.skip(sync: sync)]))
        explorer.budgetOfSecondCrash = nil
        explorer.violationsWanted = 1
        explorer.simplifiesViolations = false
        return try await explorer.explore().violationCount > 0
    }

    /// Every site of every workload, and whether it is found in any of them.
    package static func score(of workloads: [StoreWorkload]) async throws -> [Site: Bool] {
        var found: [Site: Bool] = [:]
        for workload in workloads {
            let mutation = SyncMutation(of: workload)
            for (index, site) in try mutation.sites().enumerated() where found[site] != true {
                found[site] = try await mutation.isFound(index + 1)
            }
        }
        return found
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
}
