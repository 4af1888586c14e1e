/// The vocabularies of draft 2020-12 that change what a schema accepts.
struct Vocabularies: OptionSet, Sendable {
    let rawValue: UInt8

    static let core = Vocabularies(rawValue: 1)
    static let applicator = Vocabularies(rawValue: 2)
    static let unevaluated = Vocabularies(rawValue: 4)
    static let validation = Vocabularies(rawValue: 8)
    static let formatAssertion = Vocabularies(rawValue: 16)
    /// Known, and without effect on what is accepted.
    static let annotations = Vocabularies(rawValue: 32)

    /// What a schema has that names no meta-schema, or the one of the draft.
    static let standard: Vocabularies = [
        .core, .applicator, .unevaluated, .validation, .annotations,
    ]

    /// The vocabulary of a URI, if it is one of the draft.
    static func named(_ uri: [UInt8]) -> Vocabularies? {
        let prefix = Array((MetaSchemas.base + "vocab/").utf8)
        guard uri.starts(with: prefix) else { return nil }
        return switch String(decoding: uri.dropFirst(prefix.count), as: UTF8.self) {
        case "core": .core
        case "applicator": .applicator
        case "unevaluated": .unevaluated
        case "validation": .validation
        case "format-assertion": .formatAssertion
        case "meta-data", "format-annotation", "content": .annotations
        default: nil
        }
    }
}
