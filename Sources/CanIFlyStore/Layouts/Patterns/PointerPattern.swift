internal import LosslessJSON

/// A pattern over JSON pointers (RFC 6901), as profiles write them: `*` as a whole token stands for
/// any one token, `**` for any number of them, also none. Other tokens are compared without regard
/// to the case of ASCII letters: many readers of JSON (Go's among them) take `token` for `Token`,
/// and where a secret is concerned the wider reading is the safe one. `~0` and `~1` are as in a
/// pointer.
package struct PointerPattern: Sendable, Hashable, CustomStringConvertible {
    enum Token: Sendable, Hashable {
        case anyTokens
        case anyToken
        /// With ASCII letters in lower case.
        case name([UInt8])
    }

    package let description: String
    let tokens: [Token]

    /// Nil where the text is no pointer: neither empty nor beginning with `/`, or with a `~` that is
    /// no escape.
    package init?(_ text: String) {
        guard let pointer = try? JSONPointer(text) else { return nil }
        description = text
        tokens = pointer.tokens.map { token in
            if token.elementsEqual("*".utf8) { return .anyToken }
            if token.elementsEqual("**".utf8) { return .anyTokens }
            return .name(token.map(Self.lowercased))
        }
    }

    /// Whether the reference tokens, unescaped, match from first to last.
    package func matches(_ pointer: [[UInt8]]) -> Bool {
        var pattern = 0
        var position = 0
        var retryPattern: Int?
        var retryPosition = 0
        while true {
            if pattern < tokens.count, tokens[pattern] == .anyTokens {
                (retryPattern, retryPosition) = (pattern + 1, position)
                pattern += 1
            } else if pattern < tokens.count, position < pointer.count,
                Self.matches(tokens[pattern], pointer[position])
            {
                pattern += 1
                position += 1
            } else if pattern == tokens.count, position == pointer.count {
                return true
            } else {
                guard let retry = retryPattern, retryPosition < pointer.count else { return false }
                retryPosition += 1
                (pattern, position) = (retry, retryPosition)
            }
        }
    }

    static func matches(_ token: Token, _ name: [UInt8]) -> Bool {
        switch token {
        case .anyTokens, .anyToken:
            return true
        case .name(let expected):
            guard expected.count == name.count else { return false }
            for index in expected.indices where expected[index] != lowercased(name[index]) {
                return false
            }
            return true
        }
    }

    private static func lowercased(_ byte: UInt8) -> UInt8 {
        byte >= UInt8(ascii: "A") && byte <= UInt8(ascii: "Z") ? byte | 0x20 : byte
    }
}
