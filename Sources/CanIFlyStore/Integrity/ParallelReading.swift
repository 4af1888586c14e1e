internal import StoreCodecs
internal import StoreFiles
internal import Synchronization

/// Reads a large document once and looks at it with two processors: one hashes while the other sees to
/// the contents.
enum ParallelReading {
    /// Below this size in bytes the threads cost more than they bring.
    static let leastSize: Int64 = 8 << 20
    private static let blockLength = 2 << 20

    /// What the second thread works on.
    private struct Hashing: ~Copyable {
        var hasher = DigestHasher()
        /// How many bytes of the next block were read; none at the end.
        var nextCount = 0
        var failure: Errno?
    }

    /// Memory by its address, which unlike a pointer may go to another thread: the two only read the
    /// one buffer, and only one of them touches the other.
    private struct Place: Sendable {
        private let address: Int
        private let count: Int

        init(_ bytes: UnsafeMutableRawBufferPointer) {
            address = Int(bitPattern: bytes.baseAddress)
            count = bytes.count
        }

        var bytes: UnsafeMutableRawBufferPointer {
            UnsafeMutableRawBufferPointer(
                start: UnsafeMutableRawPointer(bitPattern: address), count: count)
        }
    }

    /// - Parameters:
    ///   - size: what lies behind that many bytes is not read.
    ///   - consume: gets all bytes in their order, on the caller's thread.
    /// - Returns: the digest of what was read.
    static func digest(
        of file: Descriptor, size: Int64, _ system: any SystemCalls,
        consume: (UnsafeRawBufferPointer) -> Void
    ) throws(Errno) -> Digest {
        // Two buffers in turn: while one block is looked at, the next is read into the other.
        let even = ByteBuffer(capacity: blockLength)
        let odd = ByteBuffer(capacity: blockLength)
        let hashing = Mutex(Hashing())
        var offset: Int64 = 0
        var count = try fill(even.bytes, from: file, at: 0, size: size, system)
        var isEven = true
        while count > 0 {
            let buffer = isEven ? even.bytes : odd.bytes
            let block = Place(UnsafeMutableRawBufferPointer(rebasing: buffer[..<count]))
            let other = Place(isEven ? odd.bytes : even.bytes)
            let nextOffset = offset + Int64(count)
            WorkerThreads.alongside {
                hashing.withLock { hashing in
                    hashing.hasher.update(UnsafeRawBufferPointer(block.bytes))
                    do throws(Errno) {
                        hashing.nextCount = try fill(
                            other.bytes, from: file, at: nextOffset, size: size, system)
                    } catch {
                        hashing.failure = error
                    }
                }
            } do: {
                consume(UnsafeRawBufferPointer(block.bytes))
            }
            if let failure = hashing.withLock({ $0.failure }) { throw failure }
            count = hashing.withLock { $0.nextCount }
            offset = nextOffset
            isEven.toggle()
        }
        return hashing.withLock { $0.hasher.finish() }
    }

    /// Reads until the buffer is full or the file ends.
    private static func fill(
        _ buffer: UnsafeMutableRawBufferPointer, from file: Descriptor, at offset: Int64,
        size: Int64,
        _ system: any SystemCalls
    ) throws(Errno) -> Int {
        let wanted = Int(min(Int64(buffer.count), max(0, size - offset)))
        var filled = 0
        while filled < wanted {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer[filled..<wanted])
            let count = try system.read(file, into: rest, at: offset + Int64(filled))
            if count == 0 { break }
            filled += count
        }
        return filled
    }
}
