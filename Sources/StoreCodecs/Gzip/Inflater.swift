private import CZlib

/// zlib's inflate stream for data without wrapping, at an address that stays.
struct Inflater: ~Copyable {
    private let stream: UnsafeMutablePointer<z_stream>

    init() {
        stream = .allocate(capacity: 1)
        stream.initialize(to: z_stream())
        let status = inflateInit2_(
            stream, GzipFormat.rawWindowBits, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib cannot begin to inflate")
    }

    deinit {
        inflateEnd(stream)
        stream.deinitialize(count: 1)
        stream.deallocate()
    }

    mutating func reset() {
        let status = inflateReset(stream)
        precondition(status == Z_OK, "zlib cannot begin to inflate")
    }

    /// Takes what precedes the data, for references into it; right after `reset`.
    mutating func setDictionary(_ dictionary: UnsafeRawBufferPointer) {
        guard let start = dictionary.baseAddress, !dictionary.isEmpty else { return }
        let status = inflateSetDictionary(
            stream, start.assumingMemoryBound(to: UInt8.self), uInt(dictionary.count))
        precondition(status == Z_OK, "zlib refuses a dictionary")
    }

    /// What one step took and gave, in bytes, and whether the data ended with it. Where it neither
    /// took nor gave anything, it needs more of either.
    struct Step {
        var consumed: Int
        var produced: Int
        var isEnd: Bool
        /// Whether a block of deflate data has just ended, at a byte's border.
        var isBetweenBlocks: Bool
    }

    /// Inflates as much as there is input for, or room.
    mutating func inflate(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(GzipError) -> Step {
        let available = min(input.count, GzipFormat.maximumStep)
        let room = min(output.count, GzipFormat.maximumStep)
        // zlib reads through this pointer and never writes.
        let start = input.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.next_in = UnsafeMutablePointer(mutating: start)
        stream.pointee.avail_in = uInt(available)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = uInt(room)
        let status = CZlib.inflate(stream, Z_NO_FLUSH)
        switch status {
        case Z_OK, Z_STREAM_END, Z_BUF_ERROR: break
        case Z_DATA_ERROR, Z_NEED_DICT: throw .corrupt
        default: preconditionFailure("zlib cannot inflate")
        }
        return Step(
            consumed: available - Int(stream.pointee.avail_in),
            produced: room - Int(stream.pointee.avail_out), isEnd: status == Z_STREAM_END,
            isBetweenBlocks: stream.pointee.data_type & (128 | 63) == 128)
    }
}
