package import StoreCodecs
package import StoreFiles

/// A document as history last recorded it.
package struct RecordedDocument: Sendable {
    package var state: DocumentState
    /// Nil where it is not known: then only reading the document tells whether it changed.
    package var signature: StatusSignature?
    package var transaction: UInt64
}

/// What the catalog says of every document: the sum of all its transactions.
package struct CatalogState: Sendable {
    package private(set) var documents: [StorePath: RecordedDocument] = [:]
    /// Files in the control directory that transactions write: the profile, and what migrations keep.
    package private(set) var controlFiles: [StorePath: RecordedDocument] = [:]
    package private(set) var lastTransaction: UInt64 = 0
    /// The number of the last snapshot; 0 before the first.
    package private(set) var lastSnapshot: UInt64 = 0

    package init() {}

    /// Sums up the groups in `bytes`, which begin at `offset` of the catalog's file.
    /// - Throws: `invalidData` (`catalog-corrupt`), naming the line.
    package init(
        _ bytes: [UInt8], from offset: UInt64, firstTransaction: UInt64
    ) throws(StoreError) {
        var documents: [StorePath: RecordedDocument] = [:]
        var last: UInt64 = 0
        var lastSnapshot: UInt64 = 0
        let verdict = bytes.withUnsafeBytes { buffer in
            var reader = CatalogReader(buffer, from: offset, nextTransaction: firstTransaction)
            var number = firstTransaction
            while let line = reader.nextLine() {
                switch line {
                case .transaction(let record, let changeCount):
                    number = record.number
                    if record.isSnapshot { lastSnapshot = number }
                    if documents.isEmpty {
                        documents.reserveCapacity(min(Int(clamping: changeCount), bytes.count / 64))
                    }
                case .change(let change): Self.apply(change, of: number, to: &documents)
                case .end: last = number
                }
            }
            return reader.verdict!
        }
        switch verdict {
        case .clean: break
        case .tornTail(let offset, let defect):
            throw .catalogCorrupt("the line at byte \(offset): \(defect)", at: offset)
        case .corrupt(let offset, let line, let defect):
            throw .catalogCorrupt("line \(line), at byte \(offset): \(defect)", at: offset)
        }
        controlFiles = documents.filter { $0.key.isControlFile }
        for path in controlFiles.keys { documents[path] = nil }
        self.documents = documents
        lastTransaction = last
        self.lastSnapshot = lastSnapshot
    }

    /// Adds one transaction.
    package mutating func apply(_ record: TransactionRecord) {
        for change in record.changes {
            if change.isControlFile {
                Self.apply(change, of: record.number, to: &controlFiles)
            } else {
                Self.apply(change, of: record.number, to: &documents)
            }
        }
        lastTransaction = record.number
        if record.isSnapshot { lastSnapshot = record.number }
    }

    private static func apply(
        _ change: ChangeRecord, of transaction: UInt64,
        to documents: inout [StorePath: RecordedDocument]
    ) {
        guard let path = try? StorePath(bytes: change.document) else { return }
        if let state = change.after {
            documents[path] = RecordedDocument(
                state: state, signature: change.statusSignature, transaction: transaction)
        } else {
            documents[path] = nil
        }
    }
}

extension TransactionRecord {
    fileprivate var isSnapshot: Bool { command.utf8.elementsEqual("snapshot".utf8) }
}

extension ChangeRecord {
    /// Whether it is about a file of the control directory, which is no document.
    package var isControlFile: Bool {
        document.starts(with: ControlNames.controlPrefix)
    }

    /// Whether it is about the record of the layout.
    package var isLayoutRecord: Bool {
        isControlFile && document.elementsEqual(ControlNames.layoutRecordPath.text.utf8)
    }
}
