internal import LosslessJSON
internal import StoreCodecs
internal import StoreFiles

/// The documents that `compact` is to change, and their changes.
extension Store {
    /// Packs, unpacks, minifies, and removes expired entries, as one transaction.
    func changeForms(
        _ request: CompactRequest, in session: inout WriteSession, rules: DocumentRules,
        listing: StoreListing, options: WriteOptions, report: inout CompactReport,
        progress: ProgressSink?
    ) throws(StoreError) {
        let selection = try FormSelection(request, rules: rules, listing: listing)
        report.notes += selection.notes
        var builder = TransactionBuilder(files: session.documentFiles, rules: rules)
        try edit(selection, with: &builder, rules: rules)
        var changes = builder.effectiveChanges
        var unsynced = session.staging.unsyncedFiles()
        var readings = builder.readings
        // A document that is edited and packed is packed as it is after the edit.
        for document in selection.packed {
            try environment.requireNoSignal()
            if let index = changes.firstIndex(where: { $0.document == document.path }) {
                let edited = changes.remove(at: index)
                changes += try packEdited(edited, as: document.packedPath)
                continue
            }
            let change = try session.stagePacked(
                document.path, as: document.packedPath, level: request.level,
                environment: environment, &unsynced)
            changes += change.stagedChanges
            readings.append((change.source, change.sourceStatus))
            readings.append((change.target, nil))
        }
        for document in selection.unpacked {
            try environment.requireNoSignal()
            let change = try session.stageUnpacked(
                document.packedPath, as: document.path, environment: environment, &unsynced)
            changes += change.stagedChanges
            readings.append((change.source, change.sourceStatus))
            readings.append((change.target, nil))
        }
        guard !changes.isEmpty else { return }
        changes.sort { $0.document < $1.document }
        report.transaction = try session.commit(
            changes, readings: readings, command: options.command, message: options.message,
            prepared: unsynced, environment: environment)
        report.changes = changes.map {
            DocumentChange(
                document: $0.document, before: $0.before?.digest, after: $0.after?.digest)
        }
    }

    private func packEdited(
        _ edited: StagedChange, as packed: StorePath
    ) throws(StoreError) -> [StagedChange] {
        guard var intended = edited.after else { return [edited] }
        intended.bytes = try PackedDocument.packReadably(intended.bytes, of: edited.document)
        intended.digest = Digest.of(intended.bytes)
        return [
            StagedChange(document: packed, before: nil, after: intended),
            StagedChange(document: edited.document, before: edited.before, after: nil),
        ]
    }

    private func edit(
        _ selection: FormSelection, with builder: inout TransactionBuilder, rules: DocumentRules
    ) throws(StoreError) {
        for document in selection.expiring {
            guard let bytes = try builder.contents(of: document),
                let patch = expiryPatch(of: document, bytes: bytes, rules: rules)
            else { continue }
            try builder.rewrite(document) { bytes throws(StoreError) in
                try DocumentPatching.patch(bytes, with: patch, document: document)
            }
        }
        for document in selection.minified {
            try builder.rewrite(document) { bytes throws(StoreError) in
                do throws(JSONError) {
                    return minify(try JSONDocument(bytes, duplicateKeys: .allow).bytes)
                } catch {
                    throw StoreError(
                        .invalidData, code: error.code.rawValue,
                        "\(document.text) cannot be minified: \(error)",
                        hint: "canifly-store verify \(document.shellWord)", document: document)
                }
            }
        }
    }

    /// An RFC 6902 patch that removes what is past its time; nil where nothing is.
    private func expiryPatch(
        of document: StorePath, bytes: [UInt8], rules: DocumentRules
    ) -> [UInt8]? {
        let entries = rules.profile.expiredEntries(
            of: document, bytes: bytes, layout: rules.layout, now: now)
        guard let expired = entries?.expired, !expired.isEmpty else { return nil }
        var writer = JSONWriter()
        writer.beginArray()
        // The last first: the places of those before stay what they are.
        for pointer in expired.reversed() {
            writer.beginObject()
            writer.member("op", "remove")
            writer.member("path", pointer.description)
            writer.endObject()
        }
        writer.endArray()
        return writer.bytes
    }

    /// What all documents take, and what they would take.
    func sizesOfForms(
        _ request: CompactRequest, rules: DocumentRules, listing: StoreListing,
        report: inout CompactReport
    ) throws(StoreError) -> CompactSizes {
        let selection = try FormSelection(request, rules: rules, listing: listing)
        report.notes += selection.notes
        var builder = TransactionBuilder(
            files: DocumentFiles(system: system, root: root), rules: rules)
        try edit(selection, with: &builder, rules: rules)
        var sizes = CompactSizes(before: listing.bytes, after: listing.bytes)
        for change in builder.effectiveChanges {
            sizes.after += Int64(change.after?.bytes.count ?? 0) - (change.before?.status.size ?? 0)
            report.changes.append(
                DocumentChange(
                    document: change.document, before: change.before?.digest,
                    after: change.after?.digest))
        }
        for document in selection.packed {
            let (content, packed) = try packedSize(of: document.path, level: request.level)
            sizes.after += packed.length - content.length
            report.changes += [
                DocumentChange(document: document.path, before: content.digest, after: nil),
                DocumentChange(
                    document: document.packedPath, before: nil, after: packed.digest),
            ]
        }
        for document in selection.unpacked {
            let (packed, content) = try unpackedSize(of: document.packedPath)
            sizes.after += content.length - packed.length
            report.changes += [
                DocumentChange(document: document.path, before: nil, after: content.digest),
                DocumentChange(
                    document: document.packedPath, before: packed.digest, after: nil),
            ]
        }
        report.changes.sort { $0.document < $1.document }
        return sizes
    }

    private typealias Measure = (length: Int64, digest: Digest)

    private func packedSize(
        of document: StorePath, level: Int
    ) throws(StoreError) -> (content: Measure, packed: Measure) {
        var packing = PackingMeter(level: level)
        try forEachChunk(of: document) { chunk throws(StoreError) in
            packing.take(chunk)
            if packing.looksLikeABomb { throw .packsTooWell(document) }
            packing.forgetOutput()
        }
        packing.finish()
        if packing.looksLikeABomb { throw .packsTooWell(document) }
        let digests = packing.digests()
        return (
            (packing.contentLength, digests.content), (packing.packedLength, digests.packed)
        )
    }

    private func unpackedSize(
        of packed: StorePath
    ) throws(StoreError) -> (packed: Measure, content: Measure) {
        var stream = PackedStream()
        var packedHasher = DigestHasher()
        var hasher = DigestHasher()
        var length: Int64 = 0
        try forEachChunk(of: packed) { chunk throws(StoreError) in
            packedHasher.update(chunk)
            length += Int64(chunk.count)
            do throws(GzipError) {
                try stream.unpack(chunk) { hasher.update($0) }
            } catch {
                throw StoreError(error, document: packed)
            }
        }
        do throws(GzipError) { try stream.finish() } catch {
            throw StoreError(error, document: packed)
        }
        return (
            (length, packedHasher.finish()), (Int64(stream.contentLength), hasher.finish())
        )
    }

    private func forEachChunk(
        of document: StorePath, _ body: (UnsafeRawBufferPointer) throws(StoreError) -> Void
    ) throws(StoreError) {
        let file: OpenedFile
        do throws(FileAccessError) {
            file = try system.openRegularFile(document.text, in: root)
        } catch {
            throw StoreError(error, document: document)
        }
        var reader = ChunkReader(system, capacity: 1 << 20)
        reader.start(file.descriptor)
        while true {
            try environment.requireNoSignal()
            let chunk: UnsafeRawBufferPointer?
            do throws(Errno) { chunk = try reader.next() } catch {
                throw StoreError(error, cannot: "read", document: document)
            }
            guard let chunk else { return }
            try body(chunk)
        }
    }
}

/// Which documents a request means.
struct FormSelection {
    struct TwoForms {
        var path: StorePath
        var packedPath: StorePath
    }

    private(set) var packed: [TwoForms] = []
    private(set) var unpacked: [TwoForms] = []
    private(set) var minified: [StorePath] = []
    private(set) var expiring: [StorePath] = []
    private(set) var notes: [String] = []

    /// - Throws: `usage` for a malformed pattern, `notFound` for one that no document matches,
    ///   `invalidData` for documents that cannot have the form asked for.
    init(
        _ request: CompactRequest, rules: DocumentRules, listing: StoreListing
    ) throws(StoreError) {
        // A document that is not listed would stay as it is without a word.
        if request.changesDocuments { try listing.requireComplete() }
        let documents = listing.documents.map(\.path)
        let present = Set(documents)
        try selectPacked(request.pack, rules, documents, present)
        for path in try Self.matching(request.unpack, documents) where path.isPacked {
            guard !present.contains(path.plainForm) else { throw .packedTwice(path.plainForm) }
            unpacked.append(TwoForms(path: path.plainForm, packedPath: path))
        }
        for path in try Self.matching(request.minify, documents)
        where rules.kind(of: path.plainForm) == .json {
            minified.append(path.plainForm)
        }
        if request.expires {
            expiring = documents.filter { rules.profile.canExpire($0, layout: rules.layout) }
        }
    }

    private mutating func selectPacked(
        _ patterns: [String], _ rules: DocumentRules, _ documents: [StorePath],
        _ present: Set<StorePath>
    ) throws(StoreError) {
        var refusal: StoreError?
        for path in try Self.matching(patterns, documents) where !path.isPacked {
            do throws(StoreError) {
                try rules.requirePackable(path)
            } catch {
                // Named itself, a document that cannot be packed is a mistake; among others it stays.
                if patterns.contains(where: { $0.utf8.elementsEqual(path.text.utf8) }) {
                    throw error
                }
                refusal = refusal ?? error
                notes.append("\(path.text) stays plain: the application reads it by that name")
                continue
            }
            guard let packedPath = path.packedForm else { continue }
            guard !present.contains(packedPath) else { throw .packedTwice(path) }
            try rules.requireWritable(packedPath)
            packed.append(TwoForms(path: path, packedPath: packedPath))
        }
        if packed.isEmpty, let refusal { throw refusal }
    }

    private static func matching(
        _ patterns: [String], _ documents: [StorePath]
    ) throws(StoreError) -> [StorePath] {
        guard !patterns.isEmpty else { return [] }
        for pattern in patterns {
            let filter = try NameFilter([pattern])
            guard documents.contains(where: { filter.includes($0) }) else {
                throw StoreError(
                    .notFound, code: "no-such-document",
                    "no document matches \(escapedForTerminal(pattern.utf8))",
                    hint: "canifly-store list shows what there is")
            }
        }
        let filter = try NameFilter(patterns)
        return documents.filter { filter.includes($0) }
    }
}

extension StoreError {
    static func packedTwice(_ document: StorePath) -> StoreError {
        StoreError(
            .invalidData, code: FindingCode.packedTwice.rawValue,
            "\(document.text) is there both plain and packed",
            hint: "look which is the newer, and delete the other", document: document)
    }
}
