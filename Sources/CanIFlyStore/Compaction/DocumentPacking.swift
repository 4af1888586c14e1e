internal import StoreCodecs
internal import StoreFiles

/// Documents that change between their plain and their packed form, piece by piece: neither form is
/// ever held in memory.
extension WriteSession {
    /// Makes the packed form of a document complete in staging, durable when `unsynced` has been
    /// synced, and says what a transaction has to do to put it in the plain one's place.
    ///
    /// Each block is unpacked again and compared before it is written. The log then takes its copy
    /// from the file, and refuses one whose bytes are not those that were given to write.
    func stagePacked(
        _ document: StorePath, as packed: StorePath, level: Int, environment: StoreEnvironment,
        _ unsynced: inout UnsyncedFiles
    ) throws(StoreError) -> FormChange {
        let source = try openDocument(document)
        var target = try newStagedFile(for: packed)
        var packing = PackingMeter(level: level, checksBlocks: true)
        do throws(Errno) {
            var reader = ChunkReader(system, capacity: 1 << 20)
            reader.start(source.descriptor)
            while let chunk = try reader.next() {
                packing.take(chunk)
                if !packing.output.isEmpty { try target.write(packing.output) }
                if packing.looksLikeABomb || environment.pendingSignal() != nil { break }
                packing.forgetOutput()
            }
        } catch {
            throw StoreError(error, cannot: "pack", document: document)
        }
        try environment.requireNoSignal()
        packing.finish()
        if packing.looksLikeABomb { throw .packsTooWell(document) }
        guard packing.isSound else { throw .notReadBack(document) }
        let staged: StagedEntry
        do throws(Errno) {
            try target.write(packing.output)
            try requireSteady(source, document, length: packing.contentLength)
            staged = try target.prepared(
                .taking(source.status), copyingAttributesOf: source.descriptor,
                keptOpenIn: &unsynced)
        } catch .busy {
            throw .changedMeanwhile(document)
        } catch {
            throw StoreError(error, cannot: "pack", document: document)
        }
        let digests = packing.digests()
        return FormChange(
            source: document, sourceStatus: source.status, sourceDigest: digests.content,
            target: packed, staged: staged, targetDigest: digests.packed,
            file: ContentFile(
                directory: stagingFolder.descriptor, path: staged.temporaryName,
                digest: digests.packed, length: UInt64(staged.status.size),
                checksum: packing.checksum, isPacked: true))
    }

    /// The same the other way.
    func stageUnpacked(
        _ packed: StorePath, as document: StorePath, environment: StoreEnvironment,
        _ unsynced: inout UnsyncedFiles
    ) throws(StoreError) -> FormChange {
        let source = try openDocument(packed)
        var target = try newStagedFile(for: document)
        var stream = PackedStream()
        var packedHasher = DigestHasher()
        var hasher = DigestHasher()
        var checksum = CRC32()
        var length: Int64 = 0
        var failure: Errno?
        var defect: GzipError?
        do throws(Errno) {
            var reader = ChunkReader(system)
            reader.start(source.descriptor)
            while defect == nil, environment.pendingSignal() == nil,
                let chunk = try reader.next()
            {
                packedHasher.update(chunk)
                checksum.update(chunk)
                length += Int64(chunk.count)
                do throws(GzipError) {
                    try stream.unpack(chunk) { content in
                        hasher.update(content)
                        guard failure == nil else { return }
                        do throws(Errno) { try target.write(content) } catch { failure = error }
                    }
                } catch {
                    defect = error
                }
                if let failure { throw failure }
            }
        } catch {
            throw StoreError(error, cannot: "unpack", document: packed)
        }
        try environment.requireNoSignal()
        do throws(GzipError) {
            if let defect { throw defect }
            try stream.finish()
        } catch {
            throw StoreError(error, document: packed)
        }
        let staged: StagedEntry
        do throws(Errno) {
            try requireSteady(source, packed, length: length)
            staged = try target.prepared(
                .taking(source.status), copyingAttributesOf: source.descriptor,
                keptOpenIn: &unsynced)
        } catch .busy {
            throw .changedMeanwhile(packed)
        } catch {
            throw StoreError(error, cannot: "unpack", document: packed)
        }
        let packedDigest = packedHasher.finish()
        return FormChange(
            source: packed, sourceStatus: source.status, sourceDigest: packedDigest,
            target: document, staged: staged, targetDigest: hasher.finish(),
            file: ContentFile(
                directory: root, path: packed.text, digest: packedDigest,
                length: UInt64(length), checksum: checksum.value, isPacked: true))
    }

    private func openDocument(_ document: StorePath) throws(StoreError) -> OpenedFile {
        do throws(FileAccessError) {
            return try documentFiles.open(document)
        } catch {
            throw StoreError(error, document: document)
        }
    }

    private func newStagedFile(for document: StorePath) throws(StoreError) -> StagedFile {
        do throws(Errno) {
            return try StagedFile(for: document.name, in: stagingFolder.descriptor, system)
        } catch {
            throw StoreError(error, cannot: "write", document: document)
        }
    }

    /// - Throws: `busy` where the document is not what it was when it was opened.
    private func requireSteady(
        _ source: borrowing OpenedFile, _ document: StorePath, length: Int64
    ) throws(Errno) {
        let now = try system.status(of: source.descriptor)
        guard now.signature == source.status.signature, now.size == length else { throw .busy }
    }
}

/// A document that gets its other form.
struct FormChange {
    var source: StorePath
    var sourceStatus: FileStatus
    var sourceDigest: Digest
    var target: StorePath
    var staged: StagedEntry
    var targetDigest: Digest
    var file: ContentFile

    /// The new document, and the removal of the old one.
    var stagedChanges: [StagedChange] {
        [
            StagedChange(
                document: target, before: nil,
                after: IntendedDocument(
                    bytes: [], digest: targetDigest, mode: staged.status.mode, owner: nil,
                    modified: nil, staged: staged, file: file)),
            StagedChange(
                document: source,
                before: LiveDocument(
                    bytes: [], digest: sourceDigest, status: sourceStatus, file: file),
                after: nil),
        ]
    }
}

/// Packs what streams by, and takes both sides' digests.
struct PackingMeter: ~Copyable {
    private var writer: BlockGzipWriter
    private var contentHasher = DigestHasher()
    private var packedHasher = DigestHasher()
    private var packedChecksum = CRC32()
    private(set) var contentLength: Int64 = 0
    private(set) var packedLength: Int64 = 0
    /// What has come out since `forgetOutput`.
    private(set) var output: [UInt8] = []

    init(level: Int, checksBlocks: Bool = false) {
        writer = BlockGzipWriter(level: level, checksBlocks: checksBlocks)
    }

    /// CRC-32 of the packed bytes.
    var checksum: UInt32 { packedChecksum.value }

    /// Whether reading it might be refused, as far as it was packed by now.
    var looksLikeABomb: Bool { writer.looksLikeABomb }

    /// Whether what was packed by now unpacks to what it was, where blocks are checked.
    var isSound: Bool { writer.isSound }

    mutating func take(_ content: UnsafeRawBufferPointer) {
        contentHasher.update(content)
        contentLength += Int64(content.count)
        let start = output.count
        writer.write(content, to: &output)
        account(from: start)
    }

    mutating func forgetOutput() { output.removeAll(keepingCapacity: true) }

    /// Leaves the last of the packed bytes in `output`.
    mutating func finish() {
        forgetOutput()
        writer.finish(to: &output)
        account(from: 0)
    }

    mutating func digests() -> (content: Digest, packed: Digest) {
        (contentHasher.finish(), packedHasher.finish())
    }

    private mutating func account(from start: Int) {
        output.withUnsafeBytes { bytes in
            let new = UnsafeRawBufferPointer(rebasing: bytes[start...])
            packedHasher.update(new)
            packedChecksum.update(new)
            packedLength += Int64(new.count)
        }
    }
}

extension FileAttributes {
    /// All that a document keeps when it changes its form, its modification time included.
    fileprivate static func taking(_ status: FileStatus) -> FileAttributes {
        FileAttributes(
            mode: status.mode, owner: Owner(user: status.user, group: status.group),
            modified: status.modified)
    }
}

extension StoreError {
    static func packsTooWell(_ document: StorePath) -> StoreError {
        StoreError(
            .invalidData, code: "packs-too-well",
            "\(document.text) would pack so well that reading it would take it for a bomb",
            hint: "leave it as it is; look whether it holds anything at all", document: document)
    }

    fileprivate static func notReadBack(_ document: StorePath) -> StoreError {
        StoreError(
            .inputOutput, code: "packing-failed",
            "\(document.text) does not come out of its packed form as it went in",
            hint: "nothing was changed; check the memory and the disk", document: document)
    }
}
