internal import LosslessJSON

/// A value that a selection found, with its place.
struct SelectedValue {
    var value: JSONValue
    /// The key it stands under, where it stands in an object.
    var name: JSONValue?
    var pointer: JSONPointer

    /// The text by which values of different documents compare: that of a string, the digits of a
    /// number as written, so that `"7"` and `7` are one id. Nil for what has no such text.
    static func comparableText(_ value: JSONValue) -> [UInt8]? {
        switch value.kind {
        case .string: value.stringUTF8
        case .number, .boolean: Array(value.bytes)
        case .object, .array, .null: nil
        }
    }

    func text(_ way: RelativePointer) -> [UInt8]? {
        way.resolve(from: value, named: name).flatMap(Self.comparableText)
    }

    /// Where the value at the end of a way stands.
    func pointer(_ way: RelativePointer) -> JSONPointer {
        switch way {
        case .ownName: pointer
        case .below(let tokens): JSONPointer(tokens: pointer.tokens + tokens)
        }
    }
}

extension PointerPattern {
    /// Calls `body` once with every value of a document that matches, in document order. Looks at
    /// no more of the document than can match, and at each value once.
    func forEachMatch(in document: JSONDocument, _ body: (SelectedValue) -> Void) {
        let root = SelectedValue(value: document.root, name: nil, pointer: .root)
        visit(root, open: reachable(from: [0]), body)
    }

    func matches(in document: JSONDocument) -> [SelectedValue] {
        var found: [SelectedValue] = []
        forEachMatch(in: document) { found.append($0) }
        return found
    }

    /// - Parameter open: up to which tokens of the pattern the way to `place` has matched; several
    ///   where `**` leaves it open.
    private func visit(_ place: SelectedValue, open: [Int], _ body: (SelectedValue) -> Void) {
        if open.last == tokens.count { body(place) }
        switch place.value.kind {
        case .object:
            for member in place.value.members {
                let key = member.key.stringUTF8 ?? []
                let next = reachable(from: following(open, key))
                if next.isEmpty { continue }
                let child = SelectedValue(
                    value: member.value, name: member.key, pointer: place.pointer.appending(key))
                visit(child, open: next, body)
            }
        case .array:
            for (index, element) in place.value.elements.enumerated() {
                let next = reachable(from: following(open, Array(String(index).utf8)))
                if next.isEmpty { continue }
                let child = SelectedValue(
                    value: element, name: nil, pointer: place.pointer.appending(index))
                visit(child, open: next, body)
            }
        default:
            break
        }
    }

    /// Where the pattern stands after one token more; rising.
    private func following(_ open: [Int], _ key: [UInt8]) -> [Int] {
        var next: [Int] = []
        for position in open where position < tokens.count {
            if tokens[position] == .anyTokens {
                next.append(position)
            } else if Self.matches(tokens[position], key) {
                next.append(position + 1)
            }
        }
        return next
    }

    /// The same places, and those reached from them by a `**` that takes nothing; rising.
    private func reachable(from open: [Int]) -> [Int] {
        var reached: [Int] = []
        for position in open {
            var position = position
            while reached.last.map({ $0 < position }) ?? true {
                reached.append(position)
                guard position < tokens.count, tokens[position] == .anyTokens else { break }
                position += 1
            }
        }
        return reached
    }
}
