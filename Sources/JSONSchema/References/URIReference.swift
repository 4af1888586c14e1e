/// A URI reference of RFC 3986 in its five parts, taken apart without judging them. Kept as
/// bytes: two names of schemas are one only if their bytes are.
struct URIReference: Sendable, Hashable {
    var scheme: [UInt8]?
    var authority: [UInt8]?
    var path: [UInt8] = []
    var query: [UInt8]?
    var fragment: [UInt8]?

    init() {}

    /// The parts by RFC 3986, appendix B.
    init(_ text: [UInt8]) {
        var rest = text[...]
        if let hash = rest.firstIndex(of: UInt8(ascii: "#")) {
            fragment = Array(rest[(hash + 1)...])
            rest = rest[..<hash]
        }
        if let mark = rest.firstIndex(of: UInt8(ascii: "?")) {
            query = Array(rest[(mark + 1)...])
            rest = rest[..<mark]
        }
        if let colon = rest.firstIndex(of: UInt8(ascii: ":")), Self.isScheme(rest[..<colon]) {
            scheme = Array(rest[..<colon])
            rest = rest[(colon + 1)...]
        }
        if rest.starts(with: [UInt8(ascii: "/"), UInt8(ascii: "/")]) {
            rest = rest.dropFirst(2)
            let end = rest.firstIndex(of: UInt8(ascii: "/")) ?? rest.endIndex
            authority = Array(rest[..<end])
            rest = rest[end...]
        }
        path = Array(rest)
    }

    init(_ text: String) {
        self.init(Array(text.utf8))
    }

    private static func isScheme(_ text: ArraySlice<UInt8>) -> Bool {
        guard let first = text.first, first.isASCIILetter else { return false }
        return text.allSatisfy(URISyntax.isSchemeByte)
    }

    var bytes: [UInt8] {
        var result: [UInt8] = []
        if let scheme { result += scheme + [UInt8(ascii: ":")] }
        if let authority { result += [UInt8(ascii: "/"), UInt8(ascii: "/")] + authority }
        result += path
        if let query { result += [UInt8(ascii: "?")] + query }
        if let fragment { result += [UInt8(ascii: "#")] + fragment }
        return result
    }

    var text: String { String(decoding: bytes, as: UTF8.self) }

    var withoutFragment: URIReference {
        var result = self
        result.fragment = nil
        return result
    }

    /// The fragment with its percent escapes undone. An escape that is none stays as it is.
    var decodedFragment: [UInt8] {
        guard let fragment else { return [] }
        var result: [UInt8] = []
        var index = 0
        while index < fragment.count {
            if fragment[index] == UInt8(ascii: "%"), index + 2 < fragment.count,
                let high = Self.hexadecimal(fragment[index + 1]),
                let low = Self.hexadecimal(fragment[index + 2])
            {
                result.append(high << 4 | low)
                index += 3
            } else {
                result.append(fragment[index])
                index += 1
            }
        }
        return result
    }

    private static func hexadecimal(_ byte: UInt8) -> UInt8? {
        guard byte.isHexadecimalDigit else { return nil }
        return byte.isASCIIDigit ? byte - 0x30 : (byte | 0x20) - 0x61 + 10
    }

    /// What `reference` means where `self` is the base (RFC 3986, section 5.2.2). A base that is
    /// relative or empty is taken as far as it goes, so that schemas without a URI can refer to
    /// their own parts.
    func resolve(_ reference: URIReference) -> URIReference {
        var target = URIReference()
        target.fragment = reference.fragment
        if reference.scheme != nil {
            target.scheme = reference.scheme
            target.authority = reference.authority
            target.path = Self.withoutDots(reference.path)
            target.query = reference.query
            return target
        }
        target.scheme = scheme
        if reference.authority != nil {
            target.authority = reference.authority
            target.path = Self.withoutDots(reference.path)
            target.query = reference.query
            return target
        }
        target.authority = authority
        if reference.path.isEmpty {
            target.path = path
            target.query = reference.query ?? query
        } else {
            target.query = reference.query
            if reference.path.first == UInt8(ascii: "/") {
                target.path = Self.withoutDots(reference.path)
            } else {
                target.path = Self.withoutDots(merge(reference.path))
            }
        }
        return target
    }

    private func merge(_ relative: [UInt8]) -> [UInt8] {
        if authority != nil && path.isEmpty { return [UInt8(ascii: "/")] + relative }
        guard let slash = path.lastIndex(of: UInt8(ascii: "/")) else { return relative }
        return path[...slash] + relative
    }

    /// Removes `.` and `..` (RFC 3986, section 5.2.4).
    private static func withoutDots(_ path: [UInt8]) -> [UInt8] {
        let slash = UInt8(ascii: "/")
        let isAbsolute = path.first == slash
        var kept: [ArraySlice<UInt8>] = []
        let segments = path.split(separator: slash, omittingEmptySubsequences: false)
        for (index, segment) in segments.enumerated() {
            let isLast = index == segments.count - 1
            switch segment {
            case [UInt8(ascii: ".")]:
                if isLast { kept.append([]) }
            case [UInt8(ascii: "."), UInt8(ascii: ".")]:
                if kept.count > (isAbsolute ? 1 : 0) { kept.removeLast() }
                if isLast { kept.append([]) }
            default: kept.append(segment)
            }
        }
        return Array(kept.joined(separator: [slash]))
    }
}
