/// Which members or elements of one value were evaluated, for `unevaluatedProperties` and
/// `unevaluatedItems`. Kept only below schemas that have one of the two.
struct EvaluatedParts: Sendable {
    private var isComplete = false
    private var prefixCount = 0
    private var numbers = NumberSet()

    mutating func insertAll() {
        isComplete = true
    }

    /// The first `count`.
    mutating func insert(prefix count: Int) {
        prefixCount = max(prefixCount, count)
    }

    mutating func insert(_ number: Int) {
        if !isComplete { numbers.insert(number) }
    }

    func contains(_ number: Int) -> Bool {
        isComplete || number < prefixCount || numbers.contains(number)
    }

    mutating func formUnion(_ other: EvaluatedParts) {
        isComplete = isComplete || other.isComplete
        prefixCount = max(prefixCount, other.prefixCount)
        numbers.formUnion(other.numbers)
    }
}
