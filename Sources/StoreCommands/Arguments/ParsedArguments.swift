package import CanIFlyStore
internal import StoreFiles

/// One word of the command line, as the kernel gave it: bytes, which nothing makes UTF-8.
package struct RawArgument: Sendable, Hashable {
    package var bytes: [UInt8]
    package init(_ bytes: [UInt8]) { self.bytes = bytes }
    package init(_ text: String) { bytes = Array(text.utf8) }

    /// The text, or nil where the bytes are no UTF-8: they are never repaired, since the repaired
    /// name would be another one.
    package var text: String? { String(validating: bytes, as: UTF8.self) }

    /// For messages: what is no UTF-8 or could move the cursor is escaped.
    package var shown: String { escapedForTerminal(bytes) }
}

/// A command line that fits the table.
package struct ParsedArguments: Sendable {
    package var command: CommandDefinition
    /// In order; as many as the command allows.
    package var positionals: [RawArgument] = []
    /// In order of appearance.
    package var options: [(name: String, value: RawArgument?)] = []

    package func has(_ option: OptionDefinition) -> Bool { has(option.name) }
    package func has(_ name: String) -> Bool { options.contains { $0.name == name } }

    /// The value of an option that was given, as text.
    package func text(_ name: String) throws(StoreError) -> String? {
        guard let value = options.first(where: { $0.name == name })?.value else { return nil }
        return try requiredText(value, for: "--\(name)")
    }

    /// The values of a repeatable option.
    package func texts(_ name: String) throws(StoreError) -> [String] {
        var texts: [String] = []
        for option in options where option.name == name {
            if let value = option.value { texts.append(try requiredText(value, for: "--\(name)")) }
        }
        return texts
    }

    /// The value of an option whose kind is a number; the parser has checked it.
    package func number(_ name: String) throws(StoreError) -> Int? {
        guard let text = try text(name) else { return nil }
        return Int(text)
    }

    /// A positional argument as text; nil where it was left out.
    package func positional(_ index: Int, _ name: String) throws(StoreError) -> String? {
        guard index < positionals.count else { return nil }
        return try requiredText(positionals[index], for: name)
    }

    private func requiredText(_ value: RawArgument, for name: String) throws(StoreError) -> String {
        guard let text = value.text else {
            throw StoreError(
                .usage, code: "argument-not-utf8", "\(name) \(value.shown) is not UTF-8",
                hint: "names and values on the command line must be UTF-8")
        }
        return text
    }
}
