internal import CanIFlyStore
internal import LosslessJSON

let patchCommand = CommandDefinition(
    name: "patch", effect: .writes,
    arguments: [
        ArgumentDefinition("DOCUMENT", .document), ArgumentDefinition("FILE", .file, .optional),
    ],
    options: [.value("message", "TEXT", .text, "a line for the history")],
    summary: "Change values of a JSON document",
    description: [
        "Reads a patch from FILE, or the standard input where FILE is left out or -: an array is a "
            + "JSON Patch (RFC 6902), an object a merge patch (RFC 7396). Bytes of the document "
            + "outside the changed values stay as they are: order, spelling of numbers, white space."
    ],
    examples: [
        CommandExample(
            "echo '{\"LastBackupDir\": \"/backup\"}' | canifly-store patch config.json",
            "Set one member."),
        CommandExample(
            "canifly-store patch accounts.json changes.json --dry-run", "See whether it would do."),
    ],
    exitStatuses: [
        (.invalidData, "the patch or the document is malformed"),
        (.notFound, "the document or a place in it is not there"),
        (.tryAgain, "a test of the patch failed, or the store is locked"),
    ],
    run: { context throws(StoreError) in
        let store = try context.openStore()
        let document = try context.document(at: 0)
        let patch = try context.input(at: 1)
        let parsed: JSONDocument
        do throws(JSONError) { parsed = try JSONDocument(patch) } catch {
            throw StoreError(
                .invalidData, code: error.code.rawValue, "the patch is no JSON: \(error)",
                hint: "an array is a JSON Patch, an object a merge patch")
        }
        let operation: StoreOperation
        switch parsed.root.kind {
        case .array: operation = .patch(document: document, patch: patch)
        case .object: operation = .merge(document: document, patch: patch)
        default:
            throw StoreError(
                .invalidData, code: "patch-malformed", "the patch is no array and no object",
                hint: "an array is a JSON Patch, an object a merge patch")
        }
        let options = try context.writeOptions()
        let report = try store.transact(options, isSmall: true) { builder throws(StoreError) in
            try builder.perform(operation)
        }
        return WriteReportView(report: report, verb: "changed")
    })
