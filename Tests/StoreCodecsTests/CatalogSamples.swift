import StoreCodecs

/// A catalog's bytes, and where its groups end.
struct CatalogSample {
    static let header = CatalogHeader(
        store: LogTestSegment.store, generation: 2, firstTransaction: 41)

    var bytes: [UInt8]
    var transactions: [TransactionRecord] = []
    var positions: [LogPosition?] = []
    /// The end of each group, the header's end first.
    var ends: [Int]

    init(header: CatalogHeader = CatalogSample.header) {
        bytes = header.encode()
        ends = [bytes.count]
    }

    var headerLength: Int { ends[0] }

    mutating func append(_ transaction: TransactionRecord, position: LogPosition?) {
        CatalogLines.append(transaction, position: position, to: &bytes)
        transactions.append(transaction)
        positions.append(position)
        ends.append(bytes.count)
    }

    /// Three transactions: none, some and all fields, zero changes among them.
    static func small() -> CatalogSample {
        var sample = CatalogSample()
        let state = DocumentState(
            digest: Digest.of([1]), bytes: 1234, mode: 0o600, user: 1000, group: 100,
            modified: RecordedTime(seconds: 1_700_000_000, nanoseconds: 7),
            location: ContentLocation(segment: 3, offset: 64))
        var other = state
        other.location = nil
        other.mode = 0o4755
        sample.append(
            TransactionRecord(
                number: 41, time: RecordedTime(seconds: 1_700_000_001, nanoseconds: 999_999_999),
                command: "put", message: "100 %\tsure\n",
                changes: [
                    ChangeRecord(document: Array("a.json".utf8), before: .absent, after: state),
                    ChangeRecord(
                        document: Array("plans/Bö\u{1B}.txt".utf8), before: .present(other),
                        after: nil),
                ]),
            position: LogPosition(segment: 3, offset: 640, chain: 0xDEAD_BEEF))
        sample.append(
            TransactionRecord(number: 42, time: RecordedTime(seconds: -1), command: "snapshot"),
            position: nil)
        sample.append(
            TransactionRecord(
                number: 43, time: RecordedTime(seconds: 0), command: "apply",
                changes: [
                    ChangeRecord(
                        document: Array("a.json".utf8), before: .asRecorded, after: other,
                        signature: RecordedSignature(
                            inode: .max,
                            changed: RecordedTime(seconds: .min, nanoseconds: 999_999_999)))
                ]),
            position: LogPosition(segment: .max, offset: .max, chain: 0))
        return sample
    }
}

/// What a reader makes of a catalog's groups.
struct CatalogReading {
    var groups: [CatalogGroup] = []
    var verdict: CatalogVerdict

    var transactions: [TransactionRecord] { groups.map(\.transaction) }

    init(_ bytes: [UInt8]) throws {
        let (header, length) = try CatalogHeader.decode(bytes)
        self.init(
            groupsOf: Array(bytes[length...]), from: UInt64(length),
            nextTransaction: header.firstTransaction)
    }

    init(groupsOf bytes: [UInt8], from offset: UInt64, nextTransaction: UInt64) {
        (groups, verdict) = bytes.withUnsafeBytes { bytes in
            var reader = CatalogReader(bytes, from: offset, nextTransaction: nextTransaction)
            var groups: [CatalogGroup] = []
            while let group = reader.next() { groups.append(group) }
            return (groups, reader.verdict!)
        }
    }
}
