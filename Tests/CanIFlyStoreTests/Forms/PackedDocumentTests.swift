import CanIFlyStore
import StoreCodecs
import StoreFiles
import StoreTestSupport
import Testing

@Suite("Packed documents")
struct PackedDocumentTests {
    private static let text =
        "["
        + (0..<2000).map { "{\"id\": \($0), \"name\": \"name \($0 * 7919 % 1000)\"}" }
        .joined(separator: ",\n") + "]\n"

    @Test("are written by put, and read by either name")
    func putAndGet() throws {
        let store = try FormStore()
        let report = try store.put("a.json", Self.text, packs: true)
        #expect(report.changes.map(\.document.text) == ["a.json.gz"])
        #expect(store.bytes("a.json") == nil)
        let packed = try #require(store.bytes("a.json.gz"))
        #expect(packed.count < Self.text.utf8.count / 4)
        #expect(try GzipReader.unpack(packed) == Array(Self.text.utf8))
        #expect(try store.get("a.json") == Self.text)
        #expect(try store.store.content(of: store.path("a.json.gz")) == packed)
        #expect(try store.findings(isDeep: true).isEmpty)
        #expect(try store.store.list(patterns: ["a.json"]).map(\.document.text) == ["a.json.gz"])
        var request = VerifyRequest()
        request.documents = [store.path("a.json")]
        #expect(try store.store.verify(request).documents == 1)
    }

    @Test("take the place of the plain document, with its mode")
    func packExisting() throws {
        let store = try FormStore(["a.json": "[1]"])
        try store.put("a.json", "[2]", packs: true)
        #expect(store.bytes("a.json") == nil)
        #expect(try store.get("a.json") == "[2]")
        #expect(try store.store.list(patterns: []).map(\.mode?.bits) == [0o644])
        #expect(try store.get("a.json", at: 2) == "[2]")
    }

    @Test("stay packed when they are written, patched and deleted by their plain name")
    func stayPacked() throws {
        let store = try FormStore()
        try store.put("a.json", "{\"a\": 1}", packs: true)
        try store.patch("a.json", "[{\"op\":\"add\",\"path\":\"/b\",\"value\":2}]")
        #expect(store.bytes("a.json") == nil)
        #expect(try store.get("a.json") == "{\"a\": 1, \"b\": 2}")
        try store.put("a.json", "{\"c\": 3}")
        #expect(store.bytes("a.json") == nil)
        #expect(try store.get("a.json", at: 1) == "{\"a\": 1}")
        #expect(try store.get("a.json") == "{\"c\": 3}")
        _ = try store.store.delete([store.path("a.json")], WriteOptions(command: "delete"))
        #expect(store.bytes("a.json.gz") == nil)
        #expect(try store.store.history(of: store.path("a.json")).count == 4)
    }

    @Test("can be sealed as well")
    func sealedAndPacked() throws {
        let store = try FormStore()
        try store.put("a.json", "{\"a\": 1}", seals: true, packs: true)
        try store.patch("a.json", "[{\"op\":\"replace\",\"path\":\"/data/a\",\"value\":2}]")
        guard case .sealed(let seal) = SealScanner.judge(Array(try store.get("a.json").utf8)) else {
            Issue.record("not sealed any more")
            return
        }
        #expect(seal.isIntact && seal.statedChecksum != nil)
        #expect(store.bytes("a.json.gz") != nil)
    }

    @Test("are what --if-match takes by the digest of either form")
    func preconditions() throws {
        let store = try FormStore()
        try store.put("a.json", "[1]", packs: true)
        let packed = Digest.of(try #require(store.bytes("a.json.gz")))
        for digest in [packed, Digest.of(Array("[1]".utf8))] {
            var request = PutRequest(document: store.path("a.json"), bytes: Array("[1]".utf8))
            request.precondition = .digest(digest)
            _ = try store.store.put(request, WriteOptions(command: "put"))
        }
        var request = PutRequest(document: store.path("a.json"), bytes: Array("[2]".utf8))
        request.precondition = .absent
        #expect(
            store.code { _ = try store.store.put(request, WriteOptions(command: "put")) }
                == "precondition-failed")
    }

    @Test("are refused where the application reads the plain name")
    func notPackable() throws {
        let fixture = ScratchDirectory()
        let store = try Store.open(at: fixture.path, system: LinuxSystemCalls())
        _ = try store.initialize(profile: .named("canifly"), WriteOptions(command: "init"))
        var request = PutRequest(
            document: StorePath(unchecked: "config.json"), bytes: Array("{}".utf8))
        request.packs = true
        #expect(throws: StoreError.self) {
            try store.put(request, WriteOptions(command: "put"))
        }
        #expect(try store.list(patterns: []).isEmpty)
    }

    @Test("of several members are read whole")
    func severalMembers() throws {
        let store = try FormStore()
        store.place(
            "a.json.gz", GzipWriter.pack(Array("[1,".utf8)) + GzipWriter.pack(Array("2]".utf8)))
        #expect(try store.get("a.json") == "[1,2]")
        #expect(try !store.findings(isDeep: true).contains { $0.severity == .error })
    }

    @Test("tell a flip of every byte")
    func everyFlip() throws {
        let store = try FormStore()
        try store.put(
            "a.json", "{\"a\": [1, 2, 3], \"b\": \"some text, some text, some text\"}", packs: true)
        let packed = try #require(store.bytes("a.json.gz"))
        for index in packed.indices {
            var damaged = packed
            damaged[index] ^= 1 << UInt8(index % 8)
            store.place("a.json.gz", damaged)
            #expect(try store.findings().contains { $0.document == "a.json.gz" }, "byte \(index)")
            // The header's time, level and system protect nothing but themselves.
            if (4...9).contains(index) { continue }
            #expect(store.code { _ = try store.get("a.json") } != nil, "byte \(index)")
        }
    }

    @Test("with something behind them, cut short, or of nothing are corrupt")
    func corrupt() throws {
        let store = try FormStore()
        let packed = GzipWriter.pack(Array("[1]".utf8))
        for bytes in [packed + [1], Array(packed.dropLast()), [], Array("[1]".utf8)] {
            store.place("a.json.gz", bytes)
            #expect(store.code { _ = try store.get("a.json") } == "gzip-corrupt")
            #expect(try store.findings().contains { $0.code == .gzipCorrupt })
        }
    }

    @Test("that are bombs are refused without unpacking them")
    func bomb() throws {
        // 1 GiB of zeros, of which no more than the limit may ever be made.
        var bomb: [UInt8] = []
        var writer = GzipWriter(level: 9)
        let zeros = [UInt8](repeating: 0, count: 1 << 20)
        for _ in 0..<1024 { zeros.withUnsafeBytes { writer.write($0, to: &bomb) } }
        writer.finish(to: &bomb)
        #expect(bomb.count < 1_100_000)
        let store = try FormStore()
        store.place("a.json.gz", bomb)
        #expect(store.code { _ = try store.get("a.json") } == "gzip-bomb")
        #expect(try store.findings().contains { $0.code == .gzipBomb && $0.severity == .error })
    }

    @Test("beside the plain document are reported, and the plain one counts")
    func packedTwice() throws {
        let store = try FormStore(["a.json": "[1]"])
        store.place("a.json.gz", GzipWriter.pack(Array("[2]".utf8)))
        #expect(try store.get("a.json") == "[1]")
        #expect(try store.findings().contains { $0.code == .packedTwice })
    }

    @Test("hold other content than they should are found by it")
    func contentIsChecked() throws {
        let store = try FormStore()
        store.place("a.json.gz", GzipWriter.pack(Array("[1,".utf8)))
        #expect(
            try store.findings().contains { $0.code == .jsonTruncated && $0.document == "a.json" })
        #expect(
            store.code {
                _ = try store.store.put(
                    PutRequest(
                        document: store.path("b.json.gz"),
                        bytes: GzipWriter.pack(Array("[1,".utf8))),
                    WriteOptions(command: "put"))
            } == "json-truncated")
    }
}
