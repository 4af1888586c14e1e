internal import CanIFlyStore
internal import StoreCodecs
internal import StoreFiles

let putCommand = CommandDefinition(
    name: "put", effect: .writes,
    arguments: [
        ArgumentDefinition("DOCUMENT", .document), ArgumentDefinition("FILE", .file, .optional),
    ],
    options: [
        .value(
            "if-match", "SHA256|absent", .digestOrAbsent,
            "only if the document has this digest now, or is not there"),
        .value("mode", "MODE", .mode, "permission bits, such as 0600"),
        .flag("seal", "wrap it as a sealed document, with a checksum of its own"),
        .value(
            "schema-version", "N", .number(0...Int.max), "with --seal: the version that it carries"),
        .flag("pack", "write it packed, as DOCUMENT.gz"),
        .value("message", "TEXT", .text, "a line for the history"),
    ],
    summary: "Write one document, atomically and durably",
    description: [
        "Reads FILE, or the standard input where FILE is left out or -, checks it, and replaces the "
            + "document as one transaction. When the command returns, the document is complete and "
            + "durable under its own name. JSON is checked first: malformed JSON and duplicate keys "
            + "are refused.",
        "A document that is replaced keeps its mode; a new one gets the layout's, else 0600. A packed "
            + "document stays packed. --pack is refused for documents that the application reads by "
            + "their plain name.",
    ],
    examples: [
        CommandExample(
            "canifly-store put config.json new.json", "Replace config.json by new.json."),
        CommandExample(
            "canifly-store get a.json | jq '.b = 1' | canifly-store put a.json",
            "Send a document through another program."),
        CommandExample(
            "canifly-store put notes.json --if-match absent < notes.json",
            "Only where there is none yet."),
        CommandExample(
            "canifly-store get state.json --unsealed | jq '.n += 1' | canifly-store put state.json --seal",
            "Change what is sealed, and seal it anew."),
    ],
    exitStatuses: [
        (.invalidData, "the new contents are malformed, or the name is unsafe"),
        (.tryAgain, "--if-match failed, the store is locked, or the application changed it"),
    ],
    run: { context throws(StoreError) in
        // Opened first: nobody should type a document for a store that is not there.
        let store = try context.openStore()
        var request = PutRequest(
            document: try context.document(at: 0), bytes: try context.input(at: 1))
        request.precondition = try precondition(context.arguments.text("if-match"))
        if let text = try context.arguments.text("mode"), let bits = permissionBits(text) {
            request.mode = FileMode(bits)
        }
        request.seals = context.arguments.has("seal")
        request.packs = context.arguments.has("pack")
        if let text = try context.arguments.text("schema-version") {
            guard request.seals else {
                throw StoreError(
                    .usage, code: "option-conflict",
                    "--schema-version means nothing without --seal",
                    hint: "add --seal")
            }
            request.schemaVersion = Int(text)
        }
        let report = try store.put(request, context.writeOptions())
        return WriteReportView(report: report, verb: "written")
    })

/// `absent` or a digest; the parser has checked which.
private func precondition(_ text: String?) throws(StoreError) -> Precondition? {
    guard let text else { return nil }
    if text.utf8.elementsEqual("absent".utf8) { return .absent }
    return Digest(hexadecimal: text.lowercased()).map { .digest($0) }
}
