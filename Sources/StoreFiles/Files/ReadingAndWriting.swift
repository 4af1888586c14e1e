/// Memory that is read into again and again, aligned to a page.
public struct ByteBuffer: ~Copyable {
    /// 256 KiB: beyond that, fewer calls no longer show in any measurement.
    public static let standardCapacity = 256 * 1024

    public let bytes: UnsafeMutableRawBufferPointer

    /// `capacity` in bytes, at least one.
    public init(capacity: Int = ByteBuffer.standardCapacity) {
        precondition(capacity > 0)
        bytes = .allocate(byteCount: capacity, alignment: 4096)
    }

    deinit { bytes.deallocate() }
}

/// Reads files of any size through one buffer, in constant memory.
///
///     var reader = ChunkReader(system)
///     reader.start(descriptor)
///     while let chunk = try reader.next() { digest.update(chunk) }
///
/// A chunk is valid until the next call.
public struct ChunkReader: ~Copyable {
    private let system: any SystemCalls
    private let buffer: ByteBuffer
    private var descriptor: Descriptor = -1
    /// How many bytes were read since `start`.
    public private(set) var offset: Int64 = 0

    public init(_ system: any SystemCalls, capacity: Int = ByteBuffer.standardCapacity) {
        self.system = system
        buffer = ByteBuffer(capacity: capacity)
    }

    /// Turns to another file, at its beginning. The caller keeps it open.
    public mutating func start(_ descriptor: Descriptor) {
        self.descriptor = descriptor
        offset = 0
    }

    /// The next bytes, as many as one call gives; nil at the end of the file.
    public mutating func next() throws(Errno) -> UnsafeRawBufferPointer? {
        let count = try system.read(descriptor, into: buffer.bytes, at: offset)
        if count == 0 { return nil }
        offset += Int64(count)
        return UnsafeRawBufferPointer(rebasing: buffer.bytes[..<count])
    }

    /// Like `next`, but a chunk is full unless the file ends: for readers that want fewer, larger
    /// pieces however small the pieces are that the system gives.
    public mutating func nextFull() throws(Errno) -> UnsafeRawBufferPointer? {
        var filled = 0
        while filled < buffer.bytes.count {
            let rest = UnsafeMutableRawBufferPointer(rebasing: buffer.bytes[filled...])
            let count = try system.read(descriptor, into: rest, at: offset)
            if count == 0 { break }
            filled += count
            offset += Int64(count)
        }
        if filled == 0 { return nil }
        return UnsafeRawBufferPointer(rebasing: buffer.bytes[..<filled])
    }
}

extension SystemCalls {
    /// The whole contents of an open file, `limitBytes` at most. The size that `fstat(2)` tells only
    /// decides how much memory is got first; what counts is what is read.
    public func readWhole(
        _ descriptor: Descriptor, limitBytes: Int
    ) throws(FileAccessError) -> [UInt8] {
        let size: Int64
        do throws(Errno) {
            size = try status(of: descriptor).size
        } catch {
            throw .system(error)
        }
        if size > Int64(limitBytes) { throw .tooLarge(limitBytes: limitBytes) }
        return try readWhole(descriptor, expecting: Int(size), limitBytes: limitBytes)
    }

    /// The whole contents of the regular file of that name (`openRegularFile`, `readWhole`).
    public func readWhole(
        _ path: String, in directory: Descriptor, limitBytes: Int
    ) throws(FileAccessError) -> [UInt8] {
        let opened = try openRegularFile(path, in: directory)
        let size = opened.status.size
        if size > Int64(limitBytes) { throw .tooLarge(limitBytes: limitBytes) }
        return try readWhole(opened.descriptor, expecting: Int(size), limitBytes: limitBytes)
    }

    private func readWhole(
        _ descriptor: Descriptor, expecting size: Int, limitBytes: Int
    ) throws(FileAccessError) -> [UInt8] {
        // One byte of room more, so that a file that has grown shows without another allocation.
        var capacity = size + 1
        var contents: [UInt8] = []
        while true {
            do throws(Errno) {
                try MemoryRoom.require(forDocumentOf: capacity)
            } catch {
                throw .system(error)
            }
            var failure: Errno?
            var atEnd = false
            let previous = contents
            contents = [UInt8](unsafeUninitializedCapacity: capacity) { buffer, filled in
                let bytes = UnsafeMutableRawBufferPointer(buffer)
                bytes.copyBytes(from: previous)
                filled = previous.count
                while filled < bytes.count {
                    do throws(Errno) {
                        let rest = UnsafeMutableRawBufferPointer(rebasing: bytes[filled...])
                        let count = try read(descriptor, into: rest, at: Int64(filled))
                        atEnd = count == 0
                        if atEnd { break }
                        filled += count
                    } catch {
                        failure = error
                        break
                    }
                }
            }
            if let failure { throw .system(failure) }
            if contents.count > limitBytes { throw .tooLarge(limitBytes: limitBytes) }
            if atEnd { return contents }
            // Doubling by what was really read; never by what anybody claims.
            capacity = min(max(contents.count * 2, 4096), limitBytes + 1)
            if capacity == contents.count { capacity += 1 }
        }
    }

    /// Writes all of `bytes`, in as many calls as it takes. A write of zero bytes is a failure, for
    /// otherwise a loop could go on for ever: `.inputOutput`. Nothing is durable yet.
    public func writeAll(
        _ descriptor: Descriptor, _ bytes: UnsafeRawBufferPointer, at offset: Int64
    ) throws(Errno) {
        var done = 0
        while done < bytes.count {
            let rest = UnsafeRawBufferPointer(rebasing: bytes[done...])
            let count = try write(descriptor, from: rest, at: offset + Int64(done))
            if count <= 0 { throw .inputOutput }
            done += count
        }
    }

    /// `writeAll` for an array.
    public func writeAll(
        _ descriptor: Descriptor, _ bytes: [UInt8], at offset: Int64
    ) throws(Errno) {
        var failure: Errno?
        bytes.withUnsafeBytes { buffer in
            do throws(Errno) {
                try writeAll(descriptor, buffer, at: offset)
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
    }
}
