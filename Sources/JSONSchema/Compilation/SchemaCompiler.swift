internal import LosslessJSON

/// Turns schemas into nodes: each subschema once, references resolved to numbers.
struct SchemaCompiler {
    private(set) var index: SchemaIndex
    private let assertsFormats: Bool

    private var nodes: [SchemaNode?] = []
    private var numbers: [SchemaPosition: SchemaNumber] = [:]
    private var pending: [(number: SchemaNumber, place: SchemaPlace)] = []
    private var usedResources: Set<Int> = []
    private var anchorNumbers: [[UInt8]: Int] = [:]

    typealias Failure = SchemaError

    /// The result: the nodes, of which the first is the root, and where dynamic anchors lead.
    struct Output {
        let nodes: [SchemaNode]
        /// For the number of each anchor's name and each resource: its schema there, or -1.
        let dynamicAnchors: [[SchemaNumber]]
        let rootResource: Int32
    }

    static func compile(
        _ document: JSONDocument, uri: URIReference, registry: SchemaRegistry,
        assertsFormats: Bool
    ) throws(Failure) -> Output {
        var compiler = SchemaCompiler(
            index: SchemaIndex(registry: registry), assertsFormats: assertsFormats)
        let root = try compiler.index.add(document, uri: uri)
        try compiler.index.addRegistry()
        _ = compiler.number(of: root)
        // All of the schema itself is compiled, so that a mistake is found where nothing refers
        // to; of other documents what is needed.
        let own = compiler.index.places.values.filter { $0.document == root.document }
        for place in own.sorted(by: { $0.value.range.lowerBound < $1.value.range.lowerBound }) {
            _ = compiler.number(of: place)
        }
        try compiler.compilePending()
        return compiler.output(rootResource: root.resource)
    }

    private init(index: SchemaIndex, assertsFormats: Bool) {
        self.index = index
        self.assertsFormats = assertsFormats
    }

    /// The number of the schema at a place, which is compiled later if it is new.
    mutating func number(of place: SchemaPlace) -> SchemaNumber {
        if let known = numbers[place.position] { return known }
        let number = SchemaNumber(nodes.count)
        nodes.append(nil)
        numbers[place.position] = number
        pending.append((number, place))
        usedResources.insert(place.resource)
        return number
    }

    private mutating func compilePending() throws(Failure) {
        repeat {
            while let next = pending.popLast() {
                nodes[Int(next.number)] = SchemaNode(try compile(next.place))
            }
            // A dynamic reference may lead to each resource that can be on the way to it.
            for name in anchorNumbers.keys {
                for resource in usedResources {
                    if let position = index.resources[resource].dynamicAnchors[name],
                        let place = index.places[position]
                    {
                        _ = number(of: place)
                    }
                }
            }
        } while !pending.isEmpty
    }

    private func output(rootResource: Int) -> Output {
        var tables: [[SchemaNumber]] = []
        for (name, _) in anchorNumbers.sorted(by: { $0.value < $1.value }) {
            tables.append(
                index.resources.map { resource in
                    resource.dynamicAnchors[name].flatMap { numbers[$0] } ?? -1
                })
        }
        return Output(
            nodes: nodes.compactMap(\.self), dynamicAnchors: tables,
            rootResource: Int32(rootResource))
    }

    private mutating func compile(_ place: SchemaPlace) throws(Failure) -> SchemaNodeParts {
        let resource = index.resources[place.resource]
        var parts = SchemaNodeParts(
            resource: Int32(place.resource), uri: resource.uri.text, path: place.path)
        if let verdict = place.value.boolean {
            parts.verdict = verdict
            return parts
        }
        guard place.value.kind == .object else {
            throw SchemaError(
                .invalidKeyword,
                SchemaPath.location(parts.uri, SchemaPath.pointer(place.path)),
                "a schema must be an object or a boolean")
        }
        var source = SchemaSource(place, resource: resource, assertsFormats: assertsFormats)
        let vocabularies = resource.vocabularies
        if vocabularies.contains(.validation) {
            parts.types = try source.types()
            parts.values = try source.valueRules()
            parts.numbers = try source.numberRules()
        }
        parts.strings = try source.stringRules()
        parts.arrays = try arrayRules(&source)
        parts.objects = try objectRules(&source)
        parts.branches = try branchRules(&source)
        if vocabularies.contains(.unevaluated) {
            parts.unevaluatedItems = try schema(source, "unevaluatedItems")
            parts.unevaluatedProperties = try schema(source, "unevaluatedProperties")
        }
        return parts
    }
}

/// Applicators.
extension SchemaCompiler {
    /// The schema in a keyword of its own.
    private mutating func schema(
        _ source: SchemaSource, _ keyword: String
    ) throws(Failure) -> SchemaNumber? {
        guard let value = source.value(keyword) else { return nil }
        return try number(of: value, in: source)
    }

    private mutating func number(
        of value: JSONValue, in source: SchemaSource
    ) throws(Failure) -> SchemaNumber {
        let position = SchemaPosition(
            document: source.place.document, offset: value.range.lowerBound)
        guard let place = index.places[position] else {
            throw source.failure("", "a schema must be an object or a boolean")
        }
        return number(of: place)
    }

    private mutating func schemas(
        _ source: SchemaSource, _ keyword: String
    ) throws(Failure) -> [SchemaNumber] {
        guard let value = source.value(keyword) else { return [] }
        guard value.kind == .array, value.count > 0 else {
            throw source.failure(keyword, "\(keyword) must be an array of at least one schema")
        }
        var result: [SchemaNumber] = []
        for element in value.elements { result.append(try number(of: element, in: source)) }
        return result
    }

    private mutating func arrayRules(
        _ source: inout SchemaSource
    ) throws(Failure) -> ArrayRules? {
        let applies = source.vocabularies.contains(.applicator)
        let validates = source.vocabularies.contains(.validation)
        let prefix = applies ? try schemas(source, "prefixItems") : []
        let items = applies ? try schema(source, "items") : nil
        let contains = applies ? try schema(source, "contains") : nil
        var counts = CountBounds()
        var containsCounts = CountBounds(minimum: 1)
        var isUnique = false
        if validates {
            counts = try source.counts("minItems", "maxItems")
            containsCounts = try source.counts("minContains", "maxContains", minimum: 1)
            isUnique = try source.boolean("uniqueItems")
        }
        guard !prefix.isEmpty || items != nil || contains != nil || isUnique || !counts.isTrivial
        else { return nil }
        return ArrayRules(
            counts: counts, prefix: prefix, items: items, contains: contains,
            containsCounts: containsCounts, isUnique: isUnique)
    }

    private mutating func objectRules(
        _ source: inout SchemaSource
    ) throws(Failure) -> ObjectRules? {
        let applies = source.vocabularies.contains(.applicator)
        let validates = source.vocabularies.contains(.validation)
        var names = NameTable()
        var properties: [Int: SchemaNumber] = [:]
        var patterns: [ObjectRules.Pattern] = []
        var dependentSchemas: [ObjectRules.Dependency<SchemaNumber>] = []
        var dependentRequired: [ObjectRules.Dependency<[Int]>] = []
        if applies {
            for member in try source.members("properties") {
                let name = try source.name(member.key, in: &names)
                properties[name] = try number(of: member.value, in: source)
            }
            for member in try source.members("patternProperties") {
                let name = member.key.stringUTF8 ?? []
                patterns.append(
                    ObjectRules.Pattern(
                        expression: try source.pattern(member.key, "patternProperties", name),
                        schema: try number(of: member.value, in: source),
                        token: PointerText.escaped(String(decoding: name, as: UTF8.self))))
            }
        }
        for keyword in ["dependentSchemas", "dependentRequired", "dependencies"] {
            for member in try source.members(keyword) {
                let isList = member.value.kind == .array && keyword != "dependentSchemas"
                if isList || keyword == "dependentRequired" {
                    guard validates else { continue }
                    let name = try source.name(member.key, in: &names)
                    let consequence = try source.names(member.value, keyword, in: &names)
                    dependentRequired.append(.init(name: name, consequence: consequence))
                } else if applies {
                    let name = try source.name(member.key, in: &names)
                    let consequence = try number(of: member.value, in: source)
                    dependentSchemas.append(.init(name: name, consequence: consequence))
                }
            }
        }
        var requiredNames: [Int] = []
        var counts = CountBounds()
        if validates {
            if let required = source.value("required") {
                requiredNames = try source.names(required, "required", in: &names)
            }
            counts = try source.counts("minProperties", "maxProperties")
        }
        let additional = applies ? try schema(source, "additionalProperties") : nil
        let nameSchema = applies ? try schema(source, "propertyNames") : nil
        guard
            names.count > 0 || !patterns.isEmpty || additional != nil || nameSchema != nil
                || !counts.isTrivial
        else { return nil }
        return ObjectRules(
            counts: counts, names: names,
            properties: (0..<names.count).map { properties[$0] ?? -1 }, patterns: patterns,
            additional: additional, nameSchema: nameSchema, requiredNames: requiredNames,
            dependentRequired: dependentRequired, dependentSchemas: dependentSchemas)
    }

    private mutating func branchRules(
        _ source: inout SchemaSource
    ) throws(Failure) -> BranchRules? {
        let reference = try self.reference(source, "$ref")?.number
        let dynamic = try self.reference(source, "$dynamicRef")
        var dynamicReference: BranchRules.DynamicReference?
        if let dynamic, let anchor = dynamic.anchor {
            let number = anchorNumbers[anchor] ?? anchorNumbers.count
            anchorNumbers[anchor] = number
            dynamicReference = .init(target: dynamic.number, anchor: number)
        }
        let applies = source.vocabularies.contains(.applicator)
        let condition = applies ? try schema(source, "if") : nil
        let rules = BranchRules(
            reference: reference,
            plainDynamicReference: dynamicReference == nil ? dynamic?.number : nil,
            dynamicReference: dynamicReference,
            all: applies ? try schemas(source, "allOf") : [],
            any: applies ? try schemas(source, "anyOf") : [],
            one: applies ? try schemas(source, "oneOf") : [],
            not: applies ? try schema(source, "not") : nil, condition: condition,
            consequence: condition == nil ? nil : try schema(source, "then"),
            alternative: condition == nil ? nil : try schema(source, "else"))
        let isEmpty =
            reference == nil && dynamic == nil && rules.all.isEmpty && rules.any.isEmpty
            && rules.one.isEmpty && rules.not == nil && condition == nil
        return isEmpty ? nil : rules
    }

    private mutating func reference(
        _ source: SchemaSource, _ keyword: String
    ) throws(Failure) -> (number: SchemaNumber, anchor: [UInt8]?)? {
        guard let value = source.value(keyword) else { return nil }
        guard let text = value.stringUTF8 else {
            throw source.failure(keyword, "\(keyword) must be a string")
        }
        guard let found = try index.find(URIReference(text), from: source.place.resource) else {
            throw SchemaError(
                .unresolvedReference, source.location(keyword),
                "\(keyword) leads nowhere: \(MessageText.excerpt(value))")
        }
        return (number(of: found.place), found.dynamicAnchor)
    }
}
