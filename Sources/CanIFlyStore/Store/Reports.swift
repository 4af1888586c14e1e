public import StoreCodecs
public import StoreFiles

/// One document's part in a transaction, as history and the reports of writing commands show it.
public struct DocumentChange: Sendable, Hashable {
    public var document: StorePath
    /// Digest of the contents before; nil where there was no document.
    public var before: Digest?
    /// Digest of the contents after; nil where it was deleted.
    public var after: Digest?
    public init(document: StorePath, before: Digest?, after: Digest?) {
        self.document = document
        self.before = before
        self.after = after
    }
}

/// What a command that writes did.
public struct WriteReport: Sendable {
    /// Nil where nothing changed, or on a dry run.
    public var transaction: UInt64?
    public var changes: [DocumentChange]
    public var isDryRun: Bool
    /// Things worth a line on stderr though all went well (a recovered transaction, for one).
    public var notes: [String]
    public init(
        transaction: UInt64?, changes: [DocumentChange], isDryRun: Bool, notes: [String] = []
    ) {
        self.transaction = transaction
        self.changes = changes
        self.isDryRun = isDryRun
        self.notes = notes
    }
}

/// One transaction of the history.
public struct TransactionSummary: Sendable {
    public var number: UInt64
    public var time: Timestamp
    /// The command that made it, as `put` or `migrate`.
    public var command: String
    public var message: String
    public var changes: [DocumentChange]
    /// Committed, and still to be finished by the next command that takes the lock.
    public var isPending: Bool
}

/// How a document stands to its recorded state.
public enum DocumentStanding: String, Sendable, Hashable {
    /// As recorded.
    case recorded
    /// Written by the application since it was recorded.
    case changed
    /// Never recorded.
    case untracked
    /// Recorded, and no longer there.
    case missing
}

/// A document in a listing.
public struct DocumentEntry: Sendable {
    public var document: StorePath
    /// As it lies in the store (packed documents: the size of the `.gz`).
    public var bytes: Int64
    /// Of the document's bytes as they are now; nil where it is missing or cannot be read.
    public var digest: Digest?
    public var standing: DocumentStanding
    /// `json`, `text`, `csv`, `plan`, `key`, …
    public var kind: String
    public var mode: FileMode?
    public var modified: Timestamp?
    public var isPacked: Bool
    public var isSecret: Bool
}

/// Whether and by whom the store is locked.
public struct LockReport: Sendable, Hashable {
    public enum Owner: String, Sendable, Hashable {
        case application = "canifly"
        case program = "canifly-store"
    }
    public var isHeld: Bool
    public var process: Int32?
    /// RFC 3339, as the holder wrote it or from the file's time.
    public var since: String?
    public var owner: Owner?
    /// A `.lock` lies there and its holder does not live.
    public var isStale: Bool
    /// A `.lock` lies there without a process in it: the application would refuse to start for ever.
    public var isEmpty: Bool
    /// One line for people where there is something odd.
    public var remark: String
}

/// One screen about a store.
public struct StatusReport: Sendable {
    public var profile: String
    public var layout: Int?
    /// The versions of the application that the layout belongs to.
    public var layoutVersions: String
    public var isInitialized: Bool
    public var documents: Int
    public var bytes: Int64
    public var changedDocuments: Int
    public var untrackedDocuments: Int
    public var missingDocuments: Int
    public var lock: LockReport
    public var isLogPending: Bool
    /// Bytes of the log, in which the history's contents are kept.
    public var logBytes: Int64
    public var lastTransaction: TransactionSummary?
    public var lastSnapshot: TransactionSummary?
    /// One line for each thing that only documents of an older layout hold.
    public var leftBehind: [String]
    public var reclaimableBytes: Int64
    /// Commands worth running next, the most important first.
    public var next: [String]
}

public struct VerifyRequest: Sendable {
    /// Empty: all of them.
    public var documents: [StorePath] = []
    public var isQuick = false
    public var isDeep = false
    /// How many threads may work.
    public var threads = WorkerThreads.processorCount
    /// Keep each document's digest for `VerifyReport.digests` (`--sums`).
    public var keepsDigests = false
    public init() {}
}

public struct VerifyReport: Sendable {
    /// Sorted: by document, then place, then code; the same order each time.
    public var findings: [Finding]
    public var documents: Int
    public var bytes: Int64
    public var errors: Int
    public var warnings: Int
    public var infos: Int
    public var durationNanoseconds: UInt64
    public var digests: [(document: StorePath, digest: Digest)]
}

/// How far long work has come; handed to the sink that the caller gave.
public struct Progress: Sendable {
    public var documentsDone: Int
    public var documentsTotal: Int
    public var bytesDone: Int64
    public var bytesTotal: Int64
    public init(documentsDone: Int, documentsTotal: Int, bytesDone: Int64, bytesTotal: Int64) {
        self.documentsDone = documentsDone
        self.documentsTotal = documentsTotal
        self.bytesDone = bytesDone
        self.bytesTotal = bytesTotal
    }
}

public typealias ProgressSink = @Sendable (Progress) -> Void

/// What must hold of a document for a change to be made.
public enum Precondition: Sendable, Hashable {
    case digest(Digest)
    case absent
}

/// New contents for one document.
public struct PutRequest: Sendable {
    public var document: StorePath
    public var bytes: [UInt8]
    /// Nil: the mode of the document replaced, else the layout's, else 0600.
    public var mode: FileMode?
    public var precondition: Precondition?
    /// Wrap as a sealed document.
    public var seals = false
    public var schemaVersion: Int?
    /// Write as `NAME.gz`.
    public var packs = false
    public init(document: StorePath, bytes: [UInt8]) {
        self.document = document
        self.bytes = bytes
    }
}

/// One operation of `apply`.
public enum StoreOperation: Sendable {
    case put(PutRequest)
    /// RFC 6902, as bytes.
    case patch(document: StorePath, patch: [UInt8])
    /// RFC 7396, as bytes.
    case merge(document: StorePath, patch: [UInt8])
    case delete(document: StorePath)
    case test(document: StorePath, Precondition)
}

/// What every command that writes is told besides its own request.
public struct WriteOptions: Sendable {
    public var isDryRun = false
    /// How what may succeed later is tried again: the lock above all.
    public var retryPolicy = RetryPolicy()
    /// How long to wait for the lock.
    public var lockWaitNanoseconds: UInt64 {
        get { retryPolicy.timeLimitNanoseconds }
        set { retryPolicy.timeLimitNanoseconds = newValue }
    }
    public var message = ""
    /// The command's name for history.
    public var command: String
    /// Keep the application out while documents are replaced, even if this process dies meanwhile
    /// (docs/durability.md): where documents of half a transaction would be worse than none.
    package var raisesFence = false
    public init(command: String) { self.command = command }
}

/// Which earlier state is meant.
public enum PointInTime: Sendable, Hashable {
    /// After a transaction.
    case transaction(UInt64)
    /// After the last transaction made by then.
    case time(Timestamp)
    /// Just before a transaction: what the transaction before it left, and, of the documents that it
    /// replaced or removed, what it found, be that recorded or not. What undoes it.
    case before(UInt64)
}
