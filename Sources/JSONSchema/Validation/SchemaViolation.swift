public import LosslessJSON

/// One way in which a document breaks a schema.
public struct SchemaViolation: Sendable, Equatable {
    /// Where in the document. For a member that is lacking: the object that lacks it.
    public let instanceLocation: JSONPointer
    /// The bytes of the value there; of the key, where the name itself is at fault.
    public let range: Range<Int>
    /// The keyword, such as `required`.
    public let keyword: String
    /// The way to the keyword from the root of the schema, through references, RFC 6901.
    public let keywordLocation: String
    /// Where the keyword is: the URI of its resource (empty where it has none), `#` and a pointer.
    public let absoluteKeywordLocation: String
    /// One line for people. It tells what the schema says and never a value of the document,
    /// which may be secret.
    public let message: String

    /// The first byte concerned, counted from 0.
    public var offset: Int { range.lowerBound }
}
