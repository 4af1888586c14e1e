/// A complete transaction in the log: its content records and the commit record behind them.
public struct LogTransaction: Sendable, Hashable {
    public let number: UInt64
    public let contents: [LogRecord]
    public let commit: LogRecord
    /// Behind the commit record and its padding.
    public let end: LogPosition
}

/// How a log ends.
public enum LogVerdict: Sendable, Hashable {
    /// With a complete transaction, to the byte.
    case clean(LogPosition)
    /// Behind the last complete transaction there is something that is none: what a crash leaves.
    /// Cutting the segment at this position loses nothing that was acknowledged, unless the number
    /// of the last durable transaction, recorded elsewhere, says that there was more.
    case tornTail(LogPosition, LogDefect)
    /// Something that once was durable has changed. `offset` is that of the first bad record, in
    /// bytes from the segment's beginning.
    case damaged(offset: UInt64, LogDefect)
}

/// Reads the transactions of a log segment from a trusted position to the end of the file.
///
/// ## Torn or damaged
///
/// A transaction is synced before the next one begins. So a crash can lose or tear sectors of the
/// last transaction alone, in any subset: good records of it may stand behind bad ones, and beyond
/// its end there may be zeros, garbage, or bytes of an older generation. All of that is a torn
/// tail. But where any record of a *later* transaction has reached the disk, the one before it was
/// durable. A bad record followed by a good header (marker, salt, checksum) with a higher number
/// than that of the transaction being read is therefore damage, and so is a record that is good in
/// every respect, chain included, and yet not what a writer writes.
///
/// Older generations cannot imitate that: another segment has another salt, and an attempt that
/// was cut off had the number that is being read now.
///
/// The bytes must outlive the reader.
public struct LogReader {
    private let bytes: UnsafeRawBufferPointer
    private let salt: UInt64
    private let startOffset: UInt64
    private var cursor = 0

    /// The end of the last complete transaction so far.
    public private(set) var position: LogPosition
    /// The number that the next transaction must have.
    public private(set) var nextTransaction: UInt64
    /// How the log ends; nil until `next` has returned nil.
    public private(set) var verdict: LogVerdict?

    /// `bytes` reach from `position` to the end of the segment's file.
    public init(
        _ bytes: UnsafeRawBufferPointer, from position: LogPosition, salt: UInt64,
        nextTransaction: UInt64
    ) {
        self.bytes = bytes
        self.salt = salt
        self.startOffset = position.offset
        self.position = position
        self.nextTransaction = nextTransaction
    }

    /// The next complete transaction, every byte of it checked; nil at the end, and then `verdict`
    /// says how it ends.
    public mutating func next() -> LogTransaction? {
        guard verdict == nil else { return nil }
        var contents: [LogRecord] = []
        var chain = position.chain
        var start = cursor
        while true {
            if start == bytes.count {
                verdict =
                    contents.isEmpty ? .clean(position) : .tornTail(position, .truncated)
                return nil
            }
            let record: LogRecord
            do throws(LogDefect) {
                record = try readRecord(at: start, chain: chain)
            } catch {
                verdict = judge(badRecordAt: start, error)
                return nil
            }
            chain = record.header.checksum
            start = record.end
            if record.header.type.isCommit {
                return finish(contents: contents, commit: record)
            }
            contents.append(record)
        }
    }

    private func readRecord(at start: Int, chain: UInt32) throws(LogDefect) -> LogRecord {
        let record = try LogRecord.read(bytes, at: start, salt: salt, chain: chain)
        guard record.header.transaction == nextTransaction else {
            throw .transactionNumber(record.header.transaction)
        }
        return record
    }

    private mutating func finish(contents: [LogRecord], commit: LogRecord) -> LogTransaction? {
        let length = LogFormat.contentCountLength
        guard commit.payload.count >= length,
            bytes.littleEndian(at: commit.payload.lowerBound, as: UInt64.self)
                == UInt64(contents.count)
        else {
            verdict = .damaged(offset: startOffset + UInt64(commit.start), .contentCount)
            return nil
        }
        cursor = commit.end
        position.offset = startOffset + UInt64(commit.end)
        position.chain = commit.header.checksum
        nextTransaction &+= 1
        return LogTransaction(
            number: commit.header.transaction, contents: contents, commit: commit, end: position)
    }

    private func judge(badRecordAt start: Int, _ defect: LogDefect) -> LogVerdict {
        let isDamage =
            switch defect {
            // These are found only where the header's checksum, salt and chain are right: no crash
            // makes that.
            case .invalidHeader, .unknownType, .transactionNumber: true
            default: hasLaterTransaction(from: start)
            }
        return isDamage
            ? .damaged(offset: startOffset + UInt64(start), defect) : .tornTail(position, defect)
    }

    /// Whether a good header of a transaction later than the one being read is found at or behind
    /// `start`.
    private func hasLaterTransaction(from start: Int) -> Bool {
        var offset = start
        while bytes.count - offset >= LogRecordHeader.byteCount {
            let marker = bytes.littleEndian(at: offset, as: UInt32.self)
            if marker == LogFormat.Record.markerValue {
                let candidate = UnsafeRawBufferPointer(rebasing: bytes[offset...])
                if let header = try? LogRecordHeader.decode(candidate, salt: salt, chain: nil),
                    header.transaction > nextTransaction
                {
                    return true
                }
            }
            offset += LogFormat.alignment
        }
        return false
    }
}
