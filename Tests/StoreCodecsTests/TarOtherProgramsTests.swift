import StoreCodecs
import Testing

@Suite("tar and other programs")
struct TarOtherProgramsTests {
    /// Files, folders and links with awkward names, extracted and packed again by other programs.
    let sample = TarReading.sample()

    @Test("GNU tar extracts what is written here", .enabled(if: OtherProgram.exists("tar")))
    func extractedByTar() throws {
        let tar = try #require(OtherProgram("tar"))
        let folder = try TemporaryFolder()
        try folder.write(sample.archive(), to: "a.tar")
        let listed = try tar.run(["-tf", "a.tar", "--quoting-style=literal"], in: folder)
        #expect(listed.status == 0 && listed.errors.isEmpty, "\(listed.errors)")
        #expect(listed.output == sample.entries.flatMap { $0.name + [0x0A] })
        let extracted = try tar.run(["-xpf", "a.tar"], in: folder)
        #expect(extracted.status == 0 && extracted.errors.isEmpty, "\(extracted.errors)")
        for (entry, content) in zip(sample.entries, sample.contents) where entry.kind == .file {
            let name = String(decoding: entry.name, as: UTF8.self)
            #expect(try folder.read(name) == content)
        }
        let compared = try tar.run(["-df", "a.tar"], in: folder)
        #expect(compared.status == 0 || compared.errors.isEmpty, "\(compared.errors)")
    }

    @Test(
        "Python's tarfile reads every field of what is written here",
        .enabled(if: OtherProgram.exists("python3")))
    func readByPython() throws {
        let python = try #require(OtherProgram("python3"))
        let folder = try TemporaryFolder()
        try folder.write(sample.archive(), to: "a.tar")
        let script = """
            import tarfile
            for m in tarfile.open("a.tar", encoding="utf-8", errors="surrogateescape"):
                name = m.name.encode("utf-8", "surrogateescape").hex()
                link = m.linkname.encode("utf-8", "surrogateescape").hex()
                content = tarfile.open("a.tar").extractfile(m).read().hex() if m.isreg() else ""
                print(m.type.decode(), name, m.size, oct(m.mode)[2:], round(m.mtime, 4), link, content)
            """
        let result = try python.run(["-c", script], in: folder)
        #expect(result.status == 0, "\(result.errors)")
        let lines = String(decoding: result.output, as: UTF8.self).split(separator: "\n")
        #expect(lines.count == sample.entries.count)
        for (line, (entry, content)) in zip(lines, zip(sample.entries, sample.contents)) {
            let fields = line.split(separator: " ", omittingEmptySubsequences: false)
            let name = entry.name.last == 0x2F ? Array(entry.name.dropLast()) : entry.name
            #expect(fields[1] == Hexadecimal.encode(name))
            #expect(fields[2] == "\(entry.size)")
            #expect(fields[3] == String(entry.mode, radix: 8))
            #expect(fields[4].hasPrefix("1700000000"))
            #expect(fields[5] == Hexadecimal.encode(entry.linkTarget))
            #expect(fields[6] == Hexadecimal.encode(content))
        }
    }

    @Test(
        "what GNU tar packs is read, in each of its formats",
        .enabled(if: OtherProgram.exists("tar")),
        arguments: ["gnu", "pax", "ustar", "v7", "oldgnu"])
    func packedByTar(format: String) throws {
        let tar = try #require(OtherProgram("tar"))
        let folder = try TemporaryFolder()
        // Seventh Edition has no room for long names, ustar for some.
        let length = format == "v7" ? 90 : 100
        let name = String(repeating: "x", count: format == "gnu" || format == "pax" ? 180 : length)
        let content = [UInt8]("content".utf8)
        try folder.write(content, to: name)
        try folder.write([], to: "empty")
        let packed = try tar.run(
            [
                "-cf", "a.tar", "--format=\(format)", "--mtime=2024-01-02T03:04:05.5Z", "--", name,
                "empty",
            ],
            in: folder)
        #expect(packed.status == 0, "\(packed.errors)")
        let reading = try TarReading(try folder.read("a.tar"))
        #expect(reading.entries.map(\.name) == [Array(name.utf8), Array("empty".utf8)])
        #expect(reading.contents == [content, []])
        let nanoseconds: Int32 = format == "pax" ? 500_000_000 : 0
        let expected = RecordedTime(seconds: 1_704_164_645, nanoseconds: nanoseconds)
        #expect(reading.entries.map(\.modified) == [expected, expected])
    }

    @Test(
        "what Python's tarfile packs is read, in each of its formats",
        .enabled(if: OtherProgram.exists("python3")), arguments: ["USTAR", "GNU", "PAX"])
    func packedByPython(format: String) throws {
        let python = try #require(OtherProgram("python3"))
        let folder = try TemporaryFolder()
        let script = """
            import tarfile, io
            with tarfile.open("a.tar", "w", format=tarfile.\(format)_FORMAT) as t:
                for name in ["short", "d/" * 40 + "n" * 90, "é"]:
                    m = tarfile.TarInfo(name)
                    m.size, m.mtime, m.uid = 5, 12345, 99
                    t.addfile(m, io.BytesIO(b"hello"))
                m = tarfile.TarInfo("link")
                m.type, m.linkname = tarfile.SYMTYPE, "l" * 99
                t.addfile(m)
            """
        let result = try python.run(["-c", script], in: folder)
        #expect(result.status == 0, "\(result.errors)")
        let reading = try TarReading(try folder.read("a.tar"))
        let names = [
            "short", String(repeating: "d/", count: 40) + String(repeating: "n", count: 90),
        ]
        #expect(reading.entries.map(\.name) == (names + ["é", "link"]).map { Array($0.utf8) })
        #expect(reading.contents.prefix(3).allSatisfy { $0 == Array("hello".utf8) })
        #expect(reading.entries[0].user == 99)
        #expect(reading.entries[3].kind == .symbolicLink)
        #expect(reading.entries[3].linkTarget == [UInt8](repeating: 0x6C, count: 99))
    }
}
