/// The tree of a parsed pattern. Greed is left out: it decides what a match holds, never whether
/// there is one, and a schema asks only that.
indirect enum RegularExpressionSyntax: Sendable {
    case empty
    /// The number of the set of code points that fit.
    case character(Int)
    case sequence([RegularExpressionSyntax])
    case alternatives([RegularExpressionSyntax])
    /// `maximum` is nil where there is none.
    case repetition(RegularExpressionSyntax, minimum: Int, maximum: Int?)
    case startOfInput
    case endOfInput
    case wordBoundary(negated: Bool)
    case look(RegularExpressionSyntax, ahead: Bool, negated: Bool)
    /// The offset is that of the reference in the pattern.
    case backReference(offset: Int)
}
