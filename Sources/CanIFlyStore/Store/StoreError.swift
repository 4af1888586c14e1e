public import StoreFiles

/// A place in the files in which a store keeps its records.
public struct RecordPlace: Sendable, Hashable {
    /// The file, by its path from the store's directory.
    public var file: String
    /// In bytes from the file's beginning; nil: the file as a whole, for one that is missing.
    public var offset: UInt64?

    init(_ file: String, at offset: UInt64?) {
        self.file = file
        self.offset = offset
    }
}

/// Why a store refuses or fails, in the terms of its user. Commands turn the kind into an exit
/// status in one place.
public struct StoreError: Error, Sendable, Hashable {
    /// What sort of failure it is; each has its exit status (sysexits.h).
    public enum Kind: String, Sendable, Hashable {
        /// 64: the request itself makes no sense.
        case usage
        /// 65: data is damaged, malformed, breaks its schema, or has an unsafe name.
        case invalidData = "invalid-data"
        /// 66: no such store, document, transaction, pointer or file.
        case notFound = "not-found"
        /// 73: an output file cannot be created.
        case cannotCreate = "cannot-create"
        /// 74: input or output failed, a full disk included.
        case inputOutput = "input-output"
        /// 75: busy or in conflict; trying again may work.
        case busy
        /// 75: what was to be changed is not what it was thought to be.
        case conflict
        /// 77: no permission.
        case permission
        /// 78: the configuration is wrong, or the store is newer than this program.
        case configuration
        /// 128+N: ended by a signal.
        case interrupted
        /// 70: a bug of this program.
        case internalError = "internal"
    }

    /// The sort of failure: what a caller can do about it.
    public var kind: Kind
    /// A stable, specific name in kebab case, e.g. `lock-held`, `precondition-failed`,
    /// `json-duplicate-key`: for scripts.
    public var code: String
    /// What failed, on which document, why: one line, no line end, no secret values.
    public var message: String
    /// What to do next: one line, may be empty.
    public var hint: String
    /// The document meant, where one is.
    public var document: StorePath?
    /// The operating system's error, where one is the cause.
    public var cause: Errno?
    /// The signal, for `.interrupted`.
    public var signal: Int32?
    /// Where the store's own records are damaged, where that is what failed.
    public var place: RecordPlace?

    /// An error; `code` is stable, `message` and `hint` are one line each and hold no secret.
    public init(
        _ kind: Kind, code: String, _ message: String, hint: String = "",
        document: StorePath? = nil, cause: Errno? = nil, signal: Int32? = nil
    ) {
        self.kind = kind
        self.code = code
        self.message = message
        self.hint = hint
        self.document = document
        self.cause = cause
        self.signal = signal
    }
}
