package import StoreCodecs
package import StoreFiles

/// The catalog's file: what every transaction did, one group of lines after the other, only ever
/// appended to. Its last group says how far the log has been carried out.
package struct CatalogFile: ~Copyable {
    let system: any SystemCalls
    package private(set) var file: OwnedDescriptor
    package let header: CatalogHeader
    let headerLength: Int
    /// Where the last complete group ends, in bytes from the file's beginning.
    package private(set) var length: UInt64
    /// The file's size when it was opened: beyond `length` where a crash left a torn group.
    package let fileSize: UInt64
    /// 0 before the first.
    package private(set) var lastTransaction: UInt64
    /// Where the log ends behind the last transaction; nil before the first.
    package private(set) var logEnd: LogPosition?
    /// Where the lines of one document are, up to somewhere; nil where nothing tells.
    package private(set) var index: CatalogIndex?

    package var isTorn: Bool { fileSize > length }

    /// How much of the end is looked at first.
    private static let tailBytes = 16 * 1024

    /// Opens the catalog and reads its end; nil where there is none.
    /// - Throws: `invalidData` (`catalog-corrupt`), `configuration` where it is newer than this
    ///   program.
    package static func open(
        system: any SystemCalls, control: Descriptor, forWriting: Bool
    ) throws(StoreError) -> CatalogFile? {
        let file: OwnedDescriptor
        do throws(Errno) {
            file = try system.openOwned(
                ControlNames.catalog, in: control, forWriting ? [.read, .write] : [.read])
        } catch .noEntry {
            return nil
        } catch {
            throw StoreError(error, cannot: "open the catalog")
        }
        // Before the catalog's size is asked for: it covers no more than that.
        let index = CatalogIndex.open(system: system, control: control)
        let fileSize: UInt64
        let head: [UInt8]
        do throws(Errno) {
            fileSize = UInt64(max(0, try system.status(of: file.descriptor).size))
            head = try system.readRange(
                file.descriptor, at: 0, count: Int(min(fileSize, 4096)))
        } catch {
            throw StoreError(error, cannot: "read the catalog")
        }
        let (header, headerLength) = try header(in: head)
        var catalog = CatalogFile(
            system: system, file: file, header: header, headerLength: headerLength,
            length: UInt64(headerLength), fileSize: fileSize,
            lastTransaction: header.firstTransaction - 1, logEnd: nil, index: nil)
        try catalog.findEnd(index)
        return catalog
    }

    /// Finds the last complete group, reading no more of the file's end than it takes: what the index
    /// covers was read when that was made.
    private mutating func findEnd(_ index: CatalogIndex?) throws(StoreError) {
        if let end = index?.provenEnd(in: file.descriptor, header, size: fileSize),
            case .end(let position) = end.line
        {
            self.index = index
            length = index!.header.coveredLength
            lastTransaction = end.number
            logEnd = position
        }
        let group = try lastGroup(behind: length)
        if let group {
            length = group.range.upperBound
            lastTransaction = group.number
            logEnd = group.position
        }
    }

    private static func header(
        in bytes: [UInt8]
    ) throws(StoreError) -> (CatalogHeader, Int) {
        do throws(CatalogHeaderError) {
            let decoded = try CatalogHeader.decode(bytes)
            return (decoded.header, decoded.length)
        } catch .newerVersion(let version) {
            throw StoreError(
                .configuration, code: "store-newer",
                "the store was written by a newer program (catalog format \(version))",
                hint: "install that version of canifly-store or a later one")
        } catch {
            throw .catalogCorrupt("its first line (\(error))", at: 0)
        }
    }

    /// The last complete group from an offset on, where the header or a group ends.
    private func lastGroup(behind first: UInt64) throws(StoreError) -> CatalogTail.LastGroup? {
        let end: UInt64
        do throws(Errno) {
            end = try system.endOfData(of: file.descriptor, from: first, size: fileSize)
        } catch {
            throw StoreError(error, cannot: "read the catalog")
        }
        var window = UInt64(Self.tailBytes)
        while true {
            let start = max(end > window ? end - window : 0, first)
            let bytes: [UInt8]
            do throws(Errno) {
                bytes = try system.readRange(
                    file.descriptor, at: Int64(start), count: Int(end - start))
            } catch {
                throw StoreError(error, cannot: "read the catalog")
            }
            switch CatalogTail.find(in: bytes, from: start, headerLength: Int(first)) {
            case .found(let group): return group
            case .empty: return nil
            case .earlierBytesNeeded: window *= 8
            }
        }
    }

    /// Cuts off what a crash left behind the last complete group, durably.
    mutating func cutTornTail() throws(StoreError) {
        guard isTorn else { return }
        do throws(Errno) {
            try system.truncate(file.descriptor, to: Int64(length))
            try system.synchronize(file.descriptor)
        } catch {
            throw StoreError(error, cannot: "cut the catalog's torn end")
        }
    }

    /// Appends transactions and syncs them (`fdatasync(2)`). After an error none of them is recorded,
    /// and the catalog lies in a new file, since what a failed sync has left of the old one in memory
    /// is not to be trusted. A crash before that may leave the first ones recorded.
    /// - Parameter logEnds: where the log ends behind each of them.
    mutating func append(
        _ records: [TransactionRecord], logEnds: [LogPosition], control: Descriptor,
        staging: Descriptor
    ) throws(Errno) {
        var lines: [UInt8] = []
        var last = lastTransaction
        for (record, end) in zip(records, logEnds) {
            precondition(record.number == last + 1, "transactions are counted one by one")
            last = record.number
            CatalogLines.append(
                record, position: end, paddedFrom: length, isJoined: !lines.isEmpty, to: &lines)
        }
        do throws(Errno) {
            try system.writeAll(file.descriptor, lines, at: Int64(length))
            try system.synchronizeData(file.descriptor)
        } catch {
            // The next process must not take the transactions for recorded.
            try? system.truncate(file.descriptor, to: Int64(length))
            try? moveToNewFile(control: control, staging: staging)
            throw error
        }
        let start = length
        length += UInt64(lines.count)
        lastTransaction = last
        logEnd = logEnds.last ?? logEnd
        keepIndexUpToDate(lines, from: start, control: control, staging: staging)
    }

    /// Extends the index if much lies behind the part that it covers. Where that fails, whatever
    /// index there was stays.
    /// - Parameters:
    ///   - lines: the catalog's last groups.
    ///   - start: where they begin.
    private mutating func keepIndexUpToDate(
        _ lines: [UInt8], from start: UInt64, control: Descriptor, staging: Descriptor
    ) {
        let covered = index?.header.coveredLength ?? UInt64(headerLength)
        guard length - covered > CatalogIndex.largestUncovered(covered) else { return }
        var builder =
            index?.builder() ?? CatalogIndexBuilder(header, headerLength: UInt64(headerLength))
        let first = builder.coveredLength
        if first < start {
            guard
                let bytes = try? system.readRange(
                    file.descriptor, at: Int64(first), count: Int(start - first)),
                builder.add(bytes)
            else { return }
        }
        guard builder.add(lines) else { return }
        index =
            CatalogIndex.replace(
                by: builder, system: system, control: control, staging: staging) ?? index
    }

    /// Makes the index anew from the whole catalog. A short one needs none.
    static func renewIndex(system: any SystemCalls, control: Descriptor, staging: Descriptor) {
        do {
            try system.unlink(ControlNames.catalogIndex, in: control)
        } catch Errno.noEntry {
        } catch {
            return
        }
        do throws(StoreError) {
            guard
                var catalog = try CatalogFile.open(
                    system: system, control: control, forWriting: false)
            else { return }
            catalog.keepIndexUpToDate([], from: catalog.length, control: control, staging: staging)
        } catch {
            // Without an index, the catalog is read.
        }
    }

    /// The same catalog in a new file, durable.
    mutating func moveToNewFile(
        control: Descriptor, staging: Descriptor
    ) throws(Errno) {
        let bytes = try system.readRange(file.descriptor, at: 0, count: Int(length))
        var copy = try StagedFile(for: ControlNames.catalog, in: staging, system)
        try copy.write(bytes)
        let staged = try copy.prepared(FileAttributes(mode: .privateFile))
        try system.rename(
            staged.temporaryName, in: staging, to: ControlNames.catalog, in: control, .replace)
        try system.synchronize(control)
        file = try system.openOwned(ControlNames.catalog, in: control, [.read, .write])
    }

    /// All bytes from `offset` up to the last complete group's end.
    package func bytes(from offset: UInt64) throws(StoreError) -> [UInt8] {
        do throws(Errno) {
            return try system.readRange(
                file.descriptor, at: Int64(offset), count: Int(length - min(length, offset)))
        } catch {
            throw StoreError(error, cannot: "read the catalog")
        }
    }
}

extension CatalogIndexBuilder {
    /// Goes on by the catalog's next groups; false where they are not whole.
    mutating func add(_ bytes: [UInt8]) -> Bool {
        bytes.withUnsafeBytes { add($0, isFullRecording: \.recordsWholeStore) }
    }
}

extension StoreError {
    /// - Parameter offset: where in the catalog; nil: nobody knows.
    package static func catalogCorrupt(_ reason: String, at offset: UInt64?) -> StoreError {
        var error = StoreError(
            .invalidData, code: "catalog-corrupt", "the catalog is damaged: \(reason)",
            hint: "canifly-store repair rebuilds it from the log")
        error.place = RecordPlace(ControlNames.catalogPath, at: offset)
        return error
    }
}
