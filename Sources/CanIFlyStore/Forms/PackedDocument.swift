package import StoreCodecs
package import StoreFiles

/// Packed documents: gzip of all members (RFC 1952), read with a cap that grows with what is really
/// there, so that a file of a megabyte cannot become a gigabyte.
package enum PackedDocument {
    /// So much content is taken however well it was packed, in bytes.
    static let lengthFreeOfRatio: UInt64 = 64 << 20
    /// Beyond that, one packed byte may make so many. Deflate reaches 1,032 with one byte repeated
    /// for ever; records that repeat each other stay below a third of that.
    static let maximumRatio: UInt64 = 500

    /// For reading in constant memory.
    package static let streamingLimits = GzipLimits(
        maximumRatio: maximumRatio, lengthFreeOfRatio: lengthFreeOfRatio)

    /// For reading into memory.
    static let limits = GzipLimits(
        maximumLength: UInt64(DocumentFiles.largestInTransaction), maximumRatio: maximumRatio,
        lengthFreeOfRatio: lengthFreeOfRatio)

    /// Whether a reader may take so much content out of so many packed bytes for a bomb.
    static func isBomb(contentLength: UInt64, packedLength: UInt64) -> Bool {
        contentLength > streamingLimits.limit(packedLength: packedLength)
    }

    /// Packs a document's content. What comes out depends on the content and the level alone.
    package static func pack(_ content: [UInt8], level: Int = 6) -> [UInt8] {
        var packed: [UInt8] = []
        var writer = BlockGzipWriter(level: level)
        content.withUnsafeBytes { writer.write($0, to: &packed) }
        writer.finish(to: &packed)
        return packed
    }

    /// Packs a document's content so that it can be read again.
    /// - Throws: `invalidData` for content that reading would take for a bomb.
    package static func packReadably(
        _ content: [UInt8], of document: StorePath
    ) throws(StoreError) -> [UInt8] {
        let packed = pack(content)
        guard try unpack(packed, of: document) == content else {
            throw StoreError(
                .internalError, code: "packing-failed",
                "\(document.text) does not come out of its packed form as it went in",
                hint: "nothing was written; please report this", document: document)
        }
        return packed
    }

    /// The content of a packed document, checked.
    /// - Throws: `invalidData` with the code `gzip-corrupt` or `gzip-bomb`.
    package static func unpack(
        _ packed: [UInt8], of document: StorePath
    ) throws(StoreError) -> [UInt8] {
        do throws(GzipError) {
            return try GzipReader.unpack(packed, limits: limits)
        } catch {
            throw StoreError(error, document: document)
        }
    }
}

/// Unpacks as packed bytes stream by, in constant memory.
package struct PackedStream: ~Copyable {
    private var reader: GzipReader
    private let room = ByteBuffer()

    /// What history keeps was packed here and has a digest: there it may be packed as well as it will.
    package init(limits: GzipLimits = PackedDocument.streamingLimits) {
        reader = GzipReader(limits: limits)
    }

    /// How many bytes of content were given.
    package var contentLength: UInt64 { reader.contentLength }

    /// Hands over the content that the next packed bytes hold, piece by piece.
    package mutating func unpack(
        _ packed: UnsafeRawBufferPointer, _ body: (UnsafeRawBufferPointer) -> Void
    ) throws(GzipError) {
        var rest = packed
        while true {
            let step = try reader.read(rest, into: room.bytes)
            if step.produced > 0 {
                body(UnsafeRawBufferPointer(rebasing: room.bytes[..<step.produced]))
            }
            rest = UnsafeRawBufferPointer(rebasing: rest[step.consumed...])
            if rest.isEmpty && step.produced < room.bytes.count { return }
        }
    }

    /// Says that all packed bytes were given.
    package mutating func finish() throws(GzipError) { try reader.finish() }
}

extension GzipError {
    package var findingCode: FindingCode {
        if case .tooLarge = self { .gzipBomb } else { .gzipCorrupt }
    }

    /// Half a sentence.
    package var reason: String {
        switch self {
        case .notGzip: "it is no gzip"
        case .truncated: "it ends too early"
        case .corrupt: "its data is damaged"
        case .badChecksum: "its content has another checksum than it says"
        case .badSize: "its content has another length than it says"
        case .trailingGarbage: "something that is no gzip stands behind its end"
        case .tooLarge(let limit):
            "it unpacks to more than \(limit) bytes, which is more than its size allows to expect"
        }
    }
}

extension StoreError {
    package init(_ error: GzipError, document: StorePath) {
        self.init(
            .invalidData, code: error.findingCode.rawValue,
            "\(document.text) cannot be unpacked: \(error.reason)",
            hint: "canifly-store explain \(error.findingCode.rawValue)", document: document)
    }
}

extension Finding {
    /// A packed document that cannot be unpacked.
    init(_ error: GzipError, document: StorePath) {
        let isBomb = error.findingCode == .gzipBomb
        self.init(
            error.findingCode, .error, document: document.text,
            detail: "cannot be unpacked: \(error.reason)",
            remedy: isBomb
                ? "find out where it comes from, and delete it"
                : "canifly-store repair \(document.plainForm.shellWord)")
    }
}
