internal import LosslessJSON

extension ProfileParser {
    private enum RelationName: String, CaseIterable {
        case unique, reference, disjoint, lookup, equal, file, needs

        var members: [String] {
            switch self {
            case .unique: ["values", "at_most"]
            case .reference: ["values", "to"]
            case .disjoint: ["values", "from"]
            case .lookup: ["items", "key", "value", "table", "or_key"]
            case .equal: ["items", "left", "right"]
            case .file: ["items", "file", "size", "md5", "tag"]
            case .needs: ["items", "file"]
            }
        }
    }

    func relation(_ reader: FormReader) throws(ProfileError) -> Relation {
        let name = try reader.required("relation").choice(RelationName.self)
        try reader.requireObject(
            "the relation \"\(name.rawValue)\"",
            members: ["relation"] + name.members + ["except", "severity", "meaning", "remedy"])
        var exceptions: Set<[UInt8]> = []
        for exception in try reader.elements("except") {
            exceptions.insert(Array(try exception.text().utf8))
        }
        return Relation(
            rule: try rule(name, reader), exceptions: exceptions,
            consequence: Consequence(
                try reader.required("severity").choice(Severity.self),
                meaning: try reader.required("meaning").text(),
                remedy: try reader.text("remedy", default: "")))
    }

    private func rule(
        _ name: RelationName, _ reader: FormReader
    ) throws(ProfileError) -> Relation.Rule {
        switch name {
        case .unique:
            .unique(
                try values(reader.required("values")),
                atMost: try reader.member("at_most")?.integer(in: 1...Int(Int32.max)) ?? 1)
        case .reference:
            .reference(
                try values(reader.required("values")), to: try values(reader.required("to")))
        case .disjoint:
            .disjoint(
                try values(reader.required("values")), from: try values(reader.required("from")))
        case .lookup:
            .lookup(
                try items(reader.required("items")),
                key: try relativePointer(reader.required("key")),
                value: try relativePointer(reader.required("value")),
                table: try table(reader.required("table")),
                acceptsKey: try reader.flag("or_key", default: false))
        case .equal:
            .equal(
                try items(reader.required("items")),
                left: try relativePointer(reader.required("left")),
                right: try relativePointer(reader.required("right")))
        case .file:
            .file(
                try items(reader.required("items")),
                file: try literalPath(reader.required("file")),
                size: try optionalPointer(reader, "size"),
                md5: try optionalPointer(reader, "md5"), tag: try optionalPointer(reader, "tag"))
        case .needs:
            .needs(
                try items(reader.required("items")),
                file: try literalPath(reader.required("file")))
        }
    }

    private func optionalPointer(
        _ owner: FormReader, _ name: String
    ) throws(ProfileError) -> RelativePointer? {
        guard let reader = owner.member(name) else { return nil }
        return try relativePointer(reader)
    }

    private func literalPath(_ reader: FormReader) throws(ProfileError) -> NamePattern {
        let pattern = try reader.namePattern()
        guard pattern.isLiteral, !pattern.isDirectoryOnly else {
            throw reader.failure("one file is meant here, and no pattern")
        }
        return pattern
    }

    private func values(_ reader: FormReader) throws(ProfileError) -> ValueSelector {
        try reader.requireObject(
            "a selection of values", members: ["document", "at", "take", "column"])
        let document = try reader.required("document").namePattern()
        if let column = reader.member("column") {
            guard reader.member("at") == nil, reader.member("take") == nil else {
                throw column.failure("a selection has \"column\" or \"at\", not both")
            }
            return .column(document: document, name: try column.text())
        }
        guard let pattern = reader.member("at") else {
            if let take = reader.member("take") { throw take.failure("\"take\" goes with \"at\"") }
            return .planNames(document: document)
        }
        return .json(
            document: document, at: try pattern.pointerPattern(),
            take: try optionalPointer(reader, "take") ?? .below([]))
    }

    private func items(_ reader: FormReader) throws(ProfileError) -> ItemSelector {
        try reader.requireObject("a selection of items", members: ["document", "at"])
        return ItemSelector(
            document: try reader.required("document").namePattern(),
            at: try reader.required("at").pointerPattern())
    }

    private func table(_ reader: FormReader) throws(ProfileError) -> TableSelector {
        try reader.requireObject("a table", members: ["document", "at", "key", "value"])
        let document = try reader.required("document").namePattern()
        guard let pattern = reader.member("at") else {
            return .columns(
                document: document, key: try reader.required("key").text(),
                value: try reader.required("value").text())
        }
        return .json(
            document: document, at: try pattern.pointerPattern(),
            key: try relativePointer(reader.required("key")),
            value: try relativePointer(reader.required("value")))
    }

    func holding(_ reader: FormReader) throws(ProfileError) -> Holding {
        try reader.requireObject("a holding", members: ["what", "severity", "in"])
        var sources: [Holding.Source] = []
        for element in try reader.required("in").list() {
            try element.requireObject(
                "where things are held", members: ["document", "at", "id", "name"])
            let document = try element.required("document").namePattern()
            guard let pattern = element.member("at") else {
                sources.append(.documents(document))
                continue
            }
            let identity = try relativePointer(element.required("id"))
            sources.append(
                .json(
                    document: document, at: try pattern.pointerPattern(), id: identity,
                    name: try optionalPointer(element, "name") ?? identity))
        }
        guard !sources.isEmpty else {
            throw try reader.required("in").failure("this list needs at least one place")
        }
        return Holding(
            what: try reader.required("what").text(),
            severity: try reader.member("severity")?.choice(Severity.self) ?? .warning,
            sources: sources)
    }
}
