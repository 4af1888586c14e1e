internal import CanIFlyStore
internal import StoreCodecs
internal import StoreTestSupport

extension FuzzTarget {
    static let codecTargets: [FuzzTarget] = [
        FuzzTarget("log", mend: mendLog) { bytes in
            guard let header = outcome({ try LogSegmentHeader.decode(bytes) }) else { return }
            bytes.withUnsafeBytes { whole in
                let start = Int(header.start.offset)
                guard start <= whole.count else { return }
                let rest = UnsafeRawBufferPointer(rebasing: whole[start...])
                var reader = LogReader(
                    rest, from: header.start, salt: header.salt,
                    nextTransaction: header.firstTransaction)
                var end = header.start.offset
                while let transaction = reader.next() {
                    precondition(transaction.end.offset > end, "it does not go on")
                    end = transaction.end.offset
                    precondition(end <= UInt64(bytes.count), "it ends outside")
                    let payload = UnsafeRawBufferPointer(
                        rebasing: rest[transaction.commit.payload])
                    _ = try? CommitPayload.decode(payload, transaction: transaction.number)
                }
                precondition(reader.verdict != nil, "it gives no verdict")
            }
        },
        FuzzTarget(
            "commit", words: ["t\t2\t", "c\t2\t", "\t-\t", "%09", "%", "\n", "e\t2\t"],
            mend: mendLines
        ) { bytes in
            for number in UInt64(2)...5 {
                guard
                    let decoded = outcome({
                        try CommitPayload.decode(bytes, transaction: number)
                    })
                else { continue }
                precondition(decoded.transaction.number == number, "it is another transaction's")
            }
        },
        FuzzTarget(
            "catalog", words: ["t\t2\t", "c\t2\t", "e\t2\t", "\t", "%09", "\n"],
            mend: mendLines
        ) { bytes in
            guard let (header, length) = outcome({ try CatalogHeader.decode(bytes) }) else {
                return
            }
            guard length <= bytes.count else { return }
            let groups = Array(bytes[length...])
            var numbers: [UInt64] = []
            groups.withUnsafeBytes { buffer in
                var reader = CatalogReader(
                    buffer, from: UInt64(length), nextTransaction: header.firstTransaction)
                while let group = reader.next() { numbers.append(group.transaction.number) }
                precondition(reader.verdict != nil, "it gives no verdict")
            }
            precondition(
                numbers.elementsEqual(
                    (0..<UInt64(numbers.count)).map { $0 + header.firstTransaction }),
                "the numbers do not rise by one")
            _ = CatalogTail.find(in: bytes, from: 0, headerLength: length)
        },
        FuzzTarget("gzip", words: ["\u{1F}"]) { bytes in
            let limits = GzipLimits(
                maximumLength: 1 << 22, maximumRatio: 500, lengthFreeOfRatio: 1 << 20)
            let whole = outcome { try GzipReader.unpack(bytes, limits: limits) }
            var reader = GzipReader(limits: limits)
            let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 3000, alignment: 1)
            defer { room.deallocate() }
            var content: [UInt8] = []
            let inPieces: [UInt8]? = outcome {
                for piece in pieces(bytes) {
                    try piece.withUnsafeBytes { buffer in
                        var rest = buffer
                        while true {
                            let step = try reader.read(rest, into: room)
                            content.append(contentsOf: room[..<step.produced])
                            rest = UnsafeRawBufferPointer(rebasing: rest[step.consumed...])
                            if rest.isEmpty && step.produced < room.count { break }
                        }
                    }
                }
                try reader.finish()
                return content
            }
            precondition(whole == inPieces, "in pieces it unpacks to something else")
            precondition((whole?.count ?? 0) <= 1 << 22, "it unpacks to more than it may")
        },
        FuzzTarget("tar", words: ["ustar\u{0}00", "path=../x\n", "30 mtime=1.5\n"], mend: mendTar) {
            bytes in
            precondition(
                tarEvents([bytes[...]]) == tarEvents(pieces(bytes)),
                "in pieces it reads something else")
        },
    ]
}

/// What a tar archive says, its content joined; nil for what is none.
private func tarEvents(_ pieces: [ArraySlice<UInt8>]) -> [String]? {
    outcome {
        var reader = TarReader()
        var events: [String] = []
        var content: [UInt8] = []
        for piece in pieces {
            try piece.withUnsafeBytes { buffer in
                var offset = 0
                while let event = try reader.next(buffer, at: &offset) {
                    switch event {
                    case .content(let range): content.append(contentsOf: buffer[range])
                    default:
                        events.append("\(content) \(event)")
                        content = []
                    }
                }
            }
        }
        try reader.finish()
        return events
    }
}

/// Checksums and chain of each record that can still be recognised.
private func mendLog(_ bytes: inout [UInt8]) {
    guard let header = try? LogSegmentHeader.decode(bytes) else { return }
    var chain = header.start.chain
    var offset = Int(header.start.offset)
    while bytes.count - offset >= LogRecordHeader.byteCount {
        guard bytes[offset...].starts(with: [0xAB, 0x43, 0x46, 0x52]) else {
            offset += 8
            continue
        }
        func set(_ value: UInt32, at place: Int) {
            withUnsafeBytes(of: value.littleEndian) { source in
                for index in 0..<4 { bytes[offset + place + index] = source[index] }
            }
        }
        let length = bytes[offset + 8] &+ 0
        let end = offset + LogRecordHeader.byteCount + Int(length)
        let isShort = bytes[(offset + 9)..<(offset + 16)].allSatisfy { $0 == 0 }
        for index in 0..<8 { bytes[offset + 16 + index] = ~bytes[offset + 8 + index] }
        withUnsafeBytes(of: header.salt.littleEndian) { source in
            for index in 0..<8 { bytes[offset + 32 + index] = source[index] }
        }
        set(chain, at: 40)
        if isShort, end <= bytes.count {
            set(CRC32.of(Array(bytes[(offset + LogRecordHeader.byteCount)..<end])), at: 44)
        }
        chain = CRC32.of(Array(bytes[offset..<(offset + 52)]))
        set(chain, at: 52)
        offset += LogRecordHeader.byteCount
    }
}

/// The checksum at the end of each line, and of the lines of each group.
private func mendLines(_ bytes: inout [UInt8]) {
    // A commit's payload begins with a count of eight bytes.
    let countLength = bytes.first == 0x63 || bytes.count < 8 ? 0 : 8
    var mended = Array(bytes[..<countLength])
    var group: [UInt8] = []
    for line in bytes[countLength...].split(separator: 0x0A, omittingEmptySubsequences: false) {
        var fields = line.split(separator: 0x09, omittingEmptySubsequences: false).map(Array.init)
        if fields.count > 2 {
            if fields[0].elementsEqual("t".utf8) { group = [] }
            if fields[0].elementsEqual("e".utf8), fields.count > 5 {
                fields[5] = hexadecimal(CRC32.of(group))
            }
            fields.removeLast()
            let body = Array(fields.joined(separator: [0x09])) + [0x09]
            let checksum = hexadecimal(CRC32.of(body))
            group += checksum
            mended += body + checksum + [0x0A]
        } else {
            mended += line + [0x0A]
        }
    }
    if bytes.last != 0x0A { mended.removeLast() }
    bytes = mended
}

private func hexadecimal(_ value: UInt32) -> [UInt8] {
    let digits = String(value, radix: 16)
    return Array((String(repeating: "0", count: 8 - digits.count) + digits).utf8)
}

/// The checksum of each block that looks like a header.
private func mendTar(_ bytes: inout [UInt8]) {
    for start in stride(from: 0, to: bytes.count - 511, by: 512)
    where bytes[(start + 257)..<(start + 262)].elementsEqual("ustar".utf8) {
        for index in 148..<156 { bytes[start + index] = 0x20 }
        let sum = bytes[start..<(start + 512)].reduce(0) { $0 + Int($1) }
        let digits = String(sum, radix: 8)
        let text = String(repeating: "0", count: 6 - digits.count) + digits
        for (index, byte) in (Array(text.utf8) + [0, 0x20]).enumerated() {
            bytes[start + 148 + index] = byte
        }
    }
}
