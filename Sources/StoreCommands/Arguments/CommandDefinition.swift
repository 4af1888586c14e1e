internal import CanIFlyStore

/// An option as the table lists it. Its name is given without the dashes.
package struct OptionDefinition: Sendable {
    package var name: String
    /// One letter; only the common options have one.
    package var short: Character?
    /// How the value is called in help (`FILE`); nil for a switch, which takes none.
    package var valueName: String?
    package var kind: ValueKind
    package var summary: String
    package var isRepeatable: Bool

    /// A switch.
    package static func flag(
        _ name: String, short: Character? = nil, _ summary: String
    ) -> OptionDefinition {
        OptionDefinition(
            name: name, short: short, valueName: nil, kind: .text, summary: summary,
            isRepeatable: true)
    }

    /// An option that takes a value.
    package static func value(
        _ name: String, _ valueName: String, _ kind: ValueKind, _ summary: String,
        isRepeatable: Bool = false
    ) -> OptionDefinition {
        OptionDefinition(
            name: name, short: nil, valueName: valueName, kind: kind, summary: summary,
            isRepeatable: isRepeatable)
    }

    package var takesValue: Bool { valueName != nil }
}

/// A positional argument as the table lists it.
package struct ArgumentDefinition: Sendable {
    package enum Count: Sendable { case one, optional, any, oneOrMore }
    package var name: String
    package var kind: ValueKind
    package var count: Count

    package init(_ name: String, _ kind: ValueKind, _ count: Count = .one) {
        self.name = name
        self.kind = kind
        self.count = count
    }

    /// As in a synopsis.
    package var synopsis: String {
        switch count {
        case .one: name
        case .optional: "[\(name)]"
        case .any: "[\(name)…]"
        case .oneOrMore: "\(name)…"
        }
    }
}

/// A command line worth copying, with what it does.
package struct CommandExample: Sendable {
    package var line: String
    package var purpose: String
    package init(_ line: String, _ purpose: String) {
        self.line = line
        self.purpose = purpose
    }
}

/// How a command stands to the store, which decides the options that it shares with others.
package enum CommandEffect: Sendable {
    /// Never looks at a store.
    case none
    /// Reads, takes no lock, changes no byte.
    case reads
    /// Takes the lock; has `--dry-run`.
    case writes
    /// About the lock itself.
    case locks
}

/// Everything there is to know about one command; parsing, help, the manual page and completions
/// are all made from it.
package struct CommandDefinition: Sendable {
    /// One word, or two (`lock run`).
    package var name: String
    package var effect: CommandEffect
    package var arguments: [ArgumentDefinition] = []
    package var options: [OptionDefinition] = []
    /// One line without a full stop.
    package var summary: String
    /// Paragraphs.
    package var description: [String]
    package var examples: [CommandExample]
    /// The exit statuses that this command gives a meaning of its own.
    package var exitStatuses: [(status: ExitStatus, meaning: String)] = []
    /// Whether its output is what was asked for, so that `--quiet` leaves it alone.
    package var outputIsData = false
    var run: @Sendable (CommandContext) throws(StoreError) -> any Report

    /// Its own options and those that its effect brings, in the order of help.
    package var allOptions: [OptionDefinition] {
        var all = options
        if effect == .writes { all.append(CommonOptions.dryRun) }
        return all
    }
}
