/// 122 bits that stand for a key, so that keys can be compared without being kept.
struct KeyDigest: Equatable, Sendable {
    var first: UInt64
    var second: UInt64
}

/// Hashes decoded keys piece by piece.
///
/// Two polynomials over the field of 2^61 - 1 elements are evaluated at two secret random
/// points; the coefficients are the key's bytes, seven at a time, and its length. Two different
/// keys of at most n bytes agree in both with a probability of at most ((n / 7 + 2) / 2^61)^2,
/// whoever chose them: for a million keys of a kilobyte that is less than 10^-18 in all.
struct KeyHasher: Sendable {
    private static let prime: UInt64 = (1 << 61) - 1
    static let blockBytes = 7
    private static let blockMask: UInt64 = (1 << 56) - 1

    private let firstPoint: UInt64
    private let secondPoint: UInt64
    private var first: UInt64 = 0
    private var second: UInt64 = 0
    private var block: UInt64 = 0
    private var blockCount = 0
    private var length: UInt64 = 0

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

    mutating func reset() {
        first = 0
        second = 0
        block = 0
        blockCount = 0
        length = 0
    }

    @inline(__always)
    private static func step(_ sum: UInt64, _ point: UInt64, _ coefficient: UInt64) -> UInt64 {
        let (high, low) = sum.multipliedFullWidth(by: point)
        let folded = (low & prime) &+ (low >> 61 | high << 3) &+ coefficient
        return (folded & prime) &+ (folded >> 61)
    }

    @inline(__always)
    private mutating func mix(_ coefficient: UInt64) {
        first = Self.step(first, firstPoint, coefficient)
        second = Self.step(second, secondPoint, coefficient)
    }

    @inline(__always)
    mutating func update(_ byte: UInt8) {
        block |= UInt64(byte) << UInt64(8 * blockCount)
        blockCount += 1
        length &+= 1
        if blockCount == Self.blockBytes {
            mix(block)
            block = 0
            blockCount = 0
        }
    }

    /// Adds `count` bytes; up to `readable` bytes may be loaded from `start`.
    @inline(__always)
    mutating func update(_ start: UnsafePointer<UInt8>, count: Int, readable: Int) {
        var position = 0
        if blockCount == 0 {
            length &+= UInt64(count)
            while count - position >= Self.blockBytes, readable - position >= 8 {
                mix(loadWord(start + position) & Self.blockMask)
                position += Self.blockBytes
            }
            let rest = count - position
            if rest < Self.blockBytes, readable - position >= 8 {
                block = loadWord(start + position) & ((1 << UInt64(8 * rest)) &- 1)
                blockCount = rest
                return
            }
            length &-= UInt64(rest)
        }
        while position < count {
            update(start[position])
            position += 1
        }
    }

    /// Adds the UTF-8 form of a code point that was written as an escape.
    mutating func update(_ scalar: Unicode.Scalar) {
        for byte in UTF8.encode(scalar).unsafelyUnwrapped { update(byte) }
    }

    /// The digest of what was added since the last `reset`.
    @inline(__always)
    mutating func finish() -> KeyDigest {
        if blockCount > 0 { mix(block) }
        mix(length)
        return KeyDigest(
            first: first >= Self.prime ? first - Self.prime : first,
            second: second >= Self.prime ? second - Self.prime : second)
    }
}
