/// Code points of UTF-8 text that need not be valid: an ill-formed byte counts as one U+FFFD,
/// and a surrogate in three bytes is given as it is, so that no byte sequence is refused.
enum CodePoints {
    static let replacement: UInt32 = 0xFFFD

    /// The code point that starts at `offset`, which moves behind it.
    @inline(__always)
    static func next(in bytes: Span<UInt8>, at offset: inout Int) -> UInt32 {
        let first = bytes[offset]
        if first < 0x80 {
            offset += 1
            return UInt32(first)
        }
        return nextBeyondASCII(in: bytes, at: &offset)
    }

    /// All code points of `bytes`.
    static func all(in bytes: Span<UInt8>) -> [UInt32] {
        var result: [UInt32] = []
        result.reserveCapacity(bytes.count)
        var offset = 0
        while offset < bytes.count {
            result.append(next(in: bytes, at: &offset))
        }
        return result
    }

    /// How many code points `bytes` holds.
    static func count(in bytes: Span<UInt8>) -> Int {
        var count = 0
        var offset = 0
        while offset < bytes.count {
            _ = next(in: bytes, at: &offset)
            count += 1
        }
        return count
    }

    private static func nextBeyondASCII(in bytes: Span<UInt8>, at offset: inout Int) -> UInt32 {
        let first = bytes[offset]
        let length: Int
        let smallest: UInt32
        var value: UInt32
        switch first {
        case 0xC2...0xDF: (length, smallest, value) = (2, 0x80, UInt32(first & 0x1F))
        case 0xE0...0xEF: (length, smallest, value) = (3, 0x800, UInt32(first & 0x0F))
        case 0xF0...0xF4: (length, smallest, value) = (4, 0x10000, UInt32(first & 0x07))
        default: (length, smallest, value) = (1, 0, replacement)
        }
        guard offset + length <= bytes.count else {
            offset += 1
            return replacement
        }
        for index in 1..<max(length, 1) {
            let byte = bytes[offset + index]
            guard byte & 0xC0 == 0x80 else {
                offset += 1
                return replacement
            }
            value = value << 6 | UInt32(byte & 0x3F)
        }
        guard value >= smallest, value <= 0x10FFFF else {
            offset += 1
            return replacement
        }
        offset += length
        return value
    }
}
