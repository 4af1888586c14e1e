internal import LosslessJSON
internal import StoreCodecs
internal import StoreFiles

/// What a document is to be after a migration.
enum MigrationResult {
    case absent
    /// New contents; owner and times as whoever writes makes them.
    case converted(MigrationDocument)
    /// A state of history, to the last attribute.
    case restored(DocumentState, bytes: [UInt8])

    var mode: FileMode? {
        switch self {
        case .absent: nil
        case .converted(let document): document.mode
        case .restored(let state, _): FileMode(state.mode)
        }
    }

    var bytes: [UInt8]? {
        switch self {
        case .absent: nil
        case .converted(let document): document.bytes
        case .restored(_, let bytes): bytes
        }
    }
}

/// A migration that was worked out on copies and can be carried out.
struct PreparedMigration {
    let profile: Profile
    let from: Int
    let to: Int
    var steps: [any MigrationStep] = []
    var source: StoreMigrationSource
    /// Of documents and kept files; some may be as they are.
    var results: [(path: StorePath, result: MigrationResult)] = []
    /// What `.canifly-store/layout.json` is to be; nil: to be absent.
    var record: RecordOutcome = .unchanged
    var notes: [String] = []
    /// A line for the history.
    var message = ""

    enum RecordOutcome {
        case unchanged
        /// Where the transaction gets its number.
        case new(LayoutRecord)
        case restored(DocumentState, bytes: [UInt8])
        case absent
    }

    /// Whether there is anything to write.
    var isWorthATransaction: Bool {
        if case .unchanged = record { return false }
        return true
    }

    // MARK: Carrying it out

    /// The changes of the one transaction that it is.
    func builder(
        files: DocumentFiles, transaction: UInt64
    ) throws(StoreError) -> TransactionBuilder {
        var builder = TransactionBuilder(
            files: files, rules: DocumentRules(profile: profile, layout: to))
        for (path, _) in results { _ = try source.readLive(path) }
        for (path, live) in source.live { builder.adopt(live, of: path) }
        for (path, result) in results {
            let intended = try intended(result, for: path)
            if path.isControlFile {
                try builder.setControlFile(path, to: intended)
            } else {
                try builder.set(path, to: intended)
            }
        }
        let place = ControlNames.layoutRecordPath
        switch record {
        case .unchanged: break
        case .absent: try builder.setControlFile(place, to: nil)
        case .restored(let state, let bytes):
            try builder.setControlFile(place, to: IntendedDocument(state, bytes: bytes))
        case .new(var record):
            record.transaction = transaction
            let bytes = record.bytes
            try builder.setControlFile(
                place,
                to: IntendedDocument(
                    bytes: bytes, digest: Digest.of(bytes), mode: .privateFile, owner: nil,
                    modified: nil))
        }
        return builder
    }

    private func intended(
        _ result: MigrationResult, for path: StorePath
    ) throws(StoreError) -> IntendedDocument? {
        switch result {
        case .absent: return nil
        case .restored(let state, let bytes): return IntendedDocument(state, bytes: bytes)
        case .converted(let document):
            let owner = try source.readLive(path).map {
                FileAttributes.Owner(user: $0.status.user, group: $0.status.group)
            }
            return IntendedDocument(
                bytes: document.bytes, digest: Digest.of(document.bytes), mode: document.mode,
                owner: owner, modified: nil)
        }
    }

    // MARK: Telling of it

    /// - Parameter compares: whether to tell what changes in each document.
    func report(
        _ write: WriteReport, isPending: Bool, compares: Bool
    ) throws(StoreError) -> MigrationReport {
        MigrationReport(
            from: from, to: to, isPending: isPending,
            steps: steps.map {
                MigrationStepSummary(
                    from: $0.from, to: $0.to, name: $0.name, digest: $0.digest)
            },
            documents: compares ? try differences() : [],
            kept: results.filter { $0.path.isControlFile && $0.result.bytes != nil }.map(\.path),
            write: write)
    }

    private func differences() throws(StoreError) -> [DocumentDifference] {
        let rules = DocumentRules(profile: profile, layout: to)
        var differences: [DocumentDifference] = []
        for (path, result) in results where !path.isControlFile {
            let live = try source.readLive(path)
            let after = result.bytes
            guard live?.bytes != after else { continue }
            differences.append(
                DocumentDifference(
                    document: path,
                    change: live == nil ? .added : after == nil ? .removed : .changed,
                    before: live?.digest, after: after.map { Digest.of($0) },
                    modeBefore: live?.status.mode, modeAfter: result.mode,
                    detail: ContentComparison(of: path, rules: rules).compare(
                        live?.bytes, after)))
        }
        return differences
    }
}

// MARK: - Checking

extension PreparedMigration {
    /// Holds what comes out to the new layout.
    /// - Throws: `invalidData` where a document that is changed does not fit, or one that is not
    ///   changed fitted the old layout and does not fit the new one.
    func requireFit(unchanged: [StorePath]) throws(StoreError) {
        for (path, result) in results where !path.isControlFile {
            guard let bytes = result.bytes else { continue }
            let content = path.isPacked ? try PackedDocument.unpack(bytes, of: path) : bytes
            if let finding = firstError(in: content, of: path.plainForm, layout: to) {
                throw .doesNotFit(finding, layout: to)
            }
        }
        guard from != to, !profile.layouts.isEmpty else { return }
        let changed = Set(results.map(\.path))
        for path in unchanged
        where !changed.contains(path) && profile.rule(for: path, layout: to) != nil {
            guard let bytes = try source.readLive(path)?.bytes,
                let finding = firstError(in: bytes, of: path, layout: to),
                firstError(in: bytes, of: path, layout: from) == nil
            else { continue }
            throw .doesNotFit(finding, layout: to)
        }
    }

    private func firstError(in bytes: [UInt8], of path: StorePath, layout: Int) -> Finding? {
        profile.checkContent(of: path, bytes: bytes, layout: layout)
            .first { $0.severity == .error }
    }
}

extension StoreError {
    fileprivate static func doesNotFit(_ finding: Finding, layout: Int) -> StoreError {
        let document = finding.document.flatMap { try? StorePath($0) }
        var place = finding.document ?? ""
        if let pointer = finding.pointer, !pointer.isEmpty { place += " at \"\(pointer)\"" }
        if let line = finding.line, let column = finding.column {
            place += ", line \(line), column \(column)"
        }
        return StoreError(
            .invalidData, code: finding.code.rawValue,
            "\(place) would not fit layout \(layout): \(finding.detail)",
            hint:
                "nothing was changed; canifly-store verify \(document?.shellWord ?? "") tells more, "
                + "and migrate --plan shows what would be written",
            document: document)
    }
}
