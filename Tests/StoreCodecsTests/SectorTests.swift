import StoreCodecs
import Testing

/// A torn write may not take with it what was durable before: the simulator found catalogs and logs
/// whose header went with the first transaction, because both lay in one sector.
@Suite struct SectorTests {
    @Test("the headers of catalog and log fill a sector each")
    func headersFillSectors() throws {
        #expect(CatalogSample.header.encode().count == 512)
        #expect(try CatalogHeader.decode(CatalogSample.header.encode()).length == 512)
        let segment = LogTestSegment().header.encode()
        #expect(segment.count == 512)
        #expect(LogTestSegment().header.start.offset == 512)
    }

    @Test("each group of a catalog ends with a sector and reads back")
    func groupsFillSectors() throws {
        var bytes = CatalogSample.header.encode()
        let sample = CatalogSample.small()
        for (transaction, position) in zip(sample.transactions, sample.positions) {
            CatalogLines.append(transaction, position: position, paddedFrom: 0, to: &bytes)
            #expect(bytes.count % 512 == 0)
        }
        let verdict = bytes.withUnsafeBytes { buffer -> CatalogVerdict? in
            let groups = UnsafeRawBufferPointer(rebasing: buffer[512...])
            var reader = CatalogReader(
                groups, from: 512, nextTransaction: CatalogSample.header.firstTransaction)
            var read: [TransactionRecord] = []
            while let group = reader.next() { read.append(group.transaction) }
            #expect(read == sample.transactions)
            return reader.verdict
        }
        #expect(verdict == .clean(offset: UInt64(bytes.count)))
    }

    @Test("a commit record ends with a sector", arguments: [512, 568, 1_000, 1_016, 1_024])
    func commitFillsSector(_ start: Int) throws {
        let payload = CommitPayload(
            contentCount: 2, transaction: CatalogSample.small().transactions[0])
        let offset = UInt64(start + LogRecordHeader.byteCount)
        let bytes = payload.encode(paddedFrom: offset)
        #expect((Int(offset) + bytes.count) % 512 == 0)
        #expect(LogRecordHeader.paddingLength(payloadLength: UInt64(bytes.count)) == 0)
        #expect(try CommitPayload.decode(bytes, transaction: 41) == payload)
    }
}
