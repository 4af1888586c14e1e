/// Appends the fields of catalog lines to bytes, without a string for each.
struct LineWriter: ~Copyable {
    private(set) var bytes: [UInt8]
    private var lineStart: Int
    /// Over the checksum fields of the lines so far.
    private(set) var groupChecksum = CRC32()

    /// Takes `bytes` over and continues behind them.
    init(appendingTo bytes: consuming [UInt8]) {
        lineStart = bytes.count
        self.bytes = bytes
    }

    consuming func finish() -> [UInt8] { bytes }

    mutating func byte(_ byte: UInt8) {
        bytes.append(byte)
    }

    mutating func separator() {
        bytes.append(CatalogFormat.fieldSeparator)
    }

    mutating func decimal(_ value: UInt64) {
        decimal(value, minimumDigits: 1)
    }

    /// With leading zeros up to `minimumDigits`.
    mutating func decimal(_ value: UInt64, minimumDigits: Int) {
        let maximumDigits = 20
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: maximumDigits) { digits in
            var start = maximumDigits
            var rest = value
            while rest > 0 || maximumDigits - start < minimumDigits {
                let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
                start -= 1
                digits[start] = 0x30 + UInt8(truncatingIfNeeded: remainder)
                rest = quotient
            }
            bytes.append(contentsOf: UnsafeBufferPointer(rebasing: digits[start...]))
        }
    }

    mutating func time(_ time: RecordedTime) {
        precondition((0..<1_000_000_000).contains(time.nanoseconds))
        if time.seconds < 0 { bytes.append(CatalogFormat.minus) }
        decimal(time.seconds.magnitude)
        bytes.append(CatalogFormat.decimalPoint)
        decimal(UInt64(time.nanoseconds), minimumDigits: CatalogFormat.nanosecondDigits)
    }

    /// A field of padding, so that the line, which must end after it, ends at a multiple of
    /// `LogFormat.sectorLength`. `offset` is the place in the file of the first of all bytes here;
    /// without one the field is empty.
    mutating func padding(from offset: UInt64?) {
        guard let offset else { return }
        let length = UInt64(LogFormat.sectorLength)
        let end = (offset + UInt64(bytes.count + CatalogFormat.lineEndingLength)) % length
        let count = Int((length - end) % length)
        bytes.append(contentsOf: repeatElement(CatalogFormat.padding, count: count))
    }

    mutating func checksum(_ checksum: UInt32) {
        let digits = Hexadecimal.digits(checksum).littleEndian
        withUnsafeBytes(of: digits) { bytes.append(contentsOf: $0) }
    }

    mutating func digest(_ digest: Digest) {
        let start = bytes.count
        bytes.append(contentsOf: repeatElement(0, count: Digest.digitCount))
        bytes.withUnsafeMutableBytes {
            digest.storeDigits(in: UnsafeMutableRawBufferPointer(rebasing: $0[start...]))
        }
    }

    mutating func escaped(_ text: [UInt8]) {
        guard text.contains(where: CatalogFormat.isEscaped) else {
            bytes.append(contentsOf: text)
            return
        }
        for byte in text {
            if CatalogFormat.isEscaped(byte) {
                bytes.append(CatalogFormat.escape)
                bytes.append(Self.upperCaseDigit(byte >> 4))
                bytes.append(Self.upperCaseDigit(byte & 0x0F))
            } else {
                bytes.append(byte)
            }
        }
    }

    mutating func state(_ state: DocumentState?) {
        guard let state else {
            bytes.append(CatalogFormat.nothing)
            return
        }
        precondition(state.mode <= 0o7777)
        digest(state.digest)
        bytes.append(CatalogFormat.stateSeparator)
        decimal(state.bytes)
        bytes.append(CatalogFormat.stateSeparator)
        for shift in [UInt16(9), 6, 3, 0] {
            bytes.append(0x30 + UInt8(state.mode >> shift & 0o7))
        }
        bytes.append(CatalogFormat.stateSeparator)
        decimal(UInt64(state.user))
        bytes.append(CatalogFormat.stateSeparator)
        decimal(UInt64(state.group))
        bytes.append(CatalogFormat.stateSeparator)
        time(state.modified)
        bytes.append(CatalogFormat.stateSeparator)
        if let location = state.location {
            decimal(location.segment)
            bytes.append(CatalogFormat.locationSeparator)
            decimal(location.offset)
        } else {
            bytes.append(CatalogFormat.nothing)
        }
    }

    /// Ends the line with its checksum.
    mutating func endLine() {
        separator()
        let lineChecksum = bytes.withUnsafeBytes {
            CRC32.of(UnsafeRawBufferPointer(rebasing: $0[lineStart...]))
        }
        let field = bytes.count
        checksum(lineChecksum)
        bytes.withUnsafeBytes {
            groupChecksum.update(UnsafeRawBufferPointer(rebasing: $0[field...]))
        }
        bytes.append(CatalogFormat.lineEnd)
        lineStart = bytes.count
    }

    private static func upperCaseDigit(_ value: UInt8) -> UInt8 {
        value < 10 ? 0x30 + value : 0x37 + value
    }
}
