/// The name of a document: a relative path that cannot leave the store and cannot play tricks on a
/// terminal. Equality, order and hash go by the UTF-8 bytes, as the file system's do; `String`
/// would take two spellings of the same accent for one name.
public struct StorePath: Sendable {
    /// As it is written, components separated by `/`.
    public let text: String

    /// The longest component that Linux file systems take, in bytes.
    public static let longestComponentBytes = 255
    /// The longest path, in bytes (`PATH_MAX`).
    public static let longestPathBytes = 4096

    public init(_ string: String) throws(StorePathError) {
        var copy = string
        let error = copy.withUTF8 { StorePathError.reason(against: $0) }
        if let error { throw error }
        self.text = copy
    }

    /// From the bytes of a directory listing or an archive.
    public init(bytes: some Sequence<UInt8>) throws(StorePathError) {
        guard let string = String(validating: bytes, as: UTF8.self) else { throw .invalidUTF8 }
        try self.init(string)
    }

    /// For callers that have looked at every component already.
    package init(unchecked text: String) { self.text = text }

    /// The last component.
    public var name: String {
        guard let slash = text.utf8.lastIndex(of: UInt8(ascii: "/")) else { return text }
        return String(text[text.utf8.index(after: slash)...])
    }

    /// Everything before the last component; nil for a document at the top.
    public var parent: StorePath? {
        guard let slash = text.utf8.lastIndex(of: UInt8(ascii: "/")) else { return nil }
        return StorePath(unchecked: String(text[..<slash]))
    }

    /// As a word of a shell's command line: in quotes where a shell would read more into it.
    package var shellWord: String {
        let isPlain = text.utf8.allSatisfy { byte in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "a")...UInt8(ascii: "z"), 0x80...:
                true
            default: "-_./+,:@%".utf8.contains(byte)
            }
        }
        if isPlain { return text }
        let parts = text.utf8.split(separator: UInt8(ascii: "'"), omittingEmptySubsequences: false)
        return "'" + parts.map { String(Substring($0)) }.joined(separator: "'\\''") + "'"
    }

    public var components: [String] {
        text.utf8.split(separator: UInt8(ascii: "/")).map { String(Substring($0)) }
    }

    /// Whether `ancestor` is a directory on the way to this path.
    public func isInside(_ ancestor: StorePath) -> Bool {
        let own = text.utf8
        let other = ancestor.text.utf8
        guard own.count > other.count, own.starts(with: other) else { return false }
        return own[own.index(own.startIndex, offsetBy: other.count)] == UInt8(ascii: "/")
    }

    /// The path of `component` in this directory.
    public func appending(_ component: String) throws(StorePathError) -> StorePath {
        try StorePath(text + "/" + component)
    }
}

extension StorePath: Hashable, Comparable, CustomStringConvertible {
    public static func == (left: StorePath, right: StorePath) -> Bool {
        left.text.utf8.elementsEqual(right.text.utf8)
    }

    public static func < (left: StorePath, right: StorePath) -> Bool {
        left.text.utf8.lexicographicallyPrecedes(right.text.utf8)
    }

    public func hash(into hasher: inout Hasher) {
        var copy = text
        copy.withUTF8 { hasher.combine(bytes: UnsafeRawBufferPointer($0)) }
    }

    public var description: String { text }
}

/// Why a path cannot name a document.
public enum StorePathError: Error, Sendable, Hashable {
    case empty
    /// It begins with `/`.
    case absolute
    /// Two slashes in a row, or one at the end.
    case emptyComponent
    /// `.` or `..`.
    case dotComponent
    case componentTooLong
    case pathTooLong
    case invalidUTF8
    case nul
    /// C0, DEL or C1.
    case controlCharacter(UInt32)
    /// One of Unicode's marks that reorder what is displayed around them.
    case bidirectionalControl(UInt32)

    /// Half a sentence for a message: "the path …".
    public var text: String {
        switch self {
        case .empty: "is empty"
        case .absolute: "is absolute; documents are named relative to the store"
        case .emptyComponent: "has an empty component"
        case .dotComponent: "has a component . or .."
        case .componentTooLong: "has a component longer than 255 bytes"
        case .pathTooLong: "is longer than 4096 bytes"
        case .invalidUTF8: "is not valid UTF-8"
        case .nul: "holds a NUL"
        case .controlCharacter(let scalar): "holds the control character \(codePoint(scalar))"
        case .bidirectionalControl(let scalar):
            "holds the bidirectional control \(codePoint(scalar))"
        }
    }
}

extension StorePathError {
    /// The first reason against these bytes, which must be valid UTF-8.
    static func reason(against bytes: UnsafeBufferPointer<UInt8>) -> StorePathError? {
        if bytes.isEmpty { return .empty }
        if bytes.count > StorePath.longestPathBytes { return .pathTooLong }
        if bytes[0] == UInt8(ascii: "/") { return .absolute }
        var start = 0
        for position in 0...bytes.count {
            guard position == bytes.count || bytes[position] == UInt8(ascii: "/") else { continue }
            let component = UnsafeBufferPointer(rebasing: bytes[start..<position])
            if let reason = reason(againstComponent: component) { return reason }
            start = position + 1
        }
        return nil
    }

    /// The first reason against one component without slashes, valid UTF-8.
    static func reason(
        againstComponent component: UnsafeBufferPointer<UInt8>
    ) -> StorePathError? {
        let dot = UInt8(ascii: ".")
        switch component.count {
        case 0: return .emptyComponent
        case 1 where component[0] == dot: return .dotComponent
        case 2 where component[0] == dot && component[1] == dot: return .dotComponent
        case let count where count > StorePath.longestComponentBytes: return .componentTooLong
        default: break
        }
        for position in component.indices {
            let byte = component[position]
            if byte == 0 { return .nul }
            if byte < 0x20 || byte == 0x7f { return .controlCharacter(UInt32(byte)) }
            // All that is refused beyond ASCII begins with one of these three bytes.
            if byte == 0xc2 || byte == 0xd8 || byte == 0xe2,
                let scalar = shortScalar(component, at: position)
            {
                if scalar < 0xa0 { return .controlCharacter(scalar) }
                if isBidirectionalControl(scalar) { return .bidirectionalControl(scalar) }
            }
        }
        return nil
    }
}

/// The scalar of two or three bytes that begins there.
private func shortScalar(_ bytes: UnsafeBufferPointer<UInt8>, at position: Int) -> UInt32? {
    let first = UInt32(bytes[position])
    guard position + 1 < bytes.count else { return nil }
    let second = UInt32(bytes[position + 1]) & 0x3f
    if first < 0xe0 { return (first & 0x1f) << 6 | second }
    guard position + 2 < bytes.count else { return nil }
    return (first & 0x0f) << 12 | second << 6 | UInt32(bytes[position + 2]) & 0x3f
}

/// UAX #9: the marks, embeddings, overrides and isolates.
func isBidirectionalControl(_ scalar: UInt32) -> Bool {
    switch scalar {
    case 0x061c, 0x200e, 0x200f, 0x202a...0x202e, 0x2066...0x2069: true
    default: false
    }
}

/// As Unicode writes it: `U+202E`.
private func codePoint(_ scalar: UInt32) -> String {
    let digits = String(scalar, radix: 16, uppercase: true)
    return "U+" + String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits
}
