import StoreCodecs

/// A small segment, and where its parts lie.
struct LogTestSegment {
    static let store = StoreIdentifier(bytes: [UInt8](0x10..<0x20))!

    var header: LogSegmentHeader
    var bytes: [UInt8]
    var encoder: LogRecordEncoder
    /// The end of each transaction, the header's end first.
    var ends: [Int]

    init(salt: UInt64 = 0x1122_3344_5566_7788, firstTransaction: UInt64 = 5) {
        header = LogSegmentHeader(
            store: Self.store, segment: 3, salt: salt, firstTransaction: firstTransaction)
        bytes = header.encode()
        encoder = LogRecordEncoder(segment: header)
        ends = [bytes.count]
    }

    mutating func append(transaction: UInt64, contents: [[UInt8]], lines: String = "lines") {
        for content in contents {
            encoder.appendRecord(
                type: .content, transaction: transaction, payload: content, to: &bytes)
        }
        let count = withUnsafeBytes(of: UInt64(contents.count).littleEndian) { Array($0) }
        encoder.appendRecord(
            type: .commit, transaction: transaction, payload: count + Array(lines.utf8),
            to: &bytes)
        ends.append(bytes.count)
    }

    /// Three transactions, with paddings from 0 to 7.
    static func sample() -> LogTestSegment {
        var segment = LogTestSegment()
        segment.append(transaction: 5, contents: [Array("first".utf8), []])
        segment.append(transaction: 6, contents: [Array("12345678".utf8)])
        segment.append(transaction: 7, contents: [Array("x".utf8), Array("abcdefghijkl".utf8)])
        return segment
    }
}

/// What a reader makes of a segment's records.
struct LogReading: Equatable {
    /// The payloads of each complete transaction, the commit's last.
    var transactions: [[[UInt8]]] = []
    var numbers: [UInt64] = []
    var verdict: LogVerdict

    init(
        _ bytes: [UInt8], header: LogSegmentHeader, from position: LogPosition? = nil,
        nextTransaction: UInt64? = nil
    ) {
        let position = position ?? header.start
        let region = Array(bytes[min(Int(position.offset), bytes.count)...])
        (numbers, transactions, verdict) = region.withUnsafeBytes { region in
            var reader = LogReader(
                region, from: position, salt: header.salt,
                nextTransaction: nextTransaction ?? header.firstTransaction)
            var numbers: [UInt64] = []
            var transactions: [[[UInt8]]] = []
            while let transaction = reader.next() {
                numbers.append(transaction.number)
                transactions.append(
                    (transaction.contents + [transaction.commit]).map { Array(region[$0.payload]) })
            }
            return (numbers, transactions, reader.verdict!)
        }
    }

    /// The end of the last complete transaction, where the verdict tells it.
    var goodEnd: Int? {
        switch verdict {
        case .clean(let position), .tornTail(let position, _): Int(position.offset)
        case .damaged: nil
        }
    }
}
