internal import LosslessJSON
internal import StoreCodecs
package import StoreFiles

/// Gathers the changes of one transaction. Each operation sees the effect of those before it;
/// nothing on the disk changes until the whole is committed.
package struct TransactionBuilder {
    private let files: DocumentFiles
    private let rules: DocumentRules
    /// What documents are that nobody can read from the disk yet, since transactions before this one
    /// have changed them in the log alone.
    private let documents: [StorePath: LiveDocument?]
    private var changes: [StorePath: StagedChange] = [:]
    /// Every document that was looked at, as it was found: it must still be so at the commit.
    private var originals: [StorePath: LiveDocument?] = [:]

    package init(
        files: DocumentFiles, rules: DocumentRules, documents: [StorePath: LiveDocument?] = [:]
    ) {
        self.files = files
        self.rules = rules
        self.documents = documents
    }

    /// What the transaction will do, by path, without the changes that change nothing.
    package var effectiveChanges: [StagedChange] {
        changes.values.filter(\.changesAnything).sorted { $0.document < $1.document }
    }

    /// How each document looked that was read from the disk to decide; nil for one that was not there.
    package var readings: [(document: StorePath, status: FileStatus?)] {
        originals.map { (document: $0.key, status: $0.value?.status) }
    }

    /// The clock of a file system may stand still for as long: what is written twice in that time may
    /// keep its size and its times.
    private static let coarsestClockSeconds: Int64 = 3

    /// Reads the documents once more of which their status cannot tell whether they were written since
    /// they were read.
    /// - Throws: `conflict` where one was.
    package func requireUnchangedSinceRead(at now: Timestamp) throws(StoreError) {
        for case (let document, let live?) in originals
        where live.status.modified.seconds >= now.seconds - Self.coarsestClockSeconds {
            guard try files.holds(live.bytes, document) else {
                throw .changedMeanwhile(document)
            }
        }
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
        var content = request.bytes
        if request.seals {
            content = try SealedDocument.seal(
                content, version: request.schemaVersion, document: document)
        }
        try rules.requireSound(content, of: document)
        let place = try place(of: document)
        var target = place
        if request.packs, !place.isPacked {
            try rules.requirePackable(document)
            guard let packed = document.packedForm else {
                throw StoreError(
                    .invalidData, code: "path-unsafe",
                    "\(document.text) cannot be packed: its name would be too long",
                    hint: "choose a shorter name", document: document)
            }
            try rules.requireWritable(packed)
            target = packed
        }
        // What is asked for by the name it has packed is packed already.
        if target.isPacked, !document.isPacked {
            content = try PackedDocument.packReadably(content, of: document)
        }
        try write(content, to: target, mode: request.mode, insteadOf: place)
    }

    /// New bytes for a document, which may get another place with them.
    private mutating func write(
        _ bytes: [UInt8], to target: StorePath, mode: FileMode?, insteadOf place: StorePath
    ) throws(StoreError) {
        let former = try original(of: place)
        let current = changes[place]?.after
        let mode =
            mode ?? current?.mode ?? former?.status.mode
            ?? rules.defaultMode(of: target.plainForm)
        changes[target] = StagedChange(
            document: target, before: try original(of: target),
            after: IntendedDocument(
                bytes: bytes, digest: Digest.of(bytes), mode: mode,
                owner: former.map { .init(user: $0.status.user, group: $0.status.group) },
                modified: nil))
        if target != place, former != nil || changes[place] != nil {
            changes[place] = StagedChange(document: place, before: former, after: nil)
        }
    }

    /// New contents for a document that is there, its mode and owner kept. It stays packed if it is,
    /// and sealed.
    /// - Throws: `notFound` where it is not there, `invalidData` where it is damaged.
    package mutating func rewrite(
        _ document: StorePath, _ edit: ([UInt8]) throws(StoreError) -> [UInt8]
    ) throws(StoreError) {
        try rules.requireWritable(document)
        guard let bytes = try contents(of: document) else { throw .noSuchDocument(document) }
        let judgement = SealScanner.judge(bytes)
        try judgement.requireIntact(document)
        var edited = try edit(bytes)
        if case .sealed(let seal) = judgement, seal.statedChecksum != nil {
            edited = SealedDocument.resealed(edited)
        }
        try put(PutRequest(document: document, bytes: edited))
    }

    /// - Throws: `notFound` where it is not there.
    package mutating func delete(_ document: StorePath) throws(StoreError) {
        try rules.requireWritable(document)
        let place = try place(of: document)
        guard try digest(of: place) != nil else { throw .noSuchDocument(document) }
        changes[place] = StagedChange(
            document: place, before: try original(of: place), after: nil)
    }

    /// The exact state a document is to have, for `restore` and `migrate`.
    package mutating func set(
        _ document: StorePath, to intended: IntendedDocument?
    ) throws(StoreError) {
        try rules.requireWritable(document)
        changes[document] = StagedChange(
            document: document, before: try original(of: document), after: intended)
    }

    /// The same for a file of the control directory that transactions write: it comes and goes with
    /// the documents of its transaction, and is none.
    mutating func setControlFile(
        _ file: StorePath, to intended: IntendedDocument?
    ) throws(StoreError) {
        precondition(file.isWrittenByTransactions, "not a file that transactions write")
        changes[file] = StagedChange(
            document: file, before: try original(of: file), after: intended)
    }

    /// Takes a document as it was read a moment ago, so that it is not read again.
    mutating func adopt(_ live: LiveDocument?, of document: StorePath) {
        originals.updateValue(live, forKey: document)
    }

    /// - Throws: `conflict` where the document is not what it should be.
    package mutating func test(
        _ document: StorePath, _ precondition: Precondition
    ) throws(StoreError) {
        let place = try place(of: document)
        var digest = try digest(of: place)
        if place != document, case .digest(let wanted) = precondition, digest != wanted {
            // Of a packed document, the digest of what is packed in it tells as much.
            digest = try contents(of: document).map { Digest.of($0) }
        }
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

    /// A document's bytes as the transaction has them now, unpacked where it is asked for by its
    /// plain name; nil where there is none.
    package mutating func contents(of document: StorePath) throws(StoreError) -> [UInt8]? {
        let place = try place(of: document)
        guard let bytes = try bytes(at: place) else { return nil }
        return place == document ? bytes : try PackedDocument.unpack(bytes, of: place)
    }

    /// Where a document lies as the transaction has it now: under its own name, or packed.
    private mutating func place(of document: StorePath) throws(StoreError) -> StorePath {
        if try digest(of: document) != nil { return document }
        guard let packed = document.packedForm, try digest(of: packed) != nil else {
            return document
        }
        return packed
    }

    private mutating func bytes(at place: StorePath) throws(StoreError) -> [UInt8]? {
        if let change = changes[place] { return change.after?.bytes }
        return try original(of: place)?.bytes
    }

    /// A document as it lies there now, whatever the transaction does with it.
    package mutating func live(_ document: StorePath) throws(StoreError) -> LiveDocument? {
        try original(of: document)
    }

    private mutating func digest(of document: StorePath) throws(StoreError) -> Digest? {
        if let change = changes[document] { return change.after?.digest }
        return try original(of: document)?.digest
    }

    private mutating func original(of document: StorePath) throws(StoreError) -> LiveDocument? {
        if let known = originals[document] ?? documents[document] { return known }
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
