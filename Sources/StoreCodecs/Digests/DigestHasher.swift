private import CLibcrypto

/// Computes SHA-256 digests piece by piece, through libcrypto's EVP interface, which picks the
/// fastest instructions that the processor has.
///
/// One hasher serves any number of digests, one after the other, without a new allocation.
///
/// A libcrypto that cannot compute SHA-256 stops the program: nothing here works without it.
public struct DigestHasher: ~Copyable {
    private let context: OpaquePointer

    public init() {
        guard let context = EVP_MD_CTX_new() else { preconditionFailure("out of memory") }
        let status = EVP_DigestInit_ex2(context, Self.algorithm, nil)
        precondition(status == 1, "libcrypto cannot begin SHA-256")
        self.context = context
    }

    deinit {
        EVP_MD_CTX_free(context)
    }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        let status = EVP_DigestUpdate(context, start, bytes.count)
        precondition(status == 1, "libcrypto cannot continue SHA-256")
    }

    public mutating func update(_ bytes: [UInt8]) {
        bytes.withUnsafeBytes { update($0) }
    }

    /// The digest of all bytes since the beginning or since the last `finish`; the hasher is then
    /// ready for the next one.
    public mutating func finish() -> Digest {
        let digest = withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Digest.byteCount) {
            buffer in
            let status = EVP_DigestFinal_ex(context, buffer.baseAddress, nil)
            precondition(status == 1, "libcrypto cannot finish SHA-256")
            return Digest(bytes: UnsafeRawBufferPointer(buffer))
        }
        reset()
        guard let digest else { preconditionFailure("a SHA-256 digest has 32 bytes") }
        return digest
    }

    /// Forgets all bytes so far.
    public mutating func reset() {
        let status = EVP_DigestInit_ex2(context, nil, nil)
        precondition(status == 1, "libcrypto cannot begin SHA-256")
    }

    /// Fetched once for the process, since a fetch takes half a millisecond. The library context is
    /// our own: it needs no configuration file, and it leaves alone what the surrounding program
    /// does with libcrypto.
    ///
    /// Shared between threads: after the fetch an `EVP_MD` is only read.
    private nonisolated(unsafe) static let algorithm: OpaquePointer = {
        Libcrypto.start()
        let algorithm = EVP_MD_fetch(OSSL_LIB_CTX_new(), "SHA256", nil)
        guard let algorithm else { preconditionFailure("libcrypto offers no SHA-256") }
        return algorithm
    }()
}
