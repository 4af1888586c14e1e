/// Unpacks gzip data (RFC 1952), all members of it, piece by piece in constant memory.
///
/// The headers, the deflate data, and each member's checksum and length are checked. Nothing
/// protects a header's time, level and system, unless the header has a checksum of its own; data
/// that was packed here can be required to have exactly the header that is written here.
public struct GzipReader: ~Copyable {
    private enum Phase {
        case header(GzipHeaderParser)
        case content
        case trailer
        case between
    }

    private var inflater = Inflater()
    private let limits: GzipLimits
    private let requiresOwnHeader: Bool
    private var phase = Phase.header(GzipHeaderParser())
    private var hasBegun = false
    private var trailer: [UInt8] = []
    private var checksum = CRC32()
    private var memberLength: UInt64 = 0

    /// How many packed bytes were taken.
    public private(set) var packedLength: UInt64 = 0
    /// How many bytes of content were given.
    public private(set) var contentLength: UInt64 = 0
    /// How many members ended.
    public private(set) var memberCount = 0

    /// `requiresOwnHeader`: every member must begin with the very bytes that `GzipWriter` writes,
    /// so that no flipped bit of a header goes unnoticed; others are `corrupt`.
    public init(limits: GzipLimits = .unlimited, requiresOwnHeader: Bool = false) {
        self.limits = limits
        self.requiresOwnHeader = requiresOwnHeader
    }

    /// Takes packed bytes and gives content, as much as there is input for, or room.
    ///
    /// Call it again with the bytes that were not consumed, and with further ones, as long as
    /// `consumed` was less than there were or `produced` filled the room; then call `finish`.
    /// What was given is not known to be whole before `finish`.
    public mutating func read(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(GzipError) -> (consumed: Int, produced: Int) {
        precondition(!output.isEmpty)
        var consumed = 0
        var produced = 0
        while true {
            if case .content = phase {
                let step = try inflate(
                    UnsafeRawBufferPointer(rebasing: input[consumed...]),
                    into: UnsafeMutableRawBufferPointer(rebasing: output[produced...]))
                consumed += step.consumed
                produced += step.produced
                if step.isEnd {
                    phase = .trailer
                } else if consumed == input.count || produced == output.count {
                    break
                }
            } else {
                guard consumed < input.count else { break }
                packedLength += 1
                try take(input[consumed])
                consumed += 1
            }
        }
        return (consumed, produced)
    }

    /// Says that all packed bytes were given: throws unless the last member was complete.
    public mutating func finish() throws(GzipError) {
        guard hasBegun else { throw .notGzip }
        guard case .between = phase else { throw .truncated }
    }

    /// The content of all members in `bytes`.
    public static func unpack(
        _ bytes: UnsafeRawBufferPointer, limits: GzipLimits = .unlimited,
        requiresOwnHeader: Bool = false
    ) throws(GzipError) -> [UInt8] {
        var reader = GzipReader(limits: limits, requiresOwnHeader: requiresOwnHeader)
        let room = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 * 1024, alignment: 1)
        defer { room.deallocate() }
        var content: [UInt8] = []
        var rest = bytes
        while true {
            let (consumed, produced) = try reader.read(rest, into: room)
            content.append(contentsOf: room[..<produced])
            rest = UnsafeRawBufferPointer(rebasing: rest[consumed...])
            if rest.isEmpty && produced < room.count { break }
        }
        try reader.finish()
        return content
    }

    /// The content of all members in `bytes`.
    public static func unpack(
        _ bytes: [UInt8], limits: GzipLimits = .unlimited, requiresOwnHeader: Bool = false
    ) throws(GzipError) -> [UInt8] {
        try bytes.withUnsafeBufferPointer { buffer throws(GzipError) in
            try unpack(
                UnsafeRawBufferPointer(buffer), limits: limits,
                requiresOwnHeader: requiresOwnHeader)
        }
    }

    private mutating func inflate(
        _ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer
    ) throws(GzipError) -> Inflater.Step {
        let step = try inflater.inflate(input, into: output)
        checksum.update(UnsafeRawBufferPointer(rebasing: output[..<step.produced]))
        packedLength += UInt64(step.consumed)
        memberLength += UInt64(step.produced)
        contentLength += UInt64(step.produced)
        let limit = limits.limit(packedLength: packedLength)
        guard contentLength <= limit else { throw .tooLarge(limit: limit) }
        return step
    }

    /// Takes one byte outside of the deflate data.
    private mutating func take(_ byte: UInt8) throws(GzipError) {
        switch phase {
        case .header(var parser):
            hasBegun = true
            try take(byte, with: &parser)
        case .trailer:
            trailer.append(byte)
            if trailer.count == GzipFormat.trailerLength { try endMember() }
        case .between:
            var parser = GzipHeaderParser()
            try take(byte, with: &parser)
        case .content:
            preconditionFailure("the content is inflated, not taken")
        }
    }

    private mutating func take(
        _ byte: UInt8, with parser: inout GzipHeaderParser
    ) throws(GzipError) {
        do throws(GzipError) {
            try parser.take(byte)
        } catch {
            throw error == .notGzip && memberCount > 0 ? .trailingGarbage : error
        }
        guard parser.isOwn || !requiresOwnHeader else { throw .corrupt }
        phase = parser.isDone ? .content : .header(parser)
    }

    private mutating func endMember() throws(GzipError) {
        let (stated, length) = trailer.withUnsafeBytes {
            ($0.littleEndian(at: 0, as: UInt32.self), $0.littleEndian(at: 4, as: UInt32.self))
        }
        guard checksum.value == stated else { throw .badChecksum }
        guard UInt32(truncatingIfNeeded: memberLength) == length else { throw .badSize }
        inflater.reset()
        trailer.removeAll(keepingCapacity: true)
        checksum = CRC32()
        memberLength = 0
        memberCount += 1
        phase = .between
    }
}
