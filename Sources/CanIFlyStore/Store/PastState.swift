package import StoreCodecs
package import StoreFiles

/// All that history knows of the documents as of a moment.
package struct PastState: Sendable {
    /// Those that there were.
    package private(set) var documents: [StorePath: DocumentState] = [:]
    /// The record of the layout, if migrations had written one; it is none of the documents.
    package private(set) var layoutRecord: DocumentState?
    /// Those that are known not to have been there.
    private var absent: Set<StorePath> = []
    /// Those that later transactions have told of: whatever comes after tells nothing about the
    /// moment.
    private var toldLater: Set<StorePath> = []
    /// Whether every document had been recorded by then.
    private var isComplete = false
    /// Whether every document was recorded just then.
    private var isFresh = false
    /// When the moment's transaction was made.
    package private(set) var time = Timestamp(seconds: 0)

    /// What is known of a document that is not among `documents`.
    package enum Absence: Hashable {
        /// It was not there.
        case certain
        /// The application made it after every document had been recorded; whether before or after
        /// the moment, history does not tell.
        case sinceRecording
        /// Nothing was known of it.
        case unknown
    }

    /// Whether history tells of the document's absence in so many words.
    package func isKnownToBeAbsent(_ document: StorePath) -> Bool { absent.contains(document) }

    package func absence(of document: StorePath) -> Absence {
        if isFresh || absent.contains(document) { return .certain }
        return isComplete ? .sinceRecording : .unknown
    }

    /// Goes on by one transaction.
    fileprivate mutating func apply(_ record: TransactionRecord) {
        time = Timestamp(record.time)
        isFresh = record.recordsWholeStore
        isComplete = isComplete || isFresh
        for change in record.changes where !change.isControlFile {
            guard let path = try? change.path else { continue }
            set(path, to: change.after)
        }
        for change in record.changes where change.isLayoutRecord { layoutRecord = change.after }
    }

    /// Goes on to just before a transaction: to what it found.
    fileprivate mutating func approach(_ record: TransactionRecord) {
        time = Timestamp(record.time)
        isFresh = false
        for change in record.changes where !change.isControlFile {
            guard let path = try? change.path else { continue }
            switch change.before {
            case .present(let state): set(path, to: state)
            case .asRecorded: break
            // What a recording sees for the first time may have been there for long.
            case .absent: if !record.recordsWholeStore { set(path, to: nil) }
            }
            toldLater.insert(path)
        }
        for change in record.changes where change.isLayoutRecord {
            if case .present(let state) = change.before { layoutRecord = state }
        }
    }

    /// Learns from a later transaction what was not there yet.
    fileprivate mutating func learn(from record: TransactionRecord) {
        for change in record.changes where !change.isControlFile {
            guard let path = try? change.path, toldLater.insert(path).inserted,
                documents[path] == nil, change.before == .absent, !record.recordsWholeStore
            else { continue }
            absent.insert(path)
        }
    }

    /// Says of which moment this is, where not every transaction was handed over.
    fileprivate mutating func setMoment(time: Timestamp, isFresh: Bool, isComplete: Bool) {
        self.time = time
        self.isFresh = isFresh
        self.isComplete = isComplete
    }

    private mutating func set(_ path: StorePath, to state: DocumentState?) {
        documents[path] = state
        if state == nil { absent.insert(path) } else { absent.remove(path) }
    }
}

extension StoreReading {
    /// - Parameter documents: what is wanted; nil: everything.
    /// - Throws: `notFound` for a moment that history does not know.
    package func past(
        at moment: PointInTime, of documents: Set<StorePath>? = nil
    ) throws(StoreError) -> PastState {
        let moment = try resolve(moment)
        var past = PastState()
        func go(_ record: TransactionRecord, _ isPending: Bool) -> Bool {
            switch moment.side(of: record) {
            case .before: past.apply(record)
            case .replaced: past.approach(record)
            case .after: past.learn(from: record)
            }
            return true
        }
        guard let documents else {
            try forEachTransaction(go)
            return past
        }
        try forEachChange(of: documents, go)
        let isReplaced = moment == .before(moment.transaction)
        let last = try head(ofTransaction: moment.transaction)
        let first = try firstFullRecording() ?? .max
        past.setMoment(
            time: last.map { Timestamp($0.time) } ?? past.time,
            isFresh: !isReplaced && last?.recordsWholeStore ?? false,
            isComplete: isReplaced ? first < moment.transaction : first <= moment.transaction)
        return past
    }
}

extension TransactionRecord {
    /// Whether it recorded every document there was.
    package var recordsWholeStore: Bool {
        command.utf8.elementsEqual("init".utf8) || command.utf8.elementsEqual("snapshot".utf8)
    }
}
