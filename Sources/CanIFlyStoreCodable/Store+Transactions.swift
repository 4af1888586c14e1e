public import CanIFlyStore
internal import LosslessJSON
public import StoreFiles

/// How an update writes the value that was changed.
public enum UpdateManner: Sendable, Hashable {
    /// Edits in the document what differs between the value before and after, and leaves every other
    /// byte: members that the type does not declare, the order of members, the spelling of numbers,
    /// white space. An element of an array is known again by its identity
    /// (``DocumentCoding/identityMembers``), or by its place where it has none and mostly stayed as
    /// it was; one that is not known again is written anew, without what the type does not know.
    case keepingUnknown
    /// Writes the whole value, as a save does.
    case rewriting
}

extension UpdateManner {
    /// The document's data after the change.
    func newData(
        of found: StoredContent, value: some Codable, encodedBefore old: [UInt8],
        coding: DocumentCoding
    ) throws(StoreError) -> [UInt8] {
        guard self == .keepingUnknown else {
            return try coding.encode(value, for: found.document)
        }
        let new = try coding.encodeCompactly(value, for: found.document)
        let data = try ValueUpdate.apply(
            to: found.data, from: old, to: new, identityMembers: coding.identityMembers,
            document: found.document)
        if old != new {
            try requireFaithful(data, like: value, encoded: new, found.document, coding)
        }
        return data
    }

    /// The edited document must read as the value that was to be written: a type that writes other
    /// members than it reads would have had the wrong places edited.
    private func requireFaithful<Value: Codable>(
        _ data: [UInt8], like value: Value, encoded: [UInt8], _ document: StorePath,
        _ coding: DocumentCoding
    ) throws(StoreError) {
        let again = try coding.encodeCompactly(
            try coding.decode(Value.self, from: data, of: document), for: document)
        if again == encoded { return }
        let wanted = try JSONDocument(encoded, of: document).root
        let found = try JSONDocument(again, of: document).root
        guard found.isEqualInAnyOrder(to: wanted) else {
            throw .updateNotFaithful(document, at: .root)
        }
    }
}

/// Several documents at once, and documents that others change too.
extension Store {
    /// Gathers changes of any number of documents and makes them all or none, durable when this
    /// returns.
    ///
    /// ```swift
    /// try store.transaction { transaction in
    ///     var accounts = try transaction.load(Accounts.self, from: "accounts.json")
    ///     let moved = accounts.removeLast()
    ///     try transaction.save(accounts, to: "accounts.json")
    ///     try transaction.save(moved, to: "archive/\(moved.id).json")
    /// }
    /// ```
    ///
    /// No lock is held while `body` runs. Where another program changed what it read, or holds the
    /// store, everything is read anew and `body` runs again, as the policy says: it should do
    /// nothing else than compute. A transaction that only loads is not compared at the end; loads of
    /// several documents may then fall before and after another program's change.
    ///
    /// - Parameters:
    ///   - retries: how long to try again; each attempt also waits for the lock as the options say.
    ///   - options: the command's name and message in history, how long to wait for the lock.
    /// - Returns: the report, without a transaction's number where nothing changed.
    /// - Throws: what `body` throws, or a `StoreError`: `conflict` where a precondition fails or
    ///   others kept changing the documents, `busy` where the store stays locked, `notFound` for a
    ///   deletion of what is not there, `invalidData`, `inputOutput`, `permission`.
    @discardableResult
    public func transaction(
        retries: RetryPolicy = RetryPolicy(),
        options: WriteOptions = WriteOptions(command: "transaction"),
        _ body: (inout StoreTransaction) throws -> Void
    ) throws -> WriteReport {
        try retrying(retries) {
            var transaction = StoreTransaction(self)
            try body(&transaction)
            return try transaction.commit(options)
        }
    }

    /// Reads a value, lets `change` change it, and writes what changed, if nobody changed the
    /// document meanwhile; else it starts again. Durable when this returns.
    ///
    /// By default only what differs is edited in the document, so that what the type does not know
    /// stays (``UpdateManner/keepingUnknown``). A sealed document gets a new checksum, a packed one
    /// stays packed, the mode stays. Where nothing changes, nothing is written.
    ///
    /// - Parameters:
    ///   - initial: what to start with where there is no such document; nil: that is an error.
    ///   - sealed: seals a new document; one that is there stays as it is. The same holds for
    ///     `schemaVersion` and its version.
    ///   - packed: writes the document as `NAME.gz`.
    ///   - mode: permission bits; nil: those that it has, else the layout's, else 0600.
    ///   - versions: brings data of an older version to the current one first. It is written in
    ///     that version, sealed, even if `change` does nothing.
    ///   - retries: how long to try again; each attempt also waits for the lock as the options say.
    ///   - change: may run several times.
    /// - Throws: what `change` throws, or a `StoreError`: as `load` and `save`, and `invalidData`
    ///   (`update-not-faithful`) where the type writes something else than it reads.
    @discardableResult
    public func update<Value: Codable>(
        _ type: Value.Type, at document: String, default initial: Value? = nil,
        sealed: Bool = false, schemaVersion: Int? = nil, packed: Bool = false,
        mode: FileMode? = nil, versions: SchemaVersions? = nil,
        manner: UpdateManner = .keepingUnknown, coding: DocumentCoding = .compact,
        retries: RetryPolicy = RetryPolicy(),
        options: WriteOptions = WriteOptions(command: "update"),
        _ change: (inout Value) throws -> Void
    ) throws -> WriteReport {
        try transaction(retries: retries, options: options) { transaction in
            try transaction.update(
                type, at: document, default: initial, sealed: sealed,
                schemaVersion: schemaVersion, packed: packed, mode: mode, versions: versions,
                manner: manner, coding: coding, change)
        }
    }

    /// Removes documents, all or none; their contents stay in history. Durable when this returns.
    /// - Throws: `notFound` where one is not there, `busy`, `conflict`.
    @discardableResult
    public func delete(
        _ documents: String..., options: WriteOptions = WriteOptions(command: "delete")
    ) throws(StoreError) -> WriteReport {
        var paths: [StorePath] = []
        for document in documents { paths.append(try DocumentName(document).path) }
        return try delete(paths, options)
    }
}
