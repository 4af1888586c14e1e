package import StoreCodecs
package import StoreFiles

/// The store as a reader finds it: without a lock, without changing a byte, and with transactions
/// that are waiting in the log already counted in.
package struct StoreReading: ~Copyable {
    package let system: any SystemCalls
    package let root: Descriptor
    private let control: OwnedDescriptor?
    /// The control directory; nil where no command has written yet.
    package let controlDescriptor: Descriptor?
    package let catalog: CatalogFile?
    package let log: LogFolder?
    /// Committed and not yet carried out.
    package private(set) var waiting: WaitingTransactions?
    /// Nil where the log is whole or there is none; a torn tail is nothing to worry about.
    package private(set) var logVerdict: LogVerdict?
    /// The path of the segment that this is about.
    package private(set) var logFile: String?

    /// How often a reading is begun anew when history was compacted meanwhile.
    package static let attempts = 5

    package static func open(
        system: any SystemCalls, root: Descriptor
    ) throws(StoreError) -> StoreReading {
        for _ in 1..<attempts {
            let generation = catalogGeneration(system: system, root: root)
            do throws(StoreError) {
                return try openOnce(system: system, root: root)
            } catch {
                // The catalog that was opened may have been replaced before its log was.
                guard catalogGeneration(system: system, root: root) != generation else {
                    throw error
                }
            }
        }
        return try openOnce(system: system, root: root)
    }

    /// Which generation the catalog has now; nil where there is none, or none that can be read.
    package static func catalogGeneration(system: any SystemCalls, root: Descriptor) -> UInt64? {
        guard
            let control = try? system.openOwned(
                ControlNames.directory, in: root, [.read, .directory]),
            let catalog = try? system.openOwned(
                ControlNames.catalog, in: control.descriptor, [.read]),
            let head = try? system.readRange(catalog.descriptor, at: 0, count: 4096)
        else { return nil }
        return (try? CatalogHeader.decode(head))?.header.generation
    }

    private static func openOnce(
        system: any SystemCalls, root: Descriptor
    ) throws(StoreError) -> StoreReading {
        let control: OwnedDescriptor
        do throws(Errno) {
            control = try system.openOwned(ControlNames.directory, in: root, [.read, .directory])
        } catch .noEntry {
            return StoreReading(
                system: system, root: root, control: nil, catalog: nil, log: nil)
        } catch {
            throw StoreError(error, cannot: "open .canifly-store")
        }
        guard
            let catalog = try CatalogFile.open(
                system: system, control: control.descriptor, forWriting: false)
        else {
            return StoreReading(
                system: system, root: root, control: control, catalog: nil, log: nil)
        }
        let log = LogFolder(
            system: system, control: control.descriptor, store: catalog.header.store,
            generation: catalog.header.generation)
        let lastTransaction = catalog.lastTransaction
        if lastTransaction == 0, try log.segmentNumbers().isEmpty {
            // Whoever began to make the control directory did not come to its end.
            return StoreReading(
                system: system, root: root, control: control, catalog: nil, log: nil)
        }
        let tail = try log.tail(after: catalog.logEnd, lastTransaction: lastTransaction)
        var reading = StoreReading(
            system: system, root: root, control: control, catalog: catalog, log: log)
        if tail.hasRest {
            let rest = try log.rest(of: tail, lastTransaction: lastTransaction)
            reading.logVerdict = rest.verdict
            reading.logFile = log.path(of: tail.position.segment)
            reading.waiting = try WaitingTransactions(rest)
        }
        return reading
    }

    private init(
        system: any SystemCalls, root: Descriptor, control: consuming OwnedDescriptor?,
        catalog: consuming CatalogFile?, log: LogFolder?
    ) {
        self.system = system
        self.root = root
        switch control {
        case .none: controlDescriptor = nil
        case .some(let owner): controlDescriptor = owner.descriptor
        }
        self.control = control
        self.catalog = catalog
        self.log = log
    }

    package var documentFiles: DocumentFiles { DocumentFiles(system: system, root: root) }

    /// What the catalog and the waiting transactions say of every document.
    package func state() throws(StoreError) -> CatalogState {
        guard let bytes = try catalogBytes() else { return CatalogState() }
        var state = try CatalogState(
            bytes.bytes, from: bytes.offset, firstTransaction: bytes.firstTransaction)
        for record in waiting?.records ?? [] { state.apply(record) }
        return state
    }

    /// What they say of these documents.
    package func state(of documents: Set<StorePath>) throws(StoreError) -> CatalogState {
        var state = CatalogState()
        try forEachChange(of: documents) { record, _ in
            state.apply(record)
            return true
        }
        return state
    }

    /// All groups of the catalog, as bytes; nil where there is no catalog.
    /// - Parameter start: where they are to begin, and the transaction there; nil: with the first.
    package func catalogBytes(
        from start: (offset: UInt64, nextTransaction: UInt64)? = nil
    ) throws(StoreError) -> (bytes: [UInt8], offset: UInt64, firstTransaction: UInt64)? {
        switch catalog {
        case .none: return nil
        case .some(let catalog):
            let (offset, number) =
                start ?? (UInt64(catalog.headerLength), catalog.header.firstTransaction)
            return (try catalog.bytes(from: offset), offset, number)
        }
    }

    /// Hands transactions to `body`, oldest first, the waiting ones included, until `body` returns
    /// false.
    /// - Parameters:
    ///   - documents: of which changes alone are wanted: reading them costs a fraction of reading
    ///     all. Waiting transactions always come whole. Nil: of all.
    ///   - first: of earlier transactions no change is wanted, and they are not handed out.
    ///   - start: a place in the catalog that all wanted transactions are behind, with the number of
    ///     the one that begins there; nil: what the index knows.
    package func forEachTransaction(
        changing documents: Set<StorePath>? = nil, from first: UInt64 = 1,
        start: (offset: UInt64, nextTransaction: UInt64)? = nil,
        _ body: (_ record: TransactionRecord, _ isPending: Bool) -> Bool
    ) throws(StoreError) {
        var start = start
        if start == nil, first > 1 { start = try self.start(of: first) }
        guard let catalog = try catalogBytes(from: start) else { return }
        let names = documents.map { $0.map { CatalogLines.escaped(Array($0.text.utf8)) } }
        let isWanted = names.map { names in
            // Mostly one name or two, so that comparing is quicker than hashing each line's.
            names.count > 4
                ? Self.contains(in: Set(names))
                : { name in
                    names.contains { $0.count == name.count && name.elementsEqual($0) }
                }
        }
        var goesOn = true
        let verdict = catalog.bytes.withUnsafeBytes { buffer -> CatalogVerdict? in
            var reader = CatalogReader(
                buffer, from: catalog.offset, nextTransaction: catalog.firstTransaction)
            while goesOn {
                if reader.nextTransaction < first {
                    guard reader.next(changesWhere: { _ in false }) != nil else { break }
                } else {
                    guard let group = reader.next(changesWhere: isWanted) else { break }
                    goesOn = body(group.transaction, false)
                }
            }
            return reader.verdict
        }
        switch verdict {
        case .clean?, nil: break
        case .tornTail(let offset, let defect)?, .corrupt(let offset, _, let defect)?:
            throw .catalogCorrupt("the line at byte \(offset): \(defect)", at: offset)
        }
        for record in waiting?.records ?? [] where goesOn && record.number >= first {
            goesOn = body(record, true)
        }
    }

    private static func contains(
        in names: Set<[UInt8]>
    ) -> (UnsafeRawBufferPointer) -> Bool {
        { names.contains(Array($0)) }
    }

    /// A document's bytes as they are, or as the waiting transactions will make them; nil where
    /// there is no such document.
    package func content(of document: StorePath) throws(StoreError) -> [UInt8]? {
        if let change = waiting?.change(of: document) {
            guard let after = change.after else { return nil }
            return try keptContent(after)
        }
        return try documentFiles.read(document)?.bytes
    }

    /// A content that history keeps.
    /// - Throws: `notFound` where it was recorded by its digest alone.
    package func keptContent(_ state: DocumentState) throws(StoreError) -> [UInt8] {
        if let bytes = waiting?.contents[state.digest] { return bytes }
        guard let location = state.location, let log else {
            throw StoreError(
                .notFound, code: "content-not-kept",
                "the content \(state.digest.hexadecimal) was recorded and not kept",
                hint: "run snapshot to keep the contents of documents from now on")
        }
        return try log.content(at: location, digest: state.digest)
    }
}
