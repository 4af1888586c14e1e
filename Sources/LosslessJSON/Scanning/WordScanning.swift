/// Eight bytes at once. The first byte in memory is the lowest in the word, so that the lowest
/// set bit of a mask belongs to the first byte.
@inline(__always)
func loadWord(_ address: UnsafePointer<UInt8>) -> UInt64 {
    UInt64(littleEndian: UnsafeRawPointer(address).loadUnaligned(as: UInt64.self))
}

private let lowBits: UInt64 = 0x0101_0101_0101_0101
private let highBits: UInt64 = 0x8080_8080_8080_8080

/// Marks bytes of a string body that need a look: quote, backslash, control characters, bytes
/// outside ASCII. Only the lowest mark is exact (a borrow can run upwards from it).
@inline(__always)
func stringMarks(_ word: UInt64) -> UInt64 {
    let quotes = word ^ (lowBits &* UInt64(Byte.quote))
    let backslashes = word ^ (lowBits &* UInt64(Byte.backslash))
    let controls = (word &- (lowBits &* 0x20)) & ~word
    return
        ((quotes &- lowBits) & ~quotes | (backslashes &- lowBits) & ~backslashes | controls | word)
        & highBits
}

/// The position of the first byte from `position` on that a string body cannot simply contain,
/// or `count`.
@inline(__always)
func endOfPlainText(_ base: UnsafePointer<UInt8>, from position: Int, count: Int) -> Int {
    var position = position
    while count &- position >= 8 {
        let marks = stringMarks(loadWord(base + position))
        if marks != 0 { return position &+ marks.trailingZeroBitCount >> 3 }
        position &+= 8
    }
    while position < count {
        let byte = base[position]
        if byte < 0x20 || byte >= 0x80 || byte == Byte.quote || byte == Byte.backslash { break }
        position &+= 1
    }
    return position
}

/// The position of the first byte from `position` on that is no digit, or `count`.
@inline(__always)
func endOfDigits(_ base: UnsafePointer<UInt8>, from position: Int, count: Int) -> Int {
    var position = position
    while count &- position >= 8 {
        // Digits alone have 3 as their upper half, and still have when 6 is added. A carry out of a
        // byte that is no digit can only reach those after it.
        let word = loadWord(base + position)
        let threes = lowBits &* 0x30
        let others =
            ((word ^ threes) | ((word &+ lowBits &* 0x06) ^ threes)) & (lowBits &* 0xF0)
        if others != 0 { return position &+ others.trailingZeroBitCount >> 3 }
        position &+= 8
    }
    while position < count && Byte.isDigit(base[position]) { position &+= 1 }
    return position
}

/// The position of the first quote or backslash from `position` on, or `count`.
@inline(__always)
func endOfStringSegment(_ base: UnsafePointer<UInt8>, from position: Int, count: Int) -> Int {
    var position = position
    while count &- position >= 8 {
        let word = loadWord(base + position)
        let quotes = word ^ (lowBits &* UInt64(Byte.quote))
        let backslashes = word ^ (lowBits &* UInt64(Byte.backslash))
        let marks =
            ((quotes &- lowBits) & ~quotes | (backslashes &- lowBits) & ~backslashes) & highBits
        if marks != 0 { return position &+ marks.trailingZeroBitCount >> 3 }
        position &+= 8
    }
    while position < count, base[position] != Byte.quote, base[position] != Byte.backslash {
        position &+= 1
    }
    return position
}

/// The position of the first byte from `position` on that is not `byte`, or `count`.
@inline(__always)
func endOfRun(
    of byte: UInt8, _ base: UnsafePointer<UInt8>, from position: Int, count: Int
) -> Int {
    var position = position
    let pattern = lowBits &* UInt64(byte)
    while count &- position >= 8 {
        let difference = loadWord(base + position) ^ pattern
        if difference != 0 { return position &+ difference.trailingZeroBitCount >> 3 }
        position &+= 8
    }
    while position < count, base[position] == byte { position &+= 1 }
    return position
}

/// The bytes that JSON gives a meaning.
enum Byte {
    static let tab: UInt8 = 0x09
    static let lineFeed: UInt8 = 0x0A
    static let carriageReturn: UInt8 = 0x0D
    static let space: UInt8 = 0x20
    static let quote: UInt8 = 0x22
    static let plus: UInt8 = 0x2B
    static let comma: UInt8 = 0x2C
    static let minus: UInt8 = 0x2D
    static let point: UInt8 = 0x2E
    static let slash: UInt8 = 0x2F
    static let zero: UInt8 = 0x30
    static let nine: UInt8 = 0x39
    static let colon: UInt8 = 0x3A
    static let openBracket: UInt8 = 0x5B
    static let backslash: UInt8 = 0x5C
    static let closeBracket: UInt8 = 0x5D
    static let tilde: UInt8 = 0x7E
    static let openBrace: UInt8 = 0x7B
    static let closeBrace: UInt8 = 0x7D

    @inline(__always)
    static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == space || byte == lineFeed || byte == carriageReturn || byte == tab
    }

    @inline(__always)
    static func isDigit(_ byte: UInt8) -> Bool { byte &- zero <= 9 }

    /// The value of a hexadecimal digit, or nil.
    @inline(__always)
    static func hexadecimalValue(_ byte: UInt8) -> UInt16? {
        if isDigit(byte) { return UInt16(byte &- zero) }
        let lower = byte | 0x20
        guard lower >= 0x61 && lower <= 0x66 else { return nil }
        return UInt16(lower &- 0x61 &+ 10)
    }
}
