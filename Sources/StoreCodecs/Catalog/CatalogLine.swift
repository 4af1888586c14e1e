/// One line of a catalog, by itself.
public enum CatalogLine: Sendable, Hashable {
    /// A transaction begins: without its changes, of which there will be so many.
    case transaction(TransactionRecord, changeCount: UInt64)
    case change(ChangeRecord)
    /// A transaction ends; with the log's position behind it, if that is known.
    case end(LogPosition?)
}

/// A checked line and what a group's reader needs of it.
struct ParsedLine {
    var number: UInt64
    var line: CatalogLine
    /// The checksum of the lines before it that an `end` line states, else 0.
    var groupChecksum: UInt32
    /// Whether it ends a group that counts only together with the one before it.
    var isJoined = false
    /// The place of the line's checksum digits.
    var checksumField: Range<Int>
    /// Behind the line's end.
    var end: Int

    /// Reads and checks the line that begins at `start`.
    init(_ bytes: UnsafeRawBufferPointer, at start: Int) throws(CatalogDefect) {
        var parser = LineParser(bytes, from: start, at: start)
        let kind = try parser.next()
        try parser.separator()
        number = try parser.decimal()
        try parser.separator()
        groupChecksum = 0
        switch kind {
        case CatalogFormat.transactionLine:
            line = try Self.transaction(number, from: &parser)
        case CatalogFormat.changeLine:
            line = try Self.change(from: &parser)
        case CatalogFormat.endLine, CatalogFormat.joinedEndLine:
            isJoined = kind == CatalogFormat.joinedEndLine
            line = try Self.end(from: &parser)
            try parser.separator()
            groupChecksum = try parser.checksum()
            try parser.separator()
            parser.padding()
        default:
            throw .invalidLine
        }
        checksumField = try parser.endLine()
        end = parser.index
    }

    private static func transaction(
        _ number: UInt64, from parser: inout LineParser
    ) throws(CatalogDefect) -> CatalogLine {
        let time = try parser.time()
        try parser.separator()
        let command = try parser.escapedString()
        try parser.separator()
        let changeCount = try parser.decimal()
        try parser.separator()
        let message = try parser.escapedString()
        let record = TransactionRecord(
            number: number, time: time, command: command, message: message)
        return .transaction(record, changeCount: changeCount)
    }

    private static func change(from parser: inout LineParser) throws(CatalogDefect) -> CatalogLine {
        let document = try parser.escaped()
        guard !document.isEmpty else { throw .invalidLine }
        try parser.separator()
        let before: PriorState
        if parser.takes(CatalogFormat.asRecorded) {
            before = .asRecorded
        } else if let state = try parser.state() {
            before = .present(state)
        } else {
            before = .absent
        }
        try parser.separator()
        let after = try parser.state()
        try parser.separator()
        var signature: RecordedSignature?
        if parser.takes(CatalogFormat.nothing) {
            try parser.separator()
            try parser.expect(CatalogFormat.nothing)
        } else {
            let inode = try parser.decimal()
            try parser.separator()
            signature = RecordedSignature(inode: inode, changed: try parser.time())
        }
        return .change(
            ChangeRecord(document: document, before: before, after: after, signature: signature))
    }

    private static func end(from parser: inout LineParser) throws(CatalogDefect) -> CatalogLine {
        if parser.takes(CatalogFormat.nothing) {
            for _ in 0..<2 {
                try parser.separator()
                try parser.expect(CatalogFormat.nothing)
            }
            return .end(nil)
        }
        let segment = try parser.decimal()
        try parser.separator()
        let offset = try parser.decimal()
        try parser.separator()
        return .end(LogPosition(segment: segment, offset: offset, chain: try parser.checksum()))
    }
}

/// One line, read by itself and checked by its own checksum: what an index asks for, which knows the
/// place. Whether its group is complete is for those to know who made the index.
public struct PlacedCatalogLine: Sendable, Hashable {
    /// The transaction's.
    public let number: UInt64
    public let line: CatalogLine
    /// What the line states.
    public let checksum: UInt32
    /// In bytes, with the line feed.
    public let length: Int
}

extension CatalogLines {
    /// Reads and checks the line that `bytes` begin with; nil where they end before it does.
    /// - Throws: for everything else that is wrong with it.
    public static func line(
        _ bytes: UnsafeRawBufferPointer
    ) throws(CatalogDefect) -> PlacedCatalogLine? {
        guard bytes.contains(CatalogFormat.lineEnd) else { return nil }
        let parsed = try ParsedLine(bytes, at: 0)
        return PlacedCatalogLine(
            number: parsed.number, line: parsed.line,
            checksum: checksum(in: bytes, at: parsed.checksumField), length: parsed.end)
    }

    /// Reads and checks the line that `bytes` begin with; nil where they end before it does.
    /// - Throws: for everything else that is wrong with it.
    public static func line(_ bytes: [UInt8]) throws(CatalogDefect) -> PlacedCatalogLine? {
        try bytes.withUnsafeBufferPointer { buffer throws(CatalogDefect) in
            try line(UnsafeRawBufferPointer(buffer))
        }
    }

    /// The value of a checksum's digits, which were read before.
    static func checksum(in bytes: UnsafeRawBufferPointer, at field: Range<Int>) -> UInt32 {
        guard field.count == CatalogFormat.checksumLength else { return 0 }
        let digits = bytes.littleEndian(at: field.lowerBound, as: UInt64.self)
        return Hexadecimal.value(ofDigits: digits) ?? 0
    }

    /// Reads and checks the change line that begins at `start`: what history asks for when it knows
    /// the place. The transaction's number comes with it.
    public static func change(
        _ bytes: UnsafeRawBufferPointer, at start: Int
    ) throws(CatalogDefect) -> (transaction: UInt64, change: ChangeRecord) {
        guard start >= 0, start < bytes.count else { throw .truncated }
        let parsed = try ParsedLine(bytes, at: start)
        guard case .change(let change) = parsed.line else { throw .unexpectedLine }
        return (parsed.number, change)
    }

    /// Reads and checks the change line that begins at `start`. The transaction's number comes with
    /// it.
    public static func change(
        _ bytes: [UInt8], at start: Int
    ) throws(CatalogDefect) -> (transaction: UInt64, change: ChangeRecord) {
        try bytes.withUnsafeBufferPointer { buffer throws(CatalogDefect) in
            try change(UnsafeRawBufferPointer(buffer), at: start)
        }
    }
}
