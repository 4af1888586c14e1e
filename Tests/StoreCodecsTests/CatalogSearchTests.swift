import StoreCodecs
import Testing

@Suite("Searching a catalog for documents")
struct CatalogSearchTests {
    private func state(_ number: UInt8) -> DocumentState {
        DocumentState(
            digest: Digest.of([number]), bytes: 1, mode: 0o644, user: 0, group: 0,
            modified: RecordedTime(seconds: 1), location: nil)
    }

    private static let names = ["a.json", "a.json.gz", "aa.json", "b\tc\n.json", "-", "=", "1"]

    private func sample() -> CatalogSample {
        var sample = CatalogSample()
        for number in 41..<61 {
            let names = Self.names.indices.filter { (number + $0) % 3 != 0 }.map { Self.names[$0] }
            sample.append(
                TransactionRecord(
                    number: UInt64(number), time: RecordedTime(seconds: Int64(number)),
                    command: "a.json", message: "a.json",
                    changes: names.map {
                        ChangeRecord(
                            document: Array($0.utf8), before: .absent, after: state(UInt8(number)))
                    }),
                position: nil)
        }
        return sample
    }

    /// The transactions with the wanted changes alone, and the verdict.
    private func search(
        _ sample: CatalogSample, _ bytes: [UInt8], for wanted: Set<String>
    ) -> (found: [TransactionRecord], verdict: CatalogVerdict?) {
        let names = Set(wanted.map { CatalogLines.escaped(Array($0.utf8)) })
        return bytes[sample.headerLength...].withUnsafeBytes { buffer in
            var reader = CatalogReader(
                buffer, from: UInt64(sample.headerLength), nextTransaction: 41)
            var found: [TransactionRecord] = []
            while let group = reader.next(changesWhere: { names.contains(Array($0)) }) {
                found.append(group.transaction)
            }
            return (found, reader.verdict)
        }
    }

    @Test("finds what a whole reading finds, and nothing else", arguments: names)
    func findsAll(name: String) {
        let sample = sample()
        for wanted in [[name], [name, "a.json"], []] as [Set<String>] {
            let (found, verdict) = search(sample, sample.bytes, for: wanted)
            let expected = sample.transactions.map { record in
                var record = record
                record.changes.removeAll {
                    !wanted.contains(String(decoding: $0.document, as: UTF8.self))
                }
                return record
            }
            #expect(found == expected)
            #expect(verdict == .clean(offset: UInt64(sample.bytes.count)))
        }
    }

    @Test("notices every flipped bit all the same, also where it does not look closely")
    func flippedBits() {
        let sample = sample()
        let whole = search(sample, sample.bytes, for: ["a.json"]).found
        for index in sample.headerLength..<sample.bytes.count {
            for bit in 0..<8 where (index + bit) % 5 == 0 {
                var bytes = sample.bytes
                bytes[index] ^= 1 << bit
                let (found, verdict) = search(sample, bytes, for: ["a.json"])
                // The last group may be taken for torn.
                let isLast = index >= sample.ends[sample.ends.count - 2]
                switch verdict {
                case .corrupt?: break
                case .tornTail?: #expect(isLast, "byte \(index), bit \(bit)")
                case .clean?, nil: Issue.record("byte \(index), bit \(bit)")
                }
                #expect(found.elementsEqual(whole.prefix(found.count)))
            }
        }
    }
}
