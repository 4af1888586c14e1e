internal import CanIFlyStore

let lockBreakCommand = CommandDefinition(
    name: "lock break", effect: .locks,
    summary: "Remove a lock whose holder is gone",
    description: [
        "For a lock that keeps the application from starting: an empty .lock, or one whose process "
            + "is gone. Refuses while the holder lives. Commands that write take over a dead "
            + "holder's lock by themselves."
    ],
    examples: [
        CommandExample("canifly-store lock break", "After a crash, when nothing else helps.")
    ],
    exitStatuses: [(.tryAgain, "the holder lives, or somebody may be writing the lock")],
    run: { context throws(StoreError) in
        do throws(StoreError) {
            return LockBreakReport(found: try context.openStore().breakLock())
        } catch {
            guard error.code == "lock-held" else { throw error }
            var held = error
            held.hint = "end that process: a lock is only broken when its holder is gone"
            throw held
        }
    })

private struct LockBreakReport: Report {
    var found: LockReport

    private var isRemoved: Bool { found.isStale || found.isEmpty }

    var json: ReportJSON {
        .object([
            "removed": .bool(isRemoved),
            "pid": found.process.map { .integer(Int64($0)) } ?? .null,
            "since": .optional(found.since),
        ])
    }

    func draw(on screen: inout Screen) {
        guard isRemoved else {
            screen.paragraph("There is no lock.")
            return
        }
        let holder = found.process.map { "the lock of process \($0), which is gone" }
        screen.paragraph("Removed \(holder ?? "a lock that named no process").")
    }
}
