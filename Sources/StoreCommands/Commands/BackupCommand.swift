internal import CanIFlyStore

let backupCommand = CommandDefinition(
    name: "backup", effect: .writes,
    arguments: [ArgumentDefinition("FILE", .file)],
    options: [
        .flag("check", "read FILE through and say whether it is whole; nothing is written"),
        .flag(
            "live",
            "beside a running application, without the lock: read again until nothing changes"),
    ],
    summary: "Write every document to one .tar.gz, with a manifest of digests",
    description: [
        "All documents as they were at one moment, in an archive that any tar reads: manifest.json, "
            + "SHA256SUMS (for sha256sum -c), and the documents under documents/. What belongs to other "
            + "programs and the control directory with the history are left out. The same documents make "
            + "the same bytes.",
        "The file is the owner's alone (it holds the secrets), is read back and checked, and only then "
            + "gets its name. While the application runs, the command is refused; with --live it reads "
            + "again until no document has changed from the first look to the last.",
        "canifly-store restore --from FILE brings documents back.",
    ],
    examples: [
        CommandExample(
            "canifly-store backup ~/backups/canifly.tar.gz", "What a nightly job runs."),
        CommandExample(
            "canifly-store backup --check ~/backups/canifly.tar.gz", "Is it still whole?"),
    ],
    exitStatuses: [
        (.invalidData, "with --check: the backup is damaged, or none"),
        (.cannotCreate, "FILE cannot be made, or would lie in the store"),
        (.tryAgain, "the store is locked, or documents do not hold still"),
    ],
    run: { context throws(StoreError) in
        let path = try context.arguments.positional(0, "FILE") ?? ""
        if context.arguments.has("check") {
            let system = context.system
            let report = try naming(path) { () throws(StoreError) in
                try Store.checkBackup(at: path, system: system)
            }
            return BackupReportView(report: report, isCheck: true)
        }
        let report = try context.openStore().backup(
            to: path, isLive: context.arguments.has("live"), context.writeOptions(),
            progress: context.progressSink)
        return BackupReportView(report: report, isCheck: false)
    })

/// Puts the backup's name before what is wrong with it.
func naming<Result>(
    _ backup: String, _ body: () throws(StoreError) -> Result
) throws(StoreError) -> Result {
    do throws(StoreError) { return try body() } catch {
        guard ["backup-corrupt", "backup-unsafe", "backup-newer"].contains(error.code) else {
            throw error
        }
        var named = error
        named.message = "\(backup): \(error.message)"
        throw named
    }
}

private struct BackupReportView: Report {
    var report: BackupReport
    var isCheck: Bool

    var notes: [String] { report.notes }

    private var documentBytes: Int64 { report.manifest.documents.reduce(0) { $0 + $1.bytes } }

    var json: ReportJSON {
        .object([
            "file": .string(report.file), "bytes": .integer(report.bytes),
            "documents": .integer(Int64(report.manifest.documents.count)),
            "document_bytes": .integer(documentBytes),
            "sha256": .string(report.digest.hexadecimal),
            "transaction": transaction(report.manifest.transaction),
            "profile": .string(report.manifest.profile),
            "layout": report.manifest.layout.map { .integer(Int64($0)) } ?? .null,
            "live": .bool(report.manifest.isLive), "checked": .bool(!report.isDryRun),
            "dry_run": .bool(report.isDryRun),
        ])
    }

    func draw(on screen: inout Screen) {
        let documents = counted(report.manifest.documents.count, "document")
        let file = safeMessage(report.file)
        if report.isDryRun {
            screen.paragraph(
                "Would write \(documents) to \(file): \(humanBytes(report.bytes)).")
        } else if isCheck {
            screen.paragraph("\(file) is whole: \(documents), \(humanBytes(documentBytes)).", .good)
        } else {
            screen.paragraph(
                "\(documents), \(humanBytes(documentBytes)), to \(file): "
                    + "\(humanBytes(report.bytes)), read back and good.")
        }
        if report.manifest.isLive {
            screen.paragraph("Taken beside the application; no document changed meanwhile.")
        }
        guard isCheck || screen.isVerbose else { return }
        if let number = report.manifest.transaction {
            screen.line("  transaction \(number)")
        }
        screen.line("  sha256      \(report.digest.hexadecimal)")
    }
}
