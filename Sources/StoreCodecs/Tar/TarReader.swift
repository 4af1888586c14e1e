/// What comes next in a tar archive.
public enum TarEvent: Sendable, Hashable {
    /// An entry begins. Its content follows, if its size is not 0.
    case entry(TarEntry)
    /// A piece of the entry's content, as a range of the bytes given.
    case content(Range<Int>)
    /// The entry's content is complete.
    case endOfEntry
    /// The archive is complete; only zeros may follow.
    case end
}

/// Reads a tar archive piece by piece: ustar, with extended headers and GNU tar's long names.
///
/// It is strict: each checksum, each number, the zeros behind each content and the two empty blocks
/// at the end are checked. Apart from an extended header of at most 1 MiB nothing is kept in
/// memory. Whether an entry's kind, name and size are acceptable is for the caller to say.
public struct TarReader: Sendable {
    private enum Phase {
        /// A header block comes; so many empty ones came right before it.
        case header(emptyBlocks: Int)
        /// The content of an extension of this type comes.
        case `extension`(type: UInt8, length: Int)
        case content(left: UInt64, padding: Int)
        case padding(left: Int, endsEntry: Bool)
        case end
    }

    private var phase = Phase.header(emptyBlocks: 0)
    /// The bytes of a header or an extension that came so far.
    private var collected: [UInt8] = []
    private var globalRecords = PaxRecords()
    /// What extensions said of the entry that comes next.
    private var records: PaxRecords?
    private var gnuName: [UInt8]?
    private var gnuLinkTarget: [UInt8]?

    public init() {}

    /// The next event from `bytes` at `offset`, which moves on; nil where more bytes are needed,
    /// and then all were taken.
    public mutating func next(
        _ bytes: UnsafeRawBufferPointer, at offset: inout Int
    ) throws(TarError) -> TarEvent? {
        while true {
            switch phase {
            case .header(let emptyBlocks):
                guard collect(TarFormat.blockLength, from: bytes, at: &offset) else { return nil }
                if let event = try takeHeader(emptyBlocks: emptyBlocks) { return event }
            case .extension(let type, let length):
                guard collect(length, from: bytes, at: &offset) else { return nil }
                try takeExtension(type)
                let padding = TarFormat.paddingLength(contentLength: UInt64(length))
                phase = .padding(left: padding, endsEntry: false)
            case .content(let left, let padding):
                if left == 0 {
                    phase = .padding(left: padding, endsEntry: true)
                    continue
                }
                guard offset < bytes.count else { return nil }
                let count = Int(min(left, UInt64(bytes.count - offset)))
                phase = .content(left: left - UInt64(count), padding: padding)
                offset += count
                return .content(offset - count..<offset)
            case .padding(let left, let endsEntry):
                let count = min(left, bytes.count - offset)
                let zeros = UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count])
                guard zeros.isAllZero else { throw .padding }
                offset += count
                phase = .padding(left: left - count, endsEntry: endsEntry)
                guard count == left else { return nil }
                phase = .header(emptyBlocks: 0)
                if endsEntry { return .endOfEntry }
            case .end:
                let zeros = UnsafeRawBufferPointer(rebasing: bytes[offset...])
                guard zeros.isAllZero else { throw .trailingGarbage }
                offset = bytes.count
                return nil
            }
        }
    }

    /// Says that all bytes were given: throws unless the archive was complete.
    public func finish() throws(TarError) {
        guard case .end = phase else { throw .truncated }
    }

    /// Takes bytes until there are `length` of them; false where more are needed.
    private mutating func collect(
        _ length: Int, from bytes: UnsafeRawBufferPointer, at offset: inout Int
    ) -> Bool {
        let count = min(length - collected.count, bytes.count - offset)
        collected.append(contentsOf: bytes[offset..<offset + count])
        offset += count
        return collected.count == length
    }

    private mutating func takeHeader(emptyBlocks: Int) throws(TarError) -> TarEvent? {
        defer { collected.removeAll(keepingCapacity: true) }
        if collected.withUnsafeBytes({ $0.isAllZero }) {
            guard records == nil, gnuName == nil, gnuLinkTarget == nil else {
                throw .invalidExtension
            }
            phase = emptyBlocks == 1 ? .end : .header(emptyBlocks: 1)
            return emptyBlocks == 1 ? .end : nil
        }
        guard emptyBlocks == 0 else { throw .trailingGarbage }
        let collected = collected
        return try collected.withUnsafeBufferPointer { buffer throws(TarError) in
            try takeHeader(TarHeaderBlock(UnsafeRawBufferPointer(buffer)))
        }
    }

    private mutating func takeHeader(_ header: TarHeaderBlock) throws(TarError) -> TarEvent? {
        switch header.type {
        case TarFormat.extendedHeader, TarFormat.globalExtendedHeader, TarFormat.gnuLongName,
            TarFormat.gnuLongLinkTarget:
            let size = try header.size()
            guard size <= TarFormat.maximumExtensionLength else { throw .invalidExtension }
            phase = .extension(type: header.type, length: Int(size))
            return nil
        case UInt8(ascii: "S"):
            throw .sparse
        default:
            var records = records ?? globalRecords
            records.path = records.path ?? gnuName
            records.linkTarget = records.linkTarget ?? gnuLinkTarget
            let entry = try header.entry(records: records)
            self.records = nil
            gnuName = nil
            gnuLinkTarget = nil
            let padding = TarFormat.paddingLength(contentLength: entry.size)
            phase = .content(left: entry.size, padding: padding)
            return .entry(entry)
        }
    }

    private mutating func takeExtension(_ type: UInt8) throws(TarError) {
        defer { collected.removeAll(keepingCapacity: true) }
        switch type {
        case TarFormat.gnuLongName:
            guard gnuName == nil else { throw .invalidExtension }
            gnuName = try gnuText()
        case TarFormat.gnuLongLinkTarget:
            guard gnuLinkTarget == nil else { throw .invalidExtension }
            gnuLinkTarget = try gnuText()
        case TarFormat.globalExtendedHeader:
            globalRecords = try readRecords(into: globalRecords)
        default:
            guard records == nil else { throw .invalidExtension }
            records = try readRecords(into: globalRecords)
        }
    }

    private func readRecords(into records: PaxRecords) throws(TarError) -> PaxRecords {
        try collected.withUnsafeBufferPointer { buffer throws(TarError) in
            var records = records
            try records.read(UnsafeRawBufferPointer(buffer))
            return records
        }
    }

    /// The text of a GNU extension, which ends with NUL.
    private func gnuText() throws(TarError) -> [UInt8] {
        let text = collected.last == 0 ? collected.dropLast() : collected[...]
        guard !text.isEmpty, !text.contains(0) else { throw .invalidExtension }
        return Array(text)
    }
}
