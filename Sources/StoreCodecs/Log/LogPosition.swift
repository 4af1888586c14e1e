/// A place between two transactions in the log.
public struct LogPosition: Sendable, Hashable {
    /// The segment's number.
    public var segment: UInt64
    /// In bytes from the segment's beginning; a multiple of 8.
    public var offset: UInt64
    /// The checksum of the record header before this place, or of the segment's header at its
    /// beginning. The next record repeats it.
    public var chain: UInt32

    public init(segment: UInt64, offset: UInt64, chain: UInt32) {
        self.segment = segment
        self.offset = offset
        self.chain = chain
    }
}

/// Where in the log a document's content is kept.
public struct ContentLocation: Sendable, Hashable {
    /// The segment's number.
    public var segment: UInt64
    /// Where the content record's header begins, in bytes from the segment's beginning.
    public var offset: UInt64

    public init(segment: UInt64, offset: UInt64) {
        self.segment = segment
        self.offset = offset
    }
}
