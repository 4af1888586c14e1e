private import CZlib

/// CRC-32 as in gzip (RFC 1952, section 8) and zlib's `crc32`.
///
/// It finds every flipped bit and every burst of up to 32 bits. It is no protection against
/// somebody who means to deceive.
public struct CRC32: Sendable, Hashable {
    /// The checksum of the bytes so far.
    public private(set) var value: UInt32

    /// `seed` is the checksum of the bytes that came before, 0 for none.
    public init(seed: UInt32 = 0) {
        value = seed
    }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        // zlib answers a null pointer with the initial value, not with the one so far.
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        let start8 = start.assumingMemoryBound(to: UInt8.self)
        value = UInt32(truncatingIfNeeded: crc32_z(uLong(value), start8, bytes.count))
    }

    public mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// The checksum of the bytes given, after those that have the checksum `seed`.
    public static func of(_ bytes: UnsafeRawBufferPointer, seed: UInt32 = 0) -> UInt32 {
        var checksum = CRC32(seed: seed)
        checksum.update(bytes)
        return checksum.value
    }

    /// The checksum of the bytes given, after those that have the checksum `seed`.
    public static func of(_ bytes: [UInt8], seed: UInt32 = 0) -> UInt32 {
        bytes.withUnsafeBytes { of($0, seed: seed) }
    }

    /// The checksum of two runs of bytes in a row from their own checksums; `secondLength` is in
    /// bytes.
    public static func combine(_ first: UInt32, _ second: UInt32, secondLength: Int) -> UInt32 {
        precondition(secondLength >= 0)
        let combined = crc32_combine(uLong(first), uLong(second), secondLength)
        return UInt32(truncatingIfNeeded: combined)
    }
}
