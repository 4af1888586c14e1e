/// Why bytes do not begin with a catalog's header.
public enum CatalogHeaderError: Error, Sendable, Hashable {
    /// The bytes end before the line does.
    case truncated
    case notACatalog
    /// Written by a newer program, in a format that this one does not know.
    case newerVersion(UInt64)
    /// A bit has changed.
    case checksum
    /// The checksum is right, but the fields are none that this version writes.
    case invalid
}

/// The catalog's first line. Whether it belongs to the store at hand is for the caller to compare.
public struct CatalogHeader: Sendable, Hashable {
    public var store: StoreIdentifier
    /// One more each time the catalog is rewritten.
    public var generation: UInt64
    /// The number of the first transaction that the catalog holds or will hold; not 0.
    public var firstTransaction: UInt64

    public init(store: StoreIdentifier, generation: UInt64, firstTransaction: UInt64) {
        self.store = store
        self.generation = generation
        self.firstTransaction = firstTransaction
    }

    /// The header's line, which fills a sector.
    public func encode() -> [UInt8] {
        precondition(firstTransaction > 0)
        var writer = LineWriter(appendingTo: [])
        for byte in CatalogFormat.magic { writer.byte(byte) }
        writer.decimal(CatalogFormat.version)
        writer.separator()
        for digit in store.hexadecimal.utf8 { writer.byte(digit) }
        writer.separator()
        writer.decimal(generation)
        writer.separator()
        writer.decimal(firstTransaction)
        writer.separator()
        writer.padding(from: 0)
        writer.endLine()
        return writer.finish()
    }

    /// Reads the header at the beginning of `bytes`, which may hold more than it. `length` is the
    /// line's, in bytes: the first group begins there.
    public static func decode(
        _ bytes: UnsafeRawBufferPointer
    ) throws(CatalogHeaderError) -> (header: CatalogHeader, length: Int) {
        let magic = CatalogFormat.magic
        guard bytes.count >= magic.count else { throw .truncated }
        guard bytes[..<magic.count].elementsEqual(magic) else { throw .notACatalog }
        let searched = bytes.prefix(CatalogFormat.maximumHeaderLength)
        guard let lineEnd = searched.firstIndex(of: CatalogFormat.lineEnd) else {
            throw searched.count < bytes.count ? .checksum : .truncated
        }
        let line = UnsafeRawBufferPointer(rebasing: bytes[...lineEnd])
        guard LineParser.hasRightChecksum(line) else { throw .checksum }
        var parser = LineParser(line, at: magic.count)
        guard let version = try? parser.decimal() else { throw .invalid }
        guard version <= CatalogFormat.version else { throw .newerVersion(version) }
        guard version == CatalogFormat.version, let header = try? header(from: &parser) else {
            throw .invalid
        }
        return (header, line.count)
    }

    /// Reads the header at the beginning of `bytes`, which may hold more than it.
    public static func decode(
        _ bytes: [UInt8]
    ) throws(CatalogHeaderError) -> (header: CatalogHeader, length: Int) {
        try bytes.withUnsafeBufferPointer { buffer throws(CatalogHeaderError) in
            try decode(UnsafeRawBufferPointer(buffer))
        }
    }

    /// Reads the fields behind the version, up to the end of the line.
    private static func header(
        from parser: inout LineParser
    ) throws(CatalogDefect) -> CatalogHeader {
        try parser.separator()
        let store = StoreIdentifier(
            hexadecimal: try parser.take(StoreIdentifier.byteCount * 2))
        guard let store else { throw .invalidLine }
        try parser.separator()
        let generation = try parser.decimal()
        try parser.separator()
        let firstTransaction = try parser.decimal()
        guard firstTransaction > 0 else { throw .invalidLine }
        try parser.separator()
        parser.padding()
        _ = try parser.endLine()
        return CatalogHeader(
            store: store, generation: generation, firstTransaction: firstTransaction)
    }
}
