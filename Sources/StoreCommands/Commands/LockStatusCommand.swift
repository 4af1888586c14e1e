internal import CanIFlyStore
internal import StoreFiles

let lockStatusCommand = CommandDefinition(
    name: "lock status", effect: .reads,
    summary: "Tell whether the store is locked, and by whom",
    description: [
        "The application holds the lock all the time it runs; this program holds it while it writes. "
            + "Reading needs no lock."
    ],
    examples: [CommandExample("canifly-store lock status", "Does the application run?")],
    run: { context throws(StoreError) in
        LockView(report: try context.openStore().lockReport())
    })

struct LockView: Report {
    var report: LockReport

    var json: ReportJSON { .object(members(of: report)) }

    func draw(on screen: inout Screen) { screen.paragraph(lockText(report)) }
}

func members(of lock: LockReport) -> OutputMembers {
    [
        "held": .bool(lock.isHeld),
        "pid": lock.process.map { .integer(Int64($0)) } ?? .null,
        "since": .optional(lock.since),
        "owner": .optional(lock.owner?.rawValue),
        "stale": .bool(lock.isStale),
        "empty": .bool(lock.isEmpty),
        "remark": .string(lock.remark),
    ]
}

func lockText(_ lock: LockReport) -> String {
    var text: String
    if lock.isEmpty {
        text = "an empty .lock lies there: the application refuses to start"
    } else if lock.isStale {
        text = "left behind by process \(lock.process.map(String.init) ?? "?"), which is gone"
    } else if lock.isHeld {
        text = "held"
        if let owner = lock.owner { text += " by \(owner.rawValue)" }
        if let process = lock.process { text += ", process \(process)" }
        if let since = lock.since {
            text += ", since \(Timestamp(rfc3339: since).map(shownTime) ?? since)"
        }
    } else {
        text = "free"
    }
    if !lock.isEmpty, !lock.remark.isEmpty { text += "; \(lock.remark)" }
    return safeMessage(text)
}
