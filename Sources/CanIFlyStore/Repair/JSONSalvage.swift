internal import LosslessJSON
internal import StoreFiles

/// What can be had of a JSON text that is damaged, without making up a value: its tail closed behind
/// the last value that is known to be complete, or stray bytes cut off.
package struct JSONSalvage {
    /// A whole JSON text.
    package var bytes: [UInt8]
    /// Where the first value that is lost stood, or would have stood; nil where no value is lost.
    var firstLost: JSONPointer?
    /// The arrays and objects of which nobody knows how they went on, the outermost first.
    var cutShort: [JSONPointer]
    /// How many bytes were cut off.
    var cutByteCount: Int

    /// Nil where nothing can be had, or nothing is wrong.
    package init?(_ damaged: [UInt8]) {
        let mark: [UInt8] = [0xEF, 0xBB, 0xBF]
        let hasMark = damaged.starts(with: mark)
        let text = hasMark ? Array(damaged.dropFirst(mark.count)) : damaged
        guard let error = Self.error(in: text) else {
            guard hasMark else { return nil }
            self.init(text, nil, [], cut: mark.count)
            return
        }
        let prefix: [UInt8]
        switch error.code {
        case .empty, .tooDeep, .tooLarge, .duplicateKey: return nil
        case .malformed, .truncated, .trailing, .invalidUTF8, .nulBytes:
            prefix = Array(text[..<min(error.offset, text.count)])
        }
        if Self.error(in: prefix) == nil {
            self.init(prefix, nil, [], cut: damaged.count - prefix.count)
            return
        }
        var walk = CompleteValues()
        walk.read(prefix)
        guard let closed = walk.closed(prefix), Self.error(in: closed.bytes) == nil else {
            return nil
        }
        self.init(
            closed.bytes, closed.firstLost, closed.cutShort, cut: damaged.count - closed.kept)
    }

    private init(
        _ bytes: [UInt8], _ firstLost: JSONPointer?, _ cutShort: [JSONPointer], cut: Int
    ) {
        self.bytes = bytes
        self.firstLost = firstLost
        self.cutShort = cutShort
        cutByteCount = cut
    }

    private static func error(in text: [UInt8]) -> JSONError? {
        do throws(JSONError) {
            try JSONScanner.validate(text, duplicateKeys: .allow)
            return nil
        } catch {
            return error
        }
    }
}

/// Goes through the beginning of a JSON text that is well-formed as far as it goes, and remembers
/// where the last complete value in an array or object ended.
private struct CompleteValues {
    private struct Container {
        var isObject: Bool
        /// Of an object: the key before the value under way, in quotes.
        var key: [UInt8]?
        /// How many values are complete.
        var count = 0
    }

    private var open: [Container] = []
    /// Behind the last complete value.
    private var end = 0
    /// How many containers were open there.
    private var depth = 0

    mutating func read(_ text: [UInt8]) {
        var index = 0
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "{"), UInt8(ascii: "["):
                open.append(Container(isObject: text[index] == UInt8(ascii: "{")))
                index += 1
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                open.removeLast()
                index += 1
                complete(at: index)
            case UInt8(ascii: "\""):
                guard let end = Self.endOfString(text, from: index) else { return }
                if let last = open.last, last.isObject, last.key == nil {
                    open[open.count - 1].key = Array(text[index..<end])
                } else {
                    complete(at: end)
                }
                index = end
            case UInt8(ascii: ","), UInt8(ascii: ":"), 0x20, 0x09, 0x0A, 0x0D: index += 1
            default:
                let end = text[index...].firstIndex(where: Self.endsToken) ?? text.count
                // A number or name that the text ends with may have gone on.
                guard end < text.count else { return }
                complete(at: end)
                index = end
            }
        }
    }

    private mutating func complete(at offset: Int) {
        guard let last = open.indices.last else { return }
        open[last].count += 1
        open[last].key = nil
        end = offset
        depth = open.count
    }

    private static func endOfString(_ text: [UInt8], from start: Int) -> Int? {
        var index = start + 1
        while index < text.count {
            switch text[index] {
            case UInt8(ascii: "\""): return index + 1
            case UInt8(ascii: "\\"): index += 2
            default: index += 1
            }
        }
        return nil
    }

    private static func endsToken(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: ","), UInt8(ascii: "]"), UInt8(ascii: "}"), 0x20, 0x09, 0x0A, 0x0D: true
        default: false
        }
    }

    /// Nil where no value in any container is complete. A container with none is left out: that it
    /// was empty would be made up.
    func closed(
        _ text: [UInt8]
    ) -> (bytes: [UInt8], kept: Int, firstLost: JSONPointer, cutShort: [JSONPointer])? {
        guard depth > 0 else { return nil }
        var bytes = Array(text[..<end])
        for container in open[..<depth].reversed() {
            bytes.append(container.isObject ? UInt8(ascii: "}") : UInt8(ascii: "]"))
        }
        var cutShort: [JSONPointer] = []
        var pointer = JSONPointer.root
        for container in open[..<depth] {
            cutShort.append(pointer)
            if container.isObject {
                guard let key = container.key, let name = Self.decoded(key) else { break }
                pointer = pointer.appending(name)
            } else {
                pointer = pointer.appending(container.count)
            }
        }
        return (bytes, end, pointer, cutShort)
    }

    private static func decoded(_ key: [UInt8]) -> [UInt8]? {
        (try? JSONDocument(key))?.root.stringUTF8
    }
}
