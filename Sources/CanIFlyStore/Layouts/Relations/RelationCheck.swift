internal import LosslessJSON
internal import StoreCodecs
public import StoreFiles

extension Profile {
    /// Checks what must hold between the documents of a store.
    ///
    /// - Parameters:
    ///   - documents: the logical names of all documents, sorted.
    ///   - read: the unpacked content of one; nil where it cannot be read. Asked at most once for
    ///     each document that a relation speaks of. Documents that are damaged count as absent:
    ///     what is wrong with them is told by the check of their content.
    public func checkRelations(
        layout: Int, documents: [StorePath], read: @escaping (StorePath) -> [UInt8]?
    ) -> [Finding] {
        guard let relations = self.layout(layout)?.relations, !relations.isEmpty else { return [] }
        var check = RelationCheck(
            profile: self, documents: RelationDocuments(documents, read: read))
        for relation in relations { check.check(relation) }
        return check.findings
    }

    /// The documents that `checkRelations` would read: nothing need be checked anew as long as none
    /// of them has changed.
    public func documentsInRelations(layout: Int, documents: [StorePath]) -> [StorePath] {
        guard let relations = self.layout(layout)?.relations else { return [] }
        let names = SortedNames(documents)
        var found: Set<StorePath> = []
        for pattern in Set(relations.flatMap(\.documents)) {
            names.forEach(matching: pattern) {
                found.insert($0)
                return true
            }
        }
        return found.sorted()
    }
}

/// One run over the relations of a layout.
struct RelationCheck {
    let profile: Profile
    var documents: RelationDocuments
    private(set) var findings: [Finding] = []

    /// A value with its place in a document, ready to be told about.
    struct Occurrence {
        var document: StorePath
        var text: [UInt8]
        var offset: Int
        var pointer: JSONPointer?
    }

    /// How many findings one relation may have; what more there is, is counted.
    private static let maximumFindings = 50
    private var findingsOfRelation = 0
    private var untold = 0

    init(profile: Profile, documents: RelationDocuments) {
        self.profile = profile
        self.documents = documents
    }

    mutating func check(_ relation: Relation) {
        findingsOfRelation = 0
        untold = 0
        switch relation.rule {
        case .unique(let values, let atMost):
            checkUnique(relation, values, atMost: atMost)
        case .reference(let values, let target):
            checkMembership(relation, values, of: target, mustBeThere: true)
        case .disjoint(let values, let target):
            checkMembership(relation, values, of: target, mustBeThere: false)
        case .lookup(let items, let key, let value, let table, let acceptsKey):
            checkLookup(relation, items, key, value, table, acceptsKey: acceptsKey)
        case .equal(let items, let left, let right):
            checkEqual(relation, items, left, right)
        case .file(let items, let file, let size, let md5, let tag):
            checkFile(relation, items, file, size: size, md5: md5, tag: tag)
        case .needs(let items, let file):
            checkNeeds(relation, items, file)
        }
        if untold > 0 {
            findings[findings.count - 1].detail += " (and \(untold) more of this sort)"
        }
    }

    // MARK: Values

    mutating func occurrences(of selector: ValueSelector, _ relation: Relation) -> [Occurrence] {
        var found: [Occurrence] = []
        for document in documents.documents(matching: selector.document) {
            switch selector {
            case .json(_, let pattern, let way):
                guard let json = documents.json(document) else { continue }
                pattern.forEachMatch(in: json) { selected in
                    guard let text = selected.text(way) else { return }
                    let value = way.resolve(from: selected.value, named: selected.name)
                    found.append(
                        Occurrence(
                            document: document, text: text,
                            offset: (value ?? selected.value).range.lowerBound,
                            pointer: selected.pointer(way)))
                }
            case .planNames:
                guard let bytes = documents.content(of: document),
                    case .plan(let form)? = rule(for: document)?.form
                else { continue }
                for requirement in PlanLines(bytes, form: form).requirements {
                    found.append(
                        Occurrence(
                            document: document, text: requirement.name,
                            offset: requirement.nameOffset))
                }
            case .column(_, let name):
                forEachRow(of: document, columns: [name]) { texts, offset in
                    found.append(Occurrence(document: document, text: texts[0], offset: offset))
                }
            }
        }
        return found.filter { !relation.exceptions.contains($0.text) }
    }

    /// Calls `body` with the values of some columns for each row.
    ///
    /// - Returns: whether the table is whole. Where it is not, the check of its content tells.
    @discardableResult
    mutating func forEachRow(
        of document: StorePath, columns: [String],
        _ body: (_ texts: [[UInt8]], _ offset: Int) -> Void
    ) -> Bool {
        guard let bytes = documents.content(of: document) else { return false }
        var reader = CSVReader(bytes)
        do {
            guard try reader.next() else { return false }
            let header = reader.fields.map { reader.text($0) }
            let positions = columns.compactMap { column in
                header.firstIndex { $0.elementsEqual(column.utf8) }
            }
            guard positions.count == columns.count else { return false }
            while try reader.next() {
                guard reader.fields.count == header.count else { return false }
                body(positions.map { reader.text(reader.fields[$0]) }, reader.rowOffset)
            }
            return true
        } catch {
            return false
        }
    }

    private func rule(for document: StorePath) -> DocumentRule? {
        profile.layouts.reversed().lazy.compactMap { $0.rule(for: document) }.first
    }

    // MARK: Telling

    mutating func report(
        _ relation: Relation, _ code: FindingCode = .relationBroken, at occurrence: Occurrence,
        _ what: String
    ) {
        findingsOfRelation += 1
        guard findingsOfRelation <= Self.maximumFindings else {
            untold += 1
            return
        }
        let bytes = documents.content(of: occurrence.document) ?? []
        let place = LineColumn(of: occurrence.offset, in: bytes)
        let secrecy = profile.secrecy(of: occurrence.document)
        let consequence = relation.consequence
        findings.append(
            Finding(
                code, consequence.severity, document: occurrence.document.text,
                offset: occurrence.offset, line: place.line, column: place.column,
                pointer: occurrence.pointer.map { secrecy.redacted($0).description },
                detail: what.isEmpty
                    ? consequence.meaning : "\(what): \(consequence.meaning)",
                remedy: consequence.remedy))
    }

    /// The value for people, or a placeholder where it is a secret.
    func shown(_ occurrence: Occurrence) -> String {
        let secrecy = profile.secrecy(of: occurrence.document)
        let isSecret =
            occurrence.pointer.map {
                secrecy.isSecretValue(at: $0) || secrecy.isSecretKey(at: $0)
            } ?? secrecy.isWholeDocument
        if isSecret { return Secrecy.placeholder }
        let text = String(decoding: occurrence.text.prefix(80), as: UTF8.self)
        return "\"\(text)\(occurrence.text.count > 80 ? "…" : "")\""
    }
}
