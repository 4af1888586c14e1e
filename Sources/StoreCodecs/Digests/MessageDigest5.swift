private import CLibcrypto

/// MD5 (RFC 1321), for comparing with checksums that other programs wrote. It protects against no
/// one who means harm; nothing of this program's own rests on it.
public enum MessageDigest5 {
    public static let byteCount = 16

    /// The digest; nil where the system's libcrypto offers no MD5, as in FIPS mode.
    public static func digest(of bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        guard let context = OSSL_LIB_CTX_new() else { return nil }
        defer { OSSL_LIB_CTX_free(context) }
        guard let algorithm = EVP_MD_fetch(context, "MD5", nil) else { return nil }
        defer { EVP_MD_free(algorithm) }
        var digest = [UInt8](repeating: 0, count: byteCount)
        guard EVP_Digest(bytes.baseAddress, bytes.count, &digest, nil, algorithm, nil) == 1 else {
            return nil
        }
        return digest
    }

    /// The same for an array.
    public static func digest(of bytes: [UInt8]) -> [UInt8]? {
        bytes.withUnsafeBytes { digest(of: $0) }
    }
}
