private import CPlatform

/// SIGINT, SIGTERM and SIGHUP as a flag to ask for at good moments: a transaction completes or leaves
/// no trace, the lock is given back, and the program exits with 128 and the signal's number.
///
/// To be called by programs, not by libraries: signals belong to the whole process.
public enum TerminationSignals {
    /// From now on these signals end nothing, and are remembered; one that is ignored already
    /// (`nohup`) stays so. SIGPIPE is ignored: a write to a closed pipe fails with EPIPE. System
    /// calls that wait are interrupted once (`SA_RESTART` is not set).
    public static func catchAll() { store_catch_signals() }

    /// The first signal that came since; nil when none did.
    public static var pending: Int32? {
        let signal = store_pending_signal()
        return signal == 0 ? nil : signal
    }

    /// For tests, which go on after one.
    package static func forget() { store_forget_signal() }
}

/// The descriptors 0 to 2.
public enum StandardStreams {
    /// A program can be started with some of them closed; then the next file that is opened would get
    /// that number, and an error message would be written into a document. Fills the gaps with what
    /// cannot be used. To be called before anything is opened.
    public static func secure() throws(Errno) {
        let result = store_secure_standard_streams()
        if result < 0 { throw Errno(code: -result) }
    }
}
