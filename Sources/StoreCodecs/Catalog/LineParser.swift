/// What is wrong with a catalog line, or with the group around it.
public enum CatalogDefect: Error, Sendable, Hashable {
    /// The bytes end before the line does, or before its group does.
    case truncated
    /// A bit of the line has changed, or there is no line.
    case checksum
    /// The checksum is right, but the line is none that this version writes.
    case invalidLine
    /// The line belongs to another transaction than the one it stands in.
    case transactionNumber(UInt64)
    /// The line is good, but not of the kind that must stand here: the group has more or fewer
    /// changes than it announces.
    case unexpectedLine
    /// Each line is good, but they are not those that were written together.
    case groupChecksum
}

/// Takes the fields of one catalog line off its bytes, from left to right.
///
/// Only the spelling that the writer uses is accepted: no leading zeros, no escape that is not
/// needed. A field that is spelled otherwise throws `invalidLine`, and a line without end
/// `truncated`; whether the line's checksum is wrong as well is looked at only then.
struct LineParser {
    private let bytes: UnsafeRawBufferPointer
    private let start: Int
    private(set) var index: Int

    /// Parses on at `index` a line that begins at `start`.
    init(_ bytes: UnsafeRawBufferPointer, from start: Int = 0, at index: Int) {
        self.bytes = bytes
        self.start = start
        self.index = index
    }

    /// Takes the next byte.
    mutating func next() throws(CatalogDefect) -> UInt8 {
        guard index < bytes.count else { throw .truncated }
        let byte = bytes[index]
        index += 1
        return byte
    }

    mutating func expect(_ byte: UInt8) throws(CatalogDefect) {
        guard try next() == byte else { throw .invalidLine }
    }

    mutating func separator() throws(CatalogDefect) {
        try expect(CatalogFormat.fieldSeparator)
    }

    /// Takes `byte` if it comes next.
    mutating func takes(_ byte: UInt8) -> Bool {
        guard index < bytes.count, bytes[index] == byte else { return false }
        index += 1
        return true
    }

    /// Passes over a field of padding.
    mutating func padding() {
        while takes(CatalogFormat.padding) {}
    }

    mutating func take(_ count: Int) throws(CatalogDefect) -> UnsafeRawBufferPointer {
        guard bytes.count - index >= count else { throw .truncated }
        defer { index += count }
        return UnsafeRawBufferPointer(rebasing: bytes[index..<index + count])
    }

    mutating func decimal() throws(CatalogDefect) -> UInt64 {
        let first = index
        var value: UInt64 = 0
        var cursor = first
        // So many digits cannot overflow.
        let safeEnd = min(bytes.count, first &+ 18)
        while cursor < safeEnd, bytes[cursor] &- 0x30 < 10 {
            value = value &* 10 &+ UInt64(bytes[cursor] &- 0x30)
            cursor &+= 1
        }
        if cursor == safeEnd {
            while cursor < bytes.count, bytes[cursor] &- 0x30 < 10 {
                let (product, overflow) = value.multipliedReportingOverflow(by: 10)
                let digit = UInt64(bytes[cursor] &- 0x30)
                let (sum, carry) = product.addingReportingOverflow(digit)
                guard !overflow, !carry else { throw .invalidLine }
                value = sum
                cursor &+= 1
            }
        }
        guard cursor > first, bytes[first] != 0x30 || cursor == first + 1 else {
            throw .invalidLine
        }
        index = cursor
        return value
    }

    mutating func decimal32() throws(CatalogDefect) -> UInt32 {
        guard let value = UInt32(exactly: try decimal()) else { throw .invalidLine }
        return value
    }

    mutating func time() throws(CatalogDefect) -> RecordedTime {
        let isNegative = takes(CatalogFormat.minus)
        let magnitude = try decimal()
        let seconds = isNegative ? 0 - Int128(magnitude) : Int128(magnitude)
        guard let seconds = Int64(exactly: seconds), !(isNegative && magnitude == 0) else {
            throw .invalidLine
        }
        try expect(CatalogFormat.decimalPoint)
        var nanoseconds: Int32 = 0
        for digit in try take(CatalogFormat.nanosecondDigits) {
            guard digit &- 0x30 < 10 else { throw .invalidLine }
            nanoseconds = nanoseconds &* 10 &+ Int32(digit &- 0x30)
        }
        return RecordedTime(seconds: seconds, nanoseconds: nanoseconds)
    }

    mutating func checksum() throws(CatalogDefect) -> UInt32 {
        let digits = try take(CatalogFormat.checksumLength)
        let word = digits.littleEndian(at: 0, as: UInt64.self)
        guard let value = Hexadecimal.value(ofDigits: word) else { throw .invalidLine }
        return value
    }

    /// Takes a name or a message up to the next separator, and gives its bytes unescaped.
    mutating func escaped() throws(CatalogDefect) -> [UInt8] {
        var text = Array(plainText())
        while takes(CatalogFormat.escape) {
            let high = try upperCaseDigit()
            let byte = try high << 4 | upperCaseDigit()
            guard CatalogFormat.isEscaped(byte) else { throw .invalidLine }
            text.append(byte)
            text.append(contentsOf: plainText())
        }
        return text
    }

    mutating func escapedString() throws(CatalogDefect) -> String {
        guard let string = String(validating: try escaped(), as: UTF8.self) else {
            throw .invalidLine
        }
        return string
    }

    /// Takes a state, or nil for an absent document.
    mutating func state() throws(CatalogDefect) -> DocumentState? {
        if takes(CatalogFormat.nothing) { return nil }
        guard let digest = Digest(hexadecimal: try take(Digest.digitCount)) else {
            throw .invalidLine
        }
        try expect(CatalogFormat.stateSeparator)
        let length = try decimal()
        try expect(CatalogFormat.stateSeparator)
        var mode: UInt16 = 0
        for digit in try take(CatalogFormat.modeDigits) {
            guard digit &- 0x30 < 8 else { throw .invalidLine }
            mode = mode << 3 | UInt16(digit &- 0x30)
        }
        try expect(CatalogFormat.stateSeparator)
        let user = try decimal32()
        try expect(CatalogFormat.stateSeparator)
        let group = try decimal32()
        try expect(CatalogFormat.stateSeparator)
        let modified = try time()
        try expect(CatalogFormat.stateSeparator)
        var location: ContentLocation?
        if !takes(CatalogFormat.nothing) {
            let segment = try decimal()
            try expect(CatalogFormat.locationSeparator)
            location = ContentLocation(segment: segment, offset: try decimal())
        }
        return DocumentState(
            digest: digest, bytes: length, mode: mode, user: user, group: group,
            modified: modified, location: location)
    }

    /// Takes the separator, the checksum and the end of the line, and gives the place of the
    /// checksum's digits.
    mutating func endLine() throws(CatalogDefect) -> Range<Int> {
        try separator()
        let covered = UnsafeRawBufferPointer(rebasing: bytes[start..<index])
        let field = index..<index + CatalogFormat.checksumLength
        let expected = try checksum()
        try expect(CatalogFormat.lineEnd)
        guard CRC32.of(covered) == expected else { throw .checksum }
        return field
    }

    /// Whether a line with its end has the checksum that its last field says, whatever its fields
    /// are.
    static func hasRightChecksum(_ line: UnsafeRawBufferPointer) -> Bool {
        let fieldStart = line.count - CatalogFormat.checksumLength - 1
        guard fieldStart > 0 else { return false }
        var parser = LineParser(line, at: fieldStart - 1)
        return (try? parser.endLine()) != nil
    }

    /// Takes the bytes up to one that cannot stand for itself.
    private mutating func plainText() -> Slice<UnsafeRawBufferPointer> {
        var cursor = index
        while cursor < bytes.count, !CatalogFormat.isEscaped(bytes[cursor]) { cursor &+= 1 }
        defer { index = cursor }
        return bytes[index..<cursor]
    }

    private mutating func upperCaseDigit() throws(CatalogDefect) -> UInt8 {
        switch try next() {
        case let digit where digit >= 0x30 && digit <= 0x39: digit - 0x30
        case let digit where digit >= 0x41 && digit <= 0x46: digit - 0x37
        default: throw .invalidLine
        }
    }
}
