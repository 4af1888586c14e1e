private import CLibcrypto

/// MD5 (RFC 1321), for comparing with checksums that other programs wrote. It protects against no
/// one who means harm; nothing of this program's own rests on it.
public enum MessageDigest5 {
    public static let byteCount = 16

    /// The digest, with libcrypto's `MD5_Update(3)`.
    public static func digest(of bytes: UnsafeRawBufferPointer) -> [UInt8] {
        var context = MD5_CTX()
        var digest = [UInt8](repeating: 0, count: byteCount)
        // They cannot fail: neither allocates, and neither looks for a provider.
        _ = MD5_Init(&context)
        if let start = bytes.baseAddress { _ = MD5_Update(&context, start, bytes.count) }
        _ = MD5_Final(&digest, &context)
        return digest
    }

    /// The same for an array.
    public static func digest(of bytes: [UInt8]) -> [UInt8] {
        bytes.withUnsafeBytes { digest(of: $0) }
    }
}
