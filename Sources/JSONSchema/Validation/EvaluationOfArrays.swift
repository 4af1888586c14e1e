internal import LosslessJSON

/// Keywords for arrays.
extension SchemaEvaluation {
    @inline(never)
    mutating func evaluate(
        _ rules: ArrayRules, of node: SchemaNode, _ value: JSONCursor, _ recorder: Int
    ) -> Bool {
        var isValid = true
        if rules.items != nil || !rules.prefix.isEmpty {
            isValid = evaluateItems(rules, value, recorder)
            guard isValid || isCollecting else { return false }
        }
        if value.count < rules.counts.minimum {
            isValid = false
            report(node, "minItems", value) {
                "has fewer elements than \(rules.counts.minimum)"
            }
        }
        if value.count > rules.counts.maximum {
            isValid = false
            report(node, "maxItems", value) { "has more elements than \(rules.counts.maximum)" }
        }
        guard isValid || isCollecting else { return false }
        if let contains = rules.contains,
            !evaluateContains(contains, rules.containsCounts, of: node, value, recorder)
        {
            isValid = false
        }
        guard isValid || isCollecting else { return false }
        if rules.isUnique, !evaluateUnique(of: node, value) { isValid = false }
        return isValid
    }

    @inline(__always)
    private mutating func evaluateItems(
        _ rules: ArrayRules, _ value: JSONCursor, _ recorder: Int
    ) -> Bool {
        var isValid = true
        var position = 0
        for element in value.elements {
            let fits: Bool
            if position < rules.prefix.count {
                fits = evaluatePart(
                    rules.prefix[position], element, at: .index(position),
                    "/prefixItems/\(position)")
            } else if let items = rules.items {
                fits = evaluatePart(
                    items, element, at: .index(position), "/items")
            } else {
                break
            }
            if !fits {
                isValid = false
                if !isCollecting || hasStopped { return false }
            }
            position += 1
        }
        if recorder >= 0 { evaluated[recorder].insert(prefix: position) }
        return isValid
    }

    private mutating func evaluateContains(
        _ schema: SchemaNumber, _ counts: CountBounds, of node: SchemaNode, _ value: JSONCursor,
        _ recorder: Int
    ) -> Bool {
        var found = 0
        var position = 0
        for element in value.elements {
            let fits = quietly {
                $0.evaluatePart(schema, element, at: .index(position), "")
            }
            if hasStopped { return false }
            if fits {
                found += 1
                if recorder >= 0 { evaluated[recorder].insert(position) }
                // All must be looked at where it is recorded which ones fit.
                if recorder < 0, found >= counts.minimum, counts.maximum == .max { return true }
            }
            position += 1
        }
        if found < counts.minimum {
            // With the default of one the keyword that fails is `contains` itself.
            report(node, counts.minimum == 1 ? "contains" : "minContains", value) {
                "has fewer than \(counts.minimum) of the elements that it must contain"
            }
            return false
        }
        if found > counts.maximum {
            report(node, "maxContains", value) {
                "has more than \(counts.maximum) of the elements that it may contain"
            }
            return false
        }
        return true
    }

    private mutating func evaluateUnique(of node: SchemaNode, _ value: JSONCursor) -> Bool {
        guard value.count > 1 else { return true }
        spend(value.range.count)
        guard let repeated = ValueUniqueness.firstRepeated(in: whole(value), work: &remainingWork)
        else {
            if remainingWork > 0 { return true }
            stopForWork(node, value)
            return false
        }
        report(node, "uniqueItems", value) {
            "elements \(repeated.first) and \(repeated.second) are the same"
        }
        return false
    }

    /// `unevaluatedItems` and `unevaluatedProperties`, after everything else.
    @inline(never)
    mutating func evaluateUnevaluated(
        _ node: SchemaNode, _ value: JSONCursor, _ kind: JSONKind, _ recorder: Int
    ) -> Bool {
        var isValid = true
        var position = 0
        if kind == .array, let schema = node.unevaluatedItems {
            for element in value.elements {
                if !evaluated[recorder].contains(position),
                    !evaluatePart(
                        schema, element, at: .index(position),
                        "/unevaluatedItems")
                {
                    isValid = false
                    if !isCollecting || hasStopped { return false }
                }
                position += 1
            }
        }
        if kind == .object, let schema = node.unevaluatedProperties {
            for member in value.members {
                if !evaluated[recorder].contains(position),
                    !evaluatePart(
                        schema, member.value, at: .key(member.key),
                        "/unevaluatedProperties")
                {
                    isValid = false
                    if !isCollecting || hasStopped { return false }
                }
                position += 1
            }
        }
        evaluated[recorder].insertAll()
        return isValid
    }
}
