public import StoreCodecs
public import StoreFiles

/// Names for the types in the store's signatures that come from the modules below it, so that
/// `import CanIFlyStore` is all that a program needs.
extension Store {
    /// The name of a document: a relative path that cannot leave the store.
    public typealias Path = StorePath
    /// A document's SHA-256.
    public typealias Checksum = Digest
    /// Permission bits.
    public typealias Mode = FileMode
    /// Seconds since 1970 UTC, and nanoseconds.
    public typealias Moment = Timestamp
    /// How often and how long to try again.
    public typealias Attempts = RetryPolicy
    /// An error of the operating system.
    public typealias SystemError = Errno
}
