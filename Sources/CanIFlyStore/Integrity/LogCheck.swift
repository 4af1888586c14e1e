internal import StoreCodecs
internal import StoreFiles

/// Whether the log's records are still as they were written, also those that nobody reads any more
/// once their transaction has been carried out.
///
/// Each group of the catalog says where its transaction ends in the log and with which checksum, so
/// that a damaged record costs no more than the transaction it belongs to.
struct LogCheck {
    private let log: LogFolder
    /// Where the transactions end, in the catalog's order.
    private var ends: [(transaction: UInt64, position: LogPosition)] = []

    /// Nil where nothing was ever recorded.
    init?(_ reading: borrowing StoreReading) throws(StoreError) {
        guard let log = reading.log, let catalog = try reading.catalogBytes() else { return nil }
        self.log = log
        catalog.bytes.withUnsafeBytes { buffer in
            var reader = CatalogReader(
                buffer, from: catalog.offset, nextTransaction: catalog.firstTransaction)
            while let group = reader.next(changesWhere: { _ in false }) {
                guard let position = group.position else { continue }
                ends.append((group.transaction.number, position))
            }
        }
    }

    /// One finding for each transaction with a damaged record.
    /// - Parameter known: contents whose damage has been told already.
    func findings(known: [ContentLocation]) -> [Finding] {
        var findings: [Finding] = []
        var last: LogPosition?
        for (transaction, end) in ends {
            let start = last.flatMap { $0.segment == end.segment ? $0 : nil }
            last = end
            let range = (start?.offset ?? 0)..<max(end.offset, start?.offset ?? 0)
            if known.contains(where: { $0.segment == end.segment && range.contains($0.offset) }) {
                continue
            }
            do throws(StoreError) {
                guard let damage = try log.damage(from: start, to: end) else { continue }
                findings.append(
                    .damagedRecord(of: transaction, in: log, end.segment, damage))
            } catch {
                // That it is missing is told of each content in it.
                if error.cause == .noEntry { continue }
                guard error.code == FindingCode.logCorrupt.rawValue else {
                    findings.append(
                        Finding(
                            .unreadable, .error, document: nil, file: log.path(of: end.segment),
                            detail: error.message,
                            remedy: "look at the disk, and at the file's mode"))
                    continue
                }
                findings.append(
                    .damagedRecord(
                        of: transaction, in: log, end.segment,
                        LogDamage(offset: error.place?.offset ?? 0, reason: error.message)))
            }
        }
        return findings
    }
}

private struct LogDamage {
    /// In bytes from the segment's beginning.
    var offset: UInt64
    var reason: String
}

extension LogFolder {
    /// What is wrong with the records between two positions of one segment; nil where nothing is.
    /// - Parameter start: nil: behind the segment's header.
    fileprivate func damage(
        from start: LogPosition?, to end: LogPosition
    ) throws(StoreError) -> LogDamage? {
        let file = try openSegment(end.segment)
        let header = try readHeader(file.descriptor, of: end.segment)
        let start = start ?? header.start
        guard start.offset < end.offset else {
            return start == end
                ? nil
                : LogDamage(
                    offset: start.offset, reason: "its end is not where the catalog has it")
        }
        var chain = start.chain
        var offset = start.offset
        while offset < end.offset {
            let record = try checkRecord(
                at: offset, before: end.offset, of: file.descriptor, salt: header.salt,
                chain: chain)
            switch record {
            case .success(let record):
                chain = record.checksum
                offset += LogRecordHeader.recordLength(payloadLength: record.payloadLength)
            case .failure(let defect):
                return LogDamage(offset: offset, reason: "its record at \(offset): \(defect)")
            }
        }
        return offset == end.offset && chain == end.chain
            ? nil
            : LogDamage(offset: offset, reason: "its end is not where the catalog has it")
    }

    /// Header, payload and padding of a record, piece by piece: contents may be large.
    private func checkRecord(
        at offset: UInt64, before end: UInt64, of file: Descriptor, salt: UInt64, chain: UInt32
    ) throws(StoreError) -> Result<LogRecordHeader, LogDefect> {
        func bytes(at offset: UInt64, _ count: UInt64) throws(StoreError) -> [UInt8] {
            do throws(Errno) {
                return try system.readRange(file, at: Int64(clamping: offset), count: Int(count))
            } catch {
                throw StoreError(error, cannot: "read the log")
            }
        }
        let start = offset + UInt64(LogRecordHeader.byteCount)
        guard start <= end else { return .failure(.truncated) }
        let head = try bytes(at: offset, start - offset)
        let header: LogRecordHeader
        do throws(LogDefect) {
            header = try LogRecordHeader.decode(head, salt: salt, chain: chain)
        } catch {
            return .failure(error)
        }
        guard header.payloadLength <= end - start,
            UInt64(header.paddingLength) <= end - start - header.payloadLength
        else { return .failure(.truncated) }
        var checksum = CRC32()
        var done: UInt64 = 0
        while done < header.payloadLength {
            let piece = try bytes(at: start + done, min(header.payloadLength - done, 1 << 20))
            guard !piece.isEmpty else { return .failure(.truncated) }
            checksum.update(piece)
            done += UInt64(piece.count)
        }
        guard checksum.value == header.payloadChecksum else { return .failure(.payloadChecksum) }
        let padding = try bytes(at: start + done, UInt64(header.paddingLength))
        guard padding.allSatisfy({ $0 == 0 }) else { return .failure(.padding) }
        return .success(header)
    }
}

extension Finding {
    fileprivate static func damagedRecord(
        of transaction: UInt64, in log: LogFolder, _ segment: UInt64, _ damage: LogDamage
    ) -> Finding {
        Finding(
            .historyCorrupt, .warning, document: nil, file: log.path(of: segment),
            offset: Int(clamping: damage.offset),
            detail: "transaction \(transaction), which was carried out, has a damaged record in "
                + "\(ControlNames.segment(segment)) of the log: \(damage.reason)",
            remedy: "take a backup: the disk has changed what nobody had written")
    }
}
