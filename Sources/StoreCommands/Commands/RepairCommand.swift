internal import CanIFlyStore

let repairCommand = CommandDefinition(
    name: "repair", effect: .writes,
    arguments: [ArgumentDefinition("DOCUMENT", .document, .any)],
    options: [
        .flag("yes", "do it without asking"),
        .flag("no-input", "never ask: refuse where something would be asked"),
        .flag(
            "salvage",
            "where no good copy is left, close or cut a JSON document where its damage begins"),
        .flag("adopt", "take whole temporaries that are newer than their documents"),
        .value("message", "TEXT", .text, "a line for the history"),
    ],
    summary: "Bring damaged documents back from the best good copy that there is",
    description: [
        "Shows what it would do, and asks. Then it takes the lock, finishes what was interrupted, "
            + "rebuilds a damaged catalog from the log, and for each damaged document takes the first "
            + "of these that is good: what the log was about to write, the newest content in history, "
            + "a whole temporary that is newer. All documents change in one transaction. What was "
            + "damaged is kept in .canifly-store/quarantine; nothing is ever deleted.",
        "--salvage never makes up a value: it closes a document behind the last value that is known "
            + "to be complete, and lists what is lost by JSON pointer. It also undoes what keeps the "
            + "application from starting: an empty .lock, an empty document that was never recorded, "
            + "a plan line that it cannot read, a CSV that is lost while its description says that it "
            + "is there, an interrupted update of a plan.",
        "With DOCUMENTs only those are repaired, besides the store's own records; a document that may "
            + "be deleted in ordinary use comes back only when it is named.",
    ],
    examples: [
        CommandExample("canifly-store repair", "Show what can be done, ask, and do it."),
        CommandExample("canifly-store repair --dry-run", "Show what can be done."),
        CommandExample(
            "canifly-store repair --yes accounts.json", "One document, without being asked."),
        CommandExample(
            "canifly-store repair --salvage",
            "Where there is no good copy, keep what can still be read."),
    ],
    exitStatuses: [
        (.success, "verify finds no errors now"),
        (.usage, "it would have to ask, and there is nobody to ask"),
        (.invalidData, "errors remain, which only the application or its user can mend"),
    ],
    run: { context throws(StoreError) in
        var request = RepairRequest()
        request.documents = try context.documents()
        request.salvages = context.arguments.has("salvage")
        request.adopts = context.arguments.has("adopt")
        var options = try context.writeOptions()
        let store = try context.openStore()
        if options.isDryRun || context.arguments.has("yes") {
            return RepairView(report: try store.repair(request, options))
        }
        let plan = try store.repairPlan(request)
        if !plan.steps.isEmpty {
            try context.requireSomebodyToAsk()
            context.show(plan)
            options.isDryRun = try !context.confirms("Do this?")
        }
        var view = RepairView(report: try store.repair(request, options, confirmed: plan))
        view.isDeclined = options.isDryRun
        return view
    })

extension CommandContext {
    fileprivate func requireSomebodyToAsk() throws(StoreError) {
        guard arguments.has("no-input") || !streams.input.isTerminal || !streams.error.isTerminal
        else { return }
        throw StoreError(
            .usage, code: "confirmation-needed",
            "there is something to repair, and nobody can be asked; nothing was written",
            hint: "canifly-store repair --dry-run shows it, --yes does it")
    }

    /// On the standard error, where the question is asked, too.
    fileprivate func show(_ plan: RepairPlan) {
        var screen = Screen(
            columns: streams.error.columns ?? 80, isColored: false,
            isVerbose: arguments.has(CommonOptions.verbose))
        for step in plan.steps { draw(step, on: &screen) }
        for note in plan.notes { screen.paragraph(safeMessage(note)) }
        streams.error.writeOrGiveUp(screen.text)
    }
}

struct RepairView: Report {
    var report: RepairReport
    /// The user said no.
    var isDeclined = false

    init(report: RepairReport) { self.report = report }

    var status: ExitStatus {
        report.remaining.contains { $0.severity == .error } ? .invalidData : .success
    }

    var notes: [String] { report.notes }

    var json: ReportJSON {
        .object([
            "actions": .array(report.actions.map { .object(members(of: $0)) }),
            "remaining": .array(report.remaining.map { .object(members(of: $0)) }),
            "transaction": transaction(report.transaction),
            "dry_run": .bool(report.isDryRun),
        ])
    }

    func draw(on screen: inout Screen) {
        if !isDeclined {
            for step in report.actions { StoreCommands.draw(step, on: &screen) }
            if !report.actions.isEmpty { screen.line() }
        }
        let remaining = (report.isDryRun ? untouched : report.remaining)
            .filter { $0.severity > .info || screen.isVerbose }
        if !report.actions.isEmpty, !remaining.isEmpty {
            screen.paragraph(report.isDryRun ? "Would remain:" : "What remains:", .strong)
            screen.line()
        }
        drawFindings(remaining, on: &screen)
        let errors = report.remaining.count { $0.severity == .error }
        let count = counted(report.actions.count, "step")
        if isDeclined {
            screen.paragraph("Nothing was done.")
        } else if report.actions.isEmpty {
            screen.paragraph(
                errors == 0 ? "Nothing to repair." : "Nothing that can be repaired.",
                errors == 0 ? .good : .bad)
        } else if report.isDryRun {
            screen.paragraph("Would take \(count); nothing has been written.")
        } else {
            let number = report.transaction.map { ", documents in transaction \($0)" } ?? ""
            screen.paragraph("Done: \(count)\(number).", errors == 0 ? .good : .plain)
        }
        if errors > 0, !report.isDryRun {
            screen.paragraph(
                "\(counted(errors, "error")) that repair cannot mend.", .bad)
        }
    }
}

extension RepairView {
    /// What is found now, without what one of the steps is going to mend.
    private var untouched: [Finding] {
        let mended = Set(
            report.actions.map {
                Mended(code: $0.code, document: $0.document.map { Array($0.utf8) })
            })
        // Whatever else is wrong with contents that are replaced goes with them.
        let replaced = Set(
            report.actions.filter { [.restore, .salvage, .setAside].contains($0.action) }
                .compactMap { $0.document.map { Array($0.utf8) } })
        return report.remaining.filter { finding in
            let document = finding.document.map { Array($0.utf8) }
            return !mended.contains(Mended(code: finding.code, document: document))
                && !(document.map(replaced.contains) ?? false)
        }
    }

    private struct Mended: Hashable {
        var code: FindingCode
        var document: [UInt8]?
    }
}

/// A step of a repair for people.
private func draw(_ step: RepairStep, on screen: inout Screen) {
    let subject = step.document.map(safeMessage) ?? "The store"
    screen.paragraph("\(subject): \(phrase(for: step))", .strong)
    screen.paragraph(safeMessage("\(step.code.rawValue): \(step.detail)"), indent: 4)
    for lost in step.lost { screen.paragraph(safeMessage("lost: \(lost)"), indent: 4, .warning) }
    if let place = step.quarantined {
        screen.paragraph("kept in \(safeMessage(place))", indent: 4, .faint)
    }
}

private func phrase(for step: RepairStep) -> String {
    let source = step.source.map { " from \(safeMessage($0))" } ?? ""
    return switch step.action {
    case .breakLock: "remove the lock"
    case .finishTransaction: "finish the interrupted transaction"
    case .rebuildCatalog: "rebuild the catalog\(source)"
    case .renewIndex: "make the catalog's index anew"
    case .beginSegment: "begin a new segment of the log"
    case .restore: "restore\(source)"
    case .salvage: "keep what can be read of it"
    case .mendLines: "mend its lines"
    case .restoreMode: "restore its mode"
    case .clearDescription: "clear what it says of a lost file"
    case .setAside: "set aside"
    }
}

private func members(of step: RepairStep) -> OutputMembers {
    [
        "code": .string(step.code.rawValue),
        "document": .optional(step.document),
        "action": .string(step.action.rawValue),
        "source": .optional(step.source),
        "quarantined": .optional(step.quarantined),
        "lost": .array(step.lost.map { .string($0) }),
        "detail": .string(step.detail),
    ]
}
