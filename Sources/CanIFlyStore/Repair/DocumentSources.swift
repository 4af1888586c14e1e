internal import StoreCodecs
internal import StoreFiles

/// A good content for a document, and where it comes from.
struct GoodContent {
    var intended: IntendedDocument
    /// As `RepairStep.source` has it.
    var source: String
    var lost: [String] = []
}

/// Where good contents of documents are looked for, in this order: what the log was about to write,
/// then history from the newest on.
struct DocumentSources {
    let records: [TransactionRecord]
    let log: LogFolder?
    /// Committed and, before the repair began, not carried out.
    let waiting: WaitingTransactions?
    let rules: DocumentRules
    private let locations: [Digest: ContentLocation]

    init(
        records: [TransactionRecord], log: LogFolder?, waiting: WaitingTransactions?,
        rules: DocumentRules
    ) {
        self.records = records
        self.log = log
        self.waiting = waiting
        self.rules = rules
        var locations: [Digest: ContentLocation] = [:]
        for record in records {
            for change in record.changes {
                if case .present(let state) = change.before, let location = state.location {
                    locations[state.digest] = location
                }
                if let state = change.after, let location = state.location {
                    locations[state.digest] = location
                }
            }
        }
        self.locations = locations
    }

    /// What the waiting transactions were to write.
    func fromLog(_ document: StorePath) throws(StoreError) -> GoodContent? {
        guard let waiting, let after = waiting.change(of: document)?.after else { return nil }
        var kept = waiting.contents[after.digest]
        if kept == nil { kept = try content(of: after) }
        guard let bytes = kept, rules.isSound(bytes, of: document) else { return nil }
        return GoodContent(intended: IntendedDocument(after, bytes: bytes), source: "log")
    }

    /// The newest content of history that is kept, whole and sound.
    /// - Parameters:
    ///   - damaged: of the damaged bytes; nil where the document is missing.
    ///   - recorded: the state that `verify` goes by.
    ///   - isRecordedTrusted: take that state's content as it is, sound or not: the document has
    ///     changed in silence since.
    func fromHistory(
        _ document: StorePath, damaged: Digest?, recorded: DocumentState?,
        isRecordedTrusted: Bool
    ) throws(StoreError) -> GoodContent? {
        var passedOver: [String] = []
        var tried: Set<Digest> = []
        for record in records.reversed() {
            for change in record.changes.reversed()
            where change.document.elementsEqual(document.text.utf8) {
                var states: [DocumentState] = []
                if let after = change.after { states.append(after) }
                if case .present(let before) = change.before { states.append(before) }
                for state in states where tried.insert(state.digest).inserted {
                    guard state.digest != damaged else { continue }
                    guard let bytes = try content(of: state) else {
                        passedOver.append(
                            "what transaction \(record.number) recorded: its content was not kept "
                                + "or is damaged")
                        continue
                    }
                    let isTrusted = isRecordedTrusted && state.digest == recorded?.digest
                    guard isTrusted || rules.isSound(bytes, of: document) else { continue }
                    return GoodContent(
                        intended: IntendedDocument(state, bytes: bytes),
                        source: "transaction \(record.number)", lost: passedOver)
                }
            }
        }
        return nil
    }

    /// Checked by digest; nil where it was not kept or is damaged.
    /// - Throws: what reading throws: a disk that fails for once must not make us take an older
    ///   content.
    func content(of state: DocumentState) throws(StoreError) -> [UInt8]? {
        if let waiting = waiting?.contents[state.digest] { return waiting }
        guard let log, let location = state.location ?? locations[state.digest] else { return nil }
        do throws(StoreError) {
            return try log.content(at: location, digest: state.digest)
        } catch  where error.kind == .invalidData {
            return nil
        }
    }
}

extension DocumentRules {
    /// Whether the application can read such a document.
    func isSound(_ bytes: [UInt8], of document: StorePath) -> Bool {
        do throws(StoreError) {
            try requireSound(bytes, of: document)
            return true
        } catch {
            return false
        }
    }
}
