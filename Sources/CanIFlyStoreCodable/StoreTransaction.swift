public import CanIFlyStore
internal import LosslessJSON
internal import StoreCodecs
public import StoreFiles

/// The changes of one transaction as they are gathered. Nothing is written before the closure that
/// gathers them has returned; then all of it is, or nothing.
///
/// Loads see the saves before them. Each document that was loaded must still be the same when the
/// transaction commits, or the closure runs again from the start.
public struct StoreTransaction {
    private let store: Store
    private var operations: [StoreOperation] = []
    /// The documents that were read, with the digest of what was there.
    private var readings: [StorePath: Digest?] = [:]
    /// What the operations so far make of a document; nil: no document.
    private var results: [StorePath: [UInt8]?] = [:]

    init(_ store: Store) { self.store = store }

    // MARK: Operations

    /// Writes a value as a document; see `Store.save`.
    /// - Throws: `invalidData` where the value has no form as JSON. The rest is found at the commit.
    public mutating func save(
        _ value: some Encodable, to document: String, sealed: Bool = false,
        schemaVersion: Int? = nil, packed: Bool = false, mode: FileMode? = nil,
        ifMatch precondition: Precondition? = nil, coding: DocumentCoding = .compact
    ) throws(StoreError) {
        let name = try DocumentName(document)
        var bytes = try coding.encode(value, for: name.path)
        if sealed || schemaVersion != nil {
            bytes = try SealedDocument.seal(bytes, version: schemaVersion, document: name.path)
        }
        write(bytes, to: name, packed: packed, mode: mode, precondition)
    }

    /// Writes bytes as a document of any kind.
    public mutating func save(
        bytes: [UInt8], to document: String, mode: FileMode? = nil,
        ifMatch precondition: Precondition? = nil
    ) throws(StoreError) {
        write(bytes, to: try DocumentName(document), packed: false, mode: mode, precondition)
    }

    /// Removes a document; its content stays in history.
    /// - Throws: at the commit `notFound` where it is not there.
    public mutating func delete(_ document: String) throws(StoreError) {
        let path = try DocumentName(document).path
        operations.append(.delete(document: path))
        results.updateValue(nil, forKey: path)
    }

    /// Reads a document's value as the transaction has it now; see `Store.load`.
    public mutating func load<Value: Decodable>(
        _ type: Value.Type, from document: String, requiresSeal: Bool = false,
        versions: SchemaVersions? = nil, coding: DocumentCoding = .compact
    ) throws(StoreError) -> Value {
        let path = try DocumentName(document).path
        guard let bytes = try content(of: path) else { throw .noSuchDocument(path) }
        return try StoredContent(
            bytes, of: path, requiresSeal: requiresSeal, versions: versions
        ).value(type, coding).value
    }

    /// The same, or nil where there is no such document; it must then still be absent at the commit.
    public mutating func loadIfPresent<Value: Decodable>(
        _ type: Value.Type, from document: String, requiresSeal: Bool = false,
        versions: SchemaVersions? = nil, coding: DocumentCoding = .compact
    ) throws(StoreError) -> Value? {
        guard try content(of: DocumentName(document).path) != nil else { return nil }
        return try load(
            type, from: document, requiresSeal: requiresSeal, versions: versions, coding: coding)
    }

    /// Changes a document's value; see `Store.update`.
    /// - Throws: a `StoreError`, or what `change` throws.
    public mutating func update<Value: Codable>(
        _ type: Value.Type, at document: String, default initial: Value? = nil,
        sealed: Bool = false, schemaVersion: Int? = nil, packed: Bool = false,
        mode: FileMode? = nil, versions: SchemaVersions? = nil,
        manner: UpdateManner = .keepingUnknown, coding: DocumentCoding = .compact,
        _ change: (inout Value) throws -> Void
    ) throws {
        let name = try DocumentName(document)
        guard let bytes = try content(of: name.path) else {
            guard var value = initial else { throw StoreError.noSuchDocument(name.path) }
            try change(&value)
            try save(
                value, to: document, sealed: sealed,
                schemaVersion: schemaVersion ?? versions?.current, packed: packed, mode: mode,
                coding: coding)
            return
        }
        let found = try StoredContent(
            bytes, of: name.path, requiresSeal: false, versions: versions)
        var value = try found.value(type, coding).value
        let old = try coding.encodeCompactly(value, for: name.path)
        try change(&value)
        let data = try manner.newData(
            of: found, value: value, encodedBefore: old, coding: coding)
        let updated = try found.replacingData(with: data, versions: versions)
        guard updated != bytes || mode != nil else { return }
        write(updated, to: name, packed: packed, mode: mode, nil)
    }

    // MARK: Parts

    private mutating func write(
        _ bytes: [UInt8], to name: DocumentName, packed: Bool, mode: FileMode?,
        _ precondition: Precondition?
    ) {
        var request = PutRequest(document: name.path, bytes: bytes)
        request.mode = mode
        request.precondition = precondition
        request.packs = packed || name.isPacked
        operations.append(.put(request))
        results[name.path] = bytes
    }

    private mutating func content(of document: StorePath) throws(StoreError) -> [UInt8]? {
        if let result = results[document] { return result }
        do throws(StoreError) {
            let bytes = try store.content(of: document)
            readings[document] = Digest.of(bytes)
            results[document] = bytes
            return bytes
        } catch  where error.isNoSuchDocument {
            readings.updateValue(nil, forKey: document)
            results.updateValue(nil, forKey: document)
            return nil
        }
    }

    /// Carries everything out.
    func commit(_ options: WriteOptions) throws(StoreError) -> WriteReport {
        if operations.isEmpty {
            return WriteReport(transaction: nil, changes: [], isDryRun: options.isDryRun)
        }
        return try store.transact(options) { builder throws(StoreError) in
            for (document, digest) in readings {
                do throws(StoreError) {
                    try builder.test(document, digest.map { .digest($0) } ?? .absent)
                } catch  where error.kind == .conflict {
                    throw .changedMeanwhile(document)
                }
            }
            for operation in operations { try builder.perform(operation) }
        }
    }
}
