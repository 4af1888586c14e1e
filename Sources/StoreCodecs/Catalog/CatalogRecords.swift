/// A moment: whole seconds since 1970 UTC, rounded down, and the nanoseconds from there on.
public struct RecordedTime: Sendable, Hashable, Comparable {
    public var seconds: Int64
    /// 0 up to 999,999,999, before 1970 too.
    public var nanoseconds: Int32

    public init(seconds: Int64, nanoseconds: Int32 = 0) {
        self.seconds = seconds
        self.nanoseconds = nanoseconds
    }

    public static func < (left: RecordedTime, right: RecordedTime) -> Bool {
        (left.seconds, left.nanoseconds) < (right.seconds, right.nanoseconds)
    }
}

/// What a document was, or became: content, mode, owner and modification time.
public struct DocumentState: Sendable, Hashable {
    /// Of the content.
    public var digest: Digest
    /// How long the content is.
    public var bytes: UInt64
    /// The twelve permission bits.
    public var mode: UInt16
    public var user: UInt32
    public var group: UInt32
    public var modified: RecordedTime
    /// Where the content is kept; nil where it is not.
    public var location: ContentLocation?

    public init(
        digest: Digest, bytes: UInt64, mode: UInt16, user: UInt32, group: UInt32,
        modified: RecordedTime, location: ContentLocation?
    ) {
        self.digest = digest
        self.bytes = bytes
        self.mode = mode
        self.user = user
        self.group = group
        self.modified = modified
        self.location = location
    }
}

/// What a document was before a change.
public enum PriorState: Sendable, Hashable {
    /// There was no such document.
    case absent
    /// What the last change of this document recorded, or at least nothing is known to differ.
    case asRecorded
    case present(DocumentState)
}

/// What `stat(2)` told of a document right after it was written, beside its state.
public struct RecordedSignature: Sendable, Hashable {
    public var inode: UInt64
    /// The time of the inode's last change.
    public var changed: RecordedTime

    public init(inode: UInt64, changed: RecordedTime) {
        self.inode = inode
        self.changed = changed
    }
}

/// One document's part in a transaction.
public struct ChangeRecord: Sendable, Hashable {
    /// The document's relative path, byte for byte: nothing makes it UTF-8, and two spellings that
    /// Unicode calls equal are two documents.
    public var document: [UInt8]
    public var before: PriorState
    /// nil: the document was removed.
    public var after: DocumentState?
    /// nil: not known.
    public var signature: RecordedSignature?

    public init(
        document: [UInt8], before: PriorState, after: DocumentState?,
        signature: RecordedSignature? = nil
    ) {
        self.document = document
        self.before = before
        self.after = after
        self.signature = signature
    }
}

/// A transaction as history tells it.
public struct TransactionRecord: Sendable, Hashable {
    /// Counted from 1.
    public var number: UInt64
    public var time: RecordedTime
    /// The command's name, as `put`.
    public var command: String
    /// What the user said about it; may be empty.
    public var message: String
    public var changes: [ChangeRecord]

    public init(
        number: UInt64, time: RecordedTime, command: String, message: String = "",
        changes: [ChangeRecord] = []
    ) {
        self.number = number
        self.time = time
        self.command = command
        self.message = message
        self.changes = changes
    }
}
