/// What sort of content a document has, and so which rules it is held to.
public enum DocumentKind: String, Sendable, Hashable, CaseIterable {
    /// One JSON text.
    case json
    /// UTF-8 text.
    case text
    /// Comma-separated values with a header (RFC 4180).
    case csv
    /// One requirement a line: a name, and a whole number as the last word.
    case plan
    /// A secret as encoded bytes.
    case key
    /// Anything.
    case binary
}

/// Parameters of the kind `plan`.
struct PlanForm: Sendable, Hashable {
    /// What begins a line that is skipped; nil where every line is a requirement.
    var comment: [UInt8]?
    /// Numbers outside are odd, though the application reads them.
    var expectedNumbers: ClosedRange<Int>?
}

/// Parameters of the kind `csv`.
struct CSVForm: Sendable, Hashable {
    /// Columns that the header must have, in any order.
    var requiredColumns: [String] = []
    /// What rows of unequal length mean to the application.
    var raggedSeverity = Severity.error
}

/// Parameters of the kind `key`.
struct KeyForm: Sendable, Hashable {
    /// How many bytes the decoded key has; nil where any number will do.
    var byteCount: Int?
}

/// A kind with its parameters.
enum DocumentForm: Sendable {
    case json(SchemaSource?)
    case text
    case csv(CSVForm)
    case plan(PlanForm)
    case key(KeyForm)
    case binary

    var kind: DocumentKind {
        switch self {
        case .json: .json
        case .text: .text
        case .csv: .csv
        case .plan: .plan
        case .key: .key
        case .binary: .binary
        }
    }
}
