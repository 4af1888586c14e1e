internal import StoreCodecs
public import StoreFiles

/// Which documents are to be as they were, and when.
public struct RestoreRequest: Sendable {
    /// Empty: all of them. Those that came since are removed, those that went come back.
    public var documents: [StorePath]
    /// The moment to go back to.
    public var moment: PointInTime
    /// A restore of the documents given, or of all where there are none.
    public init(_ documents: [StorePath], at moment: PointInTime) {
        self.documents = documents
        self.moment = moment
    }
}

extension Store {
    /// Brings documents back to an earlier state: contents, modes, owners and modification times, as
    /// one transaction, which can be undone like any other.
    ///
    /// While documents are replaced, the application is kept out; it could not start on half of them.
    /// - Throws: `notFound` where history does not know the moment or a document, or did not keep a
    ///   content that is needed; then nothing has changed.
    public func restore(
        _ request: RestoreRequest, _ options: WriteOptions
    ) throws(StoreError) -> WriteReport {
        var options = options
        options.raisesFence = true
        var notes: [String] = []
        var report = try transact(options) { builder throws(StoreError) in
            let restoration = try Restoration(self, request)
            try restoration.add(to: &builder)
            notes = restoration.notes
        }
        report.notes += notes
        return report
    }
}

/// One restoration, as it is added to a transaction.
private struct Restoration: ~Copyable {
    private let reading: StoreReading
    private let request: RestoreRequest
    private let past: PastState
    private let current: CatalogState
    /// What lies there now.
    private let present: [StorePath: FileStatus]
    private let rules: DocumentRules
    /// Documents that were left alone, since nobody knows whether they were there.
    private let unknown: [StorePath]

    init(_ store: Store, _ request: RestoreRequest) throws(StoreError) {
        let reading = try store.read()
        let wanted =
            request.documents.isEmpty ? nil : Set(request.documents.flatMap(Self.forms))
        let past = try reading.past(at: request.moment, of: wanted)
        let current = if let wanted { try reading.state(of: wanted) } else { try reading.state() }
        let (rules, listed) = try store.look(at: wanted, reading, requiresAll: true)
        var present: [StorePath: FileStatus] = [:]
        for document in listed { present[document.path] = document.status }
        let unknown =
            wanted == nil
            ? present.keys.filter {
                past.documents[$0] == nil && past.absence(of: $0) == .unknown
            }.sorted() : []
        self.reading = reading
        self.request = request
        self.past = past
        self.current = current
        self.present = present
        self.unknown = unknown
        self.rules = rules
    }

    /// Packed or not, it is one document.
    private static func forms(of document: StorePath) -> [StorePath] {
        let plain = document.plainForm
        return [plain, plain.packedForm ?? plain, document]
    }

    var notes: [String] {
        guard let first = unknown.first else { return [] }
        let others = unknown.count > 1 ? " and \(unknown.count - 1) more" : ""
        return [
            "left alone, since nothing was known of them then: "
                + escapedForTerminal(first.text) + others
        ]
    }

    func add(to builder: inout TransactionBuilder) throws(StoreError) {
        let documents = try documents()
        let locations = try locations(of: documents)
        for document in documents {
            if let state = past.documents[document] {
                if isUntouched(document, since: state) { continue }
                let bytes = try contents(of: document, state, locations, &builder)
                try builder.set(document, to: IntendedDocument(state, bytes: bytes))
            } else if let status = present[document], isToBeRemoved(document, status) {
                try builder.set(document, to: nil)
            }
        }
        try addLayoutRecord(to: &builder)
    }

    /// The whole store gets back what was recorded of its layout.
    private func addLayoutRecord(to builder: inout TransactionBuilder) throws(StoreError) {
        let path = ControlNames.layoutRecordPath
        guard request.documents.isEmpty,
            past.layoutRecord?.digest != current.controlFiles[path]?.state.digest
        else { return }
        var intended: IntendedDocument?
        if let state = past.layoutRecord {
            intended = IntendedDocument(state, bytes: try reading.pastContent(of: path, state))
        }
        try builder.setControlFile(path, to: intended)
    }

    // MARK: Which documents

    private func documents() throws(StoreError) -> [StorePath] {
        if request.documents.isEmpty {
            // What is another program's by now is left to it.
            return Set(past.documents.keys).union(present.keys)
                .filter { (try? rules.requireWritable($0)) != nil }.sorted()
        }
        var documents: Set<StorePath> = []
        for document in request.documents {
            var isKnown = false
            // The form that it had then comes back.
            for form in Self.forms(of: document) {
                let wasThere = past.documents[form] != nil
                let isThere = present[form] != nil
                if wasThere || isThere { documents.insert(form) }
                isKnown =
                    isKnown || wasThere || past.isKnownToBeAbsent(form)
                    || isThere && past.absence(of: form) != .unknown
            }
            guard isKnown else { throw unknownDocument(document) }
        }
        return documents.sorted()
    }

    private func isToBeRemoved(_ document: StorePath, _ status: FileStatus) -> Bool {
        switch past.absence(of: document) {
        case .certain: true
        // Not changed since the moment means that it was there then.
        case .sinceRecording: status.changed > past.time
        case .unknown: false
        }
    }

    private func unknownDocument(_ document: StorePath) -> StoreError {
        StoreError(
            .notFound, code: "no-such-document",
            "nothing is known of a document \(document.text) at that moment",
            hint: "canifly-store log \(document.shellWord) shows its history", document: document)
    }

    // MARK: Contents

    /// As it was then, and nobody has written it since it was recorded so.
    private func isUntouched(_ document: StorePath, since state: DocumentState) -> Bool {
        guard let recorded = current.documents[document], let status = present[document]
        else { return false }
        return recorded.state.isSameDocument(as: state) && recorded.signature == status.signature
            && state.hasAttributes(of: status)
    }

    private func locations(
        of documents: [StorePath]
    ) throws(StoreError) -> [Digest: ContentLocation] {
        var digests: Set<Digest> = []
        for document in documents {
            guard let state = past.documents[document], state.location == nil,
                !isUntouched(document, since: state)
            else { continue }
            digests.insert(state.digest)
        }
        return digests.isEmpty ? [:] : try reading.locations(of: digests)
    }

    private func contents(
        of document: StorePath, _ state: DocumentState,
        _ locations: [Digest: ContentLocation], _ builder: inout TransactionBuilder
    ) throws(StoreError) -> [UInt8] {
        if let live = try builder.live(document), live.digest == state.digest { return live.bytes }
        var kept = state
        kept.location = state.location ?? locations[state.digest]
        do throws(StoreError) {
            return try reading.keptContent(kept)
        } catch  where error.code == "content-not-kept" {
            throw try notKept(document)
        }
    }

    private func notKept(_ document: StorePath) throws(StoreError) -> StoreError {
        StoreError(
            .notFound, code: "content-not-kept",
            "what \(document.text) held then was recorded by its digest alone, and is gone",
            hint: try reading.remedyWhereNotKept(document), document: document)
    }
}

extension StoreReading {
    /// What of a document can be had, as a hint.
    package func remedyWhereNotKept(_ document: StorePath) throws(StoreError) -> String {
        var moments: [String] = []
        try forEachChange(of: [document]) { record, _ in
            for change in record.changes
            where change.document.elementsEqual(document.text.utf8) {
                if case .present(let state) = change.before, state.location != nil {
                    moments.append("--before \(record.number)")
                }
                if change.after?.location != nil { moments.append("--at \(record.number)") }
            }
            return true
        }
        guard !moments.isEmpty else {
            return "run snapshot to keep the contents of documents from now on"
        }
        let shown = moments.prefix(6).joined(separator: ", ")
        return "kept of it is what it held " + shown
            + (moments.count > 6 ? " and \(moments.count - 6) more times" : "")
    }
}
