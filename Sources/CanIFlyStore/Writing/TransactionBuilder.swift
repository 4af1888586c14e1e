internal import LosslessJSON
internal import StoreCodecs
package import StoreFiles

/// Gathers the changes of one transaction. Each operation sees the effect of those before it;
/// nothing on the disk changes until the whole is committed.
package struct TransactionBuilder {
    private let files: DocumentFiles
    private let rules: DocumentRules
    private var changes: [StorePath: StagedChange] = [:]
    /// Every document that was looked at, as it was found: it must still be so at the commit.
    private var originals: [StorePath: LiveDocument?] = [:]

    package init(files: DocumentFiles, rules: DocumentRules) {
        self.files = files
        self.rules = rules
    }

    /// What the transaction will do, by path, without the changes that change nothing.
    package var effectiveChanges: [StagedChange] {
        changes.values.filter(\.changesAnything).sorted { $0.document < $1.document }
    }

    /// How each document looked that was read to decide; nil for one that was not there.
    package var readings: [(document: StorePath, status: FileStatus?)] {
        originals.map { (document: $0.key, status: $0.value?.status) }
    }

    // MARK: Operations

    /// - Throws: `conflict` where the precondition fails, `invalidData` where the contents are
    ///   malformed, break the document's schema, or the path is no document's.
    package mutating func put(_ request: PutRequest) throws(StoreError) {
        let document = request.document
        try rules.requireWritable(document)
        if let precondition = request.precondition {
            try test(document, precondition)
        }
        try rules.requireSound(request.bytes, of: document)
        let before = try original(of: document)
        let current = changes[document]?.after
        let mode =
            request.mode ?? current?.mode ?? before?.status.mode ?? rules.defaultMode(of: document)
        changes[document] = StagedChange(
            document: document, before: before,
            after: IntendedDocument(
                bytes: request.bytes, digest: Digest.of(request.bytes), mode: mode,
                owner: before.map { .init(user: $0.status.user, group: $0.status.group) },
                modified: nil))
    }

    /// New contents for a document that is there, its mode and owner kept.
    /// - Throws: `notFound` where it is not there.
    package mutating func rewrite(
        _ document: StorePath, _ edit: ([UInt8]) throws(StoreError) -> [UInt8]
    ) throws(StoreError) {
        try rules.requireWritable(document)
        guard let bytes = try contents(of: document) else { throw .noSuchDocument(document) }
        try put(PutRequest(document: document, bytes: try edit(bytes)))
    }

    /// - Throws: `notFound` where it is not there.
    package mutating func delete(_ document: StorePath) throws(StoreError) {
        try rules.requireWritable(document)
        guard try digest(of: document) != nil else { throw .noSuchDocument(document) }
        changes[document] = StagedChange(
            document: document, before: try original(of: document), after: nil)
    }

    /// The exact state a document is to have, for `restore` and `migrate`.
    package mutating func set(
        _ document: StorePath, to intended: IntendedDocument?
    ) throws(StoreError) {
        try rules.requireWritable(document)
        changes[document] = StagedChange(
            document: document, before: try original(of: document), after: intended)
    }

    /// - Throws: `conflict` where the document is not what it should be.
    package mutating func test(
        _ document: StorePath, _ precondition: Precondition
    ) throws(StoreError) {
        let digest = try digest(of: document)
        switch (precondition, digest) {
        case (.absent, nil): return
        case (.digest(let wanted), let found?) where wanted == found: return
        case (.absent, _?):
            throw StoreError(
                .conflict, code: "precondition-failed",
                "\(document.text) exists, and was to be absent",
                hint: "read it with get, decide anew, then try again", document: document)
        case (.digest(let wanted), let found):
            throw StoreError(
                .conflict, code: "precondition-failed",
                "\(document.text) has the digest \(found?.hexadecimal ?? "of no document"), "
                    + "not \(wanted.hexadecimal)",
                hint: "read it with get, decide anew, then try again", document: document)
        }
    }

    /// One operation of `apply`.
    package mutating func perform(_ operation: StoreOperation) throws(StoreError) {
        switch operation {
        case .put(let request): try put(request)
        case .delete(let document): try delete(document)
        case .test(let document, let precondition): try test(document, precondition)
        case .patch(let document, let patch):
            try rewrite(document) { bytes throws(StoreError) in
                try DocumentPatching.patch(bytes, with: patch, document: document)
            }
        case .merge(let document, let patch):
            try rewrite(document) { bytes throws(StoreError) in
                try DocumentPatching.merge(bytes, with: patch, document: document)
            }
        }
    }

    // MARK: Reading through the changes made so far

    /// A document's bytes as the transaction has them now; nil where there is none.
    package mutating func contents(of document: StorePath) throws(StoreError) -> [UInt8]? {
        if let change = changes[document] { return change.after?.bytes }
        return try original(of: document)?.bytes
    }

    private mutating func digest(of document: StorePath) throws(StoreError) -> Digest? {
        if let change = changes[document] { return change.after?.digest }
        return try original(of: document)?.digest
    }

    private mutating func original(of document: StorePath) throws(StoreError) -> LiveDocument? {
        if let known = originals[document] { return known }
        let live = try files.read(document)
        originals.updateValue(live, forKey: document)
        return live
    }
}

extension StoreError {
    package static func noSuchDocument(_ document: StorePath) -> StoreError {
        StoreError(
            .notFound, code: "no-such-document", "there is no document \(document.text)",
            hint: "canifly-store list shows what there is", document: document)
    }
}
