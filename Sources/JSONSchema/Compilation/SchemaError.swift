/// Why a schema cannot be compiled.
public struct SchemaError: Error, Sendable, Equatable {
    public enum Code: String, Sendable, Equatable {
        /// A keyword has a value that the draft does not allow, or a schema is neither an object
        /// nor a boolean.
        case invalidKeyword = "schema-invalid"
        /// A reference names nothing that is known. Nothing is ever fetched.
        case unresolvedReference = "schema-unresolved-reference"
        /// `$schema` names a meta-schema that is not known, or another draft.
        case unknownMetaSchema = "schema-unknown-meta-schema"
        /// The meta-schema requires a vocabulary that is not known.
        case unknownVocabulary = "schema-unknown-vocabulary"
        /// A pattern is malformed, too large, or needs what is not supported.
        case invalidPattern = "schema-invalid-pattern"
        /// Two schemas have one URI, or two places of a schema one anchor.
        case duplicateIdentifier = "schema-duplicate-identifier"
    }

    public let code: Code
    /// The URI of the schema resource (empty where it has none), `#`, and a JSON pointer into it.
    public let location: String
    /// One phrase, in the words of the schema's author.
    public let reason: String

    init(_ code: Code, _ location: String, _ reason: String) {
        self.code = code
        self.location = location
        self.reason = reason
    }
}

extension SchemaError: CustomStringConvertible {
    public var description: String { "\(code.rawValue) at \(location): \(reason)" }
}
