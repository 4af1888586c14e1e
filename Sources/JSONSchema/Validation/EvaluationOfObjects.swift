internal import LosslessJSON

/// Keywords for objects.
extension SchemaEvaluation {
    @inline(never)
    mutating func evaluate(
        _ rules: ObjectRules, of node: SchemaNode, _ value: JSONCursor, _ recorder: Int
    ) -> Bool {
        var isValid = true
        var present = NumberSet()
        var position = 0
        for member in value.members {
            let name = number(of: member.key, in: rules.names)
            if let name { present.insert(name) }
            if !evaluate(member, name, rules, position, recorder) {
                isValid = false
                if !isCollecting || hasStopped { return false }
            }
            position += 1
        }
        if !rules.counts.isTrivial, !evaluateCount(rules.counts, position, of: node, value) {
            isValid = false
        }
        if !present.isSuperset(of: rules.required) {
            isValid = false
            for name in rules.requiredNames where !present.contains(name) {
                report(node, "required", value) {
                    "lacks the required member \(MessageText.quoted(rules.names[name]))"
                }
            }
        }
        guard isValid || isCollecting else { return false }
        if rules.dependentRequired.isEmpty && rules.dependentSchemas.isEmpty { return isValid }
        return evaluateDependencies(rules, of: node, value, present, recorder) && isValid
    }

    /// The number of a member's name in a table.
    @inline(__always)
    private func number(of key: JSONCursor, in names: NameTable) -> Int? {
        guard names.count > 0 else { return nil }
        let body = text.span.extracting(body(of: key))
        return names.number(ofBody: body) { whole(key).stringUTF8 ?? [] }
    }

    @inline(__always)
    private mutating func evaluate(
        _ member: (key: JSONCursor, value: JSONCursor), _ name: Int?, _ rules: ObjectRules,
        _ position: Int,
        _ recorder: Int
    ) -> Bool {
        var isValid = true
        var isCovered = false
        if let name, rules.properties[name] >= 0 {
            isCovered = true
            isValid = evaluatePart(
                rules.properties[name], member.value, at: .key(member.key),
                "/properties/"
                    + PointerText.escaped(String(decoding: rules.names[name], as: UTF8.self)))
        }
        if !rules.patterns.isEmpty {
            for pattern in rules.patterns where matches(pattern.expression, member.key) {
                isCovered = true
                if !evaluatePart(
                    pattern.schema, member.value, at: .key(member.key),
                    "/patternProperties/" + pattern.token)
                {
                    isValid = false
                }
            }
        }
        if !isCovered, let additional = rules.additional {
            isCovered = true
            if !evaluatePart(
                additional, member.value, at: .key(member.key),
                "/additionalProperties")
            {
                isValid = false
            }
        }
        if let schema = rules.nameSchema,
            !evaluatePart(
                schema, member.key, at: .key(member.key), "/propertyNames")
        {
            isValid = false
        }
        if isCovered && recorder >= 0 { evaluated[recorder].insert(position) }
        return isValid
    }

    private mutating func evaluateCount(
        _ counts: CountBounds, _ count: Int, of node: SchemaNode, _ value: JSONCursor
    ) -> Bool {
        if count < counts.minimum {
            report(node, "minProperties", value) {
                "has fewer members than \(counts.minimum)"
            }
            return false
        }
        if count > counts.maximum {
            report(node, "maxProperties", value) { "has more members than \(counts.maximum)" }
            return false
        }
        return true
    }

    private mutating func evaluateDependencies(
        _ rules: ObjectRules, of node: SchemaNode, _ value: JSONCursor, _ present: NumberSet,
        _ recorder: Int
    ) -> Bool {
        var isValid = true
        for dependency in rules.dependentRequired where present.contains(dependency.name) {
            for name in dependency.consequence where !present.contains(name) {
                isValid = false
                report(node, "dependentRequired", value) {
                    "has the member \(MessageText.quoted(rules.names[dependency.name])) and lacks "
                        + MessageText.quoted(rules.names[name])
                }
            }
        }
        for dependency in rules.dependentSchemas where present.contains(dependency.name) {
            let name = String(decoding: rules.names[dependency.name], as: UTF8.self)
            if !evaluateBranch(
                dependency.consequence, value, recorder: recorder, from: node,
                "/dependentSchemas/" + PointerText.escaped(name))
            {
                isValid = false
            }
        }
        return isValid
    }
}
