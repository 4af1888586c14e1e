/// What the last bytes of a catalog tell, so that a writer need not read all of it.
///
/// What lies before the last complete group is not looked at, and damage inside the last group
/// looks like a torn tail here as it does to `CatalogReader`: compare the number with that of the
/// log's last transaction before anything is cut.
public enum CatalogTail: Sendable, Hashable {
    /// Where the last complete group lies; the bytes behind its end, if there are any, are a torn tail.
    case found(LastGroup)
    /// The catalog has no complete group; the bytes behind the header, if there are any, are a torn
    /// tail.
    case empty
    /// The bytes given begin too late: give more of those before them.
    case earlierBytesNeeded

    /// What a writer has to know of the last group, all of whose lines were checked.
    public struct LastGroup: Sendable, Hashable {
        /// The transaction's.
        public let number: UInt64
        /// In the catalog's file.
        public let range: Range<UInt64>
        /// Where the log ends behind the transaction.
        public let position: LogPosition?

        /// What is to be known of a group that was read.
        public init(_ group: CatalogGroup) {
            number = group.transaction.number
            range = group.range
            position = group.position
        }
    }

    /// Looks for the last complete group in `bytes`, which begin at `offset` of the file and reach
    /// to its end; `headerLength` is the length of the catalog's header line.
    ///
    /// What it reads is at least the last group, and at most what a crash left behind it besides.
    public static func find(
        in bytes: UnsafeRawBufferPointer, from offset: UInt64, headerLength: Int
    ) -> CatalogTail {
        let headerLength = UInt64(headerLength)
        let first = headerLength > offset ? Int(clamping: headerLength - offset) : 0
        guard first <= bytes.count else { return .empty }
        // In the file's middle, the first line may be the end of one.
        let reachesHeader = offset <= headerLength
        var end = bytes.count
        while let line = lastLine(in: bytes, from: first, before: end) {
            end = line.lowerBound
            if end == first && !reachesHeader { break }
            guard bytes[end] == CatalogFormat.endLine,
                let parsed = try? ParsedLine(bytes, at: end), parsed.end == line.upperBound,
                let start = groupStart(in: bytes, from: first, before: end)
            else { continue }
            if start == first && !reachesHeader { break }
            let group = UnsafeRawBufferPointer(rebasing: bytes[start..<line.upperBound])
            var reader = CatalogReader(
                group, from: offset + UInt64(start), nextTransaction: parsed.number)
            if let found = reader.next(changesWhere: { _ in false }),
                found.range.count == group.count
            {
                return .found(LastGroup(found))
            }
        }
        return reachesHeader ? .empty : .earlierBytesNeeded
    }

    /// Looks for the last complete group in `bytes`.
    public static func find(
        in bytes: [UInt8], from offset: UInt64, headerLength: Int
    ) -> CatalogTail {
        bytes.withUnsafeBytes { find(in: $0, from: offset, headerLength: headerLength) }
    }

    /// The last line with an end before `end`; nil where there is none.
    private static func lastLine(
        in bytes: UnsafeRawBufferPointer, from first: Int, before end: Int
    ) -> Range<Int>? {
        guard
            let lineEnd = bytes[first..<end].lastIndex(of: CatalogFormat.lineEnd)
        else { return nil }
        let previous = bytes[first..<lineEnd].lastIndex(of: CatalogFormat.lineEnd)
        return (previous.map { $0 + 1 } ?? first)..<lineEnd + 1
    }

    /// Where the transaction line before the end line at `end` begins; nil where another group's
    /// end comes first. So each line is passed once, however many end lines there are.
    private static func groupStart(
        in bytes: UnsafeRawBufferPointer, from first: Int, before end: Int
    ) -> Int? {
        var end = end
        while let line = lastLine(in: bytes, from: first, before: end) {
            end = line.lowerBound
            switch bytes[end] {
            case CatalogFormat.transactionLine: return end
            case CatalogFormat.changeLine: continue
            default: return nil
            }
        }
        return nil
    }
}
