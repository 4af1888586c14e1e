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
    /// Calls `body` with every value of a document that matches, in document order. Looks at no
    /// more of the document than can match.
    func forEachMatch(in document: JSONDocument, _ body: (SelectedValue) -> Void) {
        forEachMatch(
            SelectedValue(value: document.root, name: nil, pointer: .root), tokens[...], body)
    }

    func matches(in document: JSONDocument) -> [SelectedValue] {
        var found: [SelectedValue] = []
        forEachMatch(in: document) { found.append($0) }
        return found
    }

    private func forEachMatch(
        _ place: SelectedValue, _ rest: ArraySlice<Token>, _ body: (SelectedValue) -> Void
    ) {
        guard let token = rest.first else {
            body(place)
            return
        }
        let following = rest.dropFirst()
        if token == .anyTokens {
            forEachMatch(place, following, body)
            forEachChild(of: place) { child, _ in forEachMatch(child, rest, body) }
        } else {
            forEachChild(of: place) { child, key in
                if Self.matches(token, key()) { forEachMatch(child, following, body) }
            }
        }
    }

    private func forEachChild(
        of place: SelectedValue, _ body: (SelectedValue, _ key: () -> [UInt8]) -> Void
    ) {
        switch place.value.kind {
        case .object:
            for member in place.value.members {
                let key = member.key.stringUTF8 ?? []
                let child = SelectedValue(
                    value: member.value, name: member.key, pointer: place.pointer.appending(key))
                body(child) { key }
            }
        case .array:
            for (index, element) in place.value.elements.enumerated() {
                let child = SelectedValue(
                    value: element, name: nil, pointer: place.pointer.appending(index))
                body(child) { Array(String(index).utf8) }
            }
        default:
            break
        }
    }
}
