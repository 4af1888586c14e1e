/// 122 bits that stand for a key, so that keys can be compared without being kept.
struct KeyDigest: Equatable, Sendable {
    var first: UInt64
    var second: UInt64
}

/// Hashes decoded keys, in one piece or piece by piece.
///
/// Two polynomials over the field of 2^61 - 1 elements are evaluated at two secret random points.
/// Their leading coefficient is 1; the others are the key's bytes, seven at a time, each with how
/// many they are, so that the last, which has fewer than seven, ends the key. Two different keys
/// of at most n bytes agree in both with a probability of at most ((n / 7 + 2) / 2^61)^2, whoever
/// chose them: for a million keys of a kilobyte that is less than 10^-18 in all.
struct KeyHasher: Sendable {
    private static let prime: UInt64 = (1 << 61) - 1
    private static let blockBytes = 7
    private static let blockMask: UInt64 = (1 << 56) - 1

    private let firstPoint: UInt64
    private let secondPoint: UInt64
    private var first: UInt64 = 1
    private var second: UInt64 = 1
    private var block: UInt64 = 0
    private var blockCount = 0

    /// The points come from the standard library's hashing, which is seeded at random in each
    /// process; unlike the system's random numbers that takes no system call.
    init() {
        firstPoint = Self.secretPoint(1)
        secondPoint = Self.secretPoint(2)
    }

    private static func secretPoint(_ number: Int) -> UInt64 {
        var hasher = Hasher()
        hasher.combine(number)
        return UInt64(truncatingIfNeeded: hasher.finalize()) % (prime - 1) + 1
    }

    @inline(__always)
    mutating func reset() {
        first = 1
        second = 1
        block = 0
        blockCount = 0
    }

    @inline(__always)
    private static func step(_ sum: UInt64, _ point: UInt64, _ coefficient: UInt64) -> UInt64 {
        let (high, low) = sum.multipliedFullWidth(by: point)
        let folded = (low & prime) &+ (low >> 61 | high << 3) &+ coefficient
        return (folded & prime) &+ (folded >> 61)
    }

    @inline(__always)
    private static func coefficient(_ block: UInt64, count: Int) -> UInt64 {
        block | UInt64(truncatingIfNeeded: count) << 56
    }

    @inline(__always)
    private static func digest(_ first: UInt64, _ second: UInt64) -> KeyDigest {
        KeyDigest(
            first: first >= prime ? first &- prime : first,
            second: second >= prime ? second &- prime : second)
    }

    /// The digest of a key that lies there in one piece and without escapes; nil where too few
    /// bytes follow it for words to be loaded.
    /// - Parameter readable: how many bytes may be loaded from `start`.
    @inline(__always)
    func digest(_ start: UnsafePointer<UInt8>, count: Int, readable: Int) -> KeyDigest? {
        guard readable &- count >= 8 else { return nil }
        var (first, second): (UInt64, UInt64) = (1, 1)
        var position = 0
        while count &- position >= Self.blockBytes {
            let coefficient = Self.coefficient(
                loadWord(start + position) & Self.blockMask, count: Self.blockBytes)
            first = Self.step(first, firstPoint, coefficient)
            second = Self.step(second, secondPoint, coefficient)
            position &+= Self.blockBytes
        }
        let rest = count &- position
        let mask = (1 as UInt64) &<< UInt64(truncatingIfNeeded: 8 &* rest) &- 1
        let coefficient = Self.coefficient(loadWord(start + position) & mask, count: rest)
        return Self.digest(
            Self.step(first, firstPoint, coefficient),
            Self.step(second, secondPoint, coefficient))
    }

    private mutating func endBlock() {
        let coefficient = Self.coefficient(block, count: blockCount)
        first = Self.step(first, firstPoint, coefficient)
        second = Self.step(second, secondPoint, coefficient)
        block = 0
        blockCount = 0
    }

    mutating func update(_ byte: UInt8) {
        block |= UInt64(byte) << UInt64(8 * blockCount)
        blockCount += 1
        if blockCount == Self.blockBytes { endBlock() }
    }

    mutating func update(_ bytes: UnsafeBufferPointer<UInt8>) {
        for byte in bytes { update(byte) }
    }

    /// Adds the UTF-8 form of a code point that was written as an escape.
    mutating func update(_ scalar: Unicode.Scalar) {
        for byte in UTF8.encode(scalar).unsafelyUnwrapped { update(byte) }
    }

    /// The digest of what was added since the last `reset`.
    mutating func finish() -> KeyDigest {
        endBlock()
        return Self.digest(first, second)
    }
}
