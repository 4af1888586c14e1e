internal import LosslessJSON
internal import StoreFiles

extension Profile {
    /// How large a profile may be, in bytes.
    package static let maximumBytes = 8 << 20

    /// Reads a profile: one JSON file as docs/profiles.md describes it.
    ///
    /// - Throws: what is wrong first, and where.
    public init(parsing bytes: [UInt8]) throws(ProfileError) {
        let document: JSONDocument
        do {
            document = try JSONDocument(
                bytes, limits: JSONLimits(maximumBytes: Self.maximumBytes))
        } catch {
            throw ProfileError(
                message: "this is no JSON: \(error.reason)", pointer: "", offset: error.offset,
                line: error.line, column: error.column)
        }
        var parser = ProfileParser(document)
        self = try parser.profile()
    }

    /// Compiles every schema of the profile, which is else done when a document is held to it: for a
    /// profile that a user hands in.
    ///
    /// - Throws: what is wrong with the first schema that is none.
    public func requireSchemas() throws(ProfileError) {
        for rule in layouts.flatMap(\.documents) {
            if case .json(let schema?) = rule.form, case .failure(let error) = schema.compiled {
                throw schema.failure("this is no JSON Schema: \(error)")
            }
        }
    }
}

/// Reads the form that docs/profiles.md describes. Everything that it does not know is refused:
/// a misspelt member would otherwise be a rule that silently does not hold.
struct ProfileParser {
    private let root: FormReader
    private var definitions = Array("{}".utf8)
    /// The layout being read, for its rules.
    var layoutNumber = 0

    init(_ document: JSONDocument) { root = FormReader(document) }

    mutating func profile() throws(ProfileError) -> Profile {
        try root.requireObject(
            "a profile",
            members: [
                "profile", "description", "lock", "foreign", "temporaries", "secrets", "layouts",
                "$defs", "$schema",
            ])
        let name = try root.required("profile").text()
        guard Self.isName(name) else {
            throw try root.required("profile").failure(
                "the name of a profile is made of lower-case letters, digits, \"-\" and \"_\"")
        }
        guard name != "generic" else {
            throw try root.required("profile").failure("the name \"generic\" is taken")
        }
        if let definitions = root.member("$defs") {
            guard definitions.value.kind == .object else {
                throw definitions.failure("\"$defs\" must be an object of JSON Schemas")
            }
            self.definitions = Array(definitions.value.bytes)
        }
        return Profile(
            name: name, summary: try root.text("description", default: ""),
            hasApplicationLock: try lock(), layouts: try layouts(),
            foreign: try namePatterns(root, "foreign"),
            temporaries: try namePatterns(root, "temporaries"),
            secretValues: try pointerPatterns(root, "secrets"))
    }

    private static func isName(_ name: String) -> Bool {
        !name.isEmpty && name.utf8.count <= 64
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"),
                    UInt8(ascii: "-"), UInt8(ascii: "_"):
                    true
                default: false
                }
            }
    }

    private enum LockProtocol: String, CaseIterable {
        case processIdentifier = "process-id"
    }

    private func lock() throws(ProfileError) -> Bool {
        guard let lock = root.member("lock") else { return false }
        return try lock.choice(LockProtocol.self) == .processIdentifier
    }

    func namePatterns(
        _ owner: FormReader, _ member: String
    ) throws(ProfileError) -> [NamePattern] {
        var patterns: [NamePattern] = []
        for element in try owner.elements(member) { patterns.append(try element.namePattern()) }
        return patterns
    }

    func pointerPatterns(
        _ owner: FormReader, _ member: String
    ) throws(ProfileError) -> [PointerPattern] {
        var patterns: [PointerPattern] = []
        for element in try owner.elements(member) {
            patterns.append(try element.pointerPattern())
        }
        return patterns
    }

    /// Nil where the document has no schema.
    func schema(_ owner: FormReader) throws(ProfileError) -> SchemaSource? {
        guard let schema = owner.member("schema") else { return nil }
        guard schema.value.kind == .object || schema.value.kind == .boolean else {
            throw schema.failure("a schema is an object, true or false")
        }
        return SchemaSource(schema, definitions: definitions)
    }

    // MARK: Layouts

    private mutating func layouts() throws(ProfileError) -> [Layout] {
        var layouts: [Layout] = []
        for element in try root.elements("layouts") {
            try element.requireObject(
                "a layout",
                members: [
                    "layout", "versions", "extends", "known_by_sight", "recognised_by",
                    "documents", "relations", "holds",
                ])
            layoutNumber = try element.required("layout").integer(in: 0...9999)
            if let last = layouts.last, last.number >= layoutNumber {
                throw try element.required("layout").failure(
                    "layouts are listed by rising number, and \(last.number) came before")
            }
            layouts.append(try layout(element, older: layouts))
        }
        return layouts
    }

    private func layout(
        _ reader: FormReader, older: [Layout]
    ) throws(ProfileError) -> Layout {
        var rules: [DocumentRule] = []
        var relations: [Relation] = []
        var holdings: [Holding] = []
        if let extends = reader.member("extends") {
            let number = try extends.integer(in: 0...9999)
            guard let base = older.first(where: { $0.number == number }) else {
                throw extends.failure("there is no layout \(number) before this one")
            }
            rules = base.documents.map { $0.inherited(by: layoutNumber) }
            relations = base.relations
            holdings = base.holdings
        }
        for element in try reader.elements("documents") {
            let rule = try documentRule(element)
            // A rule of the same path or pattern takes the place of the inherited one.
            rules.removeAll {
                $0.pattern.description.utf8.elementsEqual(rule.pattern.description.utf8)
            }
            rules.append(rule)
        }
        for element in try reader.elements("relations") {
            relations.append(try relation(element))
        }
        for element in try reader.elements("holds") {
            let holding = try holding(element)
            holdings.removeAll { $0.what.utf8.elementsEqual(holding.what.utf8) }
            holdings.append(holding)
        }
        return Layout(
            number: layoutNumber, versions: try reader.text("versions", default: ""),
            isKnownBySightOnly: try reader.flag("known_by_sight", default: false),
            documents: rules,
            recognition: try condition(reader.required("recognised_by")),
            relations: relations, holdings: holdings)
    }

    private func condition(
        _ reader: FormReader
    ) throws(ProfileError) -> RecognitionCondition {
        if reader.value.kind == .string { return .exists(try reader.namePattern()) }
        try reader.requireObject("a condition", members: ["path", "is", "any", "all", "none"])
        let isSingle = reader.value.count == (reader.member("is") == nil ? 1 : 2)
        if let path = reader.member("path"), isSingle {
            let pattern = try path.namePattern()
            guard let kind = reader.member("is") else { return .exists(pattern) }
            return .isKind(pattern, try kind.jsonKind())
        }
        for (name, make) in [
            ("any", RecognitionCondition.any), ("all", RecognitionCondition.all),
            ("none", RecognitionCondition.none),
        ] {
            guard reader.value.count == 1, let member = reader.member(name) else { continue }
            var conditions: [RecognitionCondition] = []
            for element in try member.list() { conditions.append(try condition(element)) }
            return make(conditions)
        }
        throw reader.failure("a condition has one of \"path\", \"any\", \"all\", \"none\"")
    }
}

extension FormReader {
    fileprivate func jsonKind() throws(ProfileError) -> JSONKind {
        guard let kind = JSONKind(rawValue: try text()) else {
            throw failure(
                "a kind of JSON is \"object\", \"array\", \"string\", \"number\", \"boolean\" or"
                    + " \"null\"")
        }
        return kind
    }
}
