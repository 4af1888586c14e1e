/// The keywords that hold schemas, and how.
enum SubschemaKeywords {
    enum Kind {
        case schema
        case array
        /// Members whose values are schemas. In `dependencies` they may be arrays of names too.
        case object
    }

    static func kind(of keyword: [UInt8]) -> Kind? {
        switch String(decoding: keyword, as: UTF8.self) {
        case "additionalProperties", "propertyNames", "items", "contains", "not", "if", "then",
            "else", "unevaluatedItems", "unevaluatedProperties", "contentSchema":
            .schema
        case "allOf", "anyOf", "oneOf", "prefixItems":
            .array
        case "$defs", "definitions", "properties", "patternProperties", "dependentSchemas",
            "dependencies":
            .object
        default: nil
        }
    }
}
