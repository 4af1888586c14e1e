/// A SHA-256 digest (FIPS 180-4): 32 bytes, stored inline and ordered as the bytes are.
public struct Digest: Sendable, Hashable, Comparable {
    /// How many bytes a digest has.
    public static let byteCount = 32
    /// How many characters `hexadecimal` has.
    public static let digitCount = 64

    // Eight bytes each, the first of them the most significant.
    let first: UInt64
    let second: UInt64
    let third: UInt64
    let fourth: UInt64

    init(first: UInt64, second: UInt64, third: UInt64, fourth: UInt64) {
        self.first = first
        self.second = second
        self.third = third
        self.fourth = fourth
    }

    /// The digest that these 32 bytes are; nil for any other count.
    public init?(bytes: UnsafeRawBufferPointer) {
        guard bytes.count == Self.byteCount else { return nil }
        first = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 0, as: UInt64.self))
        second = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt64.self))
        third = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 16, as: UInt64.self))
        fourth = UInt64(bigEndian: bytes.loadUnaligned(fromByteOffset: 24, as: UInt64.self))
    }

    /// The digest that these 32 bytes are; nil for any other count.
    public init?(bytes: [UInt8]) {
        guard let digest = bytes.withUnsafeBytes({ Digest(bytes: $0) }) else { return nil }
        self = digest
    }

    /// The digest spelled by these 64 lower-case digits; nil for anything else.
    public init?(hexadecimal digits: UnsafeRawBufferPointer) {
        guard digits.count == Self.digitCount,
            let first = Self.word(digits, at: 0), let second = Self.word(digits, at: 16),
            let third = Self.word(digits, at: 32), let fourth = Self.word(digits, at: 48)
        else { return nil }
        self.init(first: first, second: second, third: third, fourth: fourth)
    }

    /// The digest spelled by these 64 lower-case digits; nil for anything else.
    public init?(hexadecimal digits: [UInt8]) {
        guard let digest = digits.withUnsafeBytes({ Digest(hexadecimal: $0) }) else { return nil }
        self = digest
    }

    /// The digest spelled by these 64 lower-case digits; nil for anything else.
    public init?(hexadecimal digits: String) {
        var digits = digits
        let digest = digits.withUTF8 { Digest(hexadecimal: UnsafeRawBufferPointer($0)) }
        guard let digest else { return nil }
        self = digest
    }

    /// The digest of the bytes given.
    public static func of(_ bytes: UnsafeRawBufferPointer) -> Digest {
        var hasher = DigestHasher()
        hasher.update(bytes)
        return hasher.finish()
    }

    /// The digest of the bytes given.
    public static func of(_ bytes: [UInt8]) -> Digest {
        bytes.withUnsafeBytes { of($0) }
    }

    public var bytes: [UInt8] {
        [UInt8](unsafeUninitializedCapacity: Self.byteCount) { buffer, count in
            let target = UnsafeMutableRawBufferPointer(buffer)
            target.storeBytes(of: first.bigEndian, toByteOffset: 0, as: UInt64.self)
            target.storeBytes(of: second.bigEndian, toByteOffset: 8, as: UInt64.self)
            target.storeBytes(of: third.bigEndian, toByteOffset: 16, as: UInt64.self)
            target.storeBytes(of: fourth.bigEndian, toByteOffset: 24, as: UInt64.self)
            count = Self.byteCount
        }
    }

    /// 64 lower-case digits.
    public var hexadecimal: String {
        String(unsafeUninitializedCapacity: Self.digitCount) { digits in
            storeDigits(in: UnsafeMutableRawBufferPointer(digits))
            return Self.digitCount
        }
    }

    /// Stores the 64 lower-case digits at the beginning of `target`.
    func storeDigits(in target: UnsafeMutableRawBufferPointer) {
        Self.store(first, in: target, at: 0)
        Self.store(second, in: target, at: 16)
        Self.store(third, in: target, at: 32)
        Self.store(fourth, in: target, at: 48)
    }

    public static func < (left: Digest, right: Digest) -> Bool {
        (left.first, left.second, left.third, left.fourth)
            < (right.first, right.second, right.third, right.fourth)
    }

    /// A digest is as good as random already: eight of its bytes tell as much as all of them.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(first)
    }

    private static func word(_ digits: UnsafeRawBufferPointer, at offset: Int) -> UInt64? {
        let high = UInt64(
            littleEndian: digits.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        let low = UInt64(
            littleEndian: digits.loadUnaligned(fromByteOffset: offset + 8, as: UInt64.self))
        guard let high = Hexadecimal.value(ofDigits: high),
            let low = Hexadecimal.value(ofDigits: low)
        else { return nil }
        return UInt64(high) << 32 | UInt64(low)
    }

    private static func store(
        _ word: UInt64, in target: UnsafeMutableRawBufferPointer, at offset: Int
    ) {
        let high = Hexadecimal.digits(UInt32(truncatingIfNeeded: word >> 32))
        let low = Hexadecimal.digits(UInt32(truncatingIfNeeded: word))
        target.storeBytes(of: high.littleEndian, toByteOffset: offset, as: UInt64.self)
        target.storeBytes(of: low.littleEndian, toByteOffset: offset + 8, as: UInt64.self)
    }
}

extension Digest: CustomStringConvertible {
    public var description: String { hexadecimal }
}
