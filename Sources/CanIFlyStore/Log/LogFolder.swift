package import StoreCodecs
internal import StoreFiles

/// The folder of log segments. A transaction is durable once its records are synced here, and its
/// contents stay here as history.
///
/// Two rules make every crash recoverable:
/// - Everything before the position in the catalog's last line is durable and belongs to
///   transactions that have been carried out. What lies behind it is a transaction on its way, or
///   a torn one.
/// - A segment with a higher number takes the place of all that lies behind that position in the
///   earlier ones. So a torn tail, and a transaction whose sync may have failed, are never written
///   over: the log goes on in a new file.
package struct LogFolder {
    let system: any SystemCalls
    /// The control directory, open.
    let control: Descriptor
    let store: StoreIdentifier
    /// Of the catalog that speaks of this folder.
    let generation: UInt64

    /// The folder's name in the control directory.
    var name: String { ControlNames.log(generation: generation) }

    /// A segment's path from the store's directory.
    func path(of segment: UInt64) -> String {
        "\(ControlNames.directory)/\(name)/\(ControlNames.segment(segment))"
    }

    /// A segment that is at least this long is not appended to any more.
    static let segmentByteLimit: UInt64 = 64 << 20

    /// Where the next transaction goes, and what lies there already.
    package struct Tail {
        package var position: LogPosition
        package var salt: UInt64
        /// Size of the segment's file: beyond `position` where something is pending or torn.
        package var fileSize: UInt64
        /// The catalog does not know this segment yet.
        package var startsNewSegment: Bool
        package var hasRest: Bool { fileSize > position.offset }
    }

    /// What lies behind the trusted end of the log.
    package struct Rest {
        package var bytes: [UInt8]
        package var transactions: [LogTransaction]
        package var verdict: LogVerdict
    }

    // MARK: Finding the end

    /// The end of the log as the catalog's last line has it, or in the newest segment begun since.
    /// - Throws: `invalidData` (`log-corrupt`) where a segment is missing or its header is bad.
    package func tail(
        after catalogEnd: LogPosition?, lastTransaction: UInt64
    ) throws(StoreError) -> Tail {
        let newest = try segmentNumbers().last ?? 0
        guard newest >= catalogEnd?.segment ?? 1 else {
            let missing = catalogEnd?.segment ?? 1
            throw .logCorrupt(
                "its segment \(ControlNames.segment(missing)) is missing", in: path(of: missing))
        }
        let descriptor = try openSegment(newest)
        let header = try readHeader(descriptor.descriptor, of: newest)
        let size = try fileSize(descriptor.descriptor)
        if let catalogEnd, newest == catalogEnd.segment {
            guard size >= catalogEnd.offset else {
                throw .logCorrupt(
                    "\(ControlNames.segment(newest)) ends before its recorded end",
                    in: path(of: newest), at: size)
            }
            return Tail(
                position: catalogEnd, salt: header.salt, fileSize: size, startsNewSegment: false)
        }
        var tail = Tail(
            position: header.start, salt: header.salt, fileSize: size, startsNewSegment: true)
        if header.firstTransaction <= lastTransaction {
            // Recovery wrote what was waiting anew, and a second crash left of the catalog the lines
            // that the first attempt had written. Both attempts are the same transactions.
            let end = try end(
                ofTransaction: lastTransaction, in: tail, first: header.firstTransaction)
            guard let end else {
                throw .logCorrupt(
                    "\(ControlNames.segment(newest)) does not hold transaction \(lastTransaction)",
                    in: path(of: newest), at: header.start.offset)
            }
            tail.position = end
        } else if header.firstTransaction != lastTransaction + 1 {
            throw .logCorrupt(
                "\(ControlNames.segment(newest)) begins with transaction "
                    + "\(header.firstTransaction), not \(lastTransaction + 1)",
                in: path(of: newest), at: 0)
        }
        return tail
    }

    /// Where a transaction ends that lies in a segment beginning with `first`; nil where it does not.
    private func end(
        ofTransaction number: UInt64, in tail: Tail, first: UInt64
    ) throws(StoreError) -> LogPosition? {
        try rest(of: tail, lastTransaction: first - 1).transactions
            .first { $0.number == number }?.end
    }

    /// Reads what lies behind the trusted end.
    package func rest(of tail: Tail, lastTransaction: UInt64) throws(StoreError) -> Rest {
        let descriptor = try openSegment(tail.position.segment)
        let bytes: [UInt8]
        do throws(Errno) {
            let end = try system.endOfData(
                of: descriptor.descriptor, from: tail.position.offset, size: tail.fileSize)
            bytes = try system.readRange(
                descriptor.descriptor, at: Int64(tail.position.offset),
                count: Int(end - tail.position.offset))
        } catch {
            throw StoreError(error, cannot: "read the log")
        }
        var transactions: [LogTransaction] = []
        let verdict = bytes.withUnsafeBytes { buffer in
            var reader = LogReader(
                buffer, from: tail.position, salt: tail.salt,
                nextTransaction: lastTransaction + 1)
            while let transaction = reader.next() { transactions.append(transaction) }
            return reader.verdict!
        }
        return Rest(bytes: bytes, transactions: transactions, verdict: verdict)
    }

    /// The numbers of all segments, ascending.
    package func segmentNumbers() throws(StoreError) -> [UInt64] {
        do throws(Errno) {
            let folder = try system.openOwned(name, in: control, [.read, .directory])
            return try system.entries(of: folder.descriptor)
                .compactMap { ControlNames.segmentNumber(of: $0.name) }.sorted()
        } catch .noEntry {
            return []
        } catch {
            throw StoreError(error, cannot: "list the log")
        }
    }

    // MARK: Contents of history

    /// A content that the log keeps, checked against its digest.
    /// - Throws: `invalidData` with the code `history-missing` or `history-corrupt`.
    package func content(
        at location: ContentLocation, digest: Digest
    ) throws(StoreError) -> [UInt8] {
        let name = ControlNames.segment(location.segment)
        let file = try openSegment(of: digest, at: location)
        let header = try readHeader(file.descriptor, of: location.segment)
        let corrupt = StoreError.damagedContent(digest, at: location)
        let record: (type: LogRecordType, payload: [UInt8])?
        do throws(Errno) {
            record = try read(at: location.offset, of: file.descriptor, salt: header.salt)
        } catch {
            throw StoreError(error, cannot: "read \(name) of the log")
        }
        guard let record else { throw corrupt }
        if Digest.of(record.payload) == digest { return record.payload }
        // A packed record keeps two contents: the gzip itself, which a packed document is, and what
        // is packed in it.
        guard record.type == .packedContent,
            let content = try? GzipReader.unpack(
                record.payload,
                limits: GzipLimits(maximumLength: UInt64(DocumentFiles.largestInTransaction))),
            Digest.of(content) == digest
        else { throw corrupt }
        return content
    }

    /// The record of a content; nil where there is none. What its header claims is compared with what
    /// is there before anything is done with it.
    private func read(
        at offset: UInt64, of file: Descriptor, salt: UInt64
    ) throws(Errno) -> (type: LogRecordType, payload: [UInt8])? {
        let head = try system.readRange(
            file, at: Int64(clamping: offset), count: LogRecordHeader.byteCount)
        let start = Int64(clamping: offset) + Int64(LogRecordHeader.byteCount)
        let size = try system.status(of: file).size
        guard let record = try? LogRecordHeader.decode(head, salt: salt, chain: nil),
            !record.type.isCommit, record.payloadLength <= UInt64(max(0, size - start))
        else { return nil }
        let payload = try system.readRange(file, at: start, count: Int(record.payloadLength))
        return (record.type, payload)
    }

    /// Whether there is a record of just these bytes: by its header alone, or by the end of the gzip
    /// in it, whose checksums would have to lie.
    func holds(_ content: [UInt8], at location: ContentLocation) -> Bool {
        holds(length: UInt64(content.count), checksum: CRC32.of(content), at: location)
    }

    /// The same of bytes that are known by their length and CRC-32.
    func holds(length: UInt64, checksum: UInt32, at location: ContentLocation) -> Bool {
        guard let file = try? openSegment(location.segment),
            let header = try? readHeader(file.descriptor, of: location.segment),
            let head = try? system.readRange(
                file.descriptor, at: Int64(clamping: location.offset),
                count: LogRecordHeader.byteCount),
            let record = try? LogRecordHeader.decode(head, salt: header.salt, chain: nil)
        else { return false }
        if record.type.isCommit { return false }
        if record.payloadLength == length, record.payloadChecksum == checksum { return true }
        let end = location.offset + UInt64(LogRecordHeader.byteCount) + record.payloadLength
        guard record.type == .packedContent,
            let trailer = try? system.readRange(
                file.descriptor, at: Int64(clamping: end) - 8, count: 8)
        else { return false }
        var expected: [UInt8] = []
        for value in [checksum, UInt32(truncatingIfNeeded: length)] {
            withUnsafeBytes(of: value.littleEndian) { expected.append(contentsOf: $0) }
        }
        return trailer == expected
    }

    /// Whether the log has a content whole, read piece by piece.
    /// - Throws: `invalidData` where there is no record, else the operating system's error.
    package func hasIntact(_ digest: Digest, at location: ContentLocation) throws(StoreError)
        -> Bool
    {
        let logged = try openRecord(at: location)
        var payloadHasher = DigestHasher()
        var contentHasher = DigestHasher()
        var stream = PackedStream(limits: .unlimited)
        var isGzip = logged.isPacked
        var done: UInt64 = 0
        do throws(Errno) {
            while done < logged.length {
                let piece = try system.readRange(
                    logged.file.descriptor, at: logged.start + Int64(done),
                    count: Int(min(logged.length - done, 1 << 20)))
                guard !piece.isEmpty else { return false }
                done += UInt64(piece.count)
                payloadHasher.update(piece)
                guard isGzip else { continue }
                isGzip =
                    (try? piece.withUnsafeBytes {
                        try stream.unpack($0) { contentHasher.update($0) }
                    }) != nil
            }
        } catch {
            throw StoreError(error, cannot: "read the log")
        }
        if payloadHasher.finish() == digest { return true }
        return isGzip && (try? stream.finish()) != nil && contentHasher.finish() == digest
    }

    /// The same as `content(at:digest:)` for a content that is only to be checked, in constant memory.
    package func requireIntact(
        _ digest: Digest, at location: ContentLocation
    ) throws(StoreError) {
        _ = try openSegment(of: digest, at: location)
        guard try hasIntact(digest, at: location) else {
            throw .damagedContent(digest, at: location)
        }
    }

    /// A content for reading it piece by piece. Its digest is left to the reader to check.
    func storedContent(
        of digest: Digest, at location: ContentLocation
    ) throws(StoreError) -> StoredContent {
        _ = try openSegment(of: digest, at: location)
        let logged = try openRecord(at: location)
        let (start, length, isPacked) = (logged.start, logged.length, logged.isPacked)
        var content = StoredContent(file: logged.takeFile(), start: start, length: length)
        guard isPacked else { return content }
        // A packed record keeps two contents: itself, and what is packed in it.
        let name = StorePath(unchecked: ControlNames.segment(location.segment))
        content.isPackedInRecord =
            try content.read(unpacks: false, of: name, system) { _ in true } != digest
        return content
    }

    private func openSegment(
        of digest: Digest, at location: ContentLocation
    ) throws(StoreError) -> OwnedDescriptor {
        do throws(StoreError) {
            return try openSegment(location.segment)
        } catch  where error.cause == .noEntry {
            throw StoreError(
                .invalidData, code: "history-missing",
                "the content \(digest.hexadecimal) is lost: "
                    + "\(ControlNames.segment(location.segment)) of the log is not there",
                hint: "restore the store from a backup")
        }
    }

    /// The record of a content as it lies in its segment, for copying it piece by piece.
    func openRecord(
        at location: ContentLocation
    ) throws(StoreError) -> LoggedContent {
        let name = ControlNames.segment(location.segment)
        let file = try openSegment(location.segment)
        let header = try readHeader(file.descriptor, of: location.segment)
        let size = try fileSize(file.descriptor)
        let head: [UInt8]
        do throws(Errno) {
            head = try system.readRange(
                file.descriptor, at: Int64(clamping: location.offset),
                count: LogRecordHeader.byteCount)
        } catch {
            throw StoreError(error, cannot: "read \(name) of the log")
        }
        let start = location.offset + UInt64(LogRecordHeader.byteCount)
        guard let record = try? LogRecordHeader.decode(head, salt: header.salt, chain: nil),
            !record.type.isCommit, start <= size, record.payloadLength <= size - start
        else {
            throw StoreError(
                .invalidData, code: "history-corrupt",
                "the record at \(location.offset) of \(name) of the log is damaged",
                hint: "canifly-store verify --deep shows what else is")
        }
        return LoggedContent(
            file: file, start: Int64(start), length: record.payloadLength,
            checksum: record.payloadChecksum, isPacked: record.type == .packedContent)
    }

    // MARK: Segments

    /// The name of a segment in the staging folder until it is complete.
    static let newSegmentName = "segment"

    func openForAppending(_ segment: UInt64) throws(StoreError) -> OwnedDescriptor {
        try openSegment(segment, [.read, .write])
    }

    /// A writer for a segment that has no name in the log yet, its header written.
    func createSegment(
        _ number: UInt64, firstTransaction: UInt64, in staging: Descriptor
    ) throws(StoreError) -> SegmentWriter {
        let header = LogSegmentHeader(
            store: store, segment: number, salt: system.randomSalt(),
            firstTransaction: firstTransaction)
        do throws(Errno) {
            let file = try system.openOwned(
                Self.newSegmentName, in: staging, [.read, .write, .create, .exclusive])
            try system.writeAll(file.descriptor, header.encode(), at: 0)
            return SegmentWriter(
                system: system, file: file, position: header.start, salt: header.salt)
        } catch {
            throw StoreError(error, cannot: "begin a segment of the log")
        }
    }

    func openSegment(
        _ number: UInt64, _ flags: OpenFlags = [.read]
    ) throws(StoreError) -> OwnedDescriptor {
        let name = "\(self.name)/\(ControlNames.segment(number))"
        do throws(Errno) {
            return try system.openOwned(name, in: control, flags)
        } catch {
            throw StoreError(error, cannot: "open \(name)")
        }
    }

    /// The bytes of all segments together.
    func byteCount() throws(StoreError) -> Int64 {
        var total: UInt64 = 0
        for number in try segmentNumbers() {
            let segment = try openSegment(number)
            total += try fileSize(segment.descriptor)
        }
        return Int64(clamping: total)
    }

    private func fileSize(_ descriptor: Descriptor) throws(StoreError) -> UInt64 {
        do throws(Errno) {
            return UInt64(max(0, try system.status(of: descriptor).size))
        } catch {
            throw StoreError(error, cannot: "look at the log")
        }
    }

    func readHeader(
        _ descriptor: Descriptor, of number: UInt64
    ) throws(StoreError) -> LogSegmentHeader {
        let bytes: [UInt8]
        do throws(Errno) {
            bytes = try system.readRange(
                descriptor, at: 0, count: LogSegmentHeader.byteCount)
        } catch {
            throw StoreError(error, cannot: "read the log")
        }
        let name = ControlNames.segment(number)
        let header: LogSegmentHeader
        do throws(LogSegmentError) {
            header = try LogSegmentHeader.decode(bytes)
        } catch .newerVersion(let version) {
            throw StoreError(
                .configuration, code: "store-newer",
                "the store was written by a newer program (log format \(version))",
                hint: "install that version of canifly-store or a later one")
        } catch {
            throw .logCorrupt("the header of \(name) (\(error))", in: path(of: number), at: 0)
        }
        guard header.store == store else {
            throw .logCorrupt("\(name) is another store's", in: path(of: number), at: 0)
        }
        guard header.segment == number else {
            throw .logCorrupt("\(name) has another's number", in: path(of: number), at: 0)
        }
        return header
    }
}

/// Where the payload of a content's record lies.
struct LoggedContent: ~Copyable {
    let file: OwnedDescriptor
    /// In bytes from the beginning of the file.
    let start: Int64
    let length: UInt64
    let checksum: UInt32
    let isPacked: Bool
}

extension LoggedContent {
    consuming func takeFile() -> OwnedDescriptor { file }

    /// A file that is to become a record.
    init(_ source: ContentFile, system: any SystemCalls) throws(Errno) {
        file = try system.openOwned(source.path, in: source.directory, [.read])
        start = 0
        length = source.length
        checksum = source.checksum
        isPacked = source.isPacked
    }
}

extension StoreError {
    static func damagedContent(
        _ digest: Digest, at location: ContentLocation
    ) -> StoreError {
        StoreError(
            .invalidData, code: "history-corrupt",
            "the content \(digest.hexadecimal) at \(location.offset) of "
                + "\(ControlNames.segment(location.segment)) is damaged",
            hint: "canifly-store verify --deep shows what else is")
    }

    /// - Parameters:
    ///   - file: the segment's path from the store's directory; nil: nobody knows.
    ///   - offset: where in it.
    package static func logCorrupt(
        _ reason: String, in file: String? = nil, at offset: UInt64? = nil
    ) -> StoreError {
        var error = StoreError(
            .invalidData, code: "log-corrupt", "the log is damaged: \(reason)",
            hint: "canifly-store repair keeps the damaged file and goes on from what is good")
        error.place = file.map { RecordPlace($0, at: offset) }
        return error
    }
}
