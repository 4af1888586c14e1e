internal import CanIFlyStore
internal import StoreFiles

/// The environment variables that matter, as bytes.
package struct ProgramEnvironment: Sendable {
    private var values: [String: [UInt8]]

    package init(_ values: [String: String]) { self.values = values.mapValues { Array($0.utf8) } }

    /// What the process was given.
    static func ofProcess() -> ProgramEnvironment {
        var environment = ProgramEnvironment([:])
        for name in EnvironmentVariable.all {
            environment.values[name] = environmentValue(name)
        }
        return environment
    }

    /// The value as text; nil where it is not set or empty, which means the same.
    func text(_ name: String) throws(StoreError) -> String? {
        guard let bytes = values[name], !bytes.isEmpty else { return nil }
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw StoreError(
                .configuration, code: "environment-not-utf8", "$\(name) is not UTF-8",
                hint: "set it to UTF-8 text, or unset it")
        }
        return text
    }

    /// Whether it is set to anything but nothing.
    func isSet(_ name: String) -> Bool { values[name]?.isEmpty == false }

    func equals(_ name: String, _ text: String) -> Bool {
        values[name]?.elementsEqual(text.utf8) ?? false
    }
}

/// The names of the variables that the program reads, with what they do: for the manual.
enum EnvironmentVariable {
    static let store = "CANIFLY_STORE"
    static let now = "CANIFLY_STORE_NOW"
    static let configurationHome = "XDG_CONFIG_HOME"
    static let home = "HOME"
    static let noColor = "NO_COLOR"
    static let terminal = "TERM"
    static let columns = "COLUMNS"

    static let documented: [(name: String, meaning: String)] = [
        (store, "the store, where --store is not given"),
        (configurationHome, "where the folder canifly is looked for; else ~/.config"),
        (now, "stands in for the clock wherever expiry and ages are judged (RFC 3339)"),
        (noColor, "set to anything: no colour, unless --color always"),
        (terminal, "dumb: no colour"),
        (columns, "how wide the output may be, where the terminal does not tell"),
    ]

    static let all =
        documented.map(\.name) + [home, LockInheritance.variable]
}
