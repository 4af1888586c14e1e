private import CLibcrypto

/// Computes SHA-256 digests piece by piece, with libcrypto's `SHA256_Update(3)`, which picks the
/// fastest instructions that the processor has.
///
/// One hasher serves any number of digests, one after the other; it holds no memory but its own.
public struct DigestHasher: ~Copyable {
    private var context = SHA256_CTX()

    public init() {
        reset()
    }

    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        guard let start = bytes.baseAddress, !bytes.isEmpty else { return }
        let status = SHA256_Update(&context, start, bytes.count)
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
            let status = SHA256_Final(buffer.baseAddress, &context)
            precondition(status == 1, "libcrypto cannot finish SHA-256")
            return Digest(bytes: UnsafeRawBufferPointer(buffer))
        }
        reset()
        guard let digest else { preconditionFailure("a SHA-256 digest has 32 bytes") }
        return digest
    }

    /// The digest of all bytes so far; more may follow.
    public func digestSoFar() -> Digest {
        var copy = DigestHasher()
        copy.context = context
        return copy.finish()
    }

    /// Forgets all bytes so far.
    public mutating func reset() {
        let status = SHA256_Init(&context)
        precondition(status == 1, "libcrypto cannot begin SHA-256")
    }
}
