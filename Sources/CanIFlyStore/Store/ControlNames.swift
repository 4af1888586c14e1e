/// Every name inside the control directory, built and parsed in this one place. What each file
/// holds is described in docs/store-format.md.
package enum ControlNames {
    /// The control directory itself, in the store.
    package static let directory = ".canifly-store"
    /// Append-only record of every transaction.
    package static let catalog = "catalog"
    /// Which contents the log has, by digest: a hint, never needed.
    package static let contentIndex = "contents.index"
    package static let catalogIndex = "catalog.index"
    /// The folder of log segments, as the first catalog has it.
    package static let log = "log"
    /// New documents on their way to their names.
    package static let staging = "staging"
    /// The file whose lock decides who writes.
    package static let guardFile = "guard"
    /// Written by the user: how long history is kept.
    package static let configuration = "config.json"
    /// The profile in force, where one was chosen. Written by transactions, as documents are.
    package static let profile = "profile.json"
    package static let quarantine = "quarantine"
    package static let kept = "kept"
    package static let migrations = "migrations"

    /// The folder of log segments that the catalog of this generation speaks of: `log`, `log-2`,
    /// `log-3`, …
    package static func log(generation: UInt64) -> String {
        generation == 1 ? log : "\(log)-\(generation)"
    }

    /// The generation of a folder of log segments; nil for any other name.
    package static func logGeneration(of name: [UInt8]) -> UInt64? {
        if name.elementsEqual(log.utf8) { return 1 }
        guard name.starts(with: "\(log)-".utf8) else { return nil }
        let digits = String(decoding: name.dropFirst(log.utf8.count + 1), as: UTF8.self)
        guard let generation = UInt64(digits), generation > 1,
            log(generation: generation).utf8.elementsEqual(name)
        else { return nil }
        return generation
    }

    /// `00000001.log` for 1: eight digits at least, so that names sort as numbers do.
    package static func segment(_ number: UInt64) -> String {
        let digits = String(number)
        let zeros = String(repeating: "0", count: max(0, 8 - digits.utf8.count))
        return zeros + digits + ".log"
    }

    /// The catalog's path from the store's directory.
    package static let catalogPath = "\(directory)/\(catalog)"
    /// The path of its index.
    package static let catalogIndexPath = "\(directory)/\(catalogIndex)"

    /// The number in a segment's name; nil for any other name.
    package static func segmentNumber(of name: [UInt8]) -> UInt64? {
        guard name.count >= 12, name.suffix(4).elementsEqual(".log".utf8) else { return nil }
        var number: UInt64 = 0
        for digit in name.dropLast(4) {
            guard (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(digit) else { return nil }
            let (product, overflow) = number.multipliedReportingOverflow(by: 10)
            let (sum, carry) = product.addingReportingOverflow(UInt64(digit - UInt8(ascii: "0")))
            guard !overflow, !carry else { return nil }
            number = sum
        }
        return segment(number).utf8.elementsEqual(name) ? number : nil
    }
}
