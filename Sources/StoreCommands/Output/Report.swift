package import CanIFlyStore

/// What a command has to say, as a value: drawn for people or written as JSON, by the one who runs
/// the command.
package protocol Report: Sendable {
    /// What the program ends with. Not success does not mean that the command failed: `verify`
    /// that found damage has done its work.
    var status: ExitStatus { get }
    /// For `--json`.
    var json: ReportJSON { get }
    func draw(on screen: inout Screen)
    /// Output that goes to the standard output as it is, in place of anything drawn.
    var bytes: [UInt8]? { get }
    /// The same for what may be longer than memory.
    var content: CheckedContent? { get }
    /// Lines for the standard error though all went well.
    var notes: [String] { get }
    /// Lines for the standard error that `--quiet` does not silence.
    var warnings: [String] { get }
}

extension Report {
    package var status: ExitStatus { .success }
    package var bytes: [UInt8]? { nil }
    package var content: CheckedContent? { nil }
    package var notes: [String] { [] }
    package var warnings: [String] { [] }
}

/// The form that a report takes in JSON.
package enum ReportJSON: Sendable {
    /// One object, which the envelope opens.
    case object(OutputMembers)
    /// One object a line.
    case lines([OutputMembers])
    /// Nothing of this program's own: the output belongs to a program that it ran.
    case nothing
}
