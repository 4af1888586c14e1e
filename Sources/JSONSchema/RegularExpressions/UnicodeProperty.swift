/// A property that `\p{…}` names: a general category or a binary property, from the tables of
/// the Swift runtime.
struct UnicodeProperty: Sendable {
    private let test: @Sendable (Unicode.Scalar) -> Bool
    /// What the property says of code points that are no scalars.
    let holdsForSurrogates: Bool

    func holds(for scalar: Unicode.Scalar) -> Bool { test(scalar) }

    enum Lookup {
        case found(UnicodeProperty)
        /// A property of ECMA-262 for which the runtime has no tables.
        case withoutTables
        case unknown
    }

    /// The property of `\p{name}` or `\p{name=value}`.
    static func named(_ name: String, value: String?) -> Lookup {
        if let value {
            switch name {
            case "General_Category", "gc":
                return category(value).map(Lookup.found) ?? .unknown
            case "Script", "sc", "Script_Extensions", "scx":
                return .withoutTables
            default:
                return .unknown
            }
        }
        if let property = category(name) ?? binary(name) { return .found(property) }
        return namesWithoutTables.contains(name) ? .withoutTables : .unknown
    }

    private static func category(_ name: String) -> UnicodeProperty? {
        guard let categories = categoriesByName[name] else { return nil }
        return UnicodeProperty(
            test: { categories.contains($0.properties.generalCategory) },
            holdsForSurrogates: categories.contains(.surrogate))
    }

    private static func binary(_ name: String) -> UnicodeProperty? {
        switch name {
        case "Any":
            return UnicodeProperty(test: { _ in true }, holdsForSurrogates: true)
        case "ASCII":
            return UnicodeProperty(test: { $0.isASCII }, holdsForSurrogates: false)
        case "Assigned":
            return UnicodeProperty(
                test: { $0.properties.generalCategory != .unassigned }, holdsForSurrogates: true)
        default:
            guard let test = binaryByName[name] else { return nil }
            return UnicodeProperty(test: { test($0.properties) }, holdsForSurrogates: false)
        }
    }
}
