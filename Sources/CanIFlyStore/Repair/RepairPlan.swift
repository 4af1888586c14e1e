public import StoreCodecs
public import StoreFiles

/// What `repair` may do.
public struct RepairRequest: Sendable {
    /// Empty: every document. The store's own records are always repaired.
    public var documents: [StorePath] = []
    /// Documents of which no good copy is left may be closed or cut where they are damaged.
    public var salvages = false
    /// Whole temporaries that are newer than their documents take their place, even where the document
    /// is sound.
    public var adopts = false
    /// A repair of whatever is wrong, without inventing or guessing a value.
    public init() {}
}

/// One thing to do, with where the good bytes come from and what it costs.
public struct RepairStep: Sendable, Hashable {
    /// What can be done about damage.
    public enum Action: String, Sendable, Hashable, CaseIterable {
        /// `.lock` goes, which keeps the application from starting.
        case breakLock = "break-lock"
        /// A transaction in the log is carried out.
        case finishTransaction = "finish-transaction"
        /// The catalog is written anew from what it still says and from the log.
        case rebuildCatalog = "rebuild-catalog"
        /// The catalog's index is made anew from the catalog.
        case renewIndex = "renew-index"
        /// The log goes on in a new segment; the damaged ones are kept.
        case beginSegment = "begin-segment"
        /// The document gets a good content.
        case restore
        /// The document is closed or cut where the damage begins.
        case salvage
        /// Lines that the application cannot read are replaced.
        case mendLines = "mend-lines"
        /// The document gets a mode with which nobody else can read it.
        case restoreMode = "restore-mode"
        /// A document describes a file that is lost; the description goes, so that the application
        /// fetches the file again.
        case clearDescription = "clear-description"
        /// The application starts without the document, and not with it.
        case setAside = "set-aside"
    }

    /// What is wrong.
    public var code: FindingCode
    /// Nil where it is about the store as a whole.
    public var document: String?
    /// What is done.
    public var action: Action
    /// Where the good bytes come from: `log`, `transaction 3`, `temporary …`, `document`; nil where
    /// there are none.
    public var source: String?
    /// Of the document's bytes afterwards; nil where that is not what the step is about.
    public var result: Digest?
    /// What cannot be brought back, one line each.
    public var lost: [String]
    /// One line for people, without secret values.
    public var detail: String
    /// Where the damaged bytes are kept, from the store's directory; nil before they are.
    public var quarantined: String?

    init(
        _ code: FindingCode, document: String? = nil, _ action: Action, source: String? = nil,
        result: Digest? = nil, lost: [String] = [], detail: String
    ) {
        self.code = code
        self.document = document
        self.action = action
        self.source = source
        self.result = result
        self.lost = lost
        self.detail = detail
    }

    /// Whether both do the same, wherever the damaged bytes are kept.
    func isSame(as other: RepairStep) -> Bool {
        var own = self
        own.quarantined = other.quarantined
        return own == other
    }
}

/// What is going to be done, to be shown before it is.
public struct RepairPlan: Sendable {
    /// The steps in the order in which they are taken.
    public var steps: [RepairStep]
    /// What is worth knowing though nothing is done about it.
    public var notes: [String]
}

/// What was done.
public struct RepairReport: Sendable {
    /// On a dry run, what would be.
    public var actions: [RepairStep]
    /// The errors and warnings that `verify` finds now.
    public var remaining: [Finding]
    /// Nil where no document changed.
    public var transaction: UInt64?
    /// Whether nothing was written.
    public var isDryRun: Bool
    /// What people should know besides, a line each.
    public var notes: [String]
}
