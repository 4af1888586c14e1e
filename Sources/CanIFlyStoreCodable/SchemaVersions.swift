internal import CanIFlyStore
internal import StoreFiles

/// The versions of a sealed document's data, and the way from each to the next.
///
/// ```swift
/// let versions = SchemaVersions(current: 3)
///     .migrating(from: 1, AccountsOfVersion1.self) { AccountsOfVersion2($0) }
///     .migrating(from: 2) { json in try addRegion(json) }
/// ```
///
/// Loading migrates in memory and writes nothing; an update writes the current version back.
public struct SchemaVersions: Sendable {
    /// The version that the program's types describe, and that is written.
    public let current: Int

    /// The version that documents without one are taken for; nil: such are refused.
    public let unversioned: Int?

    private typealias Step =
        @Sendable (_ json: [UInt8], _ document: StorePath) throws -> [UInt8]
    private var steps: [Int: Step] = [:]

    /// The version that is written, and the one that a document without any has.
    public init(current: Int, unversioned: Int? = nil) {
        self.current = current
        self.unversioned = unversioned
    }

    /// These versions, and a step from one to the next that works on the data's JSON text, which may
    /// keep what it does not know.
    ///
    /// - Parameter step: whatever it throws becomes a `StoreError` with the code
    ///   `migration-failed`; a `StoreError` stays.
    public func migrating(
        from version: Int, _ step: @escaping @Sendable (_ json: [UInt8]) throws -> [UInt8]
    ) -> SchemaVersions {
        var versions = self
        versions.steps[version] = { json, _ in try step(json) }
        return versions
    }

    /// These versions, and a step from one to the next in terms of two types. Members that `Old`
    /// does not declare are lost.
    public func migrating<Old: Decodable & SendableMetatype, New: Encodable & SendableMetatype>(
        from version: Int, _ type: Old.Type, coding: DocumentCoding = .compact,
        _ step: @escaping @Sendable (Old) throws -> New
    ) -> SchemaVersions {
        var versions = self
        versions.steps[version] = { json, document in
            try coding.encodeCompactly(
                try step(coding.decode(Old.self, from: json, of: document)), for: document)
        }
        return versions
    }

    /// The data in the current version.
    /// - Throws: `configuration` for a version that is newer (`schema-newer`) or from which no step
    ///   leads on (`migration-missing`), `invalidData` (`not-versioned`, `migration-failed`).
    func migrate(
        _ data: [UInt8], from found: Int?, of document: StorePath
    ) throws(StoreError) -> [UInt8] {
        guard var version = found ?? unversioned else {
            throw StoreError(
                .invalidData, code: "not-versioned", "\(document.text) carries no version",
                hint: "it was not sealed with one, or is another document", document: document)
        }
        guard version <= current else {
            throw StoreError(
                .configuration, code: "schema-newer",
                "\(document.text) has the version \(version), and this program knows \(current) "
                    + "at most",
                hint: "use the program that wrote it, or a newer one", document: document)
        }
        var data = data
        while version < current {
            guard let step = steps[version] else {
                throw StoreError(
                    .configuration, code: "migration-missing",
                    "no step leads from version \(version) of \(document.text) to the next",
                    hint: "register one with migrating(from: \(version))", document: document)
            }
            do {
                data = try step(data, document)
            } catch let error as StoreError {
                throw error
            } catch {
                throw StoreError(
                    .invalidData, code: "migration-failed",
                    "\(document.text) cannot be brought from version \(version) to the next: "
                        + escapedForTerminal(String(describing: error).utf8),
                    hint: "nothing was written", document: document)
            }
            version += 1
        }
        return data
    }
}
