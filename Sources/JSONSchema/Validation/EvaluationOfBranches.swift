internal import LosslessJSON

/// Keywords that apply other schemas to the same value.
extension SchemaEvaluation {
    @inline(never)
    mutating func evaluate(
        _ rules: BranchRules, of node: SchemaNode, _ value: JSONCursor, _ recorder: Int
    ) -> Bool {
        var isValid = true
        if let reference = rules.reference,
            !evaluateBranch(reference, value, recorder: recorder, from: node, "/$ref")
        {
            isValid = false
        }
        if isValid || isCollecting, let reference = rules.plainDynamicReference,
            !evaluateBranch(reference, value, recorder: recorder, from: node, "/$dynamicRef")
        {
            isValid = false
        }
        if isValid || isCollecting, let reference = rules.dynamicReference,
            !evaluateBranch(
                target(of: reference), value, recorder: recorder, from: node, "/$dynamicRef")
        {
            isValid = false
        }
        for (index, schema) in rules.all.enumerated() where isValid || isCollecting {
            if !evaluateBranch(schema, value, recorder: recorder, from: node, "/allOf/\(index)") {
                isValid = false
            }
        }
        guard isValid || isCollecting else { return false }
        if !rules.any.isEmpty, !evaluateAny(rules.any, of: node, value, recorder) {
            isValid = false
        }
        guard isValid || isCollecting else { return false }
        if !rules.one.isEmpty, !evaluateOne(rules.one, of: node, value, recorder) {
            isValid = false
        }
        guard isValid || isCollecting else { return false }
        if let not = rules.not, !evaluateNot(not, of: node, value) { isValid = false }
        guard isValid || isCollecting else { return false }
        if let condition = rules.condition,
            !evaluateCondition(condition, rules, of: node, value, recorder)
        {
            isValid = false
        }
        return isValid
    }

    /// Whether a schema fits, where it may as well not: nothing is reported, and what it
    /// evaluates counts only if it fits.
    private mutating func tries(
        _ schema: SchemaNumber, of node: SchemaNode, _ value: JSONCursor, _ recorder: Int
    ) -> Bool {
        guard recorder >= 0 else {
            return quietly { $0.evaluateBranch(schema, value, recorder: -1, from: node, "") }
        }
        let own = evaluated.count
        evaluated.append(EvaluatedParts())
        let isValid = quietly {
            $0.evaluateBranch(schema, value, recorder: own, from: node, "")
        }
        let parts = evaluated.removeLast()
        if isValid { evaluated[recorder].formUnion(parts) }
        return isValid
    }

    private mutating func evaluateAny(
        _ schemas: [SchemaNumber], of node: SchemaNode, _ value: JSONCursor, _ recorder: Int
    ) -> Bool {
        var isValid = false
        for schema in schemas where !isValid || recorder >= 0 {
            if tries(schema, of: node, value, recorder) { isValid = true }
        }
        if hasStopped { return false }
        if !isValid && isCollecting { reportNone(of: schemas, "anyOf", node, value) }
        return isValid
    }

    private mutating func evaluateOne(
        _ schemas: [SchemaNumber], of node: SchemaNode, _ value: JSONCursor, _ recorder: Int
    ) -> Bool {
        var fitting: [Int] = []
        for (index, schema) in schemas.enumerated() where fitting.count < 2 {
            if tries(schema, of: node, value, recorder) { fitting.append(index) }
        }
        if hasStopped { return false }
        if fitting.count == 1 { return true }
        guard isCollecting else { return false }
        if fitting.isEmpty {
            reportNone(of: schemas, "oneOf", node, value)
        } else {
            report(node, "oneOf", value) {
                "more than one alternative fits: \(fitting[0]) and \(fitting[1])"
            }
        }
        return false
    }

    /// No alternative fits. Where all but one are for other types or other fixed values, what is
    /// wrong is what that one says.
    private mutating func reportNone(
        of schemas: [SchemaNumber], _ keyword: String, _ node: SchemaNode, _ value: JSONCursor
    ) {
        var candidates: [[SchemaViolation]] = []
        let here = JSONPointer(tokens: instancePath)
        for (index, schema) in schemas.enumerated() {
            let found = collect {
                _ = $0.evaluateBranch(
                    schema, value, recorder: -1, from: node, "/\(keyword)/\(index)")
            }
            if hasStopped { return }
            let isOther = found.contains {
                $0.instanceLocation == here
                    && ["type", "const", "enum"].contains($0.keyword)
            }
            if !isOther { candidates.append(found) }
        }
        if candidates.count == 1 && !candidates[0].isEmpty {
            append(contentsOf: candidates[0])
        } else {
            report(node, keyword, value) { "none of the \(schemas.count) alternatives fits" }
        }
    }

    private mutating func evaluateNot(
        _ schema: SchemaNumber, of node: SchemaNode, _ value: JSONCursor
    ) -> Bool {
        let fits = tries(schema, of: node, value, -1)
        if hasStopped { return false }
        if fits { report(node, "not", value) { "fits a schema that it must not fit" } }
        return !fits
    }

    private mutating func evaluateCondition(
        _ condition: SchemaNumber, _ rules: BranchRules, of node: SchemaNode,
        _ value: JSONCursor, _ recorder: Int
    ) -> Bool {
        let holds = tries(condition, of: node, value, recorder)
        if hasStopped { return false }
        guard let schema = holds ? rules.consequence : rules.alternative else { return true }
        return evaluateBranch(
            schema, value, recorder: recorder, from: node, holds ? "/then" : "/else")
    }
}
