/// A piece of a gzip member, packed by itself.
public struct GzipBlock: Sendable {
    /// Deflate data that ends at a byte's border.
    package var packed: [UInt8]
    /// Of the content.
    let checksum: UInt32
    /// Of the content, in bytes.
    package let length: Int
    let isLast: Bool
}

/// Packs the blocks of one gzip member independently of each other, so that several threads can
/// work on it, each with a compressor of its own.
///
/// A block refers into the 32 KiB before it, which it gets as a dictionary; it ends with an empty
/// stored block, which brings it to a byte's border. What comes out depends on the blocks' borders
/// and the level alone, not on the threads.
public struct GzipBlockCompressor: ~Copyable {
    /// How long a block's content should be, in bytes.
    public static let blockLength = 128 * 1024
    /// How much of what precedes a block can be of use, in bytes.
    public static let dictionaryLength = 32 * 1024

    private var deflater: Deflater

    /// `level` is 1 (fast) to 9 (small).
    public init(level: Int = 6) {
        deflater = Deflater(level: level)
    }

    /// Packs one block. `preceding` is what comes right before it in the content: at least 32 KiB,
    /// or all there is; only the last 32 KiB are used.
    public mutating func pack(
        _ content: UnsafeRawBufferPointer, preceding: UnsafeRawBufferPointer, isLast: Bool
    ) -> GzipBlock {
        deflater.reset()
        let dictionary = preceding.suffix(Self.dictionaryLength)
        deflater.setDictionary(UnsafeRawBufferPointer(rebasing: dictionary))
        var packed: [UInt8] = []
        deflater.deflate(content, flush: isLast ? .finish : .sync, to: &packed)
        return GzipBlock(
            packed: packed, checksum: CRC32.of(content), length: content.count, isLast: isLast)
    }
}

/// Unpacks packed blocks again, each right after it was packed and lies in the processor's cache, and
/// compares them with their content.
public struct GzipBlockChecker: ~Copyable {
    private var inflater = Inflater()
    /// One byte more than a block's content, so that a longer one shows.
    private let room = UnsafeMutableRawBufferPointer.allocate(
        byteCount: GzipBlockCompressor.blockLength + 1, alignment: 16)

    public init() {}

    deinit { room.deallocate() }

    /// Whether `block` unpacks to just this content behind what precedes it; both as they were given
    /// to `GzipBlockCompressor.pack`, the content no longer than `GzipBlockCompressor.blockLength`.
    public mutating func holds(
        _ block: GzipBlock, content: UnsafeRawBufferPointer, preceding: UnsafeRawBufferPointer
    ) -> Bool {
        inflater.reset()
        let dictionary = preceding.suffix(GzipBlockCompressor.dictionaryLength)
        inflater.setDictionary(UnsafeRawBufferPointer(rebasing: dictionary))
        return block.packed.withUnsafeBytes { packed in
            guard let step = try? inflater.inflate(packed, into: room),
                step.consumed == packed.count, step.produced == content.count,
                block.isLast ? step.isEnd : !step.isEnd && step.isBetweenBlocks
            else { return false }
            return Self.areEqual(content, UnsafeRawBufferPointer(room))
        }
    }

    /// Compares as many bytes as `content` has, eight at a time and without stopping at the first
    /// difference: there mostly is none.
    private static func areEqual(
        _ content: UnsafeRawBufferPointer, _ other: UnsafeRawBufferPointer
    ) -> Bool {
        var difference: UInt64 = 0
        let wholeWords = content.count & ~7
        var index = 0
        while index < wholeWords {
            difference |=
                content.loadUnaligned(fromByteOffset: index, as: UInt64.self)
                ^ other.loadUnaligned(fromByteOffset: index, as: UInt64.self)
            index += 8
        }
        while index < content.count {
            difference |= UInt64(content[index] ^ other[index])
            index += 1
        }
        return difference == 0
    }
}

/// Puts packed blocks together to one gzip member, in the order of their indices, in whatever order
/// they come.
public struct GzipBlockAssembler: Sendable {
    private var waiting: [Int: GzipBlock] = [:]
    private var nextIndex = 0
    private var checksum: UInt32 = 0
    private var length: UInt64 = 0

    /// Whether the last block and all before it have been appended.
    public private(set) var isFinished = false

    /// How many blocks wait for one before them.
    public var waitingCount: Int { waiting.count }

    public init() {}

    /// Takes the block with this index, counted from 0, and appends every block whose turn has
    /// come, with the member's header before the first and its trailer behind the last.
    public mutating func add(_ block: GzipBlock, index: Int, to output: inout [UInt8]) {
        precondition(!isFinished && index >= nextIndex && waiting[index] == nil)
        waiting[index] = block
        while let block = waiting.removeValue(forKey: nextIndex) {
            if nextIndex == 0 { output += GzipFormat.header }
            output += block.packed
            checksum = CRC32.combine(checksum, block.checksum, secondLength: block.length)
            length += UInt64(block.length)
            nextIndex += 1
            if block.isLast {
                precondition(waiting.isEmpty)
                output += GzipFormat.trailer(checksum: checksum, length: length)
                isFinished = true
            }
        }
    }
}
