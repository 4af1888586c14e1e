internal import LosslessJSON
internal import StoreFiles

extension MigrationState {
    /// Reads a document's text as JSON, forgiving keys that come twice: the application does.
    static func parse(
        _ bytes: [UInt8], of document: StorePath
    ) throws(StoreError) -> JSONDocument {
        do throws(JSONError) {
            return try JSONDocument(bytes, duplicateKeys: .allow)
        } catch {
            throw StoreError(
                .invalidData, code: error.code.rawValue,
                "\(document.text), line \(error.line), column \(error.column): \(error.reason)",
                hint:
                    "canifly-store repair \(document.shellWord); a damaged document is not migrated",
                document: document)
        }
    }

    /// The value of a document; nil where there is none, or it is empty: to the application's older
    /// versions that is the same.
    func json(_ document: StorePath) throws(StoreError) -> JSONDocument? {
        guard let bytes = try bytes(document), !bytes.isEmpty else { return nil }
        return try Self.parse(bytes, of: document)
    }
}

extension JSONValue {
    /// Written in the program, so it is JSON.
    static func literal(_ text: String) -> JSONValue {
        do {
            return try JSONDocument(Array(text.utf8)).root
        } catch {
            preconditionFailure("no JSON: \(text)")
        }
    }

    /// The member that the application takes for `name`: by a name without regard to case, and the
    /// last of several (Go's `encoding/json`).
    func field(_ name: String) -> JSONMember? {
        var found: JSONMember?
        for member in members where member.key.isNamed(name) { found = member }
        return found
    }

    /// Members of an object whose names are none of `names`.
    func members(except names: [String]) -> [JSONMember] {
        members.filter { member in !names.contains { member.key.isNamed($0) } }
    }

    /// Whether the key is `name` without regard to the case of ASCII letters.
    func isNamed(_ name: String) -> Bool {
        guard let key = stringUTF8, key.count == name.utf8.count else { return false }
        return zip(key, name.utf8).allSatisfy { $0.asciiLowercased == $1.asciiLowercased }
    }

    /// The members of an object that may be missing.
    static func members(of value: JSONValue?) -> [JSONMember] {
        value.map { Array($0.members) } ?? []
    }

    /// The elements of an array; none where it is `null` or missing, which mean the same.
    static func elements(of value: JSONValue?) -> [JSONValue] {
        value.map { Array($0.elements) } ?? []
    }
}

extension UInt8 {
    fileprivate var asciiLowercased: UInt8 {
        self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") ? self | 0x20 : self
    }
}

extension JSONEditor {
    /// Adds, replaces or removes where that is known to be possible; what cannot be is the document's
    /// size or depth.
    mutating func edit(
        _ document: StorePath, _ body: (inout JSONEditor) throws(JSONEditError) -> Void
    ) throws(StoreError) {
        do throws(JSONEditError) {
            try body(&self)
        } catch {
            let why =
                switch error {
                case .tooDeep: "would be nested too deep"
                case .tooLarge: "would be too large"
                case .nothingThere, .movedIntoItself, .rootCannotBeRemoved:
                    "is not in the shape that its migration goes by"
                }
            throw StoreError(
                .invalidData, code: "migration-impossible", "\(document.text) \(why)",
                hint: "canifly-store verify \(document.shellWord)", document: document)
        }
    }
}

/// Builds an object out of members whose values are JSON already, as they are spelled.
struct RawObject {
    private struct Member {
        var name: [UInt8]
        var spelledKey: [UInt8]
        var value: [UInt8]
    }
    private var members: [Member] = []

    var isEmpty: Bool { members.isEmpty }

    mutating func add(_ name: String, _ value: some Sequence<UInt8>) {
        var key: [UInt8] = []
        appendJSONString(name.utf8, to: &key, escaping: .required)
        members.append(Member(name: Array(name.utf8), spelledKey: key, value: Array(value)))
    }

    mutating func add(_ member: JSONMember) { add(key: member.key, member.value.bytes) }

    /// - Parameter key: a string value.
    mutating func add(key: JSONValue, _ value: some Sequence<UInt8>) {
        members.append(
            Member(
                name: key.stringUTF8 ?? [], spelledKey: Array(key.bytes), value: Array(value)))
    }

    mutating func sortByName() {
        members.sort { $0.name.lexicographicallyPrecedes($1.name) }
    }

    func contains(name: [UInt8]) -> Bool { members.contains { $0.name == name } }

    /// Without white space but for what is inside values.
    var bytes: [UInt8] {
        var text: [UInt8] = [UInt8(ascii: "{")]
        for (index, member) in members.enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            text += member.spelledKey
            text.append(UInt8(ascii: ":"))
            text += member.value
        }
        text.append(UInt8(ascii: "}"))
        return text
    }

    /// - Throws: `invalidData` where it is nested too deep.
    func value(for document: StorePath) throws(StoreError) -> JSONValue {
        try MigrationState.parse(bytes, of: document).root
    }
}

extension Sequence where Element == JSONValue {
    /// An array of values that are JSON already.
    var rawArray: [UInt8] {
        var text: [UInt8] = [UInt8(ascii: "[")]
        for (index, value) in enumerated() {
            if index > 0 { text.append(UInt8(ascii: ",")) }
            text += value.bytes
        }
        text.append(UInt8(ascii: "]"))
        return text
    }
}
