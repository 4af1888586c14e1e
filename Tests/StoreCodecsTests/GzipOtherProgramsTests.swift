import StoreCodecs
import Testing

@Suite("gzip and other programs")
struct GzipOtherProgramsTests {
    static let contents: [[UInt8]] = [
        GzipSamples.empty, GzipSamples.text, GzipSamples.random(count: 100_000),
        GzipSamples.words(count: 500_000),
    ]

    /// Each content packed as a whole, in blocks, and as two members.
    static var packed: [(packed: [UInt8], content: [UInt8])] {
        contents.flatMap { content in
            [
                (GzipWriter.pack(content), content),
                (GzipSamples.packInBlocks(content), content),
                (
                    GzipWriter.pack(content, level: 1) + GzipWriter.pack(content, level: 9),
                    content + content
                ),
            ]
        }
    }

    @Test("gzip -t and zcat accept what is packed here", .enabled(if: OtherProgram.exists("gzip")))
    func gzip() throws {
        let gzip = try #require(OtherProgram("gzip"))
        let folder = try TemporaryFolder()
        for (packed, content) in Self.packed {
            try folder.write(packed, to: "a.gz")
            let test = try gzip.run(["-t", "a.gz"], in: folder)
            #expect(test.status == 0 && test.errors.isEmpty)
            let unpacked = try gzip.run(["-dc"], input: packed, in: folder)
            #expect(unpacked.status == 0)
            #expect(unpacked.output == content)
            if let zcat = OtherProgram("zcat") {
                #expect(try zcat.run(["a.gz"], in: folder).output == content)
            }
        }
    }

    @Test(
        "what gzip packs, with a name and a time, is unpacked",
        .enabled(if: OtherProgram.exists("gzip")))
    func fromGzip() throws {
        let gzip = try #require(OtherProgram("gzip"))
        let folder = try TemporaryFolder()
        for content in Self.contents {
            try folder.write(content, to: "document.json")
            let packed = try gzip.run(["-9c", "document.json"], in: folder).output
            #expect(try GzipReader.unpack(packed) == content)
        }
    }

    @Test(
        "Python's gzip accepts what is packed here",
        .enabled(if: OtherProgram.exists("python3")))
    func python() throws {
        let python = try #require(OtherProgram("python3"))
        let folder = try TemporaryFolder()
        let script = """
            import gzip, sys
            sys.stdout.buffer.write(gzip.decompress(sys.stdin.buffer.read()))
            """
        for (packed, content) in Self.packed {
            let result = try python.run(["-c", script], input: packed, in: folder)
            #expect(result.status == 0, "\(result.errors)")
            #expect(result.output == content)
        }
    }
}
