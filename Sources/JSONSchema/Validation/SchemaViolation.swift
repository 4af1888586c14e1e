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
    /// The URI of the schema resource that the keyword is in; empty where it has none.
    public let resourceURI: String
    /// Where the keyword is in that resource. For a schema that is `false`: where that is.
    public let keywordPointer: JSONPointer
    /// One line for people. It tells what the schema says and never a value of the document,
    /// which may be secret.
    public let message: String

    /// The URI of the resource, `#`, and the pointer into it, percent-encoded where need be.
    public var absoluteKeywordLocation: String {
        SchemaPath.location(resourceURI, keywordPointer)
    }

    /// The first byte concerned, counted from 0.
    public var offset: Int { range.lowerBound }
}
