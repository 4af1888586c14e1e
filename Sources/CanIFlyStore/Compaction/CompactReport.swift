/// What `compact` is asked for besides what it always does.
public struct CompactRequest: Sendable {
    /// Patterns of documents that are to lie packed.
    public var pack: [String] = []
    /// Patterns of documents that are to lie plain again.
    public var unpack: [String] = []
    /// Patterns of JSON documents that are to lose their insignificant white space.
    public var minify: [String] = []
    /// Remove the entries that the layout calls expired.
    public var expires = false
    /// How well to pack: 1 (fast) to 9 (small).
    public var level = 6
    /// Asks for nothing besides.
    public init() {}

    var changesDocuments: Bool { !pack.isEmpty || !unpack.isEmpty || !minify.isEmpty || expires }
}

/// What something takes before and after `compact`.
public struct CompactSizes: Sendable, Hashable {
    /// In bytes.
    public var before: Int64
    /// In bytes.
    public var after: Int64
}

/// What `compact` did, or would do.
public struct CompactReport: Sendable {
    /// In this order: documents, history, catalog, index, temporaries, quarantine.
    public var kinds: [(kind: String, sizes: CompactSizes)] = []
    /// Nil where no document changed, or on a dry run.
    public var transaction: UInt64?
    /// What happened, or would happen, to documents.
    public var changes: [DocumentChange] = []
    /// How many transactions history forgot.
    public var prunedTransactions = 0
    /// Nothing was written.
    public var isDryRun = false
    /// What is worth a line to the user though nothing failed.
    public var notes: [String] = []

    /// Of all kinds together.
    public var total: CompactSizes {
        CompactSizes(
            before: kinds.reduce(0) { $0 + $1.sizes.before },
            after: kinds.reduce(0) { $0 + $1.sizes.after })
    }
}
