/// The options that every command takes.
package enum CommonOptions {
    package static let store = OptionDefinition.value(
        "store", "DIR", .directory,
        "the store (else $CANIFLY_STORE, $XDG_CONFIG_HOME/canifly, ~/.config/canifly)")
    package static let json = OptionDefinition.flag(
        "json", "print one JSON object instead of text, also on failure")
    package static let quiet = OptionDefinition.flag(
        "quiet", short: "q", "print nothing on success but the data asked for")
    package static let verbose = OptionDefinition.flag(
        "verbose", short: "v", "tell more")
    package static let color = OptionDefinition.value(
        "color", "WHEN", .choice(["auto", "always", "never"]),
        "colour: auto (on a terminal, unless $NO_COLOR is set), always, never")
    package static let noProgress = OptionDefinition.flag(
        "no-progress", "no progress line, even on a terminal")
    package static let lockWait = OptionDefinition.value(
        "lock-wait", "SECONDS", .seconds,
        "how long to wait for the store's lock (default 2)")
    package static let help = OptionDefinition.flag("help", short: "h", "show help")
    package static let version = OptionDefinition.flag("version", "show the version")
    /// Of every command that writes.
    package static let dryRun = OptionDefinition.flag(
        "dry-run", "show what would be done and change nothing")

    package static let all: [OptionDefinition] = [
        store, json, quiet, verbose, color, noProgress, lockWait, help, version,
    ]
}
