internal import LosslessJSON

/// One value of a profile's text and what is asked of such values, so that every refusal says what
/// is wrong, where, and what would be right.
struct FormReader {
    let value: JSONValue
    private let document: JSONDocument

    init(_ document: JSONDocument) {
        self.init(document.root, in: document)
    }

    private init(_ value: JSONValue, in document: JSONDocument) {
        self.value = value
        self.document = document
    }

    /// Where the value stands. Looked for only when something is wrong with it.
    var pointer: JSONPointer {
        var pointer = JSONPointer.root
        var place = document.root
        search: while place.range != value.range {
            for member in place.members
            where member.value.range.contains(value.range.lowerBound) {
                pointer.append(member.key.stringUTF8 ?? [])
                place = member.value
                continue search
            }
            for (index, element) in place.elements.enumerated()
            where element.range.contains(value.range.lowerBound) {
                pointer = pointer.appending(index)
                place = element
                continue search
            }
            break
        }
        return pointer
    }

    func failure(_ message: String) -> ProfileError {
        Self.failure(
            message, pointer: pointer, offset: value.range.lowerBound, in: document.bytes)
    }

    static func failure(
        _ message: String, pointer: JSONPointer, offset: Int, in bytes: [UInt8]
    ) -> ProfileError {
        let place = LineColumn(of: offset, in: bytes)
        return ProfileError(
            message: message, pointer: pointer.description, offset: offset, line: place.line,
            column: place.column)
    }

    // MARK: Objects

    /// Refuses what is no object, and members that mean nothing here. `$comment` may stand anywhere.
    func requireObject(_ what: String, members allowed: [String]) throws(ProfileError) {
        guard value.kind == .object else {
            throw failure("\(what) must be an object, not \(value.kind.withArticle)")
        }
        for member in value.members
        where !member.key.isString("$comment") && !allowed.contains(where: member.key.isString) {
            let name = member.key.string ?? ""
            throw Self.failure(
                "\(what) has no member \"\(name)\"; there are \(allowed.joined(separator: ", "))",
                pointer: pointer.appending(name), offset: member.key.range.lowerBound,
                in: document.bytes)
        }
    }

    /// Nil where there is none; `null` counts as a value.
    func member(_ name: String) -> FormReader? {
        value.member(named: name).map { FormReader($0, in: document) }
    }

    func required(_ name: String) throws(ProfileError) -> FormReader {
        guard let member = member(name) else { throw failure("\"\(name)\" is missing here") }
        return member
    }

    // MARK: Lists

    func list() throws(ProfileError) -> [FormReader] {
        guard value.kind == .array else {
            throw failure("a list is expected here, not \(value.kind.withArticle)")
        }
        return value.elements.map { FormReader($0, in: document) }
    }

    /// The elements of a list that may be left out.
    func elements(_ name: String) throws(ProfileError) -> [FormReader] {
        guard let member = member(name) else { return [] }
        return try member.list()
    }

    // MARK: Scalars

    func text() throws(ProfileError) -> String {
        guard let text = value.string else {
            throw failure("a string is expected here, not \(value.kind.withArticle)")
        }
        return text
    }

    func text(_ name: String, default standard: String) throws(ProfileError) -> String {
        guard let member = member(name) else { return standard }
        return try member.text()
    }

    func flag(_ name: String, default standard: Bool) throws(ProfileError) -> Bool {
        guard let member = member(name) else { return standard }
        guard let flag = member.value.boolean else {
            throw member.failure(
                "true or false is expected here, not \(member.value.kind.withArticle)")
        }
        return flag
    }

    func integer(in range: ClosedRange<Int>) throws(ProfileError) -> Int {
        guard let integer = value.integer, let number = Int(exactly: integer),
            range.contains(number)
        else {
            throw failure(
                "a whole number from \(range.lowerBound) to \(range.upperBound) is expected here")
        }
        return number
    }

    /// One of the values of an enumeration that is written by its raw values.
    func choice<Choice: RawRepresentable & CaseIterable>(
        _ type: Choice.Type
    ) throws(ProfileError) -> Choice where Choice.RawValue == String {
        let text = try text()
        guard let choice = Choice.allCases.first(where: { $0.rawValue == text }) else {
            let choices = Choice.allCases.map { "\"\($0.rawValue)\"" }.joined(separator: ", ")
            throw failure("\"\(text)\" is none of \(choices)")
        }
        return choice
    }

    // MARK: Patterns

    func namePattern() throws(ProfileError) -> NamePattern {
        let text = try text()
        guard let pattern = NamePattern(text) else {
            throw failure(
                "\"\(text)\" is no pattern of a path inside the store: it must be relative and"
                    + " have no empty, \".\" or \"..\" component")
        }
        return pattern
    }

    func pointerPattern() throws(ProfileError) -> PointerPattern {
        let text = try text()
        guard let pattern = PointerPattern(text) else {
            throw failure(
                "\"\(text)\" is no pattern of JSON pointers: it begins with \"/\" or is"
                    + " empty")
        }
        return pattern
    }
}

extension JSONKind {
    /// For messages: "an object", "null".
    var withArticle: String {
        switch self {
        case .object, .array: "an \(rawValue)"
        case .string, .number, .boolean: "a \(rawValue)"
        case .null: rawValue
        }
    }
}
