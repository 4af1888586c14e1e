/// A pattern over the relative paths of a store, as profiles write them:
///
/// - `*` stands for any bytes within one component, also none,
/// - `?` for one character,
/// - `<digits>` for one or more ASCII digits, as many as there are,
/// - `**` as a whole component for any number of components, also none,
/// - a `/` at the end says that a directory is meant,
/// - everything else stands for itself, byte for byte: case and composition count.
///
/// No input makes a match take more than pattern length times path length steps.
package struct NamePattern: Sendable, Hashable, CustomStringConvertible {
    private enum Element: Sendable, Hashable {
        case byte(UInt8)
        case anyBytes
        case anyCharacter
        case digits
    }

    private enum Component: Sendable, Hashable {
        case anyComponents
        case elements([Element])
    }

    /// As it was written.
    package let description: String
    /// Empty where the pattern is literal: such are compared, not matched.
    private let components: [Component]
    /// It ends in `/`: only directories match it.
    package let isDirectoryOnly: Bool
    /// What every match begins with; the whole path where `isLiteral`.
    package let literalPrefix: [UInt8]
    /// It has no wildcard.
    package let isLiteral: Bool
    /// What every match ends with; empty for a literal.
    private let literalSuffix: [UInt8]

    /// Nil where the text is no pattern: empty, absolute, or with an empty, `.` or `..` component.
    package init?(_ text: String) {
        var bytes = Array(text.utf8)
        isDirectoryOnly = bytes.last == UInt8(ascii: "/")
        if isDirectoryOnly { bytes.removeLast() }
        guard Self.isRelativePath(bytes) else { return nil }
        description = text
        isLiteral = !bytes.indices.contains { index in
            switch bytes[index] {
            case UInt8(ascii: "*"), UInt8(ascii: "?"): true
            case UInt8(ascii: "<"): bytes[index...].starts(with: Self.digitsName)
            default: false
            }
        }
        if isLiteral {
            components = []
            literalPrefix = bytes
            literalSuffix = []
            return
        }
        components = bytes.split(separator: UInt8(ascii: "/")).map { part in
            part.elementsEqual("**".utf8) ? .anyComponents : .elements(Self.elements(of: part))
        }
        literalPrefix = Self.literalPrefix(of: components)
        literalSuffix = Self.literalSuffix(of: components)
    }

    private static let digitsName = Array("<digits>".utf8)

    private static func isRelativePath(_ bytes: [UInt8]) -> Bool {
        var start = 0
        while true {
            let end = bytes[start...].firstIndex(of: UInt8(ascii: "/")) ?? bytes.count
            let part = bytes[start..<end]
            if part.isEmpty || part.elementsEqual(".".utf8) || part.elementsEqual("..".utf8)
                || part.contains(0)
            {
                return false
            }
            if end == bytes.count { return true }
            start = end + 1
        }
    }

    private static func literalPrefix(of components: [Component]) -> [UInt8] {
        var prefix: [UInt8] = []
        for (index, component) in components.enumerated() {
            // A `**` may take nothing, and then not even the slash before it is there.
            guard case .elements(let elements) = component else { break }
            if index > 0 { prefix.append(UInt8(ascii: "/")) }
            for element in elements {
                guard case .byte(let byte) = element else { return prefix }
                prefix.append(byte)
            }
        }
        return prefix
    }

    private static func literalSuffix(of components: [Component]) -> [UInt8] {
        guard case .elements(let elements)? = components.last else { return [] }
        var suffix: [UInt8] = []
        for element in elements.reversed() {
            guard case .byte(let byte) = element else { break }
            suffix.append(byte)
        }
        return suffix.reversed()
    }

    private static func elements(of part: ArraySlice<UInt8>) -> [Element] {
        var elements: [Element] = []
        var rest = part
        while let byte = rest.first {
            if rest.starts(with: digitsName) {
                elements.append(.digits)
                rest = rest.dropFirst(digitsName.count)
                continue
            }
            switch byte {
            case UInt8(ascii: "*"): elements.append(.anyBytes)
            case UInt8(ascii: "?"): elements.append(.anyCharacter)
            default: elements.append(.byte(byte))
            }
            rest = rest.dropFirst()
        }
        return elements
    }

    /// Whether the whole path matches. Whether it is a directory is the caller's to know.
    package func matches(_ path: UnsafeBufferPointer<UInt8>) -> Bool {
        // Nearly every path differs from nearly every pattern here already.
        guard path.begins(with: literalPrefix), path.ends(with: literalSuffix) else {
            return false
        }
        if isLiteral { return path.count == literalPrefix.count }
        return matchesComponents(of: path)
    }

    private func matchesComponents(of path: UnsafeBufferPointer<UInt8>) -> Bool {
        var pattern = 0
        var position: Int? = 0
        var retryPattern: Int?
        var retryPosition = 0
        while true {
            if let start = position {
                if pattern < components.count, case .anyComponents = components[pattern] {
                    (retryPattern, retryPosition) = (pattern + 1, start)
                    pattern += 1
                    continue
                }
                let end = Self.componentEnd(in: path, from: start)
                if pattern < components.count, case .elements(let elements) = components[pattern],
                    Self.matches(elements, UnsafeBufferPointer(rebasing: path[start..<end]))
                {
                    pattern += 1
                    position = end < path.count ? end + 1 : nil
                    continue
                }
            } else if pattern == components.count
                || (pattern == components.count - 1 && components[pattern] == .anyComponents)
            {
                return true
            }
            // The last `**` takes one component more, and the rest is tried anew.
            guard let retry = retryPattern else { return false }
            let end = Self.componentEnd(in: path, from: retryPosition)
            if end == path.count { return retry == components.count }
            retryPosition = end + 1
            (pattern, position) = (retry, retryPosition)
        }
    }

    private static func componentEnd(
        in path: UnsafeBufferPointer<UInt8>, from start: Int
    ) -> Int {
        var end = start
        while end < path.count, path[end] != UInt8(ascii: "/") { end += 1 }
        return end
    }

    private static func matches(
        _ elements: [Element], _ name: UnsafeBufferPointer<UInt8>
    ) -> Bool {
        var element = 0
        var position = 0
        var retryElement: Int?
        var retryPosition = 0
        while true {
            if element < elements.count {
                if elements[element] == .anyBytes {
                    (retryElement, retryPosition) = (element + 1, position)
                    element += 1
                    continue
                }
                if let next = step(over: elements[element], in: name, at: position) {
                    element += 1
                    position = next
                    continue
                }
            } else if position == name.count {
                return true
            }
            guard let retry = retryElement, retryPosition < name.count else { return false }
            retryPosition += 1
            (element, position) = (retry, retryPosition)
        }
    }

    /// Where the name goes on after one element; nil where the element does not match there.
    private static func step(
        over element: Element, in name: UnsafeBufferPointer<UInt8>, at position: Int
    ) -> Int? {
        guard position < name.count else { return nil }
        switch element {
        case .byte(let byte):
            return name[position] == byte ? position + 1 : nil
        case .anyCharacter:
            var end = position + 1
            while end < name.count, name[end] & 0xC0 == 0x80 { end += 1 }
            return end
        case .digits:
            var end = position
            while end < name.count, isDigit(name[end]) { end += 1 }
            return end > position ? end : nil
        case .anyBytes:
            return nil
        }
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9")
    }
}

extension NamePattern {
    package func matches(_ path: String) -> Bool {
        var path = path
        return path.withUTF8 { matches($0) }
    }
}

extension UnsafeBufferPointer<UInt8> {
    @inline(__always)
    func begins(with prefix: [UInt8]) -> Bool {
        guard count >= prefix.count else { return false }
        for index in prefix.indices where self[index] != prefix[index] { return false }
        return true
    }

    @inline(__always)
    func ends(with suffix: [UInt8]) -> Bool {
        let start = count - suffix.count
        guard start >= 0 else { return false }
        for index in suffix.indices where self[start + index] != suffix[index] { return false }
        return true
    }
}
