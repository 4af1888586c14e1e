internal import JSONSchema
internal import LosslessJSON
internal import Synchronization

/// A schema as it stands in a profile. It becomes a JSON Schema document of its own, with the
/// profile's `$defs`, and is compiled only when a document is to be held to it; then once.
final class SchemaSource: Sendable {
    struct Compiled: Sendable {
        let schema: CompiledSchema
        private let document: JSONDocument

        fileprivate init(_ document: JSONDocument) throws(SchemaError) {
            schema = try CompiledSchema(document, assertsFormats: true)
            self.document = document
        }

        /// Whether the object that a violated keyword stands in lists the keyword under
        /// `only_warns`: the application can do with what breaks it.
        ///
        /// - Parameter keyword: the keyword's place in the schema.
        func onlyWarns(at keyword: JSONPointer) -> Bool {
            guard let name = keyword.tokens.last,
                let owner = keyword.parent?.resolve(in: document),
                let list = owner.member(named: "only_warns")
            else { return false }
            return list.elements.contains { $0.stringUTF8 == name }
        }
    }

    private let reader: FormReader
    /// The profile's `$defs`, an object.
    private let definitions: [UInt8]
    private let cache = Mutex<Result<Compiled, SchemaError>?>(nil)

    init(_ reader: FormReader, definitions: [UInt8]) {
        self.reader = reader
        self.definitions = definitions
    }

    var compiled: Result<Compiled, SchemaError> {
        cache.withLock { cache in
            if let cache { return cache }
            let result = compile()
            cache = result
            return result
        }
    }

    /// The place of the schema in its profile, and what is wrong there.
    func failure(_ message: String) -> ProfileError { reader.failure(message) }

    private func compile() -> Result<Compiled, SchemaError> {
        let text =
            Array("{\"$defs\":".utf8) + definitions + Array(",\"allOf\":[".utf8)
            + reader.value.bytes
            + Array("]}".utf8)
        let document: JSONDocument
        do {
            document = try JSONDocument(text)
        } catch {
            // Both parts were read as JSON already.
            preconditionFailure("a schema of a profile is no JSON: \(error)")
        }
        do throws(SchemaError) {
            return .success(try Compiled(document))
        } catch {
            return .failure(error)
        }
    }
}
