/// Packs bytes into one gzip member (RFC 1952), piece by piece.
///
/// The header has neither name nor time, so equal contents, cut into pieces however, make equal
/// bytes with the same zlib at the same level.
public struct GzipWriter: ~Copyable {
    private var deflater: Deflater
    private var checksum = CRC32()
    private var length: UInt64 = 0
    private var hasBegun = false

    /// `level` is 1 (fast) to 9 (small).
    public init(level: Int = 6) {
        deflater = Deflater(level: level)
    }

    /// Packs `input` and appends what comes out, which may be nothing yet.
    public mutating func write(_ input: UnsafeRawBufferPointer, to output: inout [UInt8]) {
        begin(&output)
        checksum.update(input)
        length += UInt64(input.count)
        deflater.deflate(input, flush: .none, to: &output)
    }

    /// Appends the rest of the member. The writer is then ready for the next one.
    public mutating func finish(to output: inout [UInt8]) {
        begin(&output)
        deflater.deflate(UnsafeRawBufferPointer(start: nil, count: 0), flush: .finish, to: &output)
        output += GzipFormat.trailer(checksum: checksum.value, length: length)
        deflater.reset()
        checksum = CRC32()
        length = 0
        hasBegun = false
    }

    /// `bytes` as one member.
    public static func pack(_ bytes: UnsafeRawBufferPointer, level: Int = 6) -> [UInt8] {
        var writer = GzipWriter(level: level)
        var output: [UInt8] = []
        writer.write(bytes, to: &output)
        writer.finish(to: &output)
        return output
    }

    /// `bytes` as one member.
    public static func pack(_ bytes: [UInt8], level: Int = 6) -> [UInt8] {
        bytes.withUnsafeBytes { pack($0, level: level) }
    }

    private mutating func begin(_ output: inout [UInt8]) {
        guard !hasBegun else { return }
        output += GzipFormat.header
        hasBegun = true
    }
}
