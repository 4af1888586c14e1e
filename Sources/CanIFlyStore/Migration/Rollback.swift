internal import StoreCodecs
internal import StoreFiles

/// Undoing the last migration: with the bytes and modes that history kept, and only where a document
/// has changed since by the way back of its steps.
extension MigrationSituation {
    func rollback(_ reading: borrowing StoreReading) throws(StoreError) -> PreparedMigration {
        guard let record else {
            throw StoreError(
                .notFound, code: "nothing-to-roll-back",
                "no migration of this store can be undone: there was none, or the application has "
                    + "changed the layout since",
                hint: "canifly-store log shows what was done, restore --at brings a state back")
        }
        let undone = try Undone(record.transaction, reading)
        var prepared = PreparedMigration(
            profile: profile, from: layout, to: record.migratedFrom, source: source)
        prepared.message = "undoes transaction \(record.transaction)"
        try undone.takeRecord(&prepared)

        let changed = try changedSince(undone)
        guard !changed.isEmpty else {
            prepared.results = undone.states.map { ($0.path, $0.result) }
            return prepared
        }
        let way: [any MigrationStep]
        do throws(StoreError) {
            way = try chain.way(from: layout, to: record.migratedFrom)
        } catch {
            var failure = error
            failure.message =
                "\(changed[0].text) has changed since transaction \(record.transaction), and "
                + error.message
            throw failure
        }
        // The way back is tried twice: on the documents as the migration left them, and as they are.
        // What comes out alike does not depend on what changed, and gets its original back.
        let asLeft = try walk(way, OverlaidSource(source, overlay: undone.overlay(reading)))
        let asIs = try walk(way, source)
        var results: [StorePath: MigrationResult] = [:]
        for (path, document) in asIs.touched {
            results[path] = document.map { .converted($0) } ?? .absent
        }
        for (path, original) in undone.states {
            if try asLeft.bytes(path) == asIs.bytes(path) { results[path] = original }
        }
        prepared.steps = way
        prepared.results = results.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
        prepared.notes = asIs.notes
        for path in changed {
            prepared.notes.append(
                "\(path.text) has changed since the migration; what was changed is carried back "
                    + "as far as the old layout has a place for it")
        }
        try prepared.requireFit(unchanged: [])
        return prepared
    }

    private func walk(
        _ way: [any MigrationStep], _ source: any MigrationSource
    ) throws(StoreError) -> MigrationState {
        var state = MigrationState(source, profile: profile, now: now)
        for step in way { try step.apply(to: &state) }
        return state
    }

    /// Documents that are not as the migration left them, and those that came or changed since and
    /// that the old layout does not know in that place.
    private func changedSince(_ undone: Undone) throws(StoreError) -> [StorePath] {
        var changed: [StorePath] = []
        for (path, after) in undone.after where !path.isControlFile {
            if try source.readLive(path)?.digest != after?.digest { changed.append(path) }
        }
        let known = Set(undone.after.keys)
        for listed in listing.documents
        where !known.contains(listed.path) && listed.status.changed > undone.time {
            changed.append(listed.path)
        }
        return changed.sorted()
    }
}

/// What the migration that is to be undone did.
private struct Undone {
    /// When it was made.
    let time: Timestamp
    /// What each document was before it.
    private(set) var states: [(path: StorePath, result: MigrationResult)] = []
    /// What each document was after it.
    private(set) var after: [StorePath: DocumentState?] = [:]
    private var recordBefore: PreparedMigration.RecordOutcome = .unchanged

    /// - Throws: `invalidData` (`history-missing`) where history does not have it any more.
    init(_ number: UInt64, _ reading: borrowing StoreReading) throws(StoreError) {
        var found: TransactionRecord?
        try reading.forEachTransaction { record, _ in
            if record.number == number { found = record }
            return found == nil
        }
        // Where older transactions were pruned, the first one stands for them as well, and does not
        // tell any more what it found.
        let first = try reading.catalogBytes()?.firstTransaction ?? 1
        guard let found, found.command.utf8.elementsEqual("migrate".utf8),
            number > first || first == 1
        else {
            throw StoreError(
                .invalidData, code: "history-missing",
                "the history does not have the migration (transaction \(number)) any more",
                hint: "migrate --to runs the way back of its steps, where they have one")
        }
        time = Timestamp(found.time)
        for change in found.changes {
            let path = try change.path
            var before: MigrationResult = .absent
            if case .present(let state) = change.before {
                before = .restored(state, bytes: try reading.keptContent(state))
            }
            if path == ControlNames.layoutRecordPath {
                if case .restored(let state, let bytes) = before {
                    recordBefore = .restored(state, bytes: bytes)
                } else {
                    recordBefore = .absent
                }
                continue
            }
            states.append((path, before))
            after.updateValue(change.after, forKey: path)
        }
        states.sort { $0.path < $1.path }
    }

    /// The documents as the migration left them.
    func overlay(
        _ reading: borrowing StoreReading
    ) throws(StoreError) -> [StorePath: MigrationDocument?] {
        var overlay: [StorePath: MigrationDocument?] = [:]
        for (path, state) in after {
            var document: MigrationDocument?
            if let state {
                document = MigrationDocument(
                    bytes: try reading.keptContent(state), mode: FileMode(state.mode))
            }
            overlay.updateValue(document, forKey: path)
        }
        return overlay
    }

    func takeRecord(_ prepared: inout PreparedMigration) throws(StoreError) {
        prepared.record = recordBefore
    }
}
