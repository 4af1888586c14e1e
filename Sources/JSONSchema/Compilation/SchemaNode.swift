internal import LosslessJSON

/// The number of a compiled subschema.
typealias SchemaNumber = Int32

/// The types of JSON Schema, of which a value can be of two: each integer is a number.
struct SchemaTypes: OptionSet, Sendable {
    let rawValue: UInt8

    static let null = SchemaTypes(rawValue: 1)
    static let boolean = SchemaTypes(rawValue: 2)
    static let object = SchemaTypes(rawValue: 4)
    static let array = SchemaTypes(rawValue: 8)
    static let number = SchemaTypes(rawValue: 16)
    static let string = SchemaTypes(rawValue: 32)
    /// Numbers without a fraction, however they are written.
    static let integer = SchemaTypes(rawValue: 64)
    static let any = SchemaTypes(rawValue: 127)

    static let names: [(name: String, type: SchemaTypes)] = [
        ("null", .null), ("boolean", .boolean), ("integer", .integer), ("number", .number),
        ("string", .string), ("array", .array), ("object", .object),
    ]

    @inline(__always)
    static func of(_ kind: JSONKind) -> SchemaTypes {
        switch kind {
        case .object: .object
        case .array: .array
        case .string: .string
        case .number: .number
        case .boolean: .boolean
        case .null: .null
        }
    }
}

/// One subschema, ready to be asked. Keywords that it does not have cost one test for nil.
final class SchemaNode: Sendable {
    /// The answer of a boolean schema, and of one without any assertion.
    let verdict: Bool?
    /// Where the schema leads if it holds nothing but a `$ref`.
    let onlyReference: SchemaNumber?
    let resource: Int32
    /// The URI of the resource.
    let uri: String
    /// Where in the resource.
    let path: SchemaPath?
    let types: SchemaTypes
    let values: ValueRules?
    let numbers: NumberRules?
    let strings: StringRules?
    let arrays: ArrayRules?
    let objects: ObjectRules?
    let branches: BranchRules?
    let unevaluatedItems: SchemaNumber?
    let unevaluatedProperties: SchemaNumber?

    init(_ parts: SchemaNodeParts) {
        verdict = parts.verdict
        onlyReference = parts.onlyReference
        resource = parts.resource
        uri = parts.uri
        path = parts.path
        types = parts.types
        values = parts.values
        numbers = parts.numbers
        strings = parts.strings
        arrays = parts.arrays
        objects = parts.objects
        branches = parts.branches
        unevaluatedItems = parts.unevaluatedItems
        unevaluatedProperties = parts.unevaluatedProperties
    }
}

/// What a node is made from.
struct SchemaNodeParts {
    var verdict: Bool?
    var resource: Int32
    var uri: String
    var path: SchemaPath?
    var types: SchemaTypes = .any
    var values: ValueRules?
    var numbers: NumberRules?
    var strings: StringRules?
    var arrays: ArrayRules?
    var objects: ObjectRules?
    var branches: BranchRules?
    var unevaluatedItems: SchemaNumber?
    var unevaluatedProperties: SchemaNumber?

    var onlyReference: SchemaNumber? {
        let hasMore =
            types != .any || values != nil || numbers != nil || strings != nil || arrays != nil
            || objects != nil || unevaluatedItems != nil || unevaluatedProperties != nil
        return hasMore ? nil : branches?.onlyReference
    }
}

/// `enum` and `const`.
final class ValueRules: Sendable {
    /// The strings among the allowed values.
    let strings: NameTable
    /// All other allowed values.
    let others: [JSONValue]
    /// Whether a value must be in `strings` or `others`.
    let isEnumerated: Bool
    /// The values as the schema has them, for messages.
    let text: String
    let constant: JSONValue?

    init(enumeration: JSONValue?, constant: JSONValue?) {
        var strings = NameTable()
        var others: [JSONValue] = []
        for value in enumeration?.elements.map({ $0 }) ?? [] {
            if strings.count < NameTable.maximumCount, let text = value.stringUTF8 {
                _ = strings.insert(text)
            } else {
                others.append(value)
            }
        }
        self.strings = strings
        self.others = others
        isEnumerated = enumeration != nil
        text = enumeration.map { MessageText.list($0) } ?? ""
        self.constant = constant
    }
}

/// A bound, also as a machine integer where it is one.
struct NumberBound: Sendable {
    let exact: JSONNumber
    let integer: Int64?
    let text: String
}

final class NumberRules: Sendable {
    let minimum: NumberBound?
    let exclusiveMinimum: NumberBound?
    let maximum: NumberBound?
    let exclusiveMaximum: NumberBound?
    let divisor: NumberBound?
    /// The integers that fit, where comparing with them is all that there is to do.
    let integers: ClosedRange<Int64>?

    init(
        minimum: NumberBound?, exclusiveMinimum: NumberBound?, maximum: NumberBound?,
        exclusiveMaximum: NumberBound?, divisor: NumberBound?
    ) {
        self.minimum = minimum
        self.exclusiveMinimum = exclusiveMinimum
        self.maximum = maximum
        self.exclusiveMaximum = exclusiveMaximum
        self.divisor = divisor
        integers =
            divisor == nil
            ? Self.integers(
                from: minimum, above: exclusiveMinimum, to: maximum, below: exclusiveMaximum)
            : nil
    }

    private static func integers(
        from minimum: NumberBound?, above lower: NumberBound?, to maximum: NumberBound?,
        below upper: NumberBound?
    ) -> ClosedRange<Int64>? {
        var least = Int64.min
        var greatest = Int64.max
        for (bound, step) in [(minimum, 0 as Int64), (lower, 1)] {
            guard let bound else { continue }
            guard let integer = bound.integer, integer < .max else { return nil }
            least = max(least, integer + step)
        }
        for (bound, step) in [(maximum, 0 as Int64), (upper, 1)] {
            guard let bound else { continue }
            guard let integer = bound.integer, integer > .min else { return nil }
            greatest = min(greatest, integer - step)
        }
        return least <= greatest ? least...greatest : nil
    }
}

final class StringRules: Sendable {
    /// In code points.
    let lengths: CountBounds
    let pattern: (expression: RegularExpression, text: String)?
    let format: Format?

    init(
        lengths: CountBounds, pattern: (expression: RegularExpression, text: String)?,
        format: Format?
    ) {
        self.lengths = lengths
        self.pattern = pattern
        self.format = format
    }
}

/// How many there may be of something. A bound beyond what memory holds is held at the largest.
struct CountBounds: Sendable {
    var minimum = 0
    var maximum = Int.max

    var isTrivial: Bool { minimum == 0 && maximum == .max }
}

final class ArrayRules: Sendable {
    let counts: CountBounds
    let prefix: [SchemaNumber]
    let items: SchemaNumber?
    let contains: SchemaNumber?
    let containsCounts: CountBounds
    let isUnique: Bool

    init(
        counts: CountBounds, prefix: [SchemaNumber], items: SchemaNumber?,
        contains: SchemaNumber?, containsCounts: CountBounds, isUnique: Bool
    ) {
        self.counts = counts
        self.prefix = prefix
        self.items = items
        self.contains = contains
        self.containsCounts = containsCounts
        self.isUnique = isUnique
    }
}

final class ObjectRules: Sendable {
    struct Pattern: Sendable {
        let expression: RegularExpression
        let schema: SchemaNumber
        /// The pattern as the last part of a pointer.
        let token: String
    }

    struct Dependency<Consequence: Sendable>: Sendable {
        let name: Int
        let consequence: Consequence
    }

    let counts: CountBounds
    /// All names that the keywords below mention.
    let names: NameTable
    /// The schema of each name in `properties`; -1 for the other names.
    let properties: [SchemaNumber]
    let patterns: [Pattern]
    let additional: SchemaNumber?
    let nameSchema: SchemaNumber?
    let required: NumberSet
    let requiredNames: [Int]
    let dependentRequired: [Dependency<[Int]>]
    let dependentSchemas: [Dependency<SchemaNumber>]

    init(
        counts: CountBounds, names: NameTable, properties: [SchemaNumber], patterns: [Pattern],
        additional: SchemaNumber?, nameSchema: SchemaNumber?, requiredNames: [Int],
        dependentRequired: [Dependency<[Int]>], dependentSchemas: [Dependency<SchemaNumber>]
    ) {
        self.counts = counts
        self.names = names
        self.properties = properties
        self.patterns = patterns
        self.additional = additional
        self.nameSchema = nameSchema
        var required = NumberSet()
        for name in requiredNames { required.insert(name) }
        self.required = required
        self.requiredNames = requiredNames
        self.dependentRequired = dependentRequired
        self.dependentSchemas = dependentSchemas
    }
}

/// The keywords that apply other schemas to the same value.
final class BranchRules: Sendable {
    struct DynamicReference: Sendable {
        /// Where the reference leads if no schema on the way here says otherwise.
        let target: SchemaNumber
        /// The number of the anchor's name in the schema's tables.
        let anchor: Int
    }

    let reference: SchemaNumber?
    /// The reference, if there is nothing else.
    let onlyReference: SchemaNumber?
    /// A `$dynamicRef` that behaves like a `$ref`.
    let plainDynamicReference: SchemaNumber?
    let dynamicReference: DynamicReference?
    let all: [SchemaNumber]
    let any: [SchemaNumber]
    let one: [SchemaNumber]
    let not: SchemaNumber?
    let condition: SchemaNumber?
    let consequence: SchemaNumber?
    let alternative: SchemaNumber?

    init(
        reference: SchemaNumber?, plainDynamicReference: SchemaNumber?,
        dynamicReference: DynamicReference?, all: [SchemaNumber], any: [SchemaNumber],
        one: [SchemaNumber], not: SchemaNumber?, condition: SchemaNumber?,
        consequence: SchemaNumber?, alternative: SchemaNumber?
    ) {
        self.reference = reference
        self.plainDynamicReference = plainDynamicReference
        self.dynamicReference = dynamicReference
        self.all = all
        self.any = any
        self.one = one
        self.not = not
        self.condition = condition
        self.consequence = consequence
        self.alternative = alternative
        let hasMore =
            plainDynamicReference != nil || dynamicReference != nil || !all.isEmpty
            || !any.isEmpty || !one.isEmpty || not != nil || condition != nil
        onlyReference = hasMore ? nil : reference
    }
}
