internal import CanIFlyStore
internal import LosslessJSON
internal import StoreCodecs
internal import StoreFiles

let getCommand = CommandDefinition(
    name: "get", effect: .reads,
    arguments: [
        ArgumentDefinition("DOCUMENT", .document),
        ArgumentDefinition("POINTER", .pointer, .optional),
    ],
    options: [
        .flag("raw", "a string without its quotes, escapes decoded"),
        .flag("unsealed", "of a sealed document, only its data"),
        .value("at", "N|TIME", .pointInTime, "as of transaction N, or of a time (RFC 3339)"),
        .value("before", "N", .transaction, "as transaction N found it"),
    ],
    summary: "Print a document, or the value at a JSON pointer",
    description: [
        "The whole document is printed byte for byte; a value is printed as it is spelt in the "
            + "document, with a line end after it. Sealed and packed documents are checked first, and "
            + "packed ones unpacked. On a terminal, characters that could act on it are spelt out.",
        "A POINTER is as RFC 6901 has it: /Accounts/0/Name. ~1 stands for / in a name, ~0 for ~.",
    ],
    examples: [
        CommandExample("canifly-store get accounts.json", "The document."),
        CommandExample(
            "canifly-store get accounts.json /Accounts/0/Name --raw", "One string of it."),
        CommandExample(
            "canifly-store get accounts.json --at 12 > before.json",
            "As it was after transaction 12."),
    ],
    exitStatuses: [
        (.usage, "the pointer is none"),
        (.invalidData, "the document is damaged"),
        (.notFound, "no such document, transaction, or value"),
    ],
    outputIsData: true,
    run: { context throws(StoreError) in
        let document = try context.document(at: 0)
        let pointer = try context.arguments.positional(1, "POINTER").map {
            text throws(StoreError) in
            try parsePointer(text)
        }
        let moment = try context.moment()
        let store = try context.openStore()
        let isUnsealed = context.arguments.has("unsealed")
        let isWhole = pointer == nil && !context.arguments.has(CommonOptions.json)
        if isWhole, !context.streams.output.isTerminal {
            return ContentReport(
                content: try store.checkedContent(
                    of: document, at: moment, unsealed: isUnsealed))
        }
        var content = try store.content(of: document, at: moment)
        if isUnsealed {
            content = try SealedDocument.data(of: content, document: document)
        }
        guard let pointer else { return DocumentReport(document: document, content: content) }
        let value = try resolve(pointer, in: content, of: document)
        return ValueReport(
            document: document, pointer: pointer, value: value,
            isRaw: context.arguments.has("raw"))
    })

private func parsePointer(_ text: String) throws(StoreError) -> JSONPointer {
    do throws(JSONPointerError) { return try JSONPointer(text) } catch {
        throw StoreError(
            .usage, code: "pointer-malformed",
            "'\(text)' is no JSON pointer: \(error.reason)",
            hint: "a pointer is empty or begins with '/', as in /Accounts/0/Name")
    }
}

/// The number of a transaction, or a time.
func parsePointInTime(_ text: String, option: String) throws(StoreError) -> PointInTime {
    if text.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let number = UInt64(text) {
        return .transaction(number)
    }
    if let time = Timestamp(rfc3339: text) { return .time(time) }
    throw StoreError(
        .usage, code: "invalid-value",
        "\(option) '\(text)' is neither the number of a transaction nor a time",
        hint: "a time is written 2026-11-01T12:00:00Z")
}

private func resolve(
    _ pointer: JSONPointer, in content: [UInt8], of document: StorePath
) throws(StoreError) -> JSONValue {
    let parsed: JSONDocument
    do throws(JSONError) { parsed = try JSONDocument(content) } catch {
        throw StoreError(
            .invalidData, code: error.code.rawValue,
            "\(document) is no well-formed JSON: \(error)",
            hint: "canifly-store explain \(error.code.rawValue)", document: document)
    }
    guard let value = pointer.resolve(in: parsed) else {
        throw StoreError(
            .notFound, code: "pointer-not-found",
            "\(document) has no value at \(pointer)",
            hint: "canifly-store get \(document.shellWord) shows what it has", document: document)
    }
    return value
}

/// The whole document as data.
private struct ContentReport: Report {
    var content: CheckedContent?

    func draw(on screen: inout Screen) {}
    var json: ReportJSON { .nothing }
}

private struct DocumentReport: Report {
    var document: StorePath
    var content: [UInt8]

    var bytes: [UInt8]? { content }

    func draw(on screen: inout Screen) {}

    var json: ReportJSON {
        var members: OutputMembers = [
            "document": .string(document.description),
            "bytes": .integer(Int64(content.count)),
            "sha256": .string(Digest.of(content).hexadecimal),
        ]
        if let parsed = try? JSONDocument(content) {
            members.add("value", .raw(Array(parsed.root.bytes)))
        } else if let text = String(validating: content, as: UTF8.self) {
            members.add("text", .string(text))
        } else {
            members.add("base64", .string(Base64.encode(content)))
        }
        return .object(members)
    }
}

private struct ValueReport: Report {
    var document: StorePath
    var pointer: JSONPointer
    var value: JSONValue
    var isRaw: Bool

    var bytes: [UInt8]? {
        let text = isRaw ? value.stringUTF8 ?? Array(value.bytes) : Array(value.bytes)
        return text + [UInt8(ascii: "\n")]
    }

    func draw(on screen: inout Screen) {}

    var json: ReportJSON {
        .object([
            "document": .string(document.description),
            "pointer": .string(pointer.description),
            "value": .raw(Array(value.bytes)),
        ])
    }
}
