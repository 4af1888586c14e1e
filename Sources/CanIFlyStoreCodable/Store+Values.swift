public import CanIFlyStore
public import StoreFiles

/// Single documents as values.
///
/// A name ending in `.gz` means the document without that ending, packed. Every call blocks until it
/// is done: in Swift concurrency, make it where blocking is allowed.
extension Store {
    /// Writes a value as a document: all of it or nothing, durable when this returns (data and
    /// directory synced), as one transaction.
    ///
    /// What the document held before is replaced whole, and stays in history. Where the document
    /// belongs to another program too, `update` is the call that keeps what the type does not know.
    ///
    /// - Parameters:
    ///   - document: its path in the store.
    ///   - sealed: wraps it as a sealed document, `{"checksum": …, "data": …}`, whose damage every
    ///     reader notices.
    ///   - schemaVersion: the version that the sealed document carries; seals as well.
    ///   - packed: writes it as `NAME.gz`. A document that lies packed stays so in any case.
    ///   - mode: its permission bits; nil: those that it has, else the layout's, else 0600.
    ///   - precondition: what the document has to be for this to happen.
    ///   - retries: while the store is busy; each attempt also waits for the lock as the options say.
    ///   - options: the command's name and message in history, how long to wait for the lock, and
    ///     whether it is a dry run.
    /// - Throws: `conflict` where the precondition fails or the application writes meanwhile, `busy`
    ///   where the store is locked, `invalidData` where the value has no form as JSON or breaks the
    ///   document's schema, `inputOutput`, `permission`. Nothing was written then, unless
    ///   the message says that the transaction is in the log.
    @discardableResult
    public func save(
        _ value: some Encodable, to document: String, sealed: Bool = false,
        schemaVersion: Int? = nil, packed: Bool = false, mode: FileMode? = nil,
        ifMatch precondition: Precondition? = nil, coding: DocumentCoding = .compact,
        retries: RetryPolicy = .never, options: WriteOptions = WriteOptions(command: "save")
    ) throws(StoreError) -> WriteReport {
        let name = try DocumentName(document)
        var request = PutRequest(
            document: name.path, bytes: try coding.encode(value, for: name.path))
        request.mode = mode
        request.precondition = precondition
        request.seals = sealed || schemaVersion != nil
        request.schemaVersion = schemaVersion
        request.packs = packed || name.isPacked
        let prepared = request
        return try retrying(retries) { () throws(StoreError) in try put(prepared, options) }
    }

    /// Reads a document's value, taken out of its seal and unpacked. Takes no lock and writes nothing.
    ///
    /// - Parameters:
    ///   - document: its path in the store.
    ///   - moment: as of an earlier transaction or time; nil: now.
    ///   - requiresSeal: refuses a document without a checksum. A checksum that is there is checked
    ///     in any case.
    ///   - versions: brings the data of older versions to the current one, in memory.
    /// - Throws: `notFound` (`no-such-document`, `content-not-kept`), `invalidData` (the JSON's own
    ///   codes, `checksum-mismatch`, `gzip-corrupt`, `gzip-bomb`, `not-sealed`, `value-mismatch`,
    ///   `migration-failed`), `configuration` (`schema-newer`, `migration-missing`).
    public func load<Value: Decodable>(
        _ type: Value.Type, from document: String, at moment: PointInTime? = nil,
        requiresSeal: Bool = false, versions: SchemaVersions? = nil,
        coding: DocumentCoding = .compact
    ) throws(StoreError) -> Value {
        try loadStored(
            type, from: document, at: moment, requiresSeal: requiresSeal, versions: versions,
            coding: coding
        ).value
    }

    /// The same, with the document's digest for a later `ifMatch`, its version, and whether it is
    /// sealed.
    public func loadStored<Value: Decodable>(
        _ type: Value.Type, from document: String, at moment: PointInTime? = nil,
        requiresSeal: Bool = false, versions: SchemaVersions? = nil,
        coding: DocumentCoding = .compact
    ) throws(StoreError) -> StoredValue<Value> {
        let name = try DocumentName(document)
        let content = try StoredContent(
            try content(of: name.path, at: moment), of: name.path, requiresSeal: requiresSeal,
            versions: versions)
        return try content.value(type, coding)
    }

    /// The same, or nil where there is no such document.
    public func loadIfPresent<Value: Decodable>(
        _ type: Value.Type, from document: String, at moment: PointInTime? = nil,
        requiresSeal: Bool = false, versions: SchemaVersions? = nil,
        coding: DocumentCoding = .compact
    ) throws(StoreError) -> StoredValue<Value>? {
        do throws(StoreError) {
            return try loadStored(
                type, from: document, at: moment, requiresSeal: requiresSeal,
                versions: versions, coding: coding)
        } catch  where error.isNoSuchDocument {
            return nil
        }
    }

    /// Writes bytes as a document, of any kind: all of them or nothing, durable when this returns.
    /// What is to be JSON by its name is checked first.
    /// - Throws: as `save`.
    @discardableResult
    public func save(
        bytes: [UInt8], to document: String, mode: FileMode? = nil,
        ifMatch precondition: Precondition? = nil, retries: RetryPolicy = .never,
        options: WriteOptions = WriteOptions(command: "save")
    ) throws(StoreError) -> WriteReport {
        let name = try DocumentName(document)
        var request = PutRequest(document: name.path, bytes: bytes)
        request.mode = mode
        request.precondition = precondition
        request.packs = name.isPacked
        let prepared = request
        return try retrying(retries) { () throws(StoreError) in try put(prepared, options) }
    }
}

extension StoreError {
    var isNoSuchDocument: Bool { code.utf8.elementsEqual("no-such-document".utf8) }
}
