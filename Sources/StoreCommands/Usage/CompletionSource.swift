/// Where a shell gets the candidates for a value; each shell spells the same few sources its own way.
enum CompletionSource: Hashable {
    case documents
    case transactions
    case files
    case directories
    case programs
    case words([String])
    case nothing

    init(_ kind: ValueKind, table: CommandTable) {
        switch kind {
        case .document, .pattern: self = .documents
        case .transaction, .pointInTime: self = .transactions
        case .file: self = .files
        case .directory: self = .directories
        case .program: self = .programs
        case .command: self = .words(table.firstWords)
        case .findingCode: self = .words(findingCodeNames)
        case .choice(let words): self = .words(words)
        case .digestOrAbsent: self = .words(["absent"])
        case .mode: self = .words(["0600", "0644"])
        case .pointer, .number, .seconds, .text: self = .nothing
        }
    }
}

/// A word in single quotes for any of the three shells.
func shellQuoted(_ text: String) -> String {
    "'" + text.split(separator: "'", omittingEmptySubsequences: false).joined(separator: "'\\''")
        + "'"
}

/// `lock run` as part of a function's name.
func functionName(of command: String) -> String {
    String(command.map { $0 == " " ? "_" : $0 })
}
