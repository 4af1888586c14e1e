import StoreCodecs
import StoreTestSupport
import Testing

/// What a reader makes of an archive.
struct TarReading: Equatable {
    var entries: [TarEntry] = []
    var contents: [[UInt8]] = []

    init() {}

    /// Reads the archive, given in pieces of this size.
    init(_ archive: [UInt8], pieceSize: Int = .max) throws {
        var reader = TarReader()
        var isEnded = false
        var start = 0
        while start < archive.count {
            let end = start + min(pieceSize, archive.count - start)
            let piece = Array(archive[start..<end])
            try piece.withUnsafeBytes { bytes in
                var offset = 0
                while let event = try reader.next(bytes, at: &offset) {
                    switch event {
                    case .entry(let entry):
                        entries.append(entry)
                        contents.append([])
                    case .content(let range):
                        contents[contents.count - 1] += bytes[range]
                    case .endOfEntry:
                        #expect(UInt64(contents.last!.count) == entries.last!.size)
                    case .end:
                        isEnded = true
                    }
                }
                #expect(offset == bytes.count)
            }
            start = end
        }
        try reader.finish()
        #expect(isEnded)
    }

    /// The entries with their contents as an archive.
    func archive() -> [UInt8] {
        var bytes: [UInt8] = []
        for (entry, content) in zip(entries, contents) {
            bytes += TarWriter.header(for: entry) + content
            let padding = TarWriter.paddingLength(contentLength: entry.size)
            bytes += [UInt8](repeating: 0, count: padding)
        }
        return bytes + TarWriter.end
    }

    mutating func add(
        _ name: String, _ content: [UInt8] = [], kind: TarEntryKind = .file, mode: UInt16 = 0o600,
        seconds: Int64 = 1_700_000_000, nanoseconds: Int32 = 0, linkTarget: String = ""
    ) {
        entries.append(
            TarEntry(
                name: Array(name.utf8), kind: kind, size: UInt64(content.count), mode: mode,
                modified: RecordedTime(seconds: seconds, nanoseconds: nanoseconds),
                linkTarget: Array(linkTarget.utf8)))
        contents.append(content)
    }

    /// Everything that other programs can extract too.
    static func sample() -> TarReading {
        var sample = TarReading()
        sample.add("manifest", Array("abc".utf8), mode: 0o644)
        sample.add("plans/", kind: .directory, mode: 0o700)
        sample.add("plans/empty", mode: 0o4755)
        sample.add("plans/block", [UInt8](repeating: 7, count: 512), nanoseconds: 123_456_789)
        sample.add("plans/more", [UInt8](repeating: 8, count: 513), nanoseconds: 100_000_000)
        let folder = String(repeating: "f", count: 60)
        for length in [38, 39, 40, 99, 100, 101, 150] {
            sample.add("\(folder)/" + String(repeating: "n", count: length), [1])
            sample.add("\(folder)/\(folder)/" + String(repeating: "n", count: length), [2])
        }
        sample.add("é composed.json", [3])
        sample.add("e\u{301} decomposed.json", [4])
        sample.add("日本.json", Array("{}".utf8), nanoseconds: 1)
        sample.add("link", kind: .symbolicLink, mode: 0o777, linkTarget: "manifest")
        sample.add(
            "long link", kind: .symbolicLink, mode: 0o777,
            linkTarget: String(repeating: "t", count: 130))
        sample.add("hard", kind: .hardLink, linkTarget: "manifest")
        return sample
    }
}

@Suite("tar")
struct TarTests {
    @Test("what is written is read, in pieces of any size", arguments: [1, 100, 511, 512, Int.max])
    func roundTrip(pieceSize: Int) throws {
        let sample = TarReading.sample()
        let archive = sample.archive()
        #expect(archive.count.isMultiple(of: 512))
        #expect(try TarReading(archive, pieceSize: pieceSize) == sample)
    }

    @Test("what fits has no extended header")
    func plainHeader() {
        let entry = TarEntry(
            name: Array("accounts.json".utf8), size: 5, mode: 0o600,
            modified: RecordedTime(seconds: 1))
        let header = TarWriter.header(for: entry)
        #expect(header.count == 512)
        #expect(Array(header[0..<13]) == Array("accounts.json".utf8))
        #expect(Array(header[100..<108]) == Array("0000600\u{0}".utf8))
        #expect(Array(header[124..<136]) == Array("00000000005\u{0}".utf8))
        #expect(Array(header[257..<265]) == Array("ustar\u{0}00".utf8))
        let sum = header.enumerated().reduce(0) {
            $0 + ((148..<156).contains($1.offset) ? 32 : Int($1.element))
        }
        let octal = String(sum, radix: 8)
        let digits = String(repeating: "0", count: 6 - octal.utf8.count) + octal
        #expect(Array(header[148..<156]) == Array("\(digits)\u{0} ".utf8))
    }

    @Test("the extremes of every field come back")
    func extremes() throws {
        var sample = TarReading()
        for seconds in [Int64.min + 1, -1_000_000_000, -1, 0, 0o77777777777, 0o100000000000, .max] {
            for nanoseconds in [Int32(0), 1, 500_000_000, 999_999_999] {
                sample.add("t", seconds: seconds, nanoseconds: nanoseconds)
            }
        }
        for identifier in [UInt64(0), 0o7777777, 0o10000000, .max] {
            sample.add("o")
            sample.entries[sample.entries.count - 1].user = identifier
            sample.entries[sample.entries.count - 1].group = identifier
            sample.entries[sample.entries.count - 1].userName = Array("capsuleer".utf8)
            sample.entries[sample.entries.count - 1].groupName = [UInt8](repeating: 0x67, count: 40)
        }
        sample.entries.append(
            TarEntry(name: [0xFF, 0x2F, 0x80], mode: 0o7777, modified: RecordedTime(seconds: 0)))
        sample.contents.append([])
        #expect(try TarReading(sample.archive()) == sample)

        // More than 8 GiB: the header alone, since the content would be as long.
        for size in [UInt64(0o77777777777), 0o100000000000, UInt64(Int64.max)] {
            let entry = TarEntry(
                name: [0x61], size: size, mode: 0, modified: RecordedTime(seconds: 0))
            let header = TarWriter.header(for: entry)
            var reader = TarReader()
            var offset = 0
            let event = try header.withUnsafeBytes { try reader.next($0, at: &offset) }
            #expect(event == .entry(entry))
        }
    }

    @Test("the length of an extended record counts itself", arguments: 80...120)
    func recordLength(length: Int) throws {
        var sample = TarReading()
        sample.add(String(repeating: "é", count: length), [1])
        sample.add(String(repeating: "é", count: length * 10), [2])
        #expect(try TarReading(sample.archive()) == sample)
    }

    @Test("truncated at every byte")
    func truncation() {
        let archive = TarReading.sample().archive()
        for length in stride(from: 0, to: archive.count, by: 97) {
            #expect(throws: TarError.truncated) { try TarReading(Array(archive[..<length])) }
        }
        #expect(throws: TarError.truncated) { try TarReading(archive.dropLast()) }
    }

    @Test("every flipped bit outside of contents is found")
    func bitFlips() throws {
        var sample = TarReading()
        sample.add("é", [1, 2, 3], nanoseconds: 5)
        let archive = sample.archive()
        let contentOffset = archive.count - TarWriter.end.count - 512
        for offset in archive.indices where !(contentOffset..<contentOffset + 3).contains(offset) {
            // Of zeros between entries, one bit a byte is enough.
            let isZeros = offset >= contentOffset
            for bit in isZeros ? offset % 8..<offset % 8 + 1 : 0..<8 {
                var bytes = archive
                bytes[offset] ^= 1 << bit
                // The values in an extended header have no checksum.
                let isExtension = (512..<1024).contains(offset)
                // A header's checksum may be spelled with zeros or blanks before it.
                let isChecksum = (148..<156).contains(offset % 512)
                let reading = try? TarReading(bytes)
                #expect(reading == nil || isExtension || isChecksum && reading == sample)
            }
        }
    }

    @Test("what is wrong is named")
    func errors() throws {
        var sample = TarReading()
        sample.add("a", [1])
        let archive = sample.archive()
        #expect(throws: TarError.truncated) { try TarReading([]) }
        #expect(throws: TarError.checksum) {
            try TarReading([UInt8](repeating: 0x41, count: 512) + TarWriter.end)
        }
        #expect(throws: TarError.trailingGarbage) { try TarReading(archive + [1]) }
        #expect(throws: Never.self) {
            try TarReading(archive + [UInt8](repeating: 0, count: 10_000))
        }
        let oneEmptyBlock = Array(archive.dropLast(512))
        #expect(throws: TarError.truncated) { try TarReading(oneEmptyBlock) }
        #expect(throws: TarError.trailingGarbage) { try TarReading(oneEmptyBlock + archive) }
        var padded = archive
        padded[600] = 1
        #expect(throws: TarError.padding) { try TarReading(padded) }
    }

    @Test(
        "malformed fields are refused",
        arguments: [
            (124, "9"), (124, "00000000001x"), (108, "-1"), (136, "\u{1}"), (257, "USTAR"),
            (0, "\u{0}"),
        ])
    func malformedFields(offset: Int, text: String) {
        var header = TarWriter.header(
            for: TarEntry(name: [0x61], mode: 0, modified: RecordedTime(seconds: 0)))
        header.replaceSubrange(offset..<offset + text.utf8.count, with: Array(text.utf8))
        resign(&header)
        #expect(throws: TarError.invalidHeader) { try TarReading(header + TarWriter.end) }
    }

    @Test("content where none belongs, and sizes beyond 2^63, are refused")
    func sizes() {
        for type in UInt8(ascii: "1")...UInt8(ascii: "6") {
            var header = TarWriter.header(
                for: TarEntry(name: [0x61], size: 1, mode: 0, modified: RecordedTime(seconds: 0)))
            header[156] = type
            resign(&header)
            #expect(throws: TarError.invalidHeader) { try TarReading(header + TarWriter.end) }
        }
        for binary in [
            [0x80] + [UInt8](repeating: 0xFF, count: 11), [UInt8](repeating: 0xFF, count: 12),
        ] {
            var header = TarWriter.header(
                for: TarEntry(name: [0x61], mode: 0, modified: RecordedTime(seconds: 0)))
            header.replaceSubrange(124..<136, with: binary)
            resign(&header)
            #expect(throws: TarError.invalidHeader) { try TarReading(header + TarWriter.end) }
        }
    }

    @Test(
        "malformed extended headers are refused",
        arguments: [
            "8 path=a", "7 path=a\n", "8 path=a\n", "99 path=a\n", "path=a\n", "0 path=a\n",
            "010 path=a\n", "18446744073709551615 path=a\n", "9223372036854775807 path=a\n",
            "8 path=\n", "11 path=a\u{0}\n", "8 patha\n", "4 =\n", "11 size=-1\n",
            "10 mtime=\n", "12 mtime=1x\n", "14 mtime=1.2x\n", "15 mtime=1.2.3\n",
            "11 mtime=-\n", "9 path=a\nx",
        ])
    func malformedExtensions(records: String) {
        #expect(throws: TarError.invalidExtension) {
            try TarReading(extended(Array(records.utf8)))
        }
    }

    @Test("an extension that claims 4 GiB is refused before anything is kept")
    func hugeExtension() {
        for type in "xgLK".utf8 {
            let header = TarWriter.header(
                for: TarEntry(
                    name: [0x61], kind: .other(type), size: 1 << 32, mode: 0,
                    modified: RecordedTime(seconds: 0)))
            #expect(throws: TarError.invalidExtension) {
                try TarReading(Array(header.suffix(512)))
            }
        }
    }

    @Test("an extension that describes nothing, or the same twice, is refused")
    func danglingExtensions() {
        let one = extended(Array("11 path=ab\n".utf8), entry: [])
        #expect(throws: TarError.invalidExtension) { try TarReading(one) }
        let twice = Array(one.dropLast(TarWriter.end.count))
        #expect(throws: TarError.invalidExtension) { try TarReading(twice + one) }
    }

    @Test("sparse files are refused, since their content is not what their size says")
    func sparse() {
        #expect(throws: TarError.sparse) {
            try TarReading(extended(Array("22 GNU.sparse.major=1\n".utf8)))
        }
    }

    @Test("devices, FIFOs and unknown types are told, so that a caller can refuse them")
    func kinds() throws {
        var sample = TarReading()
        for kind in [
            TarEntryKind.characterDevice, .blockDevice, .fifo, .other(UInt8(ascii: "V")),
        ] {
            sample.add("name", kind: kind)
        }
        #expect(try TarReading(sample.archive()) == sample)
    }

    private func extended(_ records: [UInt8], entry: [UInt8]? = nil) -> [UInt8] {
        var header = TarWriter.header(
            for: TarEntry(
                name: [0x61], kind: .other(UInt8(ascii: "x")), size: UInt64(records.count), mode: 0,
                modified: RecordedTime(seconds: 0)))
        header += records
        header += [UInt8](
            repeating: 0, count: TarWriter.paddingLength(contentLength: UInt64(records.count)))
        let described = TarEntry(name: [0x62], mode: 0, modified: RecordedTime(seconds: 0))
        return header + (entry ?? TarWriter.header(for: described)) + TarWriter.end
    }

    private func resign(_ header: inout [UInt8]) {
        header.replaceSubrange(148..<156, with: Array("        ".utf8))
        let octal = String(header.reduce(0) { $0 + Int($1) }, radix: 8)
        let digits = String(repeating: "0", count: 6 - octal.utf8.count) + octal
        header.replaceSubrange(148..<156, with: Array("\(digits)\u{0} ".utf8))
    }
}
