internal import LosslessJSON

/// The way from the root of a resource to a place in it, each step once however many places are
/// below: with pointers as texts, one long name above many schemas would be copied for each.
final class SchemaPath: Sendable {
    private let parent: SchemaPath?
    private let token: [UInt8]

    private init(parent: SchemaPath?, token: [UInt8]) {
        self.parent = parent
        self.token = token
    }

    static func appending(_ token: [UInt8], to parent: SchemaPath?) -> SchemaPath {
        SchemaPath(parent: parent, token: token)
    }

    static func appending(_ token: String, to parent: SchemaPath?) -> SchemaPath {
        SchemaPath(parent: parent, token: Array(token.utf8))
    }

    /// The pointer to the end of a path; nil is the root.
    static func pointer(_ path: SchemaPath?) -> JSONPointer {
        var tokens: [[UInt8]] = []
        var next = path
        while let step = next {
            tokens.append(step.token)
            next = step.parent
        }
        return JSONPointer(tokens: tokens.reversed())
    }

    /// A URI with a pointer as its fragment, in which what a fragment cannot hold is
    /// percent-encoded.
    static func location(_ uri: String, _ pointer: JSONPointer) -> String {
        uri + "#" + URISyntax.percentEncoded(pointer.description, also: "/?")
    }
}
