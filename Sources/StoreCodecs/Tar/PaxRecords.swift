/// The records of an extended header (POSIX.1-2017, pax, "pax Extended Header"): what an entry's
/// own header has no room for.
struct PaxRecords: Sendable {
    var path: [UInt8]?
    var linkTarget: [UInt8]?
    var size: UInt64?
    var modified: RecordedTime?
    var user: UInt64?
    var group: UInt64?
    var userName: [UInt8]?
    var groupName: [UInt8]?

    /// Reads the records; those with other keys are passed over.
    mutating func read(_ bytes: UnsafeRawBufferPointer) throws(TarError) {
        var start = 0
        while start < bytes.count {
            let record = try Self.record(bytes, at: start)
            let value = UnsafeRawBufferPointer(rebasing: bytes[record.value])
            let key = UnsafeRawBufferPointer(rebasing: bytes[record.key])
            try take(value, for: String(decoding: key, as: UTF8.self))
            start = record.end
        }
    }

    private static func record(
        _ bytes: UnsafeRawBufferPointer, at start: Int
    ) throws(TarError) -> (key: Range<Int>, value: Range<Int>, end: Int) {
        var parser = LineParser(bytes, at: start)
        guard let length = try? parser.decimal(), parser.takes(UInt8(ascii: " ")),
            let end = Int(exactly: length).flatMap({ start.addingWithoutOverflow($0) }),
            end <= bytes.count, end > parser.index,
            bytes[end - 1] == UInt8(ascii: "\n"),
            let equals = bytes[parser.index..<end - 1].firstIndex(of: UInt8(ascii: "=")),
            equals > parser.index
        else { throw .invalidExtension }
        return (parser.index..<equals, equals + 1..<end - 1, end)
    }

    private mutating func take(
        _ value: UnsafeRawBufferPointer, for key: String
    ) throws(TarError) {
        switch key {
        case "path": path = try Self.name(value)
        case "linkpath": linkTarget = try Self.name(value)
        case "size": size = try Self.number(value)
        case "mtime": modified = try Self.time(value)
        case "uid": user = try Self.number(value)
        case "gid": group = try Self.number(value)
        case "uname": userName = Array(value)
        case "gname": groupName = Array(value)
        case let key where key.hasPrefix("GNU.sparse."): throw .sparse
        default: break
        }
    }

    private static func name(_ value: UnsafeRawBufferPointer) throws(TarError) -> [UInt8] {
        guard !value.isEmpty, !value.contains(0) else { throw .invalidExtension }
        return Array(value)
    }

    private static func number(_ value: UnsafeRawBufferPointer) throws(TarError) -> UInt64 {
        var parser = LineParser(value, at: 0)
        guard let number = try? parser.decimal(), parser.index == value.count else {
            throw .invalidExtension
        }
        return number
    }

    /// A decimal number of seconds, with a fraction or without, and a sign; digits beyond
    /// nanoseconds are dropped.
    private static func time(_ value: UnsafeRawBufferPointer) throws(TarError) -> RecordedTime {
        var parser = LineParser(value, at: 0)
        let isNegative = parser.takes(CatalogFormat.minus)
        guard let whole = try? parser.decimal(), let whole = Int64(exactly: whole) else {
            throw .invalidExtension
        }
        var nanoseconds: Int32 = 0
        if parser.takes(CatalogFormat.decimalPoint) {
            var unit: Int32 = 100_000_000
            while let digit = try? parser.next() {
                guard digit &- 0x30 < 10 else { throw .invalidExtension }
                nanoseconds += Int32(digit &- 0x30) * unit
                unit /= 10
            }
        }
        guard parser.index == value.count else { throw .invalidExtension }
        guard isNegative else { return RecordedTime(seconds: whole, nanoseconds: nanoseconds) }
        return nanoseconds == 0
            ? RecordedTime(seconds: -whole)
            : RecordedTime(seconds: -whole - 1, nanoseconds: 1_000_000_000 - nanoseconds)
    }

    /// The spelling of a time that `time` reads.
    static func spell(_ time: RecordedTime) -> String {
        let isBelowZero = time.seconds < 0
        let whole =
            isBelowZero && time.nanoseconds > 0
            ? (time.seconds + 1).magnitude : time.seconds.magnitude
        let fraction =
            isBelowZero && time.nanoseconds > 0
            ? 1_000_000_000 - time.nanoseconds : time.nanoseconds
        var text = (isBelowZero ? "-" : "") + String(whole)
        if fraction > 0 {
            let digits = String(fraction)
            text += "." + String(repeating: "0", count: 9 - digits.utf8.count) + digits
            while text.utf8.last == 0x30 { text.removeLast() }
        }
        return text
    }

    /// Appends one record. Its length counts its own digits too.
    static func append(_ key: String, _ value: [UInt8], to bytes: inout [UInt8]) {
        // Blank, equals sign, line end.
        let rest = key.utf8.count + value.count + 3
        var length = rest + 1
        while String(length).utf8.count + rest != length {
            length = String(length).utf8.count + rest
        }
        bytes += Array("\(length) \(key)=".utf8)
        bytes += value
        bytes.append(UInt8(ascii: "\n"))
    }
}

extension Int {
    func addingWithoutOverflow(_ other: Int) -> Int? {
        let (sum, overflow) = addingReportingOverflow(other)
        return overflow ? nil : sum
    }
}
