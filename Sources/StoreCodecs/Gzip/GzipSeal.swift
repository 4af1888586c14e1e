/// A gzip member with no content at the end of a file, which carries the digest of all bytes before
/// it: whatever bit of the file changes, in the padding of a block of the deflate data even, the
/// digest tells. For programs that know nothing of it, it is one more member with nothing in it
/// (RFC 1952, section 2.2).
///
/// The digest is in an extra field (section 2.3.1.1) with the identifier `CS`.
public enum GzipSeal {
    private static let identifier = Array("CS".utf8)
    /// Deflate data of an empty content: one block with fixed codes.
    private static let emptyBlock: [UInt8] = [0x03, 0x00]

    /// How long the member is, always.
    public static let byteCount =
        GzipFormat.headerLength + 2 + 4 + Digest.byteCount + emptyBlock.count
        + GzipFormat.trailerLength

    /// The very bytes that must stand behind those with this digest.
    public static func member(for digest: Digest) -> [UInt8] {
        var bytes = GzipFormat.header
        bytes[3] = GzipFormat.Flag.extra
        bytes.appendLittleEndian(UInt16(4 + Digest.byteCount))
        bytes += identifier
        bytes.appendLittleEndian(UInt16(Digest.byteCount))
        bytes += digest.bytes
        bytes += emptyBlock
        bytes += GzipFormat.trailer(checksum: 0, length: 0)
        return bytes
    }
}
