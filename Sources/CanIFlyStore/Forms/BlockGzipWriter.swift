internal import StoreCodecs
internal import StoreFiles

/// Packs a stream into one gzip member, many blocks at a time on all processors, in constant memory.
///
/// What comes out depends on the content and the level alone: neither on the threads nor on how the
/// content was cut into pieces.
struct BlockGzipWriter {
    /// How many blocks are packed together: enough for the threads to share evenly.
    private static let blocksTogether = 32
    private static let lengthTogether = blocksTogether * GzipBlockCompressor.blockLength

    private let level: Int
    private let threads: Int
    private var assembler = GzipBlockAssembler()
    private var nextBlock = 0
    /// What came last before the bytes that wait, for references into it, and then those bytes.
    private var window: [UInt8] = []
    private var dictionaryLength = 0

    /// `level` is 1 (fast) to 9 (small).
    init(level: Int, threads: Int = WorkerThreads.processorCount) {
        self.level = level
        self.threads = threads
    }

    private var waitingLength: Int { window.count - dictionaryLength }

    /// Takes content and appends what has been packed of it, which may be nothing yet.
    mutating func write(_ content: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        var rest = content
        while !rest.isEmpty {
            // The last block must be known as such: so one byte more than is packed must be there.
            if waitingLength > Self.lengthTogether - 1 {
                packWaiting(isLast: false, to: &output)
            }
            let step = rest.prefix(Self.lengthTogether - waitingLength)
            window.append(contentsOf: step)
            rest = UnsafeRawBufferPointer(rebasing: rest[step.endIndex...])
        }
    }

    /// Appends the rest of the member.
    mutating func finish(to output: inout [UInt8]) {
        packWaiting(isLast: true, to: &output)
    }

    private mutating func packWaiting(isLast: Bool, to output: inout [UInt8]) {
        let length = GzipBlockCompressor.blockLength
        let count = max(1, (waitingLength + length - 1) / length)
        let window = window
        let start = dictionaryLength
        let level = level
        let blocks = WorkerThreads.map(
            Array(0..<count), threads: threads, state: { GzipBlockCompressor(level: level) }
        ) { compressor, index in
            window.withUnsafeBytes { bytes in
                let from = start + index * length
                let to = min(from + length, bytes.count)
                return compressor.pack(
                    UnsafeRawBufferPointer(rebasing: bytes[from..<to]),
                    preceding: UnsafeRawBufferPointer(rebasing: bytes[..<from]),
                    isLast: isLast && index == count - 1)
            }
        }
        for block in blocks {
            assembler.add(block, index: nextBlock, to: &output)
            nextBlock += 1
        }
        let kept = min(window.count, GzipBlockCompressor.dictionaryLength)
        self.window.removeFirst(window.count - kept)
        dictionaryLength = kept
    }
}
