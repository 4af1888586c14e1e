package import StoreCodecs
package import StoreFiles

/// Tells which of a catalog's lines speak of a document, or keep a content, so that one document's
/// history costs the same in a long catalog as in a short one.
///
/// It is a hint and nothing depends on it. It covers the catalog's beginning, and proves by the last
/// line there to be this catalog's; what follows is read line by line. Everything that it says has
/// its checksum, and each line that it leads to has the checksum which that line had when its whole
/// group had been read. Whatever does not fit makes the index unusable, and the catalog is read from
/// its beginning. It is never changed but replaced by a new one, which is not synced: what a power
/// cut tears does not fit.
package final class CatalogIndex: Sendable {
    private let system: any SystemCalls
    private let file: OwnedDescriptor
    package let header: CatalogIndexHeader

    private init(
        system: any SystemCalls, file: consuming OwnedDescriptor, header: CatalogIndexHeader
    ) {
        self.system = system
        self.file = file
        self.header = header
    }

    /// Nil where there is none, or none that can be used.
    package static func open(system: any SystemCalls, control: Descriptor) -> CatalogIndex? {
        guard
            let file = try? system.openOwned(
                ControlNames.catalogIndex, in: control, [.read]),
            let bytes = try? system.readRange(
                file.descriptor, at: 0, count: CatalogIndexHeader.byteCount),
            let header = bytes.withUnsafeBytes({ CatalogIndexHeader.decode($0) })
        else { return nil }
        return CatalogIndex(system: system, file: file, header: header)
    }

    /// The last line of the covered part, if this is the index of this very catalog.
    /// - Parameters:
    ///   - file: the catalog's.
    ///   - size: of that file, in bytes.
    func provenEnd(
        in file: Descriptor, _ catalog: CatalogHeader, size: UInt64
    ) -> PlacedCatalogLine? {
        guard header.catalog == catalog, header.coveredLength <= size,
            let line = try? line(in: file, at: header.endLineOffset, header.endLineChecksum),
            header.endLineOffset + UInt64(line.length) == header.coveredLength,
            line.number == header.nextTransaction - 1, case .end = line.line
        else { return nil }
        return line
    }

    // MARK: What it tells

    /// Something does not fit: nothing that the index says counts.
    struct Unusable: Error {}

    /// The lines of keys with this hash, in the catalog's order.
    func entries(_ hash: UInt32) throws(Unusable) -> [CatalogIndexEntry] {
        let bucket = header.bucket(of: hash)
        let place = try bytes(header.placeRange(ofBucket: bucket))
        guard let range = place.withUnsafeBytes({ header.entriesRange(ofBucketAt: $0) }) else {
            throw Unusable()
        }
        let stored = try bytes(range)
        let entries = place.withUnsafeBytes { place in
            stored.withUnsafeBytes { header.entries(ofBucket: bucket, place: place, $0) }
        }
        guard let entries else { throw Unusable() }
        return entries.filter { $0.hash == hash }
    }

    /// Where a transaction begins.
    func transaction(_ number: UInt64) throws(Unusable) -> CatalogIndexTransaction {
        guard let range = header.placeRange(ofTransaction: number) else { throw Unusable() }
        let stored = try bytes(range)
        let transaction = stored.withUnsafeBytes { header.transaction(number, $0) }
        guard let transaction else { throw Unusable() }
        return transaction
    }

    /// The line of the catalog that this led to.
    func line(
        in catalog: Descriptor, at offset: UInt64, _ checksum: UInt32
    ) throws(Unusable) -> PlacedCatalogLine {
        var count: UInt64 = 1024
        while offset < header.coveredLength {
            count = min(count, header.coveredLength - offset)
            let bytes = try bytes(offset..<offset + count, of: catalog)
            let line: PlacedCatalogLine?
            do throws(CatalogDefect) {
                line = try CatalogLines.line(bytes)
            } catch {
                throw Unusable()
            }
            if let line, line.checksum == checksum { return line }
            guard line == nil, count < header.coveredLength - offset else { break }
            count *= 8
        }
        throw Unusable()
    }

    private func bytes(_ range: Range<UInt64>) throws(Unusable) -> [UInt8] {
        try bytes(range, of: file.descriptor)
    }

    private func bytes(_ range: Range<UInt64>, of file: Descriptor) throws(Unusable) -> [UInt8] {
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try system.readRange(file, at: Int64(range.lowerBound), count: range.count)
        } catch {
            throw Unusable()
        }
        guard bytes.count == range.count else { throw Unusable() }
        return bytes
    }

    // MARK: Making it

    /// So much of a catalog may lie behind the covered part before that is extended: little enough
    /// for reading it to be quick, and enough for the cost of extending to be small for each of the
    /// transactions that lie there.
    static func largestUncovered(_ covered: UInt64) -> UInt64 { max(16 << 10, covered / 256) }

    /// What covers as much as this does, to be extended; nil where any bit of it has changed.
    func builder() -> CatalogIndexBuilder? {
        guard let size = try? system.status(of: file.descriptor).size,
            UInt64(max(0, size)) == header.fileLength, let bytes = try? bytes(0..<header.fileLength)
        else { return nil }
        return bytes.withUnsafeBytes { CatalogIndexBuilder(extending: $0) }
    }

    /// Puts a new one in the place of any that there was, and opens it; nil where that fails.
    static func replace(
        by builder: CatalogIndexBuilder, system: any SystemCalls, control: Descriptor,
        staging: Descriptor
    ) -> CatalogIndex? {
        guard let bytes = builder.encode(salt: system.randomSalt()),
            let header = bytes.withUnsafeBytes({ CatalogIndexHeader.decode($0) })
        else { return nil }
        let temporary = TemporaryName.make(system)
        do throws(Errno) {
            let file = try system.openOwned(
                temporary, in: staging, [.read, .write, .create, .exclusive])
            do throws(Errno) {
                try system.writeAll(file.descriptor, bytes, at: 0)
                try system.rename(
                    temporary, in: staging, to: ControlNames.catalogIndex, in: control, .replace)
            } catch {
                try? system.unlink(temporary, in: staging)
                throw error
            }
            return CatalogIndex(system: system, file: file, header: header)
        } catch {
            return nil
        }
    }
}
