internal import LosslessJSON

/// Where a value of a schema is: in which document, and at which byte.
struct SchemaPosition: Hashable, Sendable {
    var document: Int
    var offset: Int
}

/// A schema with a URI of its own, and the names within it.
struct SchemaResource: Sendable {
    let uri: URIReference
    let root: JSONValue
    let document: Int
    let vocabularies: Vocabularies
    var anchors: [[UInt8]: SchemaPosition] = [:]
    var dynamicAnchors: [[UInt8]: SchemaPosition] = [:]
}

/// A schema or subschema: where it lies, seen from its resource.
struct SchemaPlace: Sendable {
    let value: JSONValue
    let document: Int
    let resource: Int
    /// From the root of the resource, which is nil.
    let path: SchemaPath?

    var position: SchemaPosition {
        SchemaPosition(document: document, offset: value.range.lowerBound)
    }
}

/// Finds schemas by URI, anchor and pointer in all documents at hand.
struct SchemaIndex {
    private let registry: SchemaRegistry
    private var documentCount = 0
    private(set) var resources: [SchemaResource] = []
    private var resourcesByURI: [[UInt8]: Int] = [:]
    private(set) var places: [SchemaPosition: SchemaPlace] = [:]

    init(registry: SchemaRegistry) {
        self.registry = registry
    }

    /// Adds the documents of the registry. They come after the schema that is compiled, whose
    /// own names take precedence.
    mutating func addRegistry() throws(SchemaError) {
        for entry in registry.entries {
            guard resourcesByURI[entry.uri.bytes] == nil,
                resourcesByURI[entry.ownURI.bytes] == nil
            else { continue }
            _ = try add(entry.document, uri: entry.uri)
        }
    }

    /// Adds a document. The place of its root.
    mutating func add(
        _ document: JSONDocument, uri: URIReference
    ) throws(SchemaError) -> SchemaPlace {
        let number = documentCount
        documentCount += 1
        let first = resources.count
        let root = document.root
        let resource = try addResource(root, document: number, base: uri, parent: nil)
        // A document is also known by the name it was given.
        if resourcesByURI[uri.bytes] == nil { resourcesByURI[uri.bytes] = first }
        return try walk(root, SchemaWalk(document: number, resource: resource))
    }

    private struct SchemaWalk {
        var document: Int
        var resource: Int
        var path: SchemaPath?
        /// Found by a reference into a keyword that holds no schemas: names in it are no names
        /// for the rest of the world.
        var isHidden = false
    }

    /// Registers a schema and all its subschemas.
    @discardableResult
    private mutating func walk(
        _ value: JSONValue, _ start: SchemaWalk
    ) throws(SchemaError) -> SchemaPlace {
        var walk = start
        if value.kind == .object, walk.path != nil, value.member(named: "$id") != nil {
            walk.resource = try addResource(
                value, document: walk.document, base: resources[walk.resource].uri,
                parent: walk.resource, isHidden: walk.isHidden)
            walk.path = nil
        }
        let place = SchemaPlace(
            value: value, document: walk.document, resource: walk.resource,
            path: walk.path)
        places[place.position] = place
        guard value.kind == .object else { return place }
        try addAnchors(of: value, place)
        for member in value.members {
            let key = member.key.stringUTF8 ?? []
            guard let kind = SubschemaKeywords.kind(of: key) else { continue }
            var inner = walk
            inner.path = .appending(key, to: walk.path)
            try walkSubschemas(member.value, kind, inner)
        }
        return place
    }

    private mutating func walkSubschemas(
        _ value: JSONValue, _ kind: SubschemaKeywords.Kind, _ walk: SchemaWalk
    ) throws(SchemaError) {
        switch kind {
        case .schema:
            try self.walk(value, walk)
        case .array:
            for (number, element) in value.elements.enumerated() {
                var inner = walk
                inner.path = .appending(String(number), to: walk.path)
                try self.walk(element, inner)
            }
        case .object:
            for member in value.members where !(member.value.kind == .array) {
                var inner = walk
                inner.path = .appending(member.key.stringUTF8 ?? [], to: walk.path)
                try self.walk(member.value, inner)
            }
        }
    }

    private mutating func addResource(
        _ value: JSONValue, document: Int, base: URIReference, parent: Int?,
        isHidden: Bool = false
    ) throws(SchemaError) -> Int {
        var uri = base.withoutFragment
        let identifier = value.member(named: "$id")
        if let identifier {
            guard let text = identifier.stringUTF8 else {
                throw SchemaError(.invalidKeyword, uri.text + "#/$id", "$id must be a string")
            }
            let reference = URIReference(text)
            guard reference.fragment?.isEmpty ?? true else {
                throw SchemaError(
                    .invalidKeyword, uri.text + "#/$id", "$id must not have a fragment")
            }
            uri = base.resolve(reference).withoutFragment
        }
        let inherited = parent.map { resources[$0].vocabularies } ?? .standard
        let number = resources.count
        resources.append(
            SchemaResource(
                uri: uri, root: value, document: document,
                vocabularies: try vocabularies(of: value, uri: uri) ?? inherited))
        if !isHidden {
            if identifier != nil, resourcesByURI[uri.bytes] != nil {
                throw SchemaError(
                    .duplicateIdentifier, uri.text + "#", "two schemas have this URI")
            }
            resourcesByURI[uri.bytes] = number
        }
        return number
    }

    private mutating func addAnchors(
        of value: JSONValue, _ place: SchemaPlace
    ) throws(SchemaError) {
        for keyword in ["$anchor", "$dynamicAnchor"] {
            guard let anchor = value.member(named: keyword) else { continue }
            let location = SchemaPath.location(
                resources[place.resource].uri.text,
                SchemaPath.pointer(place.path).appending(keyword))
            guard let name = anchor.stringUTF8, Self.isAnchorName(name) else {
                throw SchemaError(.invalidKeyword, location, "\(keyword) must be a plain name")
            }
            if let known = resources[place.resource].anchors[name], known != place.position {
                throw SchemaError(.duplicateIdentifier, location, "two places have this anchor")
            }
            resources[place.resource].anchors[name] = place.position
            if keyword == "$dynamicAnchor" {
                resources[place.resource].dynamicAnchors[name] = place.position
            }
        }
    }

    private static func isAnchorName(_ name: [UInt8]) -> Bool {
        guard let first = name.first, first.isASCIILetter || first == UInt8(ascii: "_")
        else { return false }
        return name.allSatisfy {
            $0.isASCIILetter || $0.isASCIIDigit || $0 == UInt8(ascii: "_")
                || $0 == UInt8(ascii: "-") || $0 == UInt8(ascii: ".")
        }
    }
}

/// Finding.
extension SchemaIndex {
    /// The resource with a URI, which may be a meta-schema of the draft.
    mutating func resource(_ uri: URIReference) throws(SchemaError) -> Int? {
        let bytes = uri.bytes
        if let known = resourcesByURI[bytes] { return known }
        guard let document = SchemaRegistry.metaSchema(bytes) else { return nil }
        _ = try add(document, uri: uri)
        return resourcesByURI[bytes]
    }

    /// What `reference` names, seen from a resource. Nil where there is nothing.
    mutating func find(
        _ reference: URIReference, from resource: Int
    ) throws(SchemaError) -> (place: SchemaPlace, dynamicAnchor: [UInt8]?)? {
        let target = resources[resource].uri.resolve(reference)
        guard let found = try self.resource(target.withoutFragment) else { return nil }
        let fragment = target.decodedFragment
        if fragment.isEmpty || fragment.first == UInt8(ascii: "/") {
            return try place(pointer: fragment, in: found).map { ($0, nil) }
        }
        guard let position = resources[found].anchors[fragment], let place = places[position]
        else { return nil }
        let isDynamic = resources[found].dynamicAnchors[fragment] != nil
        return (place, isDynamic ? fragment : nil)
    }

    /// The schema at a JSON pointer, also where no keyword known to hold schemas leads there.
    private mutating func place(
        pointer: [UInt8], in resource: Int
    ) throws(SchemaError) -> SchemaPlace? {
        let root = resources[resource]
        guard let tokens = try? JSONPointer(utf8: pointer).tokens else { return nil }
        var value = root.root
        var owner = SchemaWalk(
            document: root.document, resource: resource, isHidden: true)
        for token in tokens {
            let next =
                value.kind == .array
                ? JSONPointer.arrayIndex(token).flatMap { value.element(at: $0) }
                : value.member(named: token)
            guard let next else { return nil }
            value = next
            let position = SchemaPosition(
                document: root.document, offset: value.range.lowerBound)
            if let place = places[position] {
                owner.resource = place.resource
                owner.path = place.path
            } else {
                owner.path = .appending(token, to: owner.path)
            }
        }
        let position = SchemaPosition(document: root.document, offset: value.range.lowerBound)
        if let known = places[position] { return known }
        return try walk(value, owner)
    }

    /// What the meta-schema of a resource turns on; nil where it names none.
    private mutating func vocabularies(
        of value: JSONValue, uri: URIReference
    ) throws(SchemaError) -> Vocabularies? {
        guard value.kind == .object, let schema = value.member(named: "$schema") else {
            return nil
        }
        let location = uri.text + "#/$schema"
        guard let text = schema.stringUTF8 else {
            throw SchemaError(.invalidKeyword, location, "$schema must be a string")
        }
        let name = URIReference(text).withoutFragment
        if name.bytes == Array(MetaSchemas.schemaURI.utf8) { return .standard }
        guard let root = metaSchemaRoot(name.bytes) else {
            throw SchemaError(
                .unknownMetaSchema, location, "this meta-schema or draft is not known")
        }
        guard let vocabulary = root.member(named: "$vocabulary") else { return .standard }
        var result: Vocabularies = .core
        for member in vocabulary.members {
            if let known = Vocabularies.named(member.key.stringUTF8 ?? []) {
                result.insert(known)
            } else if member.value.boolean != false {
                throw SchemaError(
                    .unknownVocabulary, location, "the meta-schema requires an unknown vocabulary")
            }
        }
        return result
    }

    private func metaSchemaRoot(_ uri: [UInt8]) -> JSONValue? {
        if let known = resourcesByURI[uri] { return resources[known].root }
        for entry in registry.entries {
            if entry.uri.bytes == uri || entry.ownURI.bytes == uri { return entry.document.root }
        }
        return SchemaRegistry.metaSchema(uri)?.root
    }
}
