internal import LosslessJSON

/// The keywords of one schema object, read by their kinds.
struct SchemaSource {
    let place: SchemaPlace
    let vocabularies: Vocabularies
    private let uri: URIReference
    private let assertsFormats: Bool

    typealias Failure = SchemaError

    init(_ place: SchemaPlace, resource: SchemaResource, assertsFormats: Bool) {
        self.place = place
        vocabularies = resource.vocabularies
        uri = resource.uri
        self.assertsFormats =
            assertsFormats || resource.vocabularies.contains(.formatAssertion)
    }

    func value(_ keyword: String) -> JSONValue? { place.value.member(named: keyword) }

    /// Where a keyword is, or a name in it; the schema itself if the keyword is empty.
    func location(_ keyword: String, _ name: [UInt8]? = nil) -> String {
        var pointer = SchemaPath.pointer(place.path)
        if !keyword.isEmpty { pointer = pointer.appending(keyword) }
        if let name { pointer.append(name) }
        return SchemaPath.location(uri.text, pointer)
    }

    func failure(_ keyword: String, _ reason: String) -> Failure {
        SchemaError(.invalidKeyword, location(keyword), reason)
    }

    func boolean(_ keyword: String) throws(Failure) -> Bool {
        guard let value = value(keyword) else { return false }
        guard let boolean = value.boolean else {
            throw failure(keyword, "\(keyword) must be a boolean")
        }
        return boolean
    }

    func members(_ keyword: String) throws(Failure) -> [JSONMember] {
        guard let value = value(keyword) else { return [] }
        guard value.kind == .object else {
            throw failure(keyword, "\(keyword) must be an object")
        }
        return Array(value.members)
    }

    /// The number of a name.
    func name(_ key: JSONValue, in names: inout NameTable) throws(Failure) -> Int {
        guard names.count < NameTable.maximumCount else {
            throw failure("", "a schema names too many members")
        }
        return names.insert(key.stringUTF8 ?? [])
    }

    /// The numbers of the names in an array of strings.
    func names(
        _ value: JSONValue, _ keyword: String, in names: inout NameTable
    ) throws(Failure) -> [Int] {
        guard value.kind == .array, value.elements.allSatisfy({ $0.kind == .string }) else {
            throw failure(keyword, "\(keyword) must hold arrays of names")
        }
        var result: [Int] = []
        var known = NumberSet()
        for element in value.elements {
            let number = try name(element, in: &names)
            if !known.contains(number) { result.append(number) }
            known.insert(number)
        }
        return result
    }

    func types() throws(Failure) -> SchemaTypes {
        guard let value = value("type") else { return .any }
        var result: SchemaTypes = []
        for element in value.kind == .array ? Array(value.elements) : [value] {
            let type = SchemaTypes.names.first { element.isString($0.name) }?.type
            guard let type else { throw failure("type", "type must name types of JSON Schema") }
            result.insert(type)
        }
        guard !result.isEmpty else { throw failure("type", "type must name at least one type") }
        if result.contains(.number) { result.insert(.integer) }
        return result
    }

    func valueRules() throws(Failure) -> ValueRules? {
        let enumeration = value("enum")
        let constant = value("const")
        if let enumeration, enumeration.kind != .array {
            throw failure("enum", "enum must be an array")
        }
        guard enumeration != nil || constant != nil else { return nil }
        return ValueRules(enumeration: enumeration, constant: constant)
    }

    func numberRules() throws(Failure) -> NumberRules? {
        let rules = NumberRules(
            minimum: try bound("minimum"), exclusiveMinimum: try bound("exclusiveMinimum"),
            maximum: try bound("maximum"), exclusiveMaximum: try bound("exclusiveMaximum"),
            divisor: try bound("multipleOf"))
        if let divisor = rules.divisor, divisor.exact.isNegative || divisor.exact.isZero {
            throw failure("multipleOf", "multipleOf must be greater than zero")
        }
        let isEmpty =
            rules.minimum == nil && rules.exclusiveMinimum == nil && rules.maximum == nil
            && rules.exclusiveMaximum == nil && rules.divisor == nil
        return isEmpty ? nil : rules
    }

    private func bound(_ keyword: String) throws(Failure) -> NumberBound? {
        guard let value = value(keyword) else { return nil }
        guard let number = value.number else {
            throw failure(keyword, "\(keyword) must be a number")
        }
        return NumberBound(
            exact: number, integer: value.integer, text: MessageText.excerpt(value))
    }

    func stringRules() throws(Failure) -> StringRules? {
        var lengths = CountBounds()
        var pattern: (expression: RegularExpression, text: String)?
        if vocabularies.contains(.validation) {
            lengths = try counts("minLength", "maxLength")
            if let value = value("pattern") {
                pattern = (try self.pattern(value, "pattern"), MessageText.excerpt(value))
            }
        }
        let format = try self.format()
        guard !lengths.isTrivial || pattern != nil || format != nil else { return nil }
        return StringRules(lengths: lengths, pattern: pattern, format: format)
    }

    private func format() throws(Failure) -> Format? {
        guard let value = value("format") else { return nil }
        guard let name = value.string else {
            throw failure("format", "format must be a string")
        }
        return assertsFormats ? Format(rawValue: name) : nil
    }

    func pattern(
        _ value: JSONValue, _ keyword: String, _ name: [UInt8]? = nil
    ) throws(Failure) -> RegularExpression {
        guard let text = value.stringUTF8 else {
            throw failure(keyword, "\(keyword) must be a string")
        }
        do {
            return try RegularExpression(text.span)
        } catch {
            throw SchemaError(
                .invalidPattern, location(keyword, name),
                "\(error.reason) (at character \(error.offset + 1) of the pattern)")
        }
    }

    func counts(
        _ minimumKeyword: String, _ maximumKeyword: String, minimum: Int = 0
    ) throws(Failure) -> CountBounds {
        CountBounds(
            minimum: try count(minimumKeyword) ?? minimum,
            maximum: try count(maximumKeyword) ?? .max)
    }

    private func count(_ keyword: String) throws(Failure) -> Int? {
        guard let value = value(keyword) else { return nil }
        guard let number = value.number, number.isInteger, !number.isNegative else {
            throw failure(keyword, "\(keyword) must be a whole number, and not below zero")
        }
        return number.int64.map { Int($0) } ?? .max
    }
}
