import StoreCodecs
import StoreTestSupport
import Testing

/// Contents that pack well, badly, and not at all.
enum GzipSamples {
    static let empty: [UInt8] = []
    static let text = Array(
        String(repeating: "{\"name\": \"value\", \"count\": 12}\n", count: 50).utf8)

    static func random(count: Int, seed: UInt64 = 1) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        return generator.bytes(count: count)
    }

    /// Words in random order: about as compressible as JSON is.
    static func words(count: Int, seed: UInt64 = 2) -> [UInt8] {
        var generator = SeededGenerator(seed: seed)
        let words = ["\"character\": ", "1234567", "{\n", "},\n", "true", "\"Jita IV\"", "9.75"]
        var bytes: [UInt8] = []
        while bytes.count < count { bytes += Array(words.randomElement(using: &generator)!.utf8) }
        return Array(bytes.prefix(count))
    }

    /// In blocks, packed in the order given by `order`.
    static func packInBlocks(
        _ content: [UInt8], level: Int = 6, blockLength: Int = GzipBlockCompressor.blockLength,
        order: ([Int]) -> [Int] = { $0 }
    ) -> [UInt8] {
        let count = max(1, (content.count + blockLength - 1) / blockLength)
        var compressor = GzipBlockCompressor(level: level)
        var assembler = GzipBlockAssembler()
        var output: [UInt8] = []
        for index in order(Array(0..<count)) {
            let start = index * blockLength
            let end = min(start + blockLength, content.count)
            let dictionaryStart = max(0, start - GzipBlockCompressor.dictionaryLength)
            content.withUnsafeBytes {
                let block = compressor.pack(
                    UnsafeRawBufferPointer(rebasing: $0[start..<end]),
                    preceding: UnsafeRawBufferPointer(rebasing: $0[dictionaryStart..<start]),
                    isLast: index == count - 1)
                assembler.add(block, index: index, to: &output)
            }
        }
        #expect(assembler.isFinished)
        return output
    }
}

@Suite("gzip")
struct GzipTests {
    @Test("what is packed is unpacked, at every level", arguments: 1...9)
    func roundTrip(level: Int) throws {
        for content in [
            GzipSamples.empty, [0], GzipSamples.text, GzipSamples.random(count: 200_000),
            GzipSamples.words(count: 300_000), [UInt8](repeating: 0, count: 1_000_000),
        ] {
            let packed = GzipWriter.pack(content, level: level)
            #expect(try GzipReader.unpack(packed, requiresOwnHeader: true) == content)
            #expect(Array(packed[..<10]) == [0x1F, 0x8B, 8, 0, 0, 0, 0, 0, 0, 0xFF])
        }
    }

    @Test("pieces of any size, in and out, give the same bytes", arguments: [1, 2, 7, 1000, 65536])
    func pieces(size: Int) throws {
        let content = GzipSamples.words(count: 20_000)
        var writer = GzipWriter()
        var packed: [UInt8] = []
        for start in stride(from: 0, to: content.count, by: size) {
            content[start..<min(start + size, content.count)].withUnsafeBytes {
                writer.write($0, to: &packed)
            }
        }
        writer.finish(to: &packed)
        #expect(packed == GzipWriter.pack(content))

        for room in [1, 3, 5000] {
            #expect(try unpack(packed, inputSize: size, room: room) == content)
        }
    }

    @Test("a writer packs one member after the other")
    func reuse() throws {
        var writer = GzipWriter()
        var (first, second): ([UInt8], [UInt8]) = ([], [])
        GzipSamples.text.withUnsafeBytes { writer.write($0, to: &first) }
        writer.finish(to: &first)
        writer.finish(to: &second)
        #expect(first == GzipWriter.pack(GzipSamples.text))
        #expect(second == GzipWriter.pack([]))
    }

    @Test("all members are unpacked, empty ones too, however the bytes are cut")
    func members() throws {
        let packed =
            GzipWriter.pack(GzipSamples.text) + GzipWriter.pack([]) + GzipWriter.pack([1, 2, 3])
        let content = GzipSamples.text + [1, 2, 3]
        #expect(try GzipReader.unpack(packed) == content)
        for inputSize in [1, 3, 10] {
            #expect(try unpack(packed, inputSize: inputSize, room: 2) == content)
        }
    }

    @Test("truncated at every byte")
    func truncation() {
        let packed = GzipWriter.pack(GzipSamples.text)
        #expect(throws: GzipError.notGzip) { try GzipReader.unpack([]) }
        for length in 1..<packed.count {
            #expect(throws: GzipError.truncated) {
                try GzipReader.unpack(Array(packed[..<length]))
            }
            #expect(throws: GzipError.truncated) {
                try GzipReader.unpack(packed + packed[..<length])
            }
        }
    }

    @Test("every flipped bit of a member is found, but for the padding of its deflate data")
    func bitFlips() throws {
        for content in [[0x41], GzipSamples.text, GzipSamples.random(count: 300)] {
            let packed = GzipWriter.pack(content)
            var meaningless: [Int] = []
            for bit in 0..<packed.count * 8 {
                var bytes = packed
                bytes[bit / 8] ^= 1 << (bit % 8)
                guard let unpacked = try? GzipReader.unpack(bytes, requiresOwnHeader: true) else {
                    continue
                }
                #expect(unpacked == content)
                meaningless.append(bit / 8)
            }
            // Deflate fills up to a byte's border at its end, and before the length of stored data.
            #expect(meaningless.count <= 7)
            #expect(meaningless.allSatisfy { $0 == packed.count - 9 || $0 == 10 })
        }
    }

    @Test("every changed byte of a member is found")
    func changedBytes() throws {
        let packed = GzipWriter.pack(Array("small".utf8))
        for offset in packed.indices {
            for byte in UInt8.min...UInt8.max where byte != packed[offset] {
                var bytes = packed
                bytes[offset] = byte
                let unpacked = try? GzipReader.unpack(bytes, requiresOwnHeader: true)
                let isPadding = offset == packed.count - 9
                #expect(unpacked == nil || isPadding && unpacked == Array("small".utf8))
            }
        }
    }

    @Test("what is wrong is named")
    func errors() {
        let packed = GzipWriter.pack(GzipSamples.text)
        #expect(throws: GzipError.notGzip) { try GzipReader.unpack(Array("{}".utf8)) }
        #expect(throws: GzipError.trailingGarbage) { try GzipReader.unpack(packed + [0]) }
        #expect(throws: GzipError.trailingGarbage) { try GzipReader.unpack(packed + [0x1F, 0]) }
        var bytes = packed
        bytes[packed.count - 8] ^= 1
        #expect(throws: GzipError.badChecksum) { try GzipReader.unpack(bytes) }
        bytes = packed
        bytes[packed.count - 1] ^= 1
        #expect(throws: GzipError.badSize) { try GzipReader.unpack(bytes) }
        bytes = packed
        bytes[2] = 7
        #expect(throws: GzipError.corrupt) { try GzipReader.unpack(bytes) }
        bytes = packed
        bytes[3] = 0x20
        #expect(throws: GzipError.corrupt) { try GzipReader.unpack(bytes) }
        bytes = packed
        bytes[4] = 1
        #expect(throws: GzipError.corrupt) {
            try GzipReader.unpack(bytes, requiresOwnHeader: true)
        }
        #expect(throws: Never.self) { try GzipReader.unpack(bytes) }
    }

    @Test("a header with every optional part is read, and its checksum is checked")
    func fullHeader() throws {
        var header: [UInt8] = [0x1F, 0x8B, 8, 0b0001_1111, 1, 2, 3, 4, 2, 3]
        header += [5, 0] + [1, 2, 3, 4, 5] + Array("a name".utf8) + [0] + Array("note".utf8) + [0]
        let checksum = CRC32.of(header)
        header += [UInt8(checksum & 0xFF), UInt8(checksum >> 8 & 0xFF)]
        let packed = header + GzipWriter.pack(GzipSamples.text)[10...]
        #expect(try GzipReader.unpack(packed) == GzipSamples.text)
        for offset in 4..<header.count {
            var bytes = packed
            bytes[offset] ^= 0x10
            #expect(throws: GzipError.self) { try GzipReader.unpack(bytes) }
        }
        for length in 1..<header.count {
            #expect(throws: GzipError.truncated) {
                try GzipReader.unpack(Array(packed[..<length]))
            }
        }
    }

    @Test("a bomb of 1030:1 stops at the limit, in constant memory")
    func bomb() throws {
        let packed = GzipWriter.pack([UInt8](repeating: 0, count: 20_000_000), level: 9)
        #expect(20_000_000 / packed.count > 1000)
        #expect(throws: GzipError.tooLarge(limit: 1_000_000)) {
            try GzipReader.unpack(packed, limits: GzipLimits(maximumLength: 1_000_000))
        }
        let ratio = GzipLimits(maximumRatio: 100, lengthFreeOfRatio: 1_000_000)
        let error = #expect(throws: GzipError.self) {
            try GzipReader.unpack(packed, limits: ratio)
        }
        guard case .tooLarge(let limit)? = error else {
            Issue.record("unexpected \(String(describing: error))")
            return
        }
        #expect(limit <= 100 * UInt64(packed.count))
        #expect(
            throws: Never.self,
            performing: {
                try GzipReader.unpack(packed, limits: GzipLimits(maximumLength: 20_000_000))
            })
        let generous = GzipLimits(maximumRatio: 1032)
        #expect(try GzipReader.unpack(packed, limits: generous).count == 20_000_000)
    }

    private func unpack(_ packed: [UInt8], inputSize: Int, room: Int) throws -> [UInt8] {
        var reader = GzipReader()
        var content: [UInt8] = []
        let output = UnsafeMutableRawBufferPointer.allocate(byteCount: room, alignment: 1)
        defer { output.deallocate() }
        for start in stride(from: 0, to: packed.count, by: inputSize) {
            var piece = Array(packed[start..<min(start + inputSize, packed.count)])
            var isFull = false
            while !piece.isEmpty || isFull {
                let (consumed, produced) = try piece.withUnsafeBytes {
                    try reader.read($0, into: output)
                }
                content += output[..<produced]
                piece.removeFirst(consumed)
                isFull = produced == room
            }
        }
        try reader.finish()
        #expect(reader.packedLength == UInt64(packed.count))
        #expect(reader.contentLength == UInt64(content.count))
        return content
    }
}

@Suite("gzip in blocks")
struct GzipBlockTests {
    static let lengths = [0, 1, 131_071, 131_072, 131_073, 600_000]

    @Test("blocks packed in any order make one member", arguments: lengths)
    func anyOrder(length: Int) throws {
        let content = GzipSamples.words(count: length)
        let inOrder = GzipSamples.packInBlocks(content)
        #expect(try GzipReader.unpack(inOrder, requiresOwnHeader: true) == content)
        let reversed = GzipSamples.packInBlocks(content) { $0.reversed() }
        #expect(reversed == inOrder)
        let shuffled = GzipSamples.packInBlocks(content) {
            var generator = SeededGenerator(seed: 3)
            return $0.shuffled(using: &generator)
        }
        #expect(shuffled == inOrder)
    }

    @Test("blocks cost less than two per cent")
    func size() {
        let content = GzipSamples.words(count: 2_000_000)
        let whole = GzipWriter.pack(content).count
        let blocks = GzipSamples.packInBlocks(content).count
        #expect(Double(blocks) < Double(whole) * 1.02)
    }

    @Test("small blocks of what does not pack", arguments: [1, 2, 100])
    func smallBlocks(blockLength: Int) throws {
        let content = GzipSamples.random(count: 500)
        let packed = GzipSamples.packInBlocks(content, blockLength: blockLength)
        #expect(try GzipReader.unpack(packed) == content)
    }

    @Test("a block is held to its content, whatever bit of it flips", arguments: [false, true])
    func blockChecks(isLast: Bool) {
        let bytes = GzipSamples.words(count: 3000)
        let (preceding, content) = (Array(bytes[..<1700]), Array(bytes[1700...]))
        var compressor = GzipBlockCompressor()
        let block = content.withUnsafeBytes { content in
            preceding.withUnsafeBytes {
                compressor.pack(content, preceding: $0, isLast: isLast)
            }
        }
        var checker = GzipBlockChecker()
        func holds(_ block: GzipBlock, _ content: [UInt8], _ preceding: [UInt8]) -> Bool {
            content.withUnsafeBytes { content in
                preceding.withUnsafeBytes {
                    checker.holds(block, content: content, preceding: $0)
                }
            }
        }
        let isHeld = holds(block, content, preceding)
        let isHeldBehindOther = holds(block, content, content)
        let isHeldToLess = holds(block, Array(content.dropLast()), preceding)
        var cut = block
        cut.packed.removeLast()
        let isHeldWhenCut = holds(cut, content, preceding)
        #expect(isHeld && !isHeldBehindOther && !isHeldToLess && !isHeldWhenCut)
        var unnoticed = 0
        for bit in 0..<block.packed.count * 8 {
            var damaged = block
            damaged.packed[bit / 8] ^= 1 << UInt8(bit % 8)
            if holds(damaged, content, preceding) { unnoticed += 1 }
        }
        // The bits that fill the last byte mean nothing.
        #expect(unnoticed < 8)
    }
}
