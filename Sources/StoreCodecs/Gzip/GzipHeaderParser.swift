/// Takes a gzip member's header, byte by byte, in constant memory.
struct GzipHeaderParser {
    private enum Part {
        case fixed, extraLength, extra, name, comment, checksum, done
    }

    private var part = Part.fixed
    /// How many bytes of the part were taken.
    private var taken = 0
    private var flags: UInt8 = 0
    private var extraLength = 0
    private var statedChecksum: UInt16 = 0
    private var checksum = CRC32()

    /// Whether every byte so far is that of the header which is written here.
    private(set) var isOwn = true

    var isDone: Bool { part == .done }

    /// Takes one byte. What does not begin as a member does throws `notGzip`.
    mutating func take(_ byte: UInt8) throws(GzipError) {
        if part == .checksum {
            statedChecksum |= UInt16(byte) << (8 * UInt16(taken))
            taken += 1
            guard taken == 2 else { return }
            guard statedChecksum == UInt16(truncatingIfNeeded: checksum.value) else {
                throw .corrupt
            }
            enter(.done)
            return
        }
        withUnsafeBytes(of: byte) { checksum.update($0) }
        switch part {
        case .fixed:
            try takeFixed(byte)
        case .extraLength:
            extraLength |= Int(byte) << (8 * taken)
            taken += 1
            if taken == 2 { enter(extraLength > 0 ? .extra : .name) }
        case .extra:
            taken += 1
            if taken == extraLength { enter(.name) }
        case .name:
            if byte == 0 { enter(.comment) }
        case .comment:
            if byte == 0 { enter(.checksum) }
        case .checksum, .done:
            preconditionFailure("the header has ended")
        }
    }

    private mutating func takeFixed(_ byte: UInt8) throws(GzipError) {
        if byte != GzipFormat.header[taken] { isOwn = false }
        switch taken {
        case 0, 1: guard byte == GzipFormat.magic[taken] else { throw .notGzip }
        case 2: guard byte == GzipFormat.deflate else { throw .corrupt }
        case 3:
            guard byte & GzipFormat.Flag.reserved == 0 else { throw .corrupt }
            flags = byte
        default: break
        }
        taken += 1
        if taken == GzipFormat.headerLength { enter(.extraLength) }
    }

    /// Goes on to this part, or to the first one behind it that the flags announce.
    private mutating func enter(_ next: Part) {
        taken = 0
        switch next {
        case .extraLength where flags & GzipFormat.Flag.extra == 0: enter(.name)
        case .name where flags & GzipFormat.Flag.name == 0: enter(.comment)
        case .comment where flags & GzipFormat.Flag.comment == 0: enter(.checksum)
        case .checksum where flags & GzipFormat.Flag.headerChecksum == 0: part = .done
        default: part = next
        }
    }
}
