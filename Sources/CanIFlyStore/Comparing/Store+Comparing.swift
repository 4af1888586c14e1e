internal import StoreCodecs
public import StoreFiles

/// Which documents are to be compared, and as of when.
public struct DiffRequest: Sendable {
    /// Empty: all of them.
    public var documents: [StorePath]
    /// Nil: what was recorded last.
    public var from: PointInTime?
    /// Nil: what is there now.
    public var to: PointInTime?
    /// A comparison of the documents given, or of all, between two moments.
    public init(_ documents: [StorePath] = [], from: PointInTime? = nil, to: PointInTime? = nil) {
        self.documents = documents
        self.from = from
        self.to = to
    }
}

/// What differs.
public struct DiffReport: Sendable {
    /// By document.
    public var differences: [DocumentDifference]
    /// Whether anything was ever recorded: without that, there is nothing to compare with.
    public var isRecorded: Bool
}

extension Store {
    /// What changed between two moments. Secrets are replaced by placeholders.
    ///
    /// Documents that nothing was known of at the earlier moment are left out unless they are named.
    /// - Throws: `notFound` for a moment or a named document that nobody knows.
    public func diff(_ request: DiffRequest) throws(StoreError) -> DiffReport {
        let reading = try read()
        guard reading.lastTransaction > 0 || request.from != nil || request.to != nil else {
            try requireNamed(request.documents, reading)
            return DiffReport(differences: [], isRecorded: false)
        }
        var comparison = try StoreComparison(self, reading, request)
        return DiffReport(differences: try comparison.differences(), isRecorded: true)
    }

    private func requireNamed(
        _ documents: [StorePath], _ reading: borrowing StoreReading
    ) throws(StoreError) {
        for document in documents where try reading.content(of: document) == nil {
            throw .noSuchDocument(document)
        }
    }
}

/// One comparison of a store at two moments.
private struct StoreComparison: ~Copyable {
    /// A document on one side.
    private enum Entry {
        case kept(DocumentState)
        case live(ListedDocument)

        var mode: FileMode {
            switch self {
            case .kept(let state): FileMode(state.mode)
            case .live(let listed): listed.status.mode
            }
        }
    }

    private let reading: StoreReading
    private let request: DiffRequest
    private let rules: DocumentRules
    /// Where no profile was chosen, the application's secrets are hidden in any case: its documents
    /// may be gone, and then nothing tells whose store it is.
    private let hidden: Profile
    private let past: PastState
    /// What was recorded last, by which most documents need not be read.
    private let recorded: CatalogState
    private let before: [StorePath: Entry]
    private let after: [StorePath: Entry]
    private var reader: ChunkReader

    init(
        _ store: Store, _ reading: consuming StoreReading, _ request: DiffRequest
    ) throws(StoreError) {
        // All that can be asked about the documents named, in the forms that they may have.
        let wanted =
            request.documents.isEmpty
            ? nil
            : Set(
                request.documents.flatMap {
                    [$0, $0.packedForm ?? $0, $0.isPacked ? $0.plainForm : $0]
                })
        let past = try reading.past(
            at: request.from ?? .transaction(reading.lastTransaction), of: wanted)
        let (rules, present) = try store.look(
            at: wanted, reading, requiresAll: request.to == nil)
        var after: [StorePath: Entry] = [:]
        if let to = request.to {
            let later = try reading.past(at: to, of: wanted)
            for (path, state) in later.documents { after[path] = .kept(state) }
        } else {
            for listed in present { after[listed.path] = .live(listed) }
            for change in reading.waiting?.changes ?? [] {
                // As the waiting transactions will make it.
                after[try change.path] = change.after.map { .kept($0) }
            }
        }
        let recorded = if let wanted { try reading.state(of: wanted) } else { try reading.state() }
        let hidden = try reading.recordedProfile() ?? .canifly
        reader = ChunkReader(store.system)
        self.rules = rules
        self.hidden = hidden
        before = past.documents.mapValues { .kept($0) }
        self.after = after
        self.past = past
        self.recorded = recorded
        self.request = request
        self.reading = reading
    }

    // MARK: Which documents

    mutating func differences() throws(StoreError) -> [DocumentDifference] {
        var differences: [DocumentDifference] = []
        var done: Set<StorePath> = []
        for path in try documents() where !done.contains(path) {
            var (old, new) = (path, path)
            // Packed or unpacked since, it is the same document.
            let form = path.isPacked ? path.plainForm : path.packedForm ?? path
            if before[path] != nil, after[path] == nil, before[form] == nil, after[form] != nil {
                new = form
            } else if after[path] != nil, before[path] == nil, after[form] == nil,
                before[form] != nil
            {
                old = form
            }
            done.formUnion([old, new])
            if let difference = try compare(old, new) { differences.append(difference) }
        }
        return differences
    }

    private func documents() throws(StoreError) -> [StorePath] {
        let all = Set(before.keys).union(after.keys)
        guard !request.documents.isEmpty else {
            return all.filter { before[$0] != nil || past.absence(of: $0) != .unknown }.sorted()
        }
        var named: Set<StorePath> = []
        for document in request.documents {
            let forms = [document, document.packedForm ?? document].filter { all.contains($0) }
            if forms.isEmpty { throw .noSuchDocument(document) }
            named.formUnion(forms)
        }
        return named.sorted()
    }

    // MARK: One document

    /// Nil where nothing differs. `old` and `new` are two names only where a document was packed.
    private mutating func compare(
        _ old: StorePath, _ new: StorePath
    ) throws(StoreError) -> DocumentDifference? {
        let (was, comes) = (before[old], after[new])
        var oldSide = try side(old, was)
        var newSide = try side(new, comes)
        if old != new {
            oldSide.unpack()
            newSide.unpack()
        }
        // A document that has gone since it was listed has no digest either.
        if oldSide.digest == nil && newSide.digest == nil { return nil }
        var difference = DocumentDifference(
            document: old == new ? old : old.plainForm,
            change: oldSide.digest == nil ? .added : newSide.digest == nil ? .removed : .changed,
            before: oldSide.digest, after: newSide.digest, modeBefore: was?.mode,
            modeAfter: comes?.mode, detail: .digests(.equal))
        if let digest = oldSide.digest, digest == newSide.digest {
            guard difference.modeBefore != difference.modeAfter else { return nil }
            difference.change = .mode
            return difference
        }
        difference.detail = try detail(difference.document, &oldSide, &newSide)
        return difference
    }

    /// What is known of one side of a document.
    private struct Side {
        var path: StorePath
        var digest: Digest?
        var bytes: [UInt8]?
        /// Where the bytes come from, if they have not been read yet.
        var entry: Entry?
        /// Why they cannot be.
        var obstacle: DocumentDifference.DigestReason?

        /// Takes what is packed for the content, if it can be read.
        mutating func unpack() {
            guard path.isPacked, let packed = bytes,
                let content = try? PackedDocument.unpack(packed, of: path)
            else { return }
            bytes = content
            digest = Digest.of(content)
        }
    }

    private mutating func side(_ path: StorePath, _ entry: Entry?) throws(StoreError) -> Side {
        var side = Side(path: path, entry: entry)
        switch entry {
        case nil: break
        case .kept(let state): side.digest = state.digest
        case .live(let listed):
            if let known = recorded.documents[path], known.signature == listed.status.signature {
                side.digest = known.state.digest
            }
        }
        if side.digest == nil || isPackedSince(path) { try read(&side) }
        return side
    }

    private func isPackedSince(_ path: StorePath) -> Bool {
        let form = path.isPacked ? path.plainForm : path.packedForm ?? path
        return before[path] == nil && before[form] != nil
            || after[path] == nil && after[form] != nil
    }

    private mutating func read(_ side: inout Side) throws(StoreError) {
        switch side.entry {
        case nil: break
        case .kept(let state):
            guard state.bytes <= UInt64(ContentComparison.largestParsedBytes) else {
                side.obstacle = .tooLarge
                return
            }
            do throws(StoreError) {
                side.bytes = try reading.keptContent(try reading.keptState(state))
            } catch  where error.code == "content-not-kept" {
                side.obstacle = .notKept
            }
        case .live(let listed):
            guard listed.status.size <= Int64(ContentComparison.largestParsedBytes) else {
                side.obstacle = .tooLarge
                if side.digest == nil { side.digest = try digest(of: listed) }
                return
            }
            guard let live = try reading.documentFiles.read(listed.path) else { return }
            side.bytes = live.bytes
            side.digest = live.digest
        }
    }

    /// In constant memory.
    private mutating func digest(of listed: ListedDocument) throws(StoreError) -> Digest? {
        guard listed.status.size <= DocumentFiles.largestInTransaction else {
            throw .tooLarge(listed.path)
        }
        let check = DocumentCheck(
            system: reading.system, root: reading.root, rules: rules, isQuick: false,
            isDeep: false, hasCatalog: false)
        return check.run(listed.path, recorded: nil, reader: &reader).digest
    }

    private mutating func detail(
        _ document: StorePath, _ old: inout Side, _ new: inout Side
    ) throws(StoreError) -> DocumentDifference.Detail {
        if old.bytes == nil { try read(&old) }
        if new.bytes == nil { try read(&new) }
        if let obstacle = old.obstacle ?? new.obstacle { return .digests(obstacle) }
        if document.isPacked {
            old.unpack()
            new.unpack()
        }
        return ContentComparison(of: document, rules: rules, hidingSecretsOf: hidden)
            .compare(old.bytes, new.bytes)
    }
}
