public import StoreCodecs
public import StoreFiles

/// One document's part in a transaction, as history and the reports of writing commands show it.
public struct DocumentChange: Sendable, Hashable {
    /// The document, without the suffix of its packed form.
    public var document: StorePath
    /// Digest of the contents before; nil where there was no document.
    public var before: Digest?
    /// Digest of the contents after; nil where it was deleted.
    public var after: Digest?
    /// A change; nil digests mean that the document was or is not there.
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
    /// Every document that the transaction is about.
    public var changes: [DocumentChange]
    /// Whether nothing was written.
    public var isDryRun: Bool
    /// Things worth a line on stderr though all went well (a recovered transaction, for one).
    public var notes: [String]
    /// A report on one transaction; `transaction` nil where nothing changed.
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
    /// Counted from 1.
    public var number: UInt64
    /// When it was committed.
    public var time: Timestamp
    /// The command that made it, as `put` or `migrate`.
    public var command: String
    /// What the user said about it; often empty.
    public var message: String
    /// The documents that it changed.
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
    /// The document, without the suffix of its packed form.
    public var document: StorePath
    /// As it lies in the store (packed documents: the size of the `.gz`).
    public var bytes: Int64
    /// Of the document's bytes as they are now; nil where it is missing or cannot be read.
    public var digest: Digest?
    /// How it stands to what was recorded.
    public var standing: DocumentStanding
    /// `json`, `text`, `csv`, `plan`, `key`, …
    public var kind: String
    /// Nil where it is missing.
    public var mode: FileMode?
    /// When its file was last written; nil where it is missing.
    public var modified: Timestamp?
    /// Whether it lies there as `NAME.gz`.
    public var isPacked: Bool
    /// Whether its layout calls it a secret.
    public var isSecret: Bool
}

/// Whether and by whom the store is locked.
public struct LockReport: Sendable, Hashable {
    /// Which program took the lock.
    public enum Owner: String, Sendable, Hashable {
        /// The application that owns the store.
        case application = "canifly"
        /// This program.
        case program = "canifly-store"
    }
    /// Whether a living process holds it.
    public var isHeld: Bool
    /// The number of the process that it names.
    public var process: Int32?
    /// RFC 3339, as the holder wrote it or from the file's time.
    public var since: String?
    /// Which program took it, where that can be told.
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
    /// The name of the profile in force.
    public var profile: String
    /// The layout of the documents; nil where none is recognised.
    public var layout: Int?
    /// The versions of the application that the layout belongs to.
    public var layoutVersions: String
    /// Whether a command has recorded the documents.
    public var isInitialized: Bool
    /// How many there are.
    public var documents: Int
    /// How large they are together.
    public var bytes: Int64
    /// Documents written by the application since they were recorded.
    public var changedDocuments: Int
    /// Documents that were never recorded.
    public var untrackedDocuments: Int
    /// Documents that were recorded and are not there.
    public var missingDocuments: Int
    /// Who holds the lock.
    public var lock: LockReport
    /// Whether a transaction waits to be carried out by the next command that writes.
    public var isLogPending: Bool
    /// Bytes of the log, in which the history's contents are kept.
    public var logBytes: Int64
    /// The newest transaction.
    public var lastTransaction: TransactionSummary?
    /// The newest that a snapshot made.
    public var lastSnapshot: TransactionSummary?
    /// One line for each thing that only documents of an older layout hold.
    public var leftBehind: [String]
    /// What compaction could free.
    public var reclaimableBytes: Int64
    /// Commands worth running next, the most important first.
    public var next: [String]
}

/// What `Store.verify` is to check.
public struct VerifyRequest: Sendable {
    /// Empty: all of them.
    public var documents: [StorePath] = []
    /// Leave out the digests of documents whose file is untouched.
    public var isQuick = false
    /// Parse untouched documents too, and check every content that the history keeps.
    public var isDeep = false
    /// How many threads may work.
    public var threads = WorkerThreads.processorCount
    /// Keep each document's digest for `VerifyReport.digests` (`--sums`).
    public var keepsDigests = false
    /// All documents, with digests, without the history's contents.
    public init() {}
}

/// What `Store.verify` found.
public struct VerifyReport: Sendable {
    /// Sorted: by document, then place, then code; the same order each time.
    public var findings: [Finding]
    /// How many documents were checked.
    public var documents: Int
    /// How large they are together.
    public var bytes: Int64
    /// How many findings are errors.
    public var errors: Int
    /// How many findings are warnings.
    public var warnings: Int
    /// How many findings are notes.
    public var infos: Int
    /// How long it took.
    public var durationNanoseconds: UInt64
    /// The documents' digests, sorted by name; empty unless `keepsDigests` asked for them.
    public var digests: [(document: StorePath, digest: Digest)]
}

/// How far long work has come; handed to the sink that the caller gave.
public struct Progress: Sendable {
    /// Documents that are finished.
    public var documentsDone: Int
    /// Documents to do in all; 0 where that is not known.
    public var documentsTotal: Int
    /// Bytes that are read.
    public var bytesDone: Int64
    /// Bytes to read in all; 0 where that is not known.
    public var bytesTotal: Int64
    /// Progress by documents and bytes.
    public init(documentsDone: Int, documentsTotal: Int, bytesDone: Int64, bytesTotal: Int64) {
        self.documentsDone = documentsDone
        self.documentsTotal = documentsTotal
        self.bytesDone = bytesDone
        self.bytesTotal = bytesTotal
    }
}

/// Takes progress; called from several threads, as often as the work likes.
public typealias ProgressSink = @Sendable (Progress) -> Void

/// What must hold of a document for a change to be made.
public enum Precondition: Sendable, Hashable {
    /// The document has these contents.
    case digest(Digest)
    /// There is no such document.
    case absent
}

/// New contents for one document.
public struct PutRequest: Sendable {
    /// The document to write.
    public var document: StorePath
    /// Its new contents, neither sealed nor packed yet.
    public var bytes: [UInt8]
    /// Nil: the mode of the document replaced, else the layout's, else 0600.
    public var mode: FileMode?
    /// What must hold of the document as it is.
    public var precondition: Precondition?
    /// Wrap as a sealed document.
    public var seals = false
    /// The version to seal it with.
    public var schemaVersion: Int?
    /// Write as `NAME.gz`.
    public var packs = false
    /// A document as it is, without conditions.
    public init(document: StorePath, bytes: [UInt8]) {
        self.document = document
        self.bytes = bytes
    }
}

/// One operation of `apply`.
public enum StoreOperation: Sendable {
    /// Writes a document.
    case put(PutRequest)
    /// RFC 6902, as bytes.
    case patch(document: StorePath, patch: [UInt8])
    /// RFC 7396, as bytes.
    case merge(document: StorePath, patch: [UInt8])
    /// Removes a document; its content stays in history.
    case delete(document: StorePath)
    /// Changes nothing, and fails the transaction unless it holds.
    case test(document: StorePath, Precondition)
}

/// What every command that writes is told besides its own request.
public struct WriteOptions: Sendable {
    /// Do everything but write.
    public var isDryRun = false
    /// How what may succeed later is tried again: the lock above all.
    public var retryPolicy = RetryPolicy()
    /// How long to wait for the lock.
    public var lockWaitNanoseconds: UInt64 {
        get { retryPolicy.timeLimitNanoseconds }
        set { retryPolicy.timeLimitNanoseconds = newValue }
    }
    /// A line for the history.
    public var message = ""
    /// The command's name for history.
    public var command: String
    /// Keep the application out while documents are replaced, even if this process dies meanwhile
    /// (docs/durability.md): where documents of half a transaction would be worse than none.
    package var raisesFence = false
    /// Options for a write that enters the history under this command's name.
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
