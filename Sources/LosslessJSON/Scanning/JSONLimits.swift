/// How much of a JSON text is accepted before it is refused.
public struct JSONLimits: Sendable, Equatable {
    /// How many arrays and objects may be open at once; between 1 and 2,048, because the
    /// functions over values recurse.
    public let maximumDepth: Int
    /// How many bytes the text may have. ``JSONDocument`` never takes more than 1 GiB.
    public let maximumBytes: Int

    public init(maximumDepth: Int = 512, maximumBytes: Int = .max) {
        self.maximumDepth = min(max(maximumDepth, 1), 2048)
        self.maximumBytes = max(maximumBytes, 0)
    }

    /// 512 levels, any number of bytes.
    public static let standard = JSONLimits()
}

/// What to do about an object that has the same key twice.
///
/// RFC 8259 section 4 allows it and leaves the meaning open; most programs silently keep one.
public enum JSONDuplicateKeys: Sendable {
    /// The second key is an error (``JSONErrorCode/duplicateKey``).
    case refuse
    /// Accepted; where a key is looked up, the last one counts.
    case allow
}
