/// A text that is no JSON pointer.
public struct JSONPointerError: Error, Equatable, Sendable {
    /// Bytes from the start of the text to what is wrong.
    public var offset: Int
    /// One phrase for people.
    public var reason: String
}

/// A place in a JSON document (RFC 6901). Two pointers are equal if their tokens are, byte by
/// byte.
public struct JSONPointer: Sendable, Hashable {
    /// The decoded tokens (`~1` is `/` and `~0` is `~` again), as UTF-8.
    public private(set) var tokens: [[UInt8]]

    /// The whole document.
    public static let root = JSONPointer(tokens: [])

    public init(tokens: [[UInt8]]) {
        self.tokens = tokens
    }

    /// From the text form, such as `/a~1b/0`.
    public init(_ text: String) throws(JSONPointerError) {
        try self.init(utf8: Array(text.utf8))
    }

    /// From the text form as UTF-8.
    public init(utf8 text: [UInt8]) throws(JSONPointerError) {
        tokens = []
        guard let first = text.first else { return }
        guard first == Byte.slash else {
            throw JSONPointerError(offset: 0, reason: "a JSON pointer starts with '/'")
        }
        var token: [UInt8] = []
        var position = 1
        while position < text.count {
            let byte = text[position]
            position += 1
            switch byte {
            case Byte.slash:
                tokens.append(token)
                token = []
            case Byte.tilde:
                let letter = position < text.count ? text[position] : 0
                guard letter == Byte.zero || letter == Byte.zero + 1 else {
                    throw JSONPointerError(
                        offset: position - 1, reason: "'~' stands before '0' or '1' only")
                }
                token.append(letter == Byte.zero ? Byte.tilde : Byte.slash)
                position += 1
            default: token.append(byte)
            }
        }
        tokens.append(token)
    }

    public var isRoot: Bool { tokens.isEmpty }

    /// The place that holds this one, or nil for the root.
    public var parent: JSONPointer? {
        isRoot ? nil : JSONPointer(tokens: tokens.dropLast())
    }

    public mutating func append(_ token: [UInt8]) { tokens.append(token) }

    public mutating func removeLast() { tokens.removeLast() }

    public func appending(_ key: String) -> JSONPointer {
        JSONPointer(tokens: tokens + [Array(key.utf8)])
    }

    public func appending(_ key: [UInt8]) -> JSONPointer {
        JSONPointer(tokens: tokens + [key])
    }

    public func appending(_ index: Int) -> JSONPointer { appending(String(index)) }

    /// Whether `other` lies in this place, or is the same.
    public func isPrefix(of other: JSONPointer) -> Bool { other.tokens.starts(with: tokens) }

    /// The value at this place, or nil if there is none. `-` names no value.
    public func resolve(in document: JSONDocument) -> JSONValue? {
        resolve(from: document.root)
    }

    /// The value at this place, seen from `value`.
    public func resolve(from value: JSONValue) -> JSONValue? {
        var value = value
        for token in tokens {
            let next: JSONValue? =
                switch value.kind {
                case .object: value.member(named: token)
                case .array: Self.arrayIndex(token).flatMap { value.element(at: $0) }
                default: nil
                }
            guard let next else { return nil }
            value = next
        }
        return value
    }

    /// The number that a token names in an array: digits without a leading zero.
    package static func arrayIndex(_ token: [UInt8]) -> Int? {
        guard let first = token.first, token.count <= 18, token.allSatisfy(Byte.isDigit),
            first != Byte.zero || token.count == 1
        else { return nil }
        return token.reduce(0) { $0 * 10 + Int($1 - Byte.zero) }
    }
}

extension JSONPointer: CustomStringConvertible {
    /// The text form, as UTF-8.
    public var utf8: [UInt8] {
        var text: [UInt8] = []
        for token in tokens {
            text.append(Byte.slash)
            for byte in token {
                switch byte {
                case Byte.tilde: text.append(contentsOf: [Byte.tilde, Byte.zero])
                case Byte.slash: text.append(contentsOf: [Byte.tilde, Byte.zero + 1])
                default: text.append(byte)
                }
            }
        }
        return text
    }

    /// The text form. It may hold control characters where keys do.
    public var description: String { String(decoding: utf8, as: UTF8.self) }
}
