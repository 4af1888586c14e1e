import Foundation
import StoreCodecs
import Testing

/// The worked example of docs/store-format.md.
enum StoreFormatExample {
    static let content = Array("{\"a\": 1}\n".utf8)
    static let header = LogSegmentHeader(
        store: StoreIdentifier(bytes: [UInt8](0x10..<0x20))!, segment: 1,
        salt: 0x0123_4567_89AB_CDEF, firstTransaction: 1)

    /// The transaction; in the catalog it has the written document's signature too.
    static func transaction(isCatalog: Bool) -> TransactionRecord {
        let written = DocumentState(
            digest: Digest.of(content), bytes: UInt64(content.count), mode: 0o600, user: 1000,
            group: 1000, modified: RecordedTime(seconds: 1_767_323_045, nanoseconds: 6),
            location: ContentLocation(segment: 1, offset: 512))
        let removed = DocumentState(
            digest: Digest.of(Array("old\n".utf8)), bytes: 4, mode: 0o644, user: 1000, group: 1000,
            modified: RecordedTime(seconds: -2, nanoseconds: 500_000_000), location: nil)
        let signature = RecordedSignature(
            inode: 4242, changed: RecordedTime(seconds: 1_767_323_045, nanoseconds: 7))
        return TransactionRecord(
            number: 1, time: RecordedTime(seconds: 1_767_323_045), command: "apply",
            message: "100 %",
            changes: [
                ChangeRecord(
                    document: Array("a.json".utf8), before: .absent, after: written,
                    signature: isCatalog ? signature : nil),
                ChangeRecord(
                    document: Array("tab\there.txt".utf8), before: .present(removed), after: nil),
            ])
    }

    static let log: (bytes: [UInt8], end: LogPosition) = {
        var bytes = header.encode()
        var encoder = LogRecordEncoder(segment: header)
        encoder.appendRecord(type: .content, transaction: 1, payload: content, to: &bytes)
        let commit = CommitPayload(contentCount: 1, transaction: transaction(isCatalog: false))
        let payloadOffset = UInt64(bytes.count + LogRecordHeader.byteCount)
        encoder.appendRecord(
            type: .commit, transaction: 1, payload: commit.encode(paddedFrom: payloadOffset),
            to: &bytes)
        return (bytes, LogPosition(segment: 1, offset: UInt64(bytes.count), chain: encoder.chain))
    }()

    static let catalog: [UInt8] = {
        let catalogHeader = CatalogHeader(store: header.store, generation: 1, firstTransaction: 1)
        var bytes = catalogHeader.encode()
        CatalogLines.append(
            transaction(isCatalog: true), position: log.end, paddedFrom: 0, to: &bytes)
        return bytes
    }()
}

@Suite("docs/store-format.md")
struct StoreFormatPageTests {
    /// The page's fenced blocks that are marked with this word.
    static func blocks(_ word: String) throws -> [String] {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/store-format.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        var blocks: [String] = []
        for part in text.components(separatedBy: "```\(word)\n").dropFirst() {
            blocks.append(part.components(separatedBy: "```")[0])
        }
        return blocks
    }

    /// As `hexdump -C` prints it: rows that repeat the one before are a `*`.
    static func dump(_ bytes: [UInt8]) -> String {
        var text = ""
        var previous: ArraySlice<UInt8> = []
        for start in stride(from: 0, to: bytes.count, by: 16) {
            let row = bytes[start..<min(start + 16, bytes.count)]
            defer { previous = row }
            if row == previous {
                if !text.hasSuffix("*\n") { text += "*\n" }
                continue
            }
            var digits = ""
            for (index, byte) in row.enumerated() {
                digits += (index == 8 ? "  " : " ") + Hexadecimal.encode([byte])
            }
            let padding = String(repeating: " ", count: 50 - digits.utf8.count)
            let characters = row.map { (0x20..<0x7F).contains($0) ? $0 : UInt8(ascii: ".") }
            text += "\(address(start)) \(digits)\(padding) "
            text += "|\(String(decoding: characters, as: UTF8.self))|\n"
        }
        return text + "\(address(bytes.count))\n"
    }

    private static func address(_ offset: Int) -> String {
        Hexadecimal.encode(withUnsafeBytes(of: UInt32(offset).bigEndian) { Array($0) })
    }

    /// The bytes that such a dump shows.
    static func bytes(ofDump dump: String) throws -> [UInt8] {
        var bytes: [UInt8] = []
        for line in dump.split(separator: "\n") where line != "*" {
            let address = try #require(Int(line.prefix(8), radix: 16))
            let repeated = bytes.suffix(16)
            while bytes.count < address { bytes += repeated }
            let digits = line.dropFirst(8).prefix { $0 != "|" }.filter { $0 != " " }
            bytes += try #require(Hexadecimal.decode(String(digits)))
        }
        return bytes
    }

    /// With `→` for a tab and `⟨n blanks⟩` for the padding.
    static func print(_ catalog: [UInt8]) -> String {
        let text = String(decoding: catalog, as: UTF8.self)
        var printed = ""
        for field in text.replacingOccurrences(of: "\t", with: "\t→\t").split(separator: "\t") {
            let isPadding = field.allSatisfy { $0 == " " }
            printed += isPadding ? "⟨\(field.utf8.count) blanks⟩" : String(field)
        }
        return printed
    }

    /// The bytes that such a print shows.
    static func bytes(ofPrint print: String) throws -> [UInt8] {
        var text = ""
        for part in print.replacingOccurrences(of: "→", with: "\t").split(separator: "⟨") {
            let halves = part.components(separatedBy: " blanks⟩")
            guard halves.count == 2 else {
                text += part
                continue
            }
            text += String(repeating: " ", count: try #require(Int(halves[0]))) + halves[1]
        }
        return Array(text.utf8)
    }

    @Test("the log's example is what the code writes, to the byte")
    func logExample() throws {
        #expect(try Self.blocks("log-example") == [Self.dump(StoreFormatExample.log.bytes)])
    }

    @Test("the catalog's example is what the code writes, to the byte")
    func catalogExample() throws {
        #expect(try Self.blocks("catalog-example") == [Self.print(StoreFormatExample.catalog)])
    }

    @Test("the bytes printed on the page are read back as the page says")
    func readBack() throws {
        let dump = try #require(try Self.blocks("log-example").first)
        let bytes = try Self.bytes(ofDump: dump)
        let header = try LogSegmentHeader.decode(bytes)
        #expect(header == StoreFormatExample.header)
        let reading = LogReading(bytes, header: header)
        #expect(reading.verdict == .clean(StoreFormatExample.log.end))
        #expect(reading.transactions.first?.first == StoreFormatExample.content)
        let payload = try #require(reading.transactions.first?.last)
        #expect(
            try CommitPayload.decode(payload, transaction: 1).transaction
                == StoreFormatExample.transaction(isCatalog: false))

        let lines = try #require(try Self.blocks("catalog-example").first)
        let catalog = try Self.bytes(ofPrint: lines)
        let catalogReading = try CatalogReading(catalog)
        #expect(catalogReading.transactions == [StoreFormatExample.transaction(isCatalog: true)])
        #expect(catalogReading.groups.first?.position == StoreFormatExample.log.end)
    }

    @Test("every error that a reader can give is named on the page")
    func errorsAreNamed() throws {
        let page = URL(fileURLWithPath: #filePath).deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
            .appendingPathComponent("docs/store-format.md")
        let text = try String(contentsOf: page, encoding: .utf8)
        let defects: [LogDefect] = [
            .truncated, .marker, .headerChecksum, .foreignSalt, .brokenChain, .invalidHeader,
            .unknownType(9), .payloadChecksum, .padding, .transactionNumber(9), .contentCount,
        ]
        let catalogDefects: [CatalogDefect] = [
            .truncated, .checksum, .invalidLine, .transactionNumber(9), .unexpectedLine,
            .groupChecksum,
        ]
        for name in defects.map({ "\($0)" }) + catalogDefects.map({ "\($0)" }) {
            let word = name.prefix { $0 != "(" }
            #expect(text.contains("`\(word)`"), "\(word)")
        }
    }
}
