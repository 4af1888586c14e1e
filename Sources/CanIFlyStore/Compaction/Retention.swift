internal import LosslessJSON
package import StoreCodecs
package import StoreFiles

/// How much `compact` keeps, as `.canifly-store/config.json` has it.
package struct Retention: Sendable, Hashable {
    /// The last so many transactions; nil: nothing is said.
    package var lastTransactions: Int?
    /// The transactions of the last so many days; nil: nothing is said.
    package var days: Int?
    /// After how many days something in quarantine goes.
    package var quarantineDays = 30

    package init() {}

    /// Without a word about it, all history is kept.
    package var prunes: Bool { lastTransactions != nil || days != nil }

    static let secondsOfDay: Int64 = 86_400

    /// The index of the first transaction that is kept: one of the last so many, or of the last so
    /// many days; the last one is kept in any case.
    package func firstKept(of records: [TransactionRecord], now: Timestamp) -> Int {
        guard prunes, !records.isEmpty else { return 0 }
        var first = records.count - 1
        if let lastTransactions { first = min(first, records.count - lastTransactions) }
        if let days {
            let cutOff = now.seconds - Int64(days) * Self.secondsOfDay
            first = min(
                first, records.firstIndex { $0.time.seconds >= cutOff } ?? records.count - 1)
        }
        return max(0, first)
    }
}

extension Retention {
    private static let mostDays: Int64 = 1 << 31

    /// Reads the configuration: `{"keep": {"last": N, "days": D}, "quarantine_days": D}`, any of which
    /// may be left out.
    /// - Throws: `configuration`. What is not understood is never passed over: a misspelt word would
    ///   decide what is thrown away.
    package init(parsing bytes: [UInt8]) throws(StoreError) {
        let document: JSONDocument
        do throws(JSONError) {
            document = try JSONDocument(bytes)
        } catch {
            throw Self.malformed("it is no JSON: \(error)")
        }
        guard document.root.kind == .object else { throw Self.malformed("it is no object") }
        for member in document.root.members {
            if member.key.isString("keep") {
                try readKeep(member.value)
            } else if member.key.isString("quarantine_days") {
                quarantineDays = try Self.count(member.value, "quarantine_days", from: 0)
            } else {
                throw Self.malformed("it has a member that is not known: \(member.key.bytes.text)")
            }
        }
    }

    private mutating func readKeep(_ value: JSONValue) throws(StoreError) {
        guard value.kind == .object else { throw Self.malformed("keep is no object") }
        for member in value.members {
            if member.key.isString("last") {
                lastTransactions = try Self.count(member.value, "keep.last", from: 1)
            } else if member.key.isString("days") {
                days = try Self.count(member.value, "keep.days", from: 0)
            } else {
                throw Self.malformed(
                    "keep has a member that is not known: \(member.key.bytes.text)")
            }
        }
    }

    private static func count(
        _ value: JSONValue, _ name: String, from least: Int64
    ) throws(StoreError) -> Int {
        guard let number = value.integer, (least...mostDays).contains(number) else {
            throw malformed("\(name) is no whole number from \(least) on")
        }
        return Int(number)
    }

    private static func malformed(_ reason: String) -> StoreError {
        StoreError(
            .configuration, code: "configuration-malformed",
            "\(ControlNames.directory)/\(ControlNames.configuration): \(reason)",
            hint: "docs/history.md describes it; nothing was changed")
    }
}

extension ArraySlice<UInt8> {
    /// Fit to be shown.
    fileprivate var text: String { escapedForTerminal(self) }
}

extension SystemCalls {
    /// The configuration in a control directory; the default where there is none.
    package func retention(in control: Descriptor) throws(StoreError) -> Retention {
        let bytes: [UInt8]
        do throws(FileAccessError) {
            bytes = try readWhole(
                ControlNames.configuration, in: control, limitBytes: 1 << 20)
        } catch {
            if case .system(.noEntry) = error { return Retention() }
            throw StoreError(error, document: StorePath(unchecked: ControlNames.configuration))
        }
        return try Retention(parsing: bytes)
    }
}
