package import StoreFiles

extension SystemCalls {
    /// Up to `count` bytes from `offset` on, fewer where the file ends. The count must come from the
    /// file's real size, never from what a format claims.
    package func readRange(
        _ descriptor: Descriptor, at offset: Int64, count: Int
    ) throws(Errno) -> [UInt8] {
        try MemoryRoom.require(forDocumentOf: count)
        var failure: Errno?
        let bytes = [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, filled in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            filled = 0
            while filled < count {
                do throws(Errno) {
                    let read = try read(
                        descriptor, into: UnsafeMutableRawBufferPointer(rebasing: bytes[filled...]),
                        at: offset + Int64(filled))
                    if read == 0 { break }
                    filled += read
                } catch {
                    failure = error
                    break
                }
            }
        }
        if let failure { throw failure }
        return bytes
    }

    /// Where the zeros begin with which a file ends, but for a page of them at most, in bytes from the
    /// file's beginning.
    ///
    /// A hole may make a file as long as anybody likes and takes no space. Behind our records are less
    /// zeros than a sector has, so that these need not be held in memory; they are looked through piece by piece.
    /// - Parameters:
    ///   - start: not before that.
    ///   - size: the file's length.
    /// - Throws: `.fileTooBig` where looking would take minutes.
    func endOfData(
        of descriptor: Descriptor, from start: UInt64, size: UInt64
    ) throws(Errno) -> UInt64 {
        guard size > start, size - start > Self.zerosWorthSkipping else { return size }
        guard size - start <= Self.longestTail else { throw .fileTooBig }
        let buffer = ByteBuffer(capacity: 1 << 20)
        var end = size
        while end > start {
            let count = Int(min(end - start, UInt64(buffer.bytes.count)))
            var filled = 0
            while filled < count {
                let room = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[filled..<count])
                let read = try read(
                    descriptor, into: room, at: Int64(end) - Int64(count) + Int64(filled))
                // Cut off meanwhile: whoever reads finds out.
                if read == 0 { return size }
                filled += read
            }
            let piece = UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count])
            if let last = piece.lastIndex(where: { $0 != 0 }) {
                return min(size, end - UInt64(count - last - 1) + Self.zerosKept)
            }
            end -= UInt64(count)
        }
        return min(size, start + Self.zerosKept)
    }

    private static var zerosWorthSkipping: UInt64 { 8 << 20 }
    private static var longestTail: UInt64 { 16 << 30 }
    private static var zerosKept: UInt64 { 4096 }
}
