package import StoreCodecs
internal import StoreFiles
internal import Synchronization

/// Recording what documents are, without changing one: `init` and `snapshot`.
extension WriteSession {
    /// Records every document that is not as it was recorded, as one transaction; nil where all
    /// are.
    /// - Parameters:
    ///   - state: what the catalog says so far.
    ///   - profile: what `profile.json` is to be; nil: what it is.
    ///   - keepsContents: whether history gets the contents, or only their digests.
    ///   - recordsUnchanged: whether documents whose contents are as recorded and not kept yet
    ///     are kept now.
    mutating func recordPresentState(
        listing: StoreListing, since state: CatalogState, profile: [UInt8]?, keepsContents: Bool,
        command: String, message: String, progress: ProgressSink?, environment: StoreEnvironment
    ) throws(StoreError) -> WriteReport {
        let number = lastTransaction + 1
        var writer = keepsContents ? try openWriter(forTransaction: number) : nil
        var changes: [ChangeRecord] = []
        // What this transaction keeps itself: documents may have one content.
        var locations: [Digest: ContentLocation] = [:]
        var meter = ProgressMeter(
            progress, documents: listing.documents.count, bytes: listing.bytes)
        for listed in listing.documents {
            try environment.requireNoSignal()
            let recorded = state.documents[listed.path]
            let change = try observe(
                listed, recorded: recorded, number: number, in: &writer, &locations)
            if let change { changes.append(change) }
            meter.advance(listed.status.size)
        }
        let present = Set(listing.documents.map(\.path))
        for path in state.documents.keys.sorted() where !present.contains(path) {
            changes.append(
                ChangeRecord(document: Array(path.text.utf8), before: .asRecorded, after: nil))
        }
        let chosen = try profile.flatMap { bytes throws(StoreError) in
            try choice(of: bytes, recorded: state.controlFiles[ControlNames.profilePath])
        }
        if let chosen {
            let number = try commit(
                [chosen], observations: changes,
                readings: [(chosen.document, chosen.before?.status)], command: command,
                message: message, environment: environment)
            return report(number, changes, since: state)
        }
        if let change = try observeProfile(
            state.controlFiles[ControlNames.profilePath], number: number, in: &writer, &locations)
        {
            changes.append(change)
        }
        guard changes.contains(where: { $0.isWorthATransaction(since: state) }) else {
            return WriteReport(
                transaction: nil, changes: [], isDryRun: false, notes: notes)
        }
        let record = TransactionRecord(
            number: number, time: RecordedTime(system.now()), command: command,
            message: message, changes: changes)
        try requireLock()
        if !keepsContents { try settleSegment(firstTransaction: number) }
        var end = tail.position
        switch consume writer {
        case .some(var writer):
            do throws(Errno) {
                try writer.commit(record)
                try system.synchronize(all: [writer.synchronization])
            } catch {
                try? beginSegment(firstTransaction: number)
                throw StoreError(error, cannot: "make the log durable")
            }
            end = writer.position
        case .none: break
        }
        try finish(record, logEnd: end)
        return report(number, changes, since: state)
    }

    private func report(
        _ number: UInt64, _ changes: [ChangeRecord], since state: CatalogState
    ) -> WriteReport {
        let told = changes.filter { !$0.isControlFile && $0.isWorthATransaction(since: state) }
        return WriteReport(
            transaction: number, changes: told.compactMap { $0.report(since: state) },
            isDryRun: false, notes: notes)
    }

    // MARK: The profile

    /// The change that makes `profile.json` what was chosen; nil where it is that, and recorded.
    private func choice(
        of bytes: [UInt8], recorded: RecordedDocument?
    ) throws(StoreError) -> StagedChange? {
        let live = try documentFiles.read(ControlNames.profilePath)
        let digest = Digest.of(bytes)
        if let live, live.digest == digest, recorded?.state.digest == digest { return nil }
        return StagedChange(
            document: ControlNames.profilePath, before: live,
            after: IntendedDocument(
                bytes: bytes, digest: digest, mode: .privateFile, owner: nil, modified: nil))
    }

    /// A profile that nobody has recorded yet is recorded as it is. One that is not what was recorded
    /// is damaged: never is it taken for the one that was chosen.
    private mutating func observeProfile(
        _ recorded: RecordedDocument?, number: UInt64, in writer: inout SegmentWriter?,
        _ locations: inout [Digest: ContentLocation]
    ) throws(StoreError) -> ChangeRecord? {
        guard let live = try documentFiles.read(ControlNames.profilePath) else { return nil }
        if let recorded {
            guard writer != nil, recorded.state.location == nil,
                recorded.state.digest == live.digest
            else { return nil }
        }
        return try observe(
            ListedDocument(path: ControlNames.profilePath, status: live.status),
            recorded: recorded, number: number, in: &writer, &locations)
    }

    /// All that the catalog says so far.
    func recordedState() throws(StoreError) -> CatalogState {
        let offset = UInt64(catalog.headerLength)
        return try CatalogState(
            try catalog.bytes(from: offset), from: offset,
            firstTransaction: catalog.header.firstTransaction)
    }

    /// Nil for a document that is as it was recorded.
    private mutating func observe(
        _ listed: ListedDocument, recorded: RecordedDocument?, number: UInt64,
        in writer: inout SegmentWriter?, _ locations: inout [Digest: ContentLocation]
    ) throws(StoreError) -> ChangeRecord? {
        let keeps = writer != nil
        if let recorded, recorded.signature == listed.status.signature,
            !keeps || recorded.state.location != nil
        {
            return nil
        }
        guard let live = try documentFiles.read(listed.path) else { return nil }
        var location: ContentLocation?
        if let recorded, recorded.state.digest == live.digest { location = recorded.state.location }
        if keeps, location == nil {
            location =
                locations[live.digest]
                ?? keptContents.location(of: live.digest).flatMap {
                    log.holds(live.bytes, at: $0) ? $0 : nil
                }
        }
        if keeps, location == nil {
            do throws(Errno) {
                location = try writer?.keep(live.bytes, transaction: number)
            } catch {
                try? beginSegment(firstTransaction: number)
                throw StoreError(error, cannot: "write the log")
            }
            locations[live.digest] = location
        }
        return ChangeRecord(
            document: Array(listed.path.text.utf8),
            before: recorded == nil ? .absent : .asRecorded,
            after: DocumentState(digest: live.digest, status: live.status, location: location),
            signature: RecordedSignature(live.status))
    }
}

extension ChangeRecord {
    /// A document that was merely touched is recorded along with others, never for its own sake.
    fileprivate func isWorthATransaction(since state: CatalogState) -> Bool {
        guard let after, let path = try? path, let recorded = state.documents[path] else {
            return true
        }
        return recorded.state.digest != after.digest
            || recorded.state.location != after.location
            || recorded.state.mode != after.mode
    }
}

extension TransactionRecord {
    /// As reports show it; `state` is that of the moment before.
    package func reports(since state: CatalogState) -> [DocumentChange] {
        changes.compactMap { $0.report(since: state) }
    }
}

extension ChangeRecord {
    fileprivate func report(since state: CatalogState) -> DocumentChange? {
        guard let path = try? path else { return nil }
        let before: Digest? =
            switch before {
            case .absent: nil
            case .asRecorded: state.documents[path]?.state.digest
            case .present(let state): state.digest
            }
        return DocumentChange(document: path, before: before, after: after?.digest)
    }
}

/// The same for several threads.
final class SharedMeter: Sendable {
    private let meter: Mutex<ProgressMeter>

    init(_ sink: @escaping ProgressSink, documents: Int, bytes: Int64) {
        meter = Mutex(ProgressMeter(sink, documents: documents, bytes: bytes))
    }

    func advance(_ bytes: Int64) { meter.withLock { $0.advance(bytes) } }
}

/// Counts work that is done, and tells the sink.
struct ProgressMeter: Sendable {
    private let sink: ProgressSink?
    private var progress: Progress

    init(_ sink: ProgressSink?, documents: Int, bytes: Int64) {
        self.sink = sink
        progress = Progress(
            documentsDone: 0, documentsTotal: documents, bytesDone: 0, bytesTotal: bytes)
    }

    mutating func advance(_ bytes: Int64) {
        guard let sink else { return }
        progress.documentsDone += 1
        progress.bytesDone += bytes
        sink(progress)
    }
}
