internal import LosslessJSON
internal import StoreFiles

/// Carrying what only the documents of older layouts hold into the live ones. It adds and never
/// overwrites, and keeps the old documents aside.
extension MigrationSituation {
    func takeover() throws(StoreError) -> PreparedMigration {
        var prepared = PreparedMigration(
            profile: profile, from: layout, to: layout, source: source)
        prepared.message = "what older layouts left behind"
        let left = listing.recognition.leftBehind
        guard !left.isEmpty else { return prepared }
        guard profile.name.utf8.elementsEqual(Profile.canifly.name.utf8) else {
            throw StoreError(
                .usage, code: "left-behind-unknown",
                "how documents of older layouts are carried over is known for the profile canifly "
                    + "alone",
                hint: "canifly-store verify lists them; carry them over by hand")
        }
        var state = MigrationState(source, profile: profile, now: now)
        let deletedPlans = try deletedPlans(state)
        for older in left { try takeOver(older, deletedPlans: deletedPlans, &state) }
        try prepared.take(state)
        try prepared.requireFit(unchanged: [])
        prepared.record = .new(
            try layoutRecord(layout: layout, steps: record?.steps ?? [], state))
        return prepared
    }

    private func takeOver(
        _ older: LeftBehindLayout, deletedPlans: Set<[UInt8]>, _ state: inout MigrationState
    ) throws(StoreError) {
        var old = try readableDocuments(of: older, &state)
        if !old.isEmpty, older.layout > 0 {
            try useSnapshotForAccounts(&old, layout: older.layout, &state)
            // The old documents by themselves, brought up to the live layout.
            var brought = MigrationState(
                DocumentsAlone(old, plansOf: older.layout == 1 ? source : nil),
                profile: profile, now: now)
            for step in try chain.way(from: older.layout, to: layout) {
                try step.apply(to: &brought)
            }
            let merge = TakeoverMerge(layout: layout, now: now)
            try merge.merge(brought, into: &state, deletedPlans: deletedPlans)
        }
        for document in older.documents { try state.keep(document, layout: older.layout) }
    }

    /// Plans that ship with the application and that the user deleted in layout 2; layout 1 had
    /// copied them beside the store.
    private func deletedPlans(_ state: MigrationState) throws(StoreError) -> Set<[UInt8]> {
        do throws(StoreError) {
            let names = try state.json(CanIFlyDocuments.Layout2.deletedPlans)
            return Set(JSONValue.elements(of: names?.root).compactMap(\.stringUTF8))
        } catch {
            // Whoever looks into it for its own sake says that it is damaged.
            if error.kind == .invalidData { return [] }
            throw error
        }
    }

    /// Those that are sound; of the others a word.
    private func readableDocuments(
        of older: LeftBehindLayout, _ state: inout MigrationState
    ) throws(StoreError) -> [StorePath: MigrationDocument] {
        var readable: [StorePath: MigrationDocument] = [:]
        for path in older.documents {
            guard let document = try state.document(path) else { continue }
            let isDamaged =
                profile.kind(of: path, layout: older.layout) == .json
                && (profile.checkContent(of: path, bytes: document.bytes, layout: older.layout)
                    .contains { $0.severity == .error })
            if isDamaged {
                state.note(
                    "\(path.text) cannot be read; it is kept as it is, and nothing is carried over "
                        + "from it")
            } else {
                readable[path] = document
            }
        }
        return readable
    }

    /// Where the accounts cannot be read, the copy of everything may still have them.
    private func useSnapshotForAccounts(
        _ old: inout [StorePath: MigrationDocument], layout: Int, _ state: inout MigrationState
    ) throws(StoreError) {
        let (accounts, snapshot, member): (StorePath, StorePath, String) =
            layout == 1
            ? (
                CanIFlyDocuments.Layout1.accounts, CanIFlyDocuments.Layout1.snapshot, "Accounts"
            )
            : (
                CanIFlyDocuments.Layout2.accounts, CanIFlyDocuments.Layout2.snapshot,
                "AccountData"
            )
        if let found = old[accounts], !found.bytes.isEmpty { return }
        guard let copy = old[snapshot], !copy.bytes.isEmpty else { return }
        let root = try MigrationState.parse(copy.bytes, of: snapshot).root
        guard let value = root.field(member)?.value else { return }
        old[accounts] = MigrationDocument(bytes: Array(value.bytes), mode: copy.mode)
        state.note("the accounts are taken from \(snapshot.text)")
        if layout == 1, old[CanIFlyDocuments.Layout1.config] == nil {
            var config = RawObject()
            for name in ["Roles", "SettingsDir", "LastBackupDir", "associations", "userAccount"] {
                if let field = root.field(name) { config.add(field) }
            }
            old[CanIFlyDocuments.Layout1.config] = MigrationDocument(
                bytes: config.bytes, mode: copy.mode)
        }
    }
}

/// Documents taken out of their store.
private struct DocumentsAlone: MigrationSource {
    private let documents: [StorePath: MigrationDocument]
    private let plans: (any MigrationSource)?

    init(_ documents: [StorePath: MigrationDocument], plansOf source: (any MigrationSource)?) {
        self.documents = documents
        plans = source
    }

    var paths: [StorePath] { Array(documents.keys) }

    func read(_ path: StorePath) throws(StoreError) -> MigrationDocument? { documents[path] }

    func plansBesideStore() throws(StoreError) -> [(name: String, bytes: [UInt8])] {
        try plans?.plansBesideStore() ?? []
    }
}
