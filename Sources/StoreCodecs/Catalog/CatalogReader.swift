/// How a catalog ends.
public enum CatalogVerdict: Sendable, Hashable {
    /// With a complete group, to the byte.
    case clean(offset: UInt64)
    /// Behind the last complete group, which ends at `offset`, there is something that is none: an
    /// incomplete group, zeros, garbage. That is what a crash leaves, and what more bytes may
    /// complete where they were given in pieces.
    case tornTail(offset: UInt64, CatalogDefect)
    /// Something that once was durable has changed. `offset` is where the first bad line begins, in
    /// bytes from the file's beginning; `line` is its number, the header being line 1.
    case corrupt(offset: UInt64, line: Int, CatalogDefect)
}

/// A complete group of a catalog: a transaction, and where its lines are.
public struct CatalogGroup: Sendable, Hashable {
    public internal(set) var transaction: TransactionRecord
    /// Where the log ends behind the transaction; nil where that is not known.
    public internal(set) var position: LogPosition?
    /// The group's bytes in the file.
    public internal(set) var range: Range<UInt64>
    /// Where each change's line begins in the file.
    public internal(set) var changeOffsets: [UInt64]
}

/// Reads a catalog from any group's beginning to the end of the bytes given.
///
/// ## Torn or corrupt
///
/// A group is synced before the next is appended, so a crash can lose or tear sectors of the last
/// group alone, or of the last groups where these were appended together (`CatalogTail` tells which
/// of those count, and no reader is given the others), and what shows there instead may be zeros, garbage, or lines of an older catalog or
/// an attempt that was cut off: their numbers are not higher. A bad line with a good line of a
/// *later* transaction behind it is therefore corruption. So is a line whose checksum is right and
/// which is not of the grammar. Everything else behind the last complete group is a torn tail.
///
/// The bytes must outlive the reader. A catalog may be given in pieces: where the verdict is
/// `tornTail(offset, _)` and the file goes on, give a new reader the bytes from `offset`, with more
/// behind them.
public struct CatalogReader {
    private let bytes: UnsafeRawBufferPointer
    private let startOffset: UInt64
    private var cursor = 0
    private var lineNumber: Int
    /// The group that has begun and not ended.
    private var open: OpenGroup?

    private struct OpenGroup {
        var changesLeft: UInt64
        var checksum: CRC32
    }

    /// Where the last complete group ends, in bytes from the file's beginning.
    public private(set) var offset: UInt64
    /// The number that the next group must have.
    public private(set) var nextTransaction: UInt64
    /// The line that the next group begins with, the header being line 1.
    public private(set) var nextLineNumber: Int
    /// How the catalog ends; nil until `next` has returned nil.
    public private(set) var verdict: CatalogVerdict?
    /// Where the line that `nextLine` gave last begins in the file.
    public private(set) var lineOffset: UInt64
    private var checksumField = 0..<0

    /// The checksum that the line states which `nextLine` gave last.
    public var lineChecksum: UInt32 {
        CatalogLines.checksum(in: bytes, at: checksumField)
    }

    /// `bytes` begin at `offset` of the file, where a group begins.
    public init(
        _ bytes: UnsafeRawBufferPointer, from offset: UInt64, nextTransaction: UInt64,
        lineNumber: Int = 2
    ) {
        self.bytes = bytes
        self.startOffset = offset
        self.offset = offset
        lineOffset = offset
        self.nextTransaction = nextTransaction
        self.lineNumber = lineNumber
        self.nextLineNumber = lineNumber
    }

    /// The next complete group, every byte of it checked; nil at the end, and then `verdict` says
    /// how it ends.
    public mutating func next() -> CatalogGroup? { next(changesWhere: nil) }

    /// The same with only those changes whose document is wanted; `wants` gets names as they are
    /// written (`CatalogLines.escaped`). Of other changes nothing is read but the transaction's
    /// number and the checksum, so that one document's history is found quickly in a long catalog.
    public mutating func next(
        changesWhere wants: ((UnsafeRawBufferPointer) -> Bool)?
    ) -> CatalogGroup? {
        let start = startOffset + UInt64(cursor)
        guard case .transaction(let transaction, let changeCount)? = nextLine() else {
            return nil
        }
        var group = CatalogGroup(
            transaction: transaction, position: nil, range: start..<start, changeOffsets: [])
        let possible = (bytes.count - cursor) / CatalogFormat.minimumChangeLength
        if wants == nil {
            let capacity = min(Int(clamping: changeCount), possible)
            group.transaction.changes.reserveCapacity(capacity)
            group.changeOffsets.reserveCapacity(capacity)
        }
        while true {
            if let wants, passUnwantedChange(wants) { continue }
            let lineStart = startOffset + UInt64(cursor)
            switch nextLine() {
            case .change(let change):
                group.transaction.changes.append(change)
                group.changeOffsets.append(lineStart)
            case .end(let position):
                group.position = position
                group.range = start..<offset
                return group
            case .transaction, nil:
                return nil
            }
        }
    }

    /// The next line, checked by itself and in the course of its group; nil at the end.
    ///
    /// For those who cannot keep a whole group: what the lines of a group say holds only when its
    /// `end` has come. If nil comes first, they say nothing.
    public mutating func nextLine() -> CatalogLine? {
        guard verdict == nil else { return nil }
        guard cursor < bytes.count else {
            verdict = open == nil ? .clean(offset: offset) : .tornTail(offset: offset, .truncated)
            return nil
        }
        do throws(CatalogDefect) {
            let parsed = try ParsedLine(bytes, at: cursor)
            try accept(parsed)
            return parsed.line
        } catch {
            verdict = judge(error)
            return nil
        }
    }

    /// Moves behind a good line of a change that is not wanted; false for every other line, which is
    /// left to `nextLine`.
    private mutating func passUnwantedChange(
        _ wants: (UnsafeRawBufferPointer) -> Bool
    ) -> Bool {
        guard let changesLeft = open?.changesLeft, changesLeft > 0,
            let line = CatalogLines.change(in: bytes, at: cursor),
            line.number == nextTransaction, !wants(line.document)
        else { return false }
        let end = line.checksumField.upperBound + 1
        guard
            LineParser.hasRightChecksum(
                UnsafeRawBufferPointer(rebasing: bytes[cursor..<end]))
        else { return false }
        open?.changesLeft -= 1
        open?.checksum.update(UnsafeRawBufferPointer(rebasing: bytes[line.checksumField]))
        cursor = end
        lineNumber += 1
        return true
    }

    /// Whether the line may stand here; moves behind it if so.
    private mutating func accept(_ parsed: ParsedLine) throws(CatalogDefect) {
        guard parsed.number == nextTransaction else { throw .transactionNumber(parsed.number) }
        let digits = UnsafeRawBufferPointer(rebasing: bytes[parsed.checksumField])
        switch (parsed.line, open) {
        case (.transaction(_, let changeCount), nil):
            open = OpenGroup(changesLeft: changeCount, checksum: CRC32())
            open?.checksum.update(digits)
        case (.change, let group?) where group.changesLeft > 0:
            open?.changesLeft -= 1
            open?.checksum.update(digits)
        case (.end, let group?) where group.changesLeft == 0:
            guard group.checksum.value == parsed.groupChecksum else { throw .groupChecksum }
            open = nil
            offset = startOffset + UInt64(parsed.end)
            nextTransaction &+= 1
            nextLineNumber = lineNumber + 1
        default:
            throw .unexpectedLine
        }
        lineOffset = startOffset + UInt64(cursor)
        checksumField = parsed.checksumField
        cursor = parsed.end
        lineNumber += 1
    }

    /// What the bad line at the cursor means.
    private func judge(_ defect: CatalogDefect) -> CatalogVerdict {
        let defect = explain(defect)
        if defect == .invalidLine || hasLaterLine() {
            return .corrupt(
                offset: startOffset + UInt64(cursor), line: lineNumber, defect)
        }
        return .tornTail(offset: offset, defect)
    }

    /// A field that cannot be read is the grammar's fault only where the line's checksum is right.
    private func explain(_ defect: CatalogDefect) -> CatalogDefect {
        guard defect == .invalidLine || defect == .truncated else { return defect }
        guard let lineEnd = bytes[cursor...].firstIndex(of: CatalogFormat.lineEnd) else {
            return .truncated
        }
        let line = UnsafeRawBufferPointer(rebasing: bytes[cursor...lineEnd])
        return LineParser.hasRightChecksum(line) ? .invalidLine : .checksum
    }

    /// Whether a good line of a later transaction than the one being read begins at the cursor or
    /// behind a line's end after it.
    private func hasLaterLine() -> Bool {
        var start = cursor
        while start < bytes.count {
            let lineEnd = bytes[start...].firstIndex(of: CatalogFormat.lineEnd)
            guard let lineEnd else { return false }
            if let number = number(ofLineAt: start), number > nextTransaction,
                LineParser.hasRightChecksum(
                    UnsafeRawBufferPointer(rebasing: bytes[start...lineEnd]))
            {
                return true
            }
            start = lineEnd + 1
        }
        return false
    }

    private func number(ofLineAt start: Int) -> UInt64? {
        switch bytes[start] {
        case CatalogFormat.transactionLine, CatalogFormat.changeLine, CatalogFormat.endLine,
            CatalogFormat.joinedEndLine:
            var parser = LineParser(bytes, at: start + 1)
            guard parser.takes(CatalogFormat.fieldSeparator) else { return nil }
            return try? parser.decimal()
        default:
            return nil
        }
    }
}
