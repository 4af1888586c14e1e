internal import CanIFlyStore
internal import StoreFiles

let verifyCommand = CommandDefinition(
    name: "verify", effect: .reads,
    arguments: [ArgumentDefinition("DOCUMENT", .document, .any)],
    options: [
        .flag("quick", "do not compute the digests of documents whose file is untouched"),
        .flag("deep", "also parse untouched documents again, and check every kept content"),
        .flag("strict", "warnings count: exit 1 where there are any"),
        .value("sums", "FILE", .file, "write the digests to FILE, as sha256sum -c reads them"),
        .value(
            "metrics", "FILE", .file, "write the result to FILE for Prometheus's textfile collector"
        ),
    ],
    summary: "Check every document and the store's own records",
    description: [
        "A document whose file is untouched since it was recorded must have the recorded digest. One "
            + "that the application has written since must be well-formed, complete, and fit its "
            + "layout; then it counts as changed, which is no error. After the documents the store "
            + "itself is checked: what is missing, relations across documents, modes of secrets, "
            + "leftovers, the lock, the log and the history.",
        "Takes no lock and changes no byte of the store. With DOCUMENTs only those are checked. "
            + "Of many documents with findings twenty are shown, and notes are only counted; --verbose "
            + "shows all of them.",
    ],
    examples: [
        CommandExample("canifly-store verify", "Is everything whole?"),
        CommandExample(
            "canifly-store verify --quick", "The same without reading what is untouched."),
        CommandExample(
            "canifly-store verify --strict --quiet || mail -s 'store' me < /dev/null",
            "For cron: tell only of trouble."),
        CommandExample(
            "canifly-store verify --sums SHA256SUMS",
            "Digests that sha256sum -c can check anywhere."),
    ],
    exitStatuses: [
        (.success, "no errors"), (.attention, "warnings, under --strict"),
        (.invalidData, "errors were found"),
    ],
    run: { context throws(StoreError) in
        var request = VerifyRequest()
        request.documents = try context.documents()
        request.isQuick = context.arguments.has("quick")
        request.isDeep = context.arguments.has("deep")
        let sums = try context.arguments.text("sums")
        let metrics = try context.arguments.text("metrics")
        request.keepsDigests = sums != nil
        if request.isQuick, request.isDeep {
            throw StoreError(
                .usage, code: "options-conflict", "--quick and --deep exclude each other")
        }
        let store = try context.openStore()
        let report = try store.verify(request, progress: context.progressSink)
        context.progressLine?.finish()
        if let sums {
            try context.writeFile(
                sums, digestList(report.digests), mode: FileMode(0o644))
        }
        if let metrics {
            let text = metricsText(
                report, status: try store.status(), now: context.now,
                previous: try? context.readFile(metrics, limitBytes: 16 << 20))
            try context.writeFile(metrics, Array(text.utf8), mode: FileMode(0o644))
        }
        return VerifyView(report: report, isStrict: context.arguments.has("strict"))
    })

struct VerifyView: Report {
    var report: VerifyReport
    var isStrict: Bool

    var status: ExitStatus {
        if report.errors > 0 { return .invalidData }
        return isStrict && report.warnings > 0 ? .attention : .success
    }

    var json: ReportJSON {
        .object([
            "findings": .array(report.findings.map { .object(members(of: $0)) }),
            "summary": .object([
                "documents": .integer(Int64(report.documents)),
                "bytes": .integer(report.bytes),
                "errors": .integer(Int64(report.errors)),
                "warnings": .integer(Int64(report.warnings)),
                "infos": .integer(Int64(report.infos)),
            ]),
            "duration_seconds": .raw(Array(decimalSeconds(report.durationNanoseconds).utf8)),
        ])
    }

    func draw(on screen: inout Screen) {
        drawFindings(report.findings, on: &screen)
        let isSound = report.errors == 0
        screen.paragraph(
            summary, isSound ? (report.warnings == 0 ? .good : .warning) : .bad)
        if report.infos > 0, !screen.isVerbose {
            screen.paragraph("--verbose shows the notes.", .faint)
        }
        drawNext(nextSteps(report.findings), on: &screen)
    }

    /// `2 errors, no warnings, 4 notes in 15 documents (87.2 KiB, 5 ms).`
    private var summary: String {
        let counts = [
            report.errors == 0 ? "No errors" : counted(report.errors, "error"),
            report.warnings == 0 ? "no warnings" : counted(report.warnings, "warning"),
            report.infos == 0 ? nil : counted(report.infos, "note"),
        ].compactMap { $0 }
        return "\(counts.joined(separator: ", ")) in \(counted(report.documents, "document"))"
            + " (\(humanBytes(report.bytes)), \(humanDuration(report.durationNanoseconds)))."
    }
}

/// A finding as JSON; places that it does not have are left out.
func members(of finding: Finding) -> OutputMembers {
    var members: OutputMembers = [
        "code": .string(finding.code.rawValue), "severity": .string(finding.severity.rawValue),
    ]
    if let document = finding.document { members.add("document", .string(document)) }
    if let file = finding.file { members.add("file", .string(file)) }
    members.addIfPresent("offset", finding.offset)
    members.addIfPresent("line", finding.line)
    members.addIfPresent("column", finding.column)
    if let pointer = finding.pointer { members.add("pointer", .string(pointer)) }
    members.add("detail", .string(finding.detail))
    members.add("remedy", .string(finding.remedy))
    return members
}
