private import CLibcrypto
internal import Synchronization

/// How libcrypto starts, the first time that something is hashed.
public enum Libcrypto {
    private static let startsBare = Atomic<Bool>(false)

    /// For a program that uses libcrypto for digests alone, before the first of them: neither the
    /// system's configuration file is read nor the texts of errors and the tables of algorithms are
    /// loaded, which takes longer than all else that a short command does. A library must not decide
    /// that for the program around it.
    public static func startBare() { startsBare.store(true, ordering: .relaxed) }

    /// `OPENSSL_init_crypto(3)`; without effect where libcrypto runs already.
    static func start() {
        guard startsBare.load(ordering: .relaxed) else { return }
        let nothingElse =
            OPENSSL_INIT_NO_LOAD_CONFIG | OPENSSL_INIT_NO_LOAD_CRYPTO_STRINGS
            | OPENSSL_INIT_NO_ADD_ALL_CIPHERS | OPENSSL_INIT_NO_ADD_ALL_DIGESTS
        // Its failure shows at the fetch that follows.
        _ = OPENSSL_init_crypto(UInt64(nothingElse), nil)
    }
}
