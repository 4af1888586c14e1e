/// How much a finding matters to the application that owns the store.
public enum Severity: String, Sendable, Hashable, Comparable, CaseIterable {
    /// From what the application does by itself to what is lost or broken.
    case info, warning, error

    private var rank: Int {
        switch self {
        case .info: 0
        case .warning: 1
        case .error: 2
        }
    }
    /// By how much they matter: `info` is least.
    public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
}

/// The stable names of everything `verify` can find. Codes are only ever added.
public enum FindingCode: String, Sendable, Hashable, CaseIterable {
    /// A byte stands where JSON allows none such.
    case jsonMalformed = "json-malformed"
    /// The document ends in the middle of a value.
    case jsonTruncated = "json-truncated"
    /// Something follows the JSON value.
    case jsonTrailing = "json-trailing"
    /// An object has the same key twice.
    case jsonDuplicateKey = "json-duplicate-key"
    /// Nested deeper than 512.
    case jsonTooDeep = "json-too-deep"
    /// Text that is not UTF-8.
    case textInvalidUTF8 = "text-invalid-utf8"
    /// No bytes at all.
    case empty = "empty"
    /// Nothing but NUL bytes from some place on.
    case nulBytes = "nul-bytes"
    /// The file is untouched and its contents are not those recorded: the disk's doing.
    case digestMismatch = "digest-mismatch"
    /// A sealed document whose data is not what its checksum says.
    case checksumMismatch = "checksum-mismatch"
    /// Well-formed, and not of the shape that its layout prescribes.
    case schemaMismatch = "schema-mismatch"
    /// Of a newer version than any that is known.
    case schemaNewer = "schema-newer"
    /// Documents, or places of one, that do not agree.
    case relationBroken = "relation-broken"
    /// A document that describes another describes other contents.
    case metadataMismatch = "metadata-mismatch"
    /// A packed document that cannot be unpacked whole.
    case gzipCorrupt = "gzip-corrupt"
    /// A packed document that unpacks past every limit.
    case gzipBomb = "gzip-bomb"
    /// `NAME` and `NAME.gz` lie there both.
    case packedTwice = "packed-twice"
    /// Recorded, and not there any more.
    case missing = "missing"
    /// No permission, or the disk fails to deliver it.
    case unreadable = "unreadable"
    /// A link, folder, FIFO or device where a document should be.
    case notRegular = "not-regular"
    /// A name that is no UTF-8, or holds what acts on a terminal.
    case nameUnsafe = "name-unsafe"
    /// A secret document that other users may read.
    case secretExposed = "secret-exposed"
    /// A temporary file that a stopped program left behind.
    case leftoverTemporary = "leftover-temporary"
    /// A lock whose process is gone.
    case lockStale = "lock-stale"
    /// A lock with no process number in it.
    case lockEmpty = "lock-empty"
    /// A transaction that is committed and not yet carried out.
    case logPending = "log-pending"
    /// The log ends in an incomplete record; a crash does that.
    case logTorn = "log-torn"
    /// The log has a bad record with good ones after it; no crash does that.
    case logCorrupt = "log-corrupt"
    /// The catalog ends in an incomplete line.
    case catalogTorn = "catalog-torn"
    /// The catalog is damaged.
    case catalogCorrupt = "catalog-corrupt"
    /// The catalog's index, which nothing depends on, is damaged or of another catalog.
    case indexCorrupt = "index-corrupt"
    /// Contents that the history should keep, and that are not there.
    case historyMissing = "history-missing"
    /// Contents that the history keeps, and that are damaged.
    case historyCorrupt = "history-corrupt"
    /// Documents of an older layout beside those of the newer one.
    case layoutLeftBehind = "layout-left-behind"
    /// Entries past their time.
    case expired = "expired"
    /// Written by the application since it was recorded; sound.
    case changed = "changed"
    /// Never recorded.
    case untracked = "untracked"
}

/// One thing `verify` has to say, as a value: it neither repairs nor prints.
public struct Finding: Sendable, Hashable {
    /// What was found.
    public var code: FindingCode
    /// How much it matters to this application.
    public var severity: Severity
    /// The document's path in the store, or the raw bytes of a name that is no safe path, escaped;
    /// nil where the finding is about the store as a whole.
    public var document: String?
    /// The file of the store's own records that is damaged, by its path from the store's directory; nil
    /// for findings about documents alone.
    public var file: String?
    /// In bytes from the start of `file`, where there is one, else of the document.
    public var offset: Int?
    /// Counted from 1.
    public var line: Int?
    /// In bytes, counted from 1.
    public var column: Int?
    /// RFC 6901.
    public var pointer: String?
    /// One line, without secret values.
    public var detail: String
    /// The command or the act that helps; empty where nothing needs doing.
    public var remedy: String

    /// A finding; places that it does not have are nil.
    public init(
        _ code: FindingCode, _ severity: Severity, document: String?, file: String? = nil,
        offset: Int? = nil, line: Int? = nil, column: Int? = nil, pointer: String? = nil,
        detail: String,
        remedy: String = ""
    ) {
        self.code = code
        self.severity = severity
        self.document = document
        self.file = file
        self.offset = offset
        self.line = line
        self.column = column
        self.pointer = pointer
        self.detail = detail
        self.remedy = remedy
    }
}
