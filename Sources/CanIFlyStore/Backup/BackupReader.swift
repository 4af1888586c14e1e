internal import StoreCodecs
internal import StoreFiles

/// What is done with the documents of a backup as they come out of it.
protocol BackupVisitor: ~Copyable {
    /// The manifest has been read.
    mutating func begin(_ manifest: BackupManifest) throws(StoreError)
    /// A document begins.
    mutating func begin(_ entry: BackupManifest.Entry) throws(StoreError)
    mutating func take(_ content: UnsafeRawBufferPointer) throws(StoreError)
    /// The document that began last is complete and has the digest that the manifest says.
    mutating func end(_ entry: BackupManifest.Entry) throws(StoreError)
}

/// Only checks.
struct BackupChecker: BackupVisitor {
    mutating func begin(_ manifest: BackupManifest) {}
    mutating func begin(_ entry: BackupManifest.Entry) {}
    mutating func take(_ content: UnsafeRawBufferPointer) {}
    mutating func end(_ entry: BackupManifest.Entry) {}
}

/// Reads a backup from its first byte to its last, in constant memory but for the manifest, and takes
/// nothing for granted: every member must be just what the manifest says, in its order, and the file's
/// last bytes must be the seal of all others.
struct BackupReader: ~Copyable {
    private enum Part {
        case manifest, sums
        case document(Int)
        case end
    }

    /// No manifest is longer, in bytes.
    private static let longestManifest: UInt64 = 64 << 20

    private let system: any SystemCalls
    private var gzip = GzipReader(requiresOwnHeader: true)
    private var tar = TarReader()
    private var part = Part.manifest
    private var manifest: BackupManifest?
    private var collected: [UInt8] = []
    private var hasher = DigestHasher()
    private var isOpen = false

    init(_ system: any SystemCalls) {
        self.system = system
    }

    /// - Returns: the manifest, and the digest of the file itself.
    /// - Throws: `invalidData` (`backup-corrupt`, `backup-unsafe`), else what the visitor throws.
    mutating func run(
        _ file: Descriptor, _ visitor: inout some BackupVisitor & ~Copyable
    ) throws(StoreError) -> (manifest: BackupManifest, digest: Digest, bytes: Int64) {
        var reader = ChunkReader(system)
        let room = ByteBuffer()
        var fileHasher = DigestHasher()
        // What may be the seal, as long as nobody knows whether more follows.
        var last: [UInt8] = []
        reader.start(file)
        while true {
            let chunk: UnsafeRawBufferPointer?
            do throws(Errno) { chunk = try reader.next() } catch {
                throw StoreError(error, cannot: "read the backup")
            }
            guard let chunk else { break }
            let ready = max(0, last.count + chunk.count - GzipSeal.byteCount)
            let former = Array(last.prefix(ready))
            last.removeFirst(former.count)
            try former.withUnsafeBufferPointer { bytes throws(StoreError) in
                try unpack(UnsafeRawBufferPointer(bytes), room, &fileHasher, &visitor)
            }
            let split = ready - former.count
            try unpack(
                UnsafeRawBufferPointer(rebasing: chunk[..<split]), room, &fileHasher, &visitor)
            last.append(contentsOf: chunk[split...])
        }
        guard last == GzipSeal.member(for: fileHasher.digestSoFar()) else {
            throw .backupCorrupt("its seal is not that of its bytes: some of them have changed")
        }
        fileHasher.update(last)
        do throws(GzipError) { try gzip.finish() } catch { throw .backupCorrupt(error.reason) }
        guard gzip.memberCount == 1 else {
            throw .backupCorrupt("it has more than one gzip member")
        }
        do throws(TarError) { try tar.finish() } catch {
            throw .backupCorrupt("the archive ends too early")
        }
        guard case .end = part, let manifest else { throw .backupCorrupt("members are missing") }
        return (manifest, fileHasher.finish(), reader.offset)
    }

    /// Takes bytes of the file that lie before its seal.
    private mutating func unpack(
        _ bytes: UnsafeRawBufferPointer, _ room: borrowing ByteBuffer,
        _ fileHasher: inout DigestHasher, _ visitor: inout some BackupVisitor & ~Copyable
    ) throws(StoreError) {
        fileHasher.update(bytes)
        var rest = bytes
        while true {
            let step: (consumed: Int, produced: Int)
            do throws(GzipError) { step = try gzip.read(rest, into: room.bytes) } catch {
                throw .backupCorrupt(error.reason)
            }
            try take(UnsafeRawBufferPointer(rebasing: room.bytes[..<step.produced]), &visitor)
            rest = UnsafeRawBufferPointer(rebasing: rest[step.consumed...])
            if rest.isEmpty && step.produced < room.bytes.count { return }
        }
    }

    private mutating func take(
        _ bytes: UnsafeRawBufferPointer, _ visitor: inout some BackupVisitor & ~Copyable
    ) throws(StoreError) {
        var offset = 0
        while true {
            let event: TarEvent?
            do throws(TarError) { event = try tar.next(bytes, at: &offset) } catch {
                throw .backupCorrupt("the archive is malformed (\(error))")
            }
            switch event {
            case nil: return
            case .entry(let entry)?: try begin(entry, &visitor)
            case .content(let range)?:
                try content(UnsafeRawBufferPointer(rebasing: bytes[range]), &visitor)
            case .endOfEntry?: try endEntry(&visitor)
            case .end?:
                guard case .end = part else { throw .backupCorrupt("members are missing") }
            }
        }
    }

    // MARK: Members

    private mutating func begin(
        _ entry: TarEntry, _ visitor: inout some BackupVisitor & ~Copyable
    ) throws(StoreError) {
        let expected: String
        switch part {
        case .manifest: expected = BackupNames.manifest
        case .sums: expected = BackupNames.sums
        case .document(let index):
            expected = BackupNames.documents + manifest!.documents[index].document.text
        case .end: throw Self.unsafe(entry, "is not in the manifest")
        }
        guard entry.kind == .file else { throw Self.unsafe(entry, "is no regular file") }
        guard entry.name.elementsEqual(expected.utf8) else {
            throw Self.unsafe(entry, "is not what the manifest says comes next")
        }
        switch part {
        case .manifest, .sums:
            guard entry.size <= Self.longestManifest else {
                throw .backupCorrupt("its manifest is too long")
            }
            collected = []
        case .document(let index):
            let described = manifest!.documents[index]
            guard entry == TarEntry(described) else {
                throw Self.unsafe(entry, "is not as the manifest says")
            }
            try visitor.begin(described)
        case .end: break
        }
        isOpen = true
    }

    private mutating func content(
        _ bytes: UnsafeRawBufferPointer, _ visitor: inout some BackupVisitor & ~Copyable
    ) throws(StoreError) {
        guard case .document = part else {
            collected.append(contentsOf: bytes)
            return
        }
        hasher.update(bytes)
        try visitor.take(bytes)
    }

    private mutating func endEntry(
        _ visitor: inout some BackupVisitor & ~Copyable
    ) throws(StoreError) {
        isOpen = false
        switch part {
        case .manifest:
            let parsed = try BackupManifest(parsing: collected)
            guard parsed.encode() == collected else {
                throw .backupCorrupt("its manifest is not written as manifests are")
            }
            manifest = parsed
            try visitor.begin(parsed)
            part = .sums
        case .sums:
            guard collected == manifest!.sums() else {
                throw .backupCorrupt("its list of digests is not that of its manifest")
            }
            part = manifest!.documents.isEmpty ? .end : .document(0)
        case .document(let index):
            let entry = manifest!.documents[index]
            guard hasher.finish() == entry.digest else {
                throw .backupCorrupt(
                    "\(entry.document.text) has not the digest that it should have")
            }
            try visitor.end(entry)
            part = index + 1 == manifest!.documents.count ? .end : .document(index + 1)
        case .end: break
        }
        collected = []
    }

    private static func unsafe(_ entry: TarEntry, _ reason: String) -> StoreError {
        StoreError(
            .invalidData, code: "backup-unsafe",
            "the backup's member \(escapedForTerminal(entry.name)) \(reason)",
            hint: "do not trust this backup; nothing was taken from it")
    }
}

extension TarEntry {
    /// A document's.
    init(_ entry: BackupManifest.Entry) {
        self.init(
            name: Array((BackupNames.documents + entry.document.text).utf8),
            size: UInt64(entry.bytes), mode: entry.mode.bits,
            modified: RecordedTime(entry.modified), user: UInt64(entry.user),
            group: UInt64(entry.group))
    }
}
