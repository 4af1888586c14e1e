package import StoreCodecs
package import StoreFiles

/// The catalog's file: what every transaction did, one group of lines after the other, only ever
/// appended to. Its last group says how far the log has been carried out.
package struct CatalogFile: ~Copyable {
    private let system: any SystemCalls
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
        let group = try lastGroup(
            of: file.descriptor, size: fileSize, headerLength: headerLength, system: system)
        return CatalogFile(
            system: system, file: file, header: header, headerLength: headerLength,
            length: group?.range.upperBound ?? UInt64(headerLength), fileSize: fileSize,
            lastTransaction: group?.number ?? header.firstTransaction - 1,
            logEnd: group?.position)
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

    /// The last complete group, reading no more of the file's end than it takes.
    private static func lastGroup(
        of file: Descriptor, size fileSize: UInt64, headerLength: Int, system: any SystemCalls
    ) throws(StoreError) -> CatalogTail.LastGroup? {
        let end: UInt64
        do throws(Errno) {
            end = try system.endOfData(of: file, from: UInt64(headerLength), size: fileSize)
        } catch {
            throw StoreError(error, cannot: "read the catalog")
        }
        var window = UInt64(tailBytes)
        while true {
            let start = end > window ? end - window : 0
            let bytes: [UInt8]
            do throws(Errno) {
                bytes = try system.readRange(
                    file, at: Int64(start), count: Int(end - start))
            } catch {
                throw StoreError(error, cannot: "read the catalog")
            }
            switch CatalogTail.find(in: bytes, from: start, headerLength: headerLength) {
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
        length += UInt64(lines.count)
        lastTransaction = last
        logEnd = logEnds.last ?? logEnd
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
