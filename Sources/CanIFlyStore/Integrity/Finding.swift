/// How much a finding matters to the application that owns the store.
public enum Severity: String, Sendable, Hashable, Comparable, CaseIterable {
    case info, warning, error

    private var rank: Int {
        switch self {
        case .info: 0
        case .warning: 1
        case .error: 2
        }
    }
    public static func < (left: Severity, right: Severity) -> Bool { left.rank < right.rank }
}

/// The stable names of everything `verify` can find. Codes are only ever added.
public enum FindingCode: String, Sendable, Hashable, CaseIterable {
    case jsonMalformed = "json-malformed"
    case jsonTruncated = "json-truncated"
    case jsonTrailing = "json-trailing"
    case jsonDuplicateKey = "json-duplicate-key"
    case jsonTooDeep = "json-too-deep"
    case textInvalidUTF8 = "text-invalid-utf8"
    case empty = "empty"
    case nulBytes = "nul-bytes"
    case digestMismatch = "digest-mismatch"
    case checksumMismatch = "checksum-mismatch"
    case schemaMismatch = "schema-mismatch"
    case schemaNewer = "schema-newer"
    case relationBroken = "relation-broken"
    case metadataMismatch = "metadata-mismatch"
    case gzipCorrupt = "gzip-corrupt"
    case gzipBomb = "gzip-bomb"
    case packedTwice = "packed-twice"
    case missing = "missing"
    case unreadable = "unreadable"
    case notRegular = "not-regular"
    case nameUnsafe = "name-unsafe"
    case secretExposed = "secret-exposed"
    case leftoverTemporary = "leftover-temporary"
    case lockStale = "lock-stale"
    case lockEmpty = "lock-empty"
    case logPending = "log-pending"
    case logTorn = "log-torn"
    case logCorrupt = "log-corrupt"
    case catalogTorn = "catalog-torn"
    case catalogCorrupt = "catalog-corrupt"
    case historyMissing = "history-missing"
    case historyCorrupt = "history-corrupt"
    case layoutLeftBehind = "layout-left-behind"
    case expired = "expired"
    case changed = "changed"
    case untracked = "untracked"
}

/// One thing `verify` has to say, as a value: it neither repairs nor prints.
public struct Finding: Sendable, Hashable {
    public var code: FindingCode
    public var severity: Severity
    /// The document's path in the store, or the raw bytes of a name that is no safe path, escaped;
    /// nil where the finding is about the store as a whole.
    public var document: String?
    /// In bytes from the start of the document.
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

    public init(
        _ code: FindingCode, _ severity: Severity, document: String?, offset: Int? = nil,
        line: Int? = nil, column: Int? = nil, pointer: String? = nil, detail: String,
        remedy: String = ""
    ) {
        self.code = code
        self.severity = severity
        self.document = document
        self.offset = offset
        self.line = line
        self.column = column
        self.pointer = pointer
        self.detail = detail
        self.remedy = remedy
    }
}
