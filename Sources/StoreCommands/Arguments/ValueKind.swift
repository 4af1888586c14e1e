/// What a value on the command line names: decides how it is checked and what the shell offers.
package enum ValueKind: Sendable, Hashable {
    /// A document of the store, by its relative path.
    case document
    /// A document or a shell pattern over documents.
    case pattern
    /// RFC 6901.
    case pointer
    /// The number of a transaction of the history.
    case transaction
    /// The number of a transaction, or a time (RFC 3339).
    case pointInTime
    case file
    case directory
    /// A command of this program.
    case command
    /// A finding's code.
    case findingCode
    /// A program to run.
    case program
    /// Whole, and in the range.
    case number(ClosedRange<Int>)
    /// Seconds, decimals allowed.
    case seconds
    /// Octal permission bits.
    case mode
    /// A SHA-256 in hexadecimal, or the word `absent`.
    case digestOrAbsent
    case choice([String])
    case text
}
