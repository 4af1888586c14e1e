internal import LosslessJSON
package import StoreFiles

/// Compares two contents of one document as closely as they allow, and shows no secret.
package struct ContentComparison: Sendable {
    private let kind: DocumentKind
    private let secrecy: Secrecy

    /// Contents above this are compared by their digests alone: parsed, they take several times
    /// their size.
    package static let largestParsedBytes = 64 << 20
    /// What the edits of one document may take, in bytes: long paths repeated for many values can
    /// amount to far more than the document.
    private static let largestReportBytes = 64 << 20

    /// - Parameter profile: whose secrets are not to be shown, where it is another than that in force.
    package init(
        of document: StorePath, rules: DocumentRules, hidingSecretsOf profile: Profile? = nil
    ) {
        let profile = profile ?? rules.profile
        // What holds of a document holds of it when it is packed, and of copies such as
        // `sessions.json.old`.
        var document = document.plainForm
        let name = document
        while !profile.knows(document), let shorter = document.withoutExtension {
            document = shorter
        }
        if !profile.knows(document) { document = name }
        kind = rules.kind(of: document)
        secrecy = profile.secrecy(of: document)
    }

    /// - Parameters:
    ///   - before: nil where there was no document.
    ///   - after: nil where there is none.
    package func compare(_ before: [UInt8]?, _ after: [UInt8]?) -> DocumentDifference.Detail {
        let (old, new) = (before ?? [], after ?? [])
        guard old.count <= Self.largestParsedBytes, new.count <= Self.largestParsedBytes else {
            return .digests(.tooLarge)
        }
        if looksLikeJSON(old) || looksLikeJSON(new) {
            if let detail = compareValues(old, new) { return detail }
            guard secrecy.isEmpty else {
                return .digests(secrecy.isWholeDocument ? .secret : .malformed)
            }
        }
        if secrecy.isWholeDocument { return .digests(.secret) }
        if old.contains(0) || new.contains(0) { return .digests(.binary) }
        if kind == .binary, !isText(old) || !isText(new) { return .digests(.binary) }
        return TextComparison.edits(from: old, to: new).map { .lines($0) } ?? .digests(.tooLarge)
    }

    /// Documents of unknown kind may be copies of ones that hold secrets.
    private func looksLikeJSON(_ bytes: [UInt8]) -> Bool {
        switch kind {
        case .json: return true
        case .csv, .plan, .key: return false
        case .text, .binary:
            let first = bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
            return first == UInt8(ascii: "{") || first == UInt8(ascii: "[")
        }
    }

    private func isText(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBufferPointer { String(validating: $0, as: UTF8.self) != nil }
    }

    // MARK: Values

    /// Nil where one of the two is no JSON.
    private func compareValues(
        _ old: [UInt8], _ new: [UInt8]
    ) -> DocumentDifference.Detail? {
        let (before, after): (JSONDocument?, JSONDocument?)
        do throws(JSONError) {
            before = try parse(old)
            after = try parse(new)
        } catch {
            return nil
        }
        switch (before, after) {
        case (nil, nil): return .edits([])
        case (nil, let after?): return .edits([whole(.add, after)])
        case (let before?, nil): return .edits([whole(.remove, before)])
        case (let before?, let after?): return edits(JSONDiff(from: before, to: after))
        }
    }

    /// Nil for an empty document, which has no value.
    private func parse(_ bytes: [UInt8]) throws(JSONError) -> JSONDocument? {
        if bytes.isEmpty { return nil }
        return try JSONDocument(bytes)
    }

    private func whole(
        _ operation: JSONEdit.Operation, _ document: JSONDocument
    ) -> ValueEdit {
        let text = text(of: document.root, at: .root)
        return ValueEdit(
            operation: operation, path: "", before: operation == .remove ? text : nil,
            after: operation == .add ? text : nil)
    }

    private func edits(_ diff: JSONDiff) -> DocumentDifference.Detail {
        var edits: [ValueEdit] = []
        edits.reserveCapacity(diff.edits.count)
        var bytes = 0
        for edit in diff.edits {
            let shown = ValueEdit(
                operation: edit.operation,
                path: secrecy.redacted(edit.pointer).description,
                before: diff.valueBefore(edit).map { text(of: $0, at: edit.pointer) },
                after: diff.valueAfter(edit).map { text(of: $0, at: edit.pointer) })
            bytes += shown.path.utf8.count + (shown.before?.count ?? 0) + (shown.after?.count ?? 0)
            guard bytes <= Self.largestReportBytes else { return .digests(.tooLarge) }
            edits.append(shown)
        }
        return .edits(edits)
    }

    private func text(of value: JSONValue, at pointer: JSONPointer) -> [UInt8] {
        secrecy.redactedText(of: value, at: pointer)
    }
}

extension Profile {
    fileprivate func knows(_ document: StorePath) -> Bool {
        layouts.contains { $0.rule(for: document) != nil }
    }
}

extension StorePath {
    /// The name without its last dot and what follows, or without a `~` at its end; nil where there
    /// is neither.
    fileprivate var withoutExtension: StorePath? {
        let folderLength = text.utf8.count - name.utf8.count
        if name.utf8.last == UInt8(ascii: "~"), name.utf8.count > 1 {
            return StorePath(unchecked: String(Substring(text.utf8.dropLast())))
        }
        guard let dot = text.utf8.lastIndex(of: UInt8(ascii: ".")),
            text.utf8.distance(from: text.utf8.startIndex, to: dot) > folderLength
        else { return nil }
        return StorePath(unchecked: String(Substring(text.utf8[..<dot])))
    }
}
