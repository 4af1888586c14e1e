internal import CanIFlyStore
internal import StoreCodecs
internal import StoreFiles

/// Measures one thing after the other.
struct Bench {
    private let scratch: String
    private let system: any SystemCalls
    private(set) var measurements: [Measurement] = []

    /// Of what checksums and compression are tried on, in bytes.
    private static let sampleLength = 8 << 20
    /// How often something is done that goes to the disk.
    private static let syncs = 16
    private static let seriesLength = 2000

    init(scratch: String, system: any SystemCalls) {
        self.scratch = scratch
        self.system = system
    }

    mutating func run() throws(StoreError) {
        try measureSyncs()
        measureChecksums()
        measureGzip()
        try measureStore()
    }

    /// JSON as an application writes it: records that resemble each other and numbers that do not.
    private static let sample: [UInt8] = {
        var bytes: [UInt8] = []
        bytes.reserveCapacity(sampleLength + 256)
        var state: UInt64 = 1
        while bytes.count < sampleLength {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            bytes += Array(
                "{\"id\": \(state >> 40), \"name\": \"item \(state >> 55)\", \"active\": true},\n"
                    .utf8)
        }
        return bytes
    }()

    private mutating func measureSyncs() throws(StoreError) {
        let system = system
        do throws(Errno) {
            let folder = try Directory(at: scratch, system)
            let file = try system.openOwned(
                "sync", in: folder.descriptor, [.read, .write, .create])
            let block = [UInt8](repeating: 1, count: 4096)
            try measure("write 4 KiB and sync", count: Self.syncs) { index throws(Errno) in
                try system.writeAll(file.descriptor, block, at: Int64(index) * 4096)
                try system.synchronizeData(file.descriptor)
            }
            try measure("replace a file durably", count: Self.syncs) { _ throws(Errno) in
                var expected = ExpectedDocument.absent
                if let status = try? system.status(of: "replaced", in: folder.descriptor) {
                    expected = .present(status)
                }
                do throws(PublishError) {
                    try system.replaceDurably(
                        "replaced", in: folder.descriptor, contents: block, expecting: expected)
                } catch {
                    if case .system(_, let cause) = error { throw cause }
                    throw .busy
                }
            }
        } catch {
            throw failed(error)
        }
    }

    private mutating func measureChecksums() {
        let sample = Self.sample
        measureBytes("SHA-256") { _ = Digest.of(sample) }
        measureBytes("CRC-32") { _ = CRC32.of(sample) }
    }

    private mutating func measureGzip() {
        let sample = Self.sample
        for level in [1, 6, 9] {
            var packed = 0
            measureBytes("gzip level \(level), all processors") {
                packed = PackedDocument.pack(sample, level: level).count
            }
            measurements[measurements.count - 1].packedBytes = packed
        }
        let packed = PackedDocument.pack(sample)
        measureBytes("gunzip") { _ = try? GzipReader.unpack(packed) }
    }

    private mutating func measureStore() throws(StoreError) {
        let store = try Store.open(at: scratch, system: system)
        let options = WriteOptions(command: "bench")
        _ = try store.initialize(profile: .named("generic"), options)
        var number = 0
        try measure("take and release the lock", count: Self.syncs) { _ throws(StoreError) in
            try store.recover(options)
        }
        try measure("a transaction of one document", count: Self.syncs) {
            _ throws(StoreError) in
            number += 1
            _ = try store.put(
                PutRequest(
                    document: try documentPath("bench.json"), bytes: Array("[\(number)]".utf8)),
                options)
        }
        try measureSeries(store, options)
        try measure("a transaction of 100 documents", count: 2) { _ throws(StoreError) in
            number += 1
            var operations: [(line: Int, operation: StoreOperation)] = []
            for index in 1...100 {
                operations.append(
                    (
                        index,
                        .put(
                            PutRequest(
                                document: try documentPath("bench \(index).json"),
                                bytes: Array("[\(number)]".utf8)))
                    ))
            }
            _ = try store.apply(operations, options)
        }
    }

    /// Of 4 KiB each, durable in the log; with the time that writing the document takes at the end.
    private mutating func measureSeries(
        _ store: Store, _ options: WriteOptions
    ) throws(StoreError) {
        let document = try documentPath("bench.txt")
        let count = Self.seriesLength
        let begun = system.monotonicNanoseconds()
        try store.withSeries(options, limits: .init()) {
            (series: inout TransactionSeries) throws(StoreError) in
            for number in 0..<count {
                var bytes = [UInt8](repeating: UInt8(ascii: "x"), count: 4096)
                bytes.replaceSubrange(0..<8, with: String(10_000_000 + number).utf8)
                _ = try series.put(PutRequest(document: document, bytes: bytes))
            }
        }
        measurements.append(
            Measurement(
                name: "a transaction of a series", count: count, bytes: 0,
                nanoseconds: system.monotonicNanoseconds() &- begun))
    }

    // MARK: Taking the time

    private mutating func measure<Failure: Error>(
        _ name: String, count: Int, _ body: (Int) throws(Failure) -> Void
    ) throws(Failure) {
        let begun = system.monotonicNanoseconds()
        for index in 0..<count { try body(index) }
        measurements.append(
            Measurement(
                name: name, count: count, bytes: 0,
                nanoseconds: system.monotonicNanoseconds() &- begun))
    }

    private mutating func measureBytes(_ name: String, _ body: () -> Void) {
        let begun = system.monotonicNanoseconds()
        body()
        measurements.append(
            Measurement(
                name: name, count: 1, bytes: Int64(Self.sample.count),
                nanoseconds: system.monotonicNanoseconds() &- begun))
    }

    private func failed(_ error: Errno) -> StoreError {
        StoreError(
            .inputOutput, code: "input-output",
            "the scratch directory cannot be used: \(error.description)",
            hint: "name another with --directory", cause: error)
    }
}
