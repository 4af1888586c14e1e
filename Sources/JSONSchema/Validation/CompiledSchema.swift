public import LosslessJSON

/// A JSON Schema of draft 2020-12, compiled once and used for any number of documents, from any
/// number of threads.
public struct CompiledSchema: Sendable {
    let program: SchemaProgram

    /// Compiles a schema.
    ///
    /// - Parameters:
    ///   - document: the schema.
    ///   - uri: where it is said to be, against which its `$id` and references are resolved.
    ///   - registry: the schemas that it may refer to. Nothing is ever fetched.
    ///   - assertsFormats: whether `format` is checked, for the formats that docs/json-schema.md lists, and not
    ///     only where the meta-schema asks for it.
    /// - Throws: what is wrong with the schema, or with one that it refers to.
    public init(
        _ document: JSONDocument, uri: String = "", registry: SchemaRegistry = SchemaRegistry(),
        assertsFormats: Bool = false
    ) throws(SchemaError) {
        let output = try SchemaCompiler.compile(
            document, uri: URIReference(uri).withoutFragment, registry: registry,
            assertsFormats: assertsFormats)
        program = SchemaProgram(output)
    }

    /// The text of a meta-schema of draft 2020-12, by its URI.
    package static func metaSchemaText(_ uri: String) -> String? {
        SchemaRegistry.metaSchema(Array(uri.utf8)).map { String(decoding: $0.bytes, as: UTF8.self) }
    }

    /// Whether a document fits. Stops at the first violation and keeps no account of places.
    public func isValid(_ document: JSONDocument) -> Bool {
        isValid(document.root)
    }

    /// Whether a value fits.
    public func isValid(_ value: JSONValue) -> Bool {
        var evaluation = SchemaEvaluation(program, value: value, maximumViolations: 0)
        return evaluation.run()
    }

    /// What is wrong with a document, in the same order each time; empty if it fits.
    ///
    /// - Parameter maximumViolations: after so many, no more are looked for.
    public func validate(
        _ document: JSONDocument, maximumViolations: Int = 100
    ) -> [SchemaViolation] {
        validate(document.root, maximumViolations: maximumViolations)
    }

    /// What is wrong with a value. Pointers start at the value, byte offsets at its document.
    public func validate(_ value: JSONValue, maximumViolations: Int = 100) -> [SchemaViolation] {
        // Most documents fit, and finding that out needs no account of places.
        if isValid(value) { return [] }
        var evaluation = SchemaEvaluation(
            program, value: value, maximumViolations: max(maximumViolations, 1))
        _ = evaluation.run()
        return evaluation.violations
    }
}

/// The nodes of a compiled schema.
final class SchemaProgram: Sendable {
    /// The first is the root.
    private let nodes: [SchemaNode]
    /// The same, to be used without being counted.
    private nonisolated(unsafe) let uncounted: UnsafeMutableBufferPointer<Unmanaged<SchemaNode>>
    /// For each name of a dynamic anchor and each resource: its schema there, or -1.
    let dynamicAnchors: [[SchemaNumber]]

    init(_ output: SchemaCompiler.Output) {
        nodes = output.nodes
        uncounted = .allocate(capacity: nodes.count)
        _ = uncounted.initialize(from: nodes.map { Unmanaged.passUnretained($0) })
        dynamicAnchors = output.dynamicAnchors
    }

    deinit { uncounted.deallocate() }

    /// The nodes without counting who uses them, which would take longer than most uses: good for as
    /// long as the program is.
    var lentNodes: UnsafeBufferPointer<Unmanaged<SchemaNode>> { UnsafeBufferPointer(uncounted) }
}
