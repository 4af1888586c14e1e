internal import StoreCodecs
internal import StoreFiles

/// Packs a stream into one gzip member, many blocks at a time on all processors, in constant memory.
/// The packing goes on while the caller gets more content, hashes and writes: two batches at a time, so
/// that at the end of one no processor waits for another.
///
/// What comes out depends on the content and the level alone: neither on the threads nor on how the
/// content was cut into pieces.
struct BlockGzipWriter {
    /// How many blocks are packed together: enough for the threads to share evenly.
    private static let blocksTogether = 32
    private static let lengthTogether = blocksTogether * GzipBlockCompressor.blockLength
    private static let batchesAtOnce = 2

    private let level: Int
    private let threads: Int
    private let checksBlocks: Bool
    private var assembler = GzipBlockAssembler()
    private var nextBlock = 0
    /// What came last before the bytes that wait, for references into it, and then those bytes.
    private var window: [UInt8] = []
    private var dictionaryLength = 0
    /// Oldest first.
    private var running: [BackgroundWork<[PackedBlock]>] = []
    private var contentLength: UInt64 = 0
    private var packedLength: UInt64 = 0

    private struct PackedBlock: Sendable {
        var block: GzipBlock
        var isSound: Bool
    }

    /// Every block that came out has been unpacked again and was what had been packed; true where
    /// blocks are not checked.
    private(set) var isSound = true
    /// A reader with the usual limits may refuse what has come out so far.
    private(set) var looksLikeABomb = false

    /// - Parameters:
    ///   - level: 1 (fast) to 9 (small).
    ///   - checksBlocks: unpack each block again, right after it was packed.
    init(level: Int, checksBlocks: Bool = false, threads: Int = WorkerThreads.processorCount) {
        self.level = level
        self.checksBlocks = checksBlocks
        self.threads = threads
    }

    private var waitingLength: Int { window.count - dictionaryLength }

    /// Takes content and appends what has been packed by now, which may be nothing yet.
    mutating func write(_ content: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        var rest = content
        while !rest.isEmpty {
            // The last block must be known as such: so one byte more than is packed must be there.
            if waitingLength > Self.lengthTogether - 1 {
                if running.count == Self.batchesAtOnce {
                    add(running.removeFirst().result(), to: &output)
                }
                let batch = takeBatch(isLast: false)
                running.append(BackgroundWork { batch.packed() })
            }
            let step = rest.prefix(Self.lengthTogether - waitingLength)
            window.append(contentsOf: step)
            rest = UnsafeRawBufferPointer(rebasing: rest[step.endIndex...])
        }
    }

    /// Appends the rest of the member.
    mutating func finish(to output: inout [UInt8]) {
        let last = takeBatch(isLast: true).packed()
        for batch in running { add(batch.result(), to: &output) }
        running = []
        add(last, to: &output)
    }

    private mutating func takeBatch(isLast: Bool) -> Batch {
        let batch = Batch(
            window: window, start: dictionaryLength, level: level, checks: checksBlocks,
            threads: threads, isLast: isLast)
        dictionaryLength = min(window.count, GzipBlockCompressor.dictionaryLength)
        var next: [UInt8] = []
        if !isLast {
            next.reserveCapacity(dictionaryLength + Self.lengthTogether)
            next.append(contentsOf: window.suffix(dictionaryLength))
        }
        window = next
        return batch
    }

    private mutating func add(_ blocks: [PackedBlock], to output: inout [UInt8]) {
        for packed in blocks {
            let packedBefore = packedLength
            let start = output.count
            assembler.add(packed.block, index: nextBlock, to: &output)
            nextBlock += 1
            packedLength += UInt64(output.count - start)
            contentLength += UInt64(packed.block.length)
            // A reader that has the block's first bytes alone may have all of its content.
            if PackedDocument.isBomb(contentLength: contentLength, packedLength: packedBefore) {
                looksLikeABomb = true
            }
            isSound = isSound && packed.isSound
        }
    }

    /// Blocks that are packed together.
    private struct Batch: Sendable {
        /// What precedes the blocks, and then their content.
        var window: [UInt8]
        /// Where the content begins.
        var start: Int
        var level: Int
        var checks: Bool
        var threads: Int
        var isLast: Bool

        func packed() -> [PackedBlock] {
            let length = GzipBlockCompressor.blockLength
            let count = max(1, (window.count - start + length - 1) / length)
            return WorkerThreads.map(
                Array(0..<count), threads: threads,
                state: { Tools(compressor: GzipBlockCompressor(level: level)) }
            ) { tools, index in
                window.withUnsafeBytes { bytes in
                    let from = start + index * length
                    let to = min(from + length, bytes.count)
                    return tools.pack(
                        UnsafeRawBufferPointer(rebasing: bytes[from..<to]),
                        preceding: UnsafeRawBufferPointer(rebasing: bytes[..<from]),
                        isLast: isLast && index == count - 1, checks: checks)
                }
            }
        }
    }

    /// What one thread needs.
    private struct Tools: ~Copyable {
        var compressor: GzipBlockCompressor
        var checker = GzipBlockChecker()

        init(compressor: consuming GzipBlockCompressor) { self.compressor = compressor }

        mutating func pack(
            _ content: UnsafeRawBufferPointer, preceding: UnsafeRawBufferPointer, isLast: Bool,
            checks: Bool
        ) -> PackedBlock {
            let block = compressor.pack(content, preceding: preceding, isLast: isLast)
            return PackedBlock(
                block: block,
                isSound: !checks || checker.holds(block, content: content, preceding: preceding))
        }
    }
}
