/// Why a pattern cannot be used.
package struct RegularExpressionError: Error, Sendable, Equatable {
    package enum Kind: Sendable, Equatable {
        /// Not a pattern of ECMA-262 with the `u` flag.
        case malformed
        /// A valid pattern that needs what this engine leaves out on purpose (back-references,
        /// whose matching cannot be bounded) or has no data for (`\p{Script=…}`).
        case unsupported
        /// Repetition counts that would unfold to more states than the engine allows.
        case tooLarge
    }

    package let kind: Kind
    /// Where in the pattern, counted in Unicode scalars.
    package let offset: Int
    package let reason: String
}
