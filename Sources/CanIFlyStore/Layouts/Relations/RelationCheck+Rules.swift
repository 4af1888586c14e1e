internal import LosslessJSON
internal import StoreCodecs
internal import StoreFiles

extension RelationCheck {
    mutating func checkUnique(_ relation: Relation, _ values: ValueSelector, atMost: Int) {
        var seen: [[UInt8]: (first: Occurrence, count: Int)] = [:]
        for occurrence in occurrences(of: values, relation) {
            guard let known = seen[occurrence.text] else {
                seen[occurrence.text] = (occurrence, 1)
                continue
            }
            seen[occurrence.text] = (known.first, known.count + 1)
            // Told once for each value, at the first place that is one too many.
            if known.count == atMost {
                let first = known.first
                let place = first.pointer?.description ?? "byte \(first.offset)"
                let times = atMost == 1 ? "again" : "for the \(atMost + 1)th time"
                report(
                    relation, at: occurrence,
                    "\(shown(occurrence)) stands here \(times), first at \(place)")
            }
        }
    }

    mutating func checkMembership(
        _ relation: Relation, _ values: ValueSelector, of target: ValueSelector,
        mustBeThere: Bool
    ) {
        let values = occurrences(of: values, relation)
        if values.isEmpty { return }
        let wanted = Set(values.map(\.text))
        var found: Set<[UInt8]> = []
        let targets = documents.documents(matching: target.document)
        var areWhole = !targets.isEmpty
        for document in targets {
            switch target {
            case .column(_, let name):
                let isWhole = forEachRow(of: document, columns: [name]) { texts, _ in
                    if wanted.contains(texts[0]) { found.insert(texts[0]) }
                }
                areWhole = areWhole && isWhole
            case .json(_, let pattern, let way):
                guard let json = documents.json(document) else {
                    areWhole = false
                    continue
                }
                pattern.forEachMatch(in: json) { selected in
                    if let text = selected.text(way), wanted.contains(text) { found.insert(text) }
                }
            case .planNames:
                for occurrence in occurrences(of: target, relation) {
                    found.insert(occurrence.text)
                }
            }
        }
        // What a damaged document does not have is not known to be missing.
        guard areWhole || !mustBeThere else { return }
        var told: Set<[UInt8]> = []
        for value in values where found.contains(value.text) != mustBeThere {
            let key = Array(value.document.text.utf8) + [0] + value.text
            if told.insert(key).inserted { report(relation, at: value, shown(value)) }
        }
    }

    mutating func checkLookup(
        _ relation: Relation, _ items: ItemSelector, _ key: RelativePointer,
        _ value: RelativePointer, _ table: TableSelector, acceptsKey: Bool
    ) {
        var pairs: [(key: [UInt8], value: Occurrence)] = []
        for document in documents.documents(matching: items.document) {
            guard let json = documents.json(document) else { continue }
            items.at.forEachMatch(in: json) { selected in
                guard let keyText = selected.text(key), let valueText = selected.text(value),
                    !relation.exceptions.contains(valueText),
                    let place = value.resolve(from: selected.value, named: selected.name)
                else { return }
                pairs.append(
                    (
                        keyText,
                        Occurrence(
                            document: document, text: valueText, offset: place.range.lowerBound,
                            pointer: selected.pointer(value))
                    ))
            }
        }
        if pairs.isEmpty { return }
        let known = lookUp(Set(pairs.map(\.key)), in: table)
        for pair in pairs {
            guard let expected = known[pair.key], !expected.contains(pair.value.text),
                !(acceptsKey && pair.key == pair.value.text)
            else { continue }
            report(relation, at: pair.value, shown(pair.value))
        }
    }

    /// The values that a table gives for each of some keys.
    private mutating func lookUp(
        _ keys: Set<[UInt8]>, in table: TableSelector
    ) -> [[UInt8]: Set<[UInt8]>] {
        var found: [[UInt8]: Set<[UInt8]>] = [:]
        for document in documents.documents(matching: table.document) {
            switch table {
            case .columns(_, let key, let value):
                forEachRow(of: document, columns: [key, value]) { texts, _ in
                    if keys.contains(texts[0]) { found[texts[0], default: []].insert(texts[1]) }
                }
            case .json(_, let pattern, let key, let value):
                guard let json = documents.json(document) else { continue }
                pattern.forEachMatch(in: json) { selected in
                    guard let keyText = selected.text(key), keys.contains(keyText),
                        let valueText = selected.text(value)
                    else { return }
                    found[keyText, default: []].insert(valueText)
                }
            }
        }
        return found
    }

    mutating func checkEqual(
        _ relation: Relation, _ items: ItemSelector, _ left: RelativePointer,
        _ right: RelativePointer
    ) {
        for document in documents.documents(matching: items.document) {
            guard let json = documents.json(document) else { continue }
            for selected in items.at.matches(in: json) {
                guard let leftText = selected.text(left), let rightText = selected.text(right),
                    leftText != rightText, !relation.exceptions.contains(leftText),
                    let place = right.resolve(from: selected.value, named: selected.name)
                else { continue }
                report(
                    relation,
                    at: Occurrence(
                        document: document, text: rightText, offset: place.range.lowerBound,
                        pointer: selected.pointer(right)), "")
            }
        }
    }

    mutating func checkFile(
        _ relation: Relation, _ items: ItemSelector, _ file: NamePattern, size: RelativePointer?,
        md5: RelativePointer?, tag: RelativePointer?
    ) {
        let path = StorePath(unchecked: file.description)
        for document in documents.documents(matching: items.document) {
            guard let json = documents.json(document) else { continue }
            for selected in items.at.matches(in: json) where selected.value.kind == .object {
                let source = "\(document.text) \(selected.pointer.description)"
                guard let bytes = documents.content(of: path) else {
                    // Without a tag the application does not think that it has the file.
                    let isClaimed = tag.map { !(selected.text($0) ?? []).isEmpty } ?? true
                    if isClaimed, documents.isAbsent(path) {
                        report(
                            relation, .metadataMismatch, at: occurrence(document, selected),
                            "\(path.text) is not there, and is described here")
                    }
                    continue
                }
                let described = size.flatMap { selected.text($0) }
                if let described, !described.elementsEqual(String(bytes.count).utf8) {
                    let expected = String(decoding: described.prefix(20), as: UTF8.self)
                    report(
                        relation, .metadataMismatch,
                        at: Occurrence(document: path, text: [], offset: 0),
                        "it has \(bytes.count) bytes, and \(source) says \(expected)")
                    continue
                }
                guard let expected = md5.flatMap({ selected.text($0) }), !expected.isEmpty
                else { continue }
                if !Hexadecimal.encode(MessageDigest5.digest(of: bytes)).utf8.elementsEqual(
                    expected)
                {
                    report(
                        relation, .metadataMismatch,
                        at: Occurrence(document: path, text: [], offset: 0),
                        "its content has another MD5 digest than \(source) says")
                }
            }
        }
    }

    mutating func checkNeeds(
        _ relation: Relation, _ items: ItemSelector, _ file: NamePattern
    ) {
        let path = StorePath(unchecked: file.description)
        for document in documents.documents(matching: items.document) {
            guard let json = documents.json(document) else { continue }
            for selected in items.at.matches(in: json) {
                guard let text = SelectedValue.comparableText(selected.value), !text.isEmpty,
                    !relation.exceptions.contains(text)
                else { continue }
                if documents.content(of: path)?.isEmpty ?? documents.isAbsent(path) {
                    report(
                        relation, at: occurrence(document, selected), "\(path.text) is not there")
                }
            }
        }
    }

    private func occurrence(_ document: StorePath, _ selected: SelectedValue) -> Occurrence {
        Occurrence(
            document: document, text: [], offset: selected.value.range.lowerBound,
            pointer: selected.pointer)
    }
}
