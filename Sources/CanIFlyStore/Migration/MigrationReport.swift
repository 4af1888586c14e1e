public import StoreCodecs
public import StoreFiles

/// What `migrate` is to do.
public struct MigrationRequest: Sendable {
    /// What a migration is to come to.
    public enum Goal: Sendable, Hashable {
        /// To a layout; nil: the newest that is known.
        case layout(Int?)
        /// Undo the last migration.
        case rollback
        /// Carry what only the documents of older layouts hold into the live ones.
        case leftBehind
    }
    /// What it is to come to.
    public var goal: Goal
    /// Where own steps are; nil: in `.canifly-store/migrations`.
    public var stepFolder: String?
    /// Tell what changes in each document. For many of them that takes longer than the migration.
    public var comparesDocuments = true

    /// A migration to a goal, with the steps of the store's own folder unless another is named.
    public init(_ goal: Goal, stepFolder: String? = nil) {
        self.goal = goal
        self.stepFolder = stepFolder
    }
}

/// A step as plans and records name it.
public struct MigrationStepSummary: Sendable, Hashable {
    /// The layout that the step begins in.
    public var from: Int
    /// The layout that it ends in.
    public var to: Int
    /// The step's name, from its file or from the profile.
    public var name: String
    /// SHA-256 of the step file; of a step that the program carries, of its name and revision.
    public var digest: Digest
}

/// What a migration did or would do.
public struct MigrationReport: Sendable {
    /// The layout in which the documents are.
    public var from: Int
    /// The layout in which they will be, or are now.
    public var to: Int
    /// There are steps that have not been carried out.
    public var isPending: Bool
    /// The steps in between, in their order.
    public var steps: [MigrationStepSummary]
    /// What changes in each document, sorted; empty where that was not asked for.
    public var documents: [DocumentDifference]
    /// What was put below `.canifly-store/kept/`, sorted.
    public var kept: [StorePath]
    /// What was written, or would be.
    public var write: WriteReport
}
