internal import LosslessJSON

/// A schema as it stands in a profile. It becomes a JSON Schema document of its own, with the
/// profile's `$defs`, only when a document is to be held to it.
final class SchemaSource: Sendable {
    /// The schema itself.
    let schema: [UInt8]
    /// The profile's `$defs`, an object.
    let definitions: [UInt8]

    init(schema: [UInt8], definitions: [UInt8]) {
        self.schema = schema
        self.definitions = definitions
    }
}
