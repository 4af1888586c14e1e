/// The header of a catalog's index. The index is a hint: which of the first lines of a catalog speak
/// of a document or keep a content, found without reading the others. docs/store-format.md tells
/// what is where.
public struct CatalogIndexHeader: Sendable, Hashable {
    /// In bytes.
    public static let byteCount = 128
    static let magic = Array("CFSCIX1\n".utf8)
    static let bucketLength = 16
    static let entryLength = 16
    static let transactionLength = 32
    /// Entries to a bucket, about.
    static let entriesPerBucket = 16
    static let largestBucketBits: UInt32 = 24

    public var catalog: CatalogHeader
    /// How long the part of the catalog's file is that is indexed, in bytes. A group ends there.
    public var coveredLength: UInt64
    /// Where the last line of that part begins, and the checksum that it states: by these an index
    /// proves to be that of the catalog at hand.
    public var endLineOffset: UInt64
    public var endLineChecksum: UInt32
    /// Random: part of every other checksum in the file, so that what lies there from another
    /// index is not taken for this one's.
    public var salt: UInt64
    /// The number of the first transaction that recorded every document; 0: none did.
    public var firstFullRecording: UInt64
    /// There are two to the power of this many buckets.
    public var bucketBits: UInt32
    public var entryCount: UInt64
    public var transactionCount: UInt64

    /// The number of the transaction that the next group has.
    public var nextTransaction: UInt64 { catalog.firstTransaction &+ transactionCount }

    var bucketCount: UInt64 { 1 << UInt64(bucketBits) }
    var entriesStart: UInt64 { UInt64(Self.byteCount) + bucketCount * UInt64(Self.bucketLength) }
    var transactionsStart: UInt64 { entriesStart + entryCount * UInt64(Self.entryLength) }

    /// How long the whole file is, in bytes.
    public var fileLength: UInt64 {
        transactionsStart + transactionCount * UInt64(Self.transactionLength)
    }

    /// The bucket of a key with this hash.
    public func bucket(of hash: UInt32) -> UInt64 {
        bucketBits == 0 ? 0 : UInt64(hash >> (32 - bucketBits))
    }

    /// Where a bucket's place is stated, in bytes from the file's beginning.
    public func placeRange(ofBucket number: UInt64) -> Range<UInt64> {
        let start = UInt64(Self.byteCount) + number * UInt64(Self.bucketLength)
        return start..<start + UInt64(Self.bucketLength)
    }

    /// Where a transaction's place is stated; nil for one that is not indexed.
    public func placeRange(ofTransaction number: UInt64) -> Range<UInt64>? {
        guard number >= catalog.firstTransaction, number < nextTransaction else { return nil }
        let index = number - catalog.firstTransaction
        let start = transactionsStart + index * UInt64(Self.transactionLength)
        return start..<start + UInt64(Self.transactionLength)
    }

    // MARK: Bytes

    public func encode() -> [UInt8] {
        var bytes = Self.magic
        bytes.append(contentsOf: catalog.store.bytes)
        bytes.appendLittleEndian(catalog.generation)
        bytes.appendLittleEndian(catalog.firstTransaction)
        bytes.appendLittleEndian(coveredLength)
        bytes.appendLittleEndian(endLineOffset)
        bytes.appendLittleEndian(endLineChecksum)
        bytes.appendLittleEndian(bucketBits)
        bytes.appendLittleEndian(salt)
        bytes.appendLittleEndian(firstFullRecording)
        bytes.appendLittleEndian(entryCount)
        bytes.appendLittleEndian(transactionCount)
        let zeros = Self.byteCount - 4 - bytes.count
        bytes.append(contentsOf: repeatElement(0, count: zeros))
        bytes.appendLittleEndian(CRC32.of(bytes))
        return bytes
    }

    /// The header at the beginning of `bytes`; nil where there is none, or a bit of it has changed.
    public static func decode(_ bytes: UnsafeRawBufferPointer) -> CatalogIndexHeader? {
        guard bytes.count >= byteCount, bytes[..<magic.count].elementsEqual(magic) else {
            return nil
        }
        let covered = UnsafeRawBufferPointer(rebasing: bytes[..<(byteCount - 4)])
        guard CRC32.of(covered) == bytes.littleEndian(at: byteCount - 4, as: UInt32.self),
            let store = StoreIdentifier(bytes: UnsafeRawBufferPointer(rebasing: bytes[8..<24]))
        else { return nil }
        func word(_ offset: Int) -> UInt64 { bytes.littleEndian(at: offset, as: UInt64.self) }
        let header = CatalogIndexHeader(
            catalog: CatalogHeader(
                store: store, generation: word(24), firstTransaction: word(32)),
            coveredLength: word(40), endLineOffset: word(48),
            endLineChecksum: bytes.littleEndian(at: 56, as: UInt32.self), salt: word(64),
            firstFullRecording: word(72),
            bucketBits: bytes.littleEndian(at: 60, as: UInt32.self), entryCount: word(80),
            transactionCount: word(88))
        // So that no length overflows.
        guard header.bucketBits <= largestBucketBits, header.entryCount < 1 << 40,
            header.transactionCount < 1 << 40, header.coveredLength < 1 << 62,
            header.endLineOffset < header.coveredLength, header.transactionCount > 0,
            header.catalog.firstTransaction > 0, header.catalog.firstTransaction < 1 << 62
        else { return nil }
        return header
    }
}

/// One key's line in the catalog.
public struct CatalogIndexEntry: Sendable, Hashable {
    /// Of the document's name, or of a content's digest.
    public var hash: UInt32
    /// That the line states.
    public var lineChecksum: UInt32
    /// Where the change line begins in the catalog's file.
    public var lineOffset: UInt64

    public init(hash: UInt32, lineChecksum: UInt32, lineOffset: UInt64) {
        self.hash = hash
        self.lineChecksum = lineChecksum
        self.lineOffset = lineOffset
    }

    /// Of a document's name as lines have it (`CatalogLines.escaped`).
    public static func hash(ofName name: [UInt8]) -> UInt32 { CRC32.of(name) }

    /// Of a content that the log keeps.
    public static func hash(of digest: Digest) -> UInt32 { CRC32.of(digest.bytes) }
}

/// One transaction's first line in the catalog.
public struct CatalogIndexTransaction: Sendable, Hashable {
    /// Where the line begins in the catalog's file.
    public var lineOffset: UInt64
    /// That the line states.
    public var lineChecksum: UInt32
    /// The latest time of this transaction and of all before it: clocks are set back.
    public var latestTime: RecordedTime

    public init(lineOffset: UInt64, lineChecksum: UInt32, latestTime: RecordedTime) {
        self.lineOffset = lineOffset
        self.lineChecksum = lineChecksum
        self.latestTime = latestTime
    }
}

// MARK: Parts and their checksums

extension CatalogIndexHeader {
    /// Where a bucket's entries lie, as its place states it, not yet checked; nil where nothing can.
    public func entriesRange(ofBucketAt place: UnsafeRawBufferPointer) -> Range<UInt64>? {
        guard place.count == Self.bucketLength else { return nil }
        let first = place.littleEndian(at: 0, as: UInt64.self)
        let count = UInt64(place.littleEndian(at: 8, as: UInt32.self))
        guard first <= entryCount, count <= entryCount - first else { return nil }
        let start = entriesStart + first * UInt64(Self.entryLength)
        return start..<start + count * UInt64(Self.entryLength)
    }

    /// A bucket's entries; nil where a bit of them or of their place has changed.
    public func entries(
        ofBucket number: UInt64, place: UnsafeRawBufferPointer, _ bytes: UnsafeRawBufferPointer
    ) -> [CatalogIndexEntry]? {
        guard place.count == Self.bucketLength, bytes.count.isMultiple(of: Self.entryLength),
            place.littleEndian(at: 12, as: UInt32.self)
                == checksum(ofBucket: number, place: place, bytes)
        else { return nil }
        return stride(from: 0, to: bytes.count, by: Self.entryLength).map { start in
            CatalogIndexEntry(
                hash: bytes.littleEndian(at: start + 8, as: UInt32.self),
                lineChecksum: bytes.littleEndian(at: start + 12, as: UInt32.self),
                lineOffset: bytes.littleEndian(at: start, as: UInt64.self))
        }
    }

    /// A transaction; nil where a bit of it has changed.
    public func transaction(
        _ number: UInt64, _ bytes: UnsafeRawBufferPointer
    ) -> CatalogIndexTransaction? {
        guard bytes.count == Self.transactionLength,
            bytes.littleEndian(at: 28, as: UInt32.self)
                == checksum(ofTransaction: number, bytes)
        else { return nil }
        return CatalogIndexTransaction(
            lineOffset: bytes.littleEndian(at: 0, as: UInt64.self),
            lineChecksum: bytes.littleEndian(at: 20, as: UInt32.self),
            latestTime: RecordedTime(
                seconds: bytes.littleEndian(at: 8, as: Int64.self),
                nanoseconds: Int32(
                    truncatingIfNeeded: bytes.littleEndian(at: 16, as: UInt32.self))))
    }

    func checksum(
        ofBucket number: UInt64, place: UnsafeRawBufferPointer, _ entries: UnsafeRawBufferPointer
    ) -> UInt32 {
        var checksum = checksum(ofPart: number)
        checksum.update(UnsafeRawBufferPointer(rebasing: place[..<12]))
        checksum.update(entries)
        return checksum.value
    }

    func checksum(
        ofTransaction number: UInt64, _ bytes: UnsafeRawBufferPointer
    ) -> UInt32 {
        var checksum = checksum(ofPart: number)
        checksum.update(UnsafeRawBufferPointer(rebasing: bytes[..<28]))
        return checksum.value
    }

    private func checksum(ofPart number: UInt64) -> CRC32 {
        var checksum = CRC32()
        withUnsafeBytes(of: (salt.littleEndian, number.littleEndian)) { checksum.update($0) }
        return checksum
    }
}
