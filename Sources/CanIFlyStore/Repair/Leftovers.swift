internal import StoreFiles

/// A temporary that a writer left, and what it was to become.
struct Leftover {
    var temporary: ListedDocument
    var document: StorePath
    /// An interrupted update of a document that removes the old one before the new one is there:
    /// the temporary holds the newest text.
    var isUpdate: Bool

    /// Nil for a temporary that belongs to no document.
    init?(_ listed: ListedDocument) {
        temporary = listed
        let name = listed.path.name
        guard !TemporaryName.isOurs(name), let target = Self.target(of: name) else { return nil }
        let path = listed.path.parent.map { "\($0.text)/\(target.name)" } ?? target.name
        guard let document = try? StorePath(path) else { return nil }
        self.document = document
        isUpdate = target.isUpdate
    }

    /// `NAME.tmp`, `NAME.tmp.<digits>`, and `_temp_NAME_<digits>.EXT` for `NAME.EXT`.
    private static func target(of name: String) -> (name: String, isUpdate: Bool)? {
        let bytes = Array(name.utf8)
        if let target = withoutTemporaryEnding(bytes) {
            return target.isEmpty ? nil : (String(decoding: target, as: UTF8.self), false)
        }
        let prefix = Array("_temp_".utf8)
        guard bytes.starts(with: prefix),
            let dot = bytes.lastIndex(of: UInt8(ascii: ".")),
            let underscore = bytes[..<dot].lastIndex(of: UInt8(ascii: "_")),
            underscore > prefix.count, underscore + 1 < dot,
            bytes[(underscore + 1)..<dot].allSatisfy(isDigit)
        else { return nil }
        let target = bytes[prefix.count..<underscore] + bytes[dot...]
        return (String(decoding: target, as: UTF8.self), true)
    }

    private static func withoutTemporaryEnding(_ name: [UInt8]) -> ArraySlice<UInt8>? {
        let ending = Array(".tmp".utf8)
        var rest = name[...]
        while let last = rest.last, isDigit(last) { rest.removeLast() }
        if rest.count < name.count {
            guard rest.last == UInt8(ascii: ".") else { return nil }
            rest.removeLast()
        }
        guard rest.count > ending.count, rest.suffix(ending.count).elementsEqual(ending) else {
            return nil
        }
        return rest.dropLast(ending.count)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}
