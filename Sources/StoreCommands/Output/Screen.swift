/// What a piece of text means; colour is made from it where colour is wanted.
package enum Emphasis: Sendable {
    case plain, strong, faint, good, warning, bad

    fileprivate var sequence: String {
        switch self {
        case .plain: ""
        case .strong: "\u{1B}[1m"
        case .faint: "\u{1B}[2m"
        case .good: "\u{1B}[32m"
        case .warning: "\u{1B}[33m"
        case .bad: "\u{1B}[31m"
        }
    }
}

/// Text for people as it grows, line by line: knows how wide it may be and whether in colour.
/// Texts given to it must be escaped already.
package struct Screen {
    package let columns: Int
    package let isColored: Bool
    package let isVerbose: Bool
    package private(set) var text = ""

    package init(columns: Int, isColored: Bool, isVerbose: Bool) {
        // Narrower than this nothing can be laid out; the terminal wraps it then.
        self.columns = max(20, columns)
        self.isColored = isColored
        self.isVerbose = isVerbose
    }

    package func styled(_ text: String, _ emphasis: Emphasis) -> String {
        guard isColored, emphasis != .plain, !text.isEmpty else { return text }
        return emphasis.sequence + text + "\u{1B}[0m"
    }

    /// One line as it is, however long.
    package mutating func line(_ text: String = "", _ emphasis: Emphasis = .plain) {
        self.text += styled(text, emphasis) + "\n"
    }

    /// A text broken into lines, each begun with so many spaces.
    package mutating func paragraph(
        _ text: String, indent: Int = 0, _ emphasis: Emphasis = .plain
    ) {
        let margin = String(repeating: " ", count: indent)
        for part in wrapped(text, toColumns: columns - indent) {
            line(margin + styled(part, emphasis))
        }
    }

    /// A label and a text that stands beside it, its further lines under its first. Where half the
    /// line would go to the label, the text begins on a line of its own.
    package mutating func entry(
        _ label: String, _ text: String, labelColumns: Int, indent: Int = 2,
        _ emphasis: Emphasis = .plain, labelEmphasis: Emphasis = .plain
    ) {
        let margin = String(repeating: " ", count: indent)
        let start = indent + labelColumns + 2
        if start > columns / 2 || displayWidth(label) > labelColumns {
            line(margin + styled(label, labelEmphasis))
            paragraph(text, indent: min(indent + 4, columns / 2), emphasis)
            return
        }
        let parts = wrapped(text, toColumns: columns - start)
        let padding = String(repeating: " ", count: start - indent - displayWidth(label))
        line(margin + styled(label, labelEmphasis) + padding + styled(parts[0], emphasis))
        let hanging = String(repeating: " ", count: start)
        for part in parts.dropFirst() { line(hanging + styled(part, emphasis)) }
    }
}
