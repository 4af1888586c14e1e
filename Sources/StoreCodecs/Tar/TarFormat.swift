/// The constants of tar archives (POSIX.1-2017, pax, "ustar Interchange Format"), for their writer
/// and their reader.
enum TarFormat {
    static let blockLength = 512

    /// Where a header's fields lie.
    enum Field {
        static let name = 0..<100
        static let mode = 100..<108
        static let user = 108..<116
        static let group = 116..<124
        static let size = 124..<136
        static let modified = 136..<148
        static let checksum = 148..<156
        static let type = 156
        static let linkTarget = 157..<257
        static let magicAndVersion = 257..<265
        static let userName = 265..<297
        static let groupName = 297..<329
        static let deviceMajor = 329..<337
        static let deviceMinor = 337..<345
        static let prefix = 345..<500
    }

    /// `ustar`, NUL, and version `00`.
    static let magic: [UInt8] = Array("ustar\u{0}00".utf8)
    /// GNU tar's own: its headers have no prefix.
    static let gnuMagic: [UInt8] = Array("ustar  \u{0}".utf8)
    /// Seventh Edition: neither prefix nor names of owners.
    static let noMagic = [UInt8](repeating: 0, count: 8)

    /// The types of entries that describe the entry behind them.
    static let extendedHeader = UInt8(ascii: "x")
    static let globalExtendedHeader = UInt8(ascii: "g")
    static let gnuLongName = UInt8(ascii: "L")
    static let gnuLongLinkTarget = UInt8(ascii: "K")

    /// The name that extended headers have themselves, for programs that do not know them.
    static let extendedHeaderName = Array("././@PaxHeader".utf8)

    /// No description of an entry may be longer, in bytes: it is kept in memory.
    static let maximumExtensionLength = 1 << 20

    /// How many zero bytes follow content of this length.
    static func paddingLength(contentLength: UInt64) -> Int {
        let block = UInt64(blockLength)
        return Int((block - contentLength % block) % block)
    }

    /// The sum of a header's bytes, its checksum field taken as spaces.
    static func checksum(_ block: UnsafeRawBufferPointer) -> UInt64 {
        var sum = UInt64(Field.checksum.count) * 0x20
        for byte in block[..<Field.checksum.lowerBound] { sum += UInt64(byte) }
        for byte in block[Field.checksum.upperBound...] { sum += UInt64(byte) }
        return sum
    }
}
