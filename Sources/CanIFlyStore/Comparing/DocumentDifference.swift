public import LosslessJSON
public import StoreCodecs
public import StoreFiles

/// How one document differs between two moments, fit to be shown: secrets are replaced.
public struct DocumentDifference: Sendable {
    /// How a document stands on one side to the other.
    public enum Change: String, Sendable, Hashable {
        /// It is there only afterwards.
        case added
        /// It was there only before.
        case removed
        /// Other contents.
        case changed
        /// The same contents with another mode.
        case mode
    }

    /// How the contents were compared, and what came of it.
    public enum Detail: Sendable {
        /// Value by value. Empty where white space or the order of members is all that differs.
        case edits([ValueEdit])
        /// Line by line.
        case lines([LineEdit])
        /// By their digests alone.
        case digests(DigestReason)
    }

    /// Why contents were not compared more closely than by their digests.
    public enum DigestReason: String, Sendable, Hashable {
        /// They are equal.
        case equal
        /// The earlier, or the later, was recorded by its digest and is not in the history.
        case notKept = "not-kept"
        /// They are no text.
        case binary
        /// All of it is a secret.
        case secret
        /// It holds secrets, and since it is malformed, nobody can tell where.
        case malformed
        /// It would take too much memory to tell.
        case tooLarge = "too-large"
    }

    /// The document, without the suffix of its packed form.
    public var document: StorePath
    /// What became of it.
    public var change: Change
    /// Digest of the contents before; nil where there was no document.
    public var before: Digest?
    /// Digest of the contents after; nil where there is none.
    public var after: Digest?
    /// Its mode before; nil where it was not there, or no mode is known.
    public var modeBefore: FileMode?
    /// Its mode afterwards; nil where it is not there, or no mode is known.
    public var modeAfter: FileMode?
    /// How it differs inside, as far as that can be shown.
    public var detail: Detail
}

/// One difference of two JSON documents, in the terms of RFC 6902.
public struct ValueEdit: Sendable, Hashable {
    /// Whether the value was added, removed or replaced.
    public var operation: JSONEdit.Operation
    /// RFC 6901, in the document that the edits before this one lead to.
    public var path: String
    /// The old value as JSON without insignificant white space; nil for an addition.
    public var before: [UInt8]?
    /// The new value; nil for a removal.
    public var after: [UInt8]?
}

/// One line that one of two texts has and the other has not.
public struct LineEdit: Sendable, Hashable {
    /// Whether the line went or came.
    public enum Operation: String, Sendable { case remove, add }

    /// Whether the line went or came.
    public var operation: Operation
    /// From 1: in the old text for a removal, in the new one for an addition.
    public var line: Int
    /// Without its line feed. Not always UTF-8.
    public var text: [UInt8]
    /// The last line of a text that does not end with a line feed.
    public var lacksLineEnd: Bool
}
