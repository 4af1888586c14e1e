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
    /// What it reads is at least the last group, and at most what a crash left behind it besides. Of
    /// groups that were appended together, one counts only where all before it are complete: a crash
    /// may lose any of them.
    public static func find(
        in bytes: UnsafeRawBufferPointer, from offset: UInt64, headerLength: Int
    ) -> CatalogTail {
        let headerLength = UInt64(headerLength)
        let first = headerLength > offset ? Int(clamping: headerLength - offset) : 0
        guard first <= bytes.count else { return .empty }
        // In the file's middle, the first line may be the end of one.
        let reachesHeader = offset <= headerLength
        var end = bytes.count
        // The last group that may count, and where the first of those that it needs begins.
        var candidate: (group: LastGroup, start: Int, number: UInt64)?
        while let line = lastLine(in: bytes, from: first, before: end) {
            end = line.lowerBound
            if end == first && !reachesHeader { break }
            guard let found = group(in: bytes, from: first, endingWith: line, offset: offset) else {
                candidate = nil
                continue
            }
            if found.start == first && !reachesHeader { break }
            if let follower = candidate,
                line.upperBound != follower.start || found.group.number + 1 != follower.number
            {
                candidate = nil
            }
            candidate = (candidate?.group ?? found.group, found.start, found.group.number)
            if !found.isJoined || found.start == first { return .found(candidate!.group) }
            end = found.start
        }
        return reachesHeader ? .empty : .earlierBytesNeeded
    }

    /// The complete group whose last line this is; nil where it is none.
    private static func group(
        in bytes: UnsafeRawBufferPointer, from first: Int, endingWith line: Range<Int>,
        offset: UInt64
    ) -> (group: LastGroup, start: Int, isJoined: Bool)? {
        guard
            [CatalogFormat.endLine, CatalogFormat.joinedEndLine].contains(bytes[line.lowerBound]),
            let parsed = try? ParsedLine(bytes, at: line.lowerBound),
            parsed.end == line.upperBound,
            let start = groupStart(in: bytes, from: first, before: line.lowerBound)
        else { return nil }
        let lines = UnsafeRawBufferPointer(rebasing: bytes[start..<line.upperBound])
        var reader = CatalogReader(
            lines, from: offset + UInt64(start), nextTransaction: parsed.number)
        guard let found = reader.next(changesWhere: { _ in false }),
            found.range.count == lines.count
        else { return nil }
        return (LastGroup(found), start, parsed.isJoined)
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
