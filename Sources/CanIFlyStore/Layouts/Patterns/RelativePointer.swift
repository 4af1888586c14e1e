internal import LosslessJSON

/// The way from a value to one that belongs to it, as profiles write it: a JSON pointer below the
/// value, empty for the value itself, or `#` for the name under which the value stands in its
/// object.
package enum RelativePointer: Sendable, Hashable {
    case ownName
    case below([[UInt8]])

    /// Nil where the text is neither.
    init?(_ text: String) {
        if text.utf8.elementsEqual("#".utf8) {
            self = .ownName
        } else if let pointer = try? JSONPointer(text) {
            self = .below(pointer.tokens)
        } else {
            return nil
        }
    }

    /// The value meant, seen from `value`, which stands under `name`; nil where there is none.
    func resolve(from value: JSONValue, named name: JSONValue?) -> JSONValue? {
        switch self {
        case .ownName: name
        case .below(let tokens): JSONPointer(tokens: tokens).resolve(from: value)
        }
    }
}
