import CanIFlyStore
import StoreFiles
import StoreTestSupport
import Testing

/// What cannot be read looks as if it were not there. Once a migration took that for the truth: it
/// left alone the plans in a folder that could not be listed, took a store whose `accounts.json`
/// could not be opened for one of an older layout, and called itself done.
@Suite("A migration that cannot read everything")
struct UnreadablePlaceTests {
    private static let looks: Set<SystemCallKind> = [
        .entries, .open, .openDirectory, .statusOfName, .statusOfDescriptor, .read,
    ]
    private static let storePath = "/config/canifly"

    private struct Outcome {
        var files: [TreeEntry]
        var isDone: Bool
        var looks: Int
    }

    private func disk(_ samples: [String]) throws -> SimulatedDisk {
        let disk = SimulatedDisk()
        for sample in samples {
            try Fixtures.layOut(sample, at: Self.storePath, on: disk)
            if sample == "0.0.42" {
                try Fixtures.layOut(Fixtures.besideFirstSample, at: "/config", on: disk)
            }
        }
        return disk
    }

    /// - Parameter look: which look at the disk fails.
    private func outcome(
        _ goal: MigrationRequest.Goal, on disk: SimulatedDisk, failing look: Int? = nil
    ) throws -> Outcome {
        let machine = disk.copy()
        let process = machine.process(7)
        let calls = FaultInjectingSystemCalls(
            wrapping: process,
            look.map { [.fail(call: $0, of: Self.looks, with: .inputOutput)] } ?? [],
            keepsTrace: true)
        var isDone = true
        do {
            let store = try Store.open(
                at: Self.storePath, system: calls,
                environment: StoreEnvironment(now: Fixtures.sampleClock))
            _ = try store.migrate(MigrationRequest(goal), WriteOptions(command: "migrate"))
        } catch {
            isDone = false
        }
        process.endProcess()
        return Outcome(
            files: documents(on: machine), isDone: isDone,
            looks: calls.trace.count { Self.looks.contains($0.kind) })
    }

    /// With what is kept.
    private func documents(on machine: SimulatedDisk) -> [TreeEntry] {
        machine.tree(at: "/config").filter { entry in
            let path = String(decoding: entry.path, as: UTF8.self)
            return entry.kind == .regular && path != "canifly/.lock"
                && (!path.hasPrefix("canifly/.canifly-store/")
                    || path.hasPrefix("canifly/.canifly-store/kept/"))
        }
    }

    private func sweep(_ goal: MigrationRequest.Goal, _ samples: [String]) throws {
        let disk = try disk(samples)
        let before = documents(on: disk)
        let whole = try outcome(goal, on: disk)
        #expect(whole.isDone && whole.files != before)
        var refusals = 0
        for look in 1...whole.looks {
            let found = try outcome(goal, on: disk, failing: look)
            if !found.isDone && found.files == before {
                refusals += 1
            } else {
                // Late failures are about hints, or come after everything is done.
                #expect(found.files == whole.files, "look \(look) failed")
            }
        }
        #expect(refusals > whole.looks / 2)
    }

    @Test("changes nothing, or everything")
    func fromLayoutToLayout() throws {
        try sweep(.layout(nil), ["0.0.42"])
    }

    @Test("takes over nothing, or everything")
    func leftBehind() throws {
        try sweep(.leftBehind, ["0.0.58", "0.5.0"])
    }
}
