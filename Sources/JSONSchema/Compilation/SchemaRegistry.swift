public import LosslessJSON

/// Schemas that other schemas may refer to, by their URIs. The meta-schemas of draft 2020-12 are
/// always known and need not be added.
public struct SchemaRegistry: Sendable {
    struct Entry: Sendable {
        let uri: URIReference
        let document: JSONDocument

        /// What the schema calls itself.
        var ownURI: URIReference {
            guard let identifier = document.root.member(named: "$id")?.stringUTF8 else {
                return uri
            }
            return uri.resolve(URIReference(identifier)).withoutFragment
        }
    }

    private(set) var entries: [Entry] = []

    public init() {}

    /// Makes `document` known as `uri`, and under the `$id` it has, if any. It is looked into
    /// when a schema is compiled. Of several with one URI the first counts, and before all of them
    /// the schema that is compiled.
    public mutating func add(_ document: JSONDocument, uri: String) {
        entries.append(Entry(uri: URIReference(uri).withoutFragment, document: document))
    }

    /// A meta-schema of the draft, if `uri` is the one of one.
    static func metaSchema(_ uri: [UInt8]) -> JSONDocument? {
        let base = Array(MetaSchemas.base.utf8)
        guard uri.starts(with: base) else { return nil }
        let path = uri.dropFirst(base.count)
        for entry in MetaSchemas.texts where path.elementsEqual(entry.path.bytes) {
            do {
                return try JSONDocument(Array(entry.text.bytes))
            } catch {
                fatalError("the embedded meta-schema \(entry.path) is broken: \(error)")
            }
        }
        return nil
    }
}

extension StaticString {
    var bytes: UnsafeBufferPointer<UInt8> {
        UnsafeBufferPointer(start: utf8Start, count: utf8CodeUnitCount)
    }
}
