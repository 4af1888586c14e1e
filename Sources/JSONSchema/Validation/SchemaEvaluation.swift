internal import LosslessJSON

/// One value held against a compiled schema.
///
/// The same walk serves two ends: without collecting it stops at the first violation and keeps
/// no account of where it is; with collecting it goes on, and says where and why.
struct SchemaEvaluation {
    /// Schemas within schemas within values. It bounds the stack: 4 MiB are enough, 8 MiB in a
    /// build without optimisation. Documents nest 512 deep at most, and a level that deep seldom
    /// takes more than two or three schemas.
    static let maximumDepth = 1_536
    /// Schemas one after the other on the same value. Only references that go round in a circle
    /// take more.
    static let maximumBranchDepth = 256
    /// Steps, beyond those that the size of the value allows, until a schema counts as one that
    /// would never end.
    static let baseWork = 2_000_000
    static let workPerByte = 100

    let program: SchemaProgram
    /// Those of the program.
    private let nodes: UnsafeBufferPointer<Unmanaged<SchemaNode>>
    private let hasDynamicAnchors: Bool
    private let root: JSONValue
    /// The text of the value, in the offsets of its document.
    let text: ArraySlice<UInt8>
    private let maximumViolations: Int

    /// Whether violations are being collected just now: not inside `not`, `if` and their like.
    var isCollecting: Bool
    private(set) var violations: [SchemaViolation] = []
    private var isFull = false
    private var hasGivenUp = false
    var remainingWork: Int

    private var depth = 0
    private var branchDepth = 0
    /// The resources on the way here, where dynamic references are in use.
    private var scope: [Int32] = []
    /// Parts of the values in hand whose evaluation is being recorded.
    var evaluated: [EvaluatedParts] = []

    var instancePath: [[UInt8]] = []
    var keywordPath: [String] = []

    init(_ program: SchemaProgram, value: JSONValue, maximumViolations: Int) {
        self.program = program
        nodes = program.lentNodes
        hasDynamicAnchors = !program.dynamicAnchors.isEmpty
        root = value
        text = value.bytes
        self.maximumViolations = maximumViolations
        isCollecting = maximumViolations > 0
        remainingWork = Self.baseWork + Self.workPerByte * text.count
    }

    /// Whether going on makes no sense: a limit was reached, or violations are enough.
    var hasStopped: Bool { isFull || hasGivenUp }

    mutating func run() -> Bool {
        let root = root
        return root.withCursor { evaluate(0, $0, recorder: -1) }
    }

    /// For what a cursor does not tell.
    func whole(_ cursor: JSONCursor) -> JSONValue { root.value(at: cursor) }

    /// Whether a value fits a schema. `recorder` is the number of the record of evaluated parts
    /// that this schema adds to, or -1.
    mutating func evaluate(
        _ number: SchemaNumber, _ value: JSONCursor, recorder: Int
    ) -> Bool {
        nodes[Int(number)]._withUnsafeGuaranteedRef { node in
            if let verdict = node.verdict {
                if !verdict && isCollecting { reportFalse(node, value) }
                return verdict
            }
            guard !hasDynamicAnchors else {
                return evaluateInScope(node, value, recorder)
            }
            if let next = node.onlyReference {
                return evaluateReferences(next, from: node, value, recorder)
            }
            guard enter(node, value) else { return false }
            let isValid = evaluateKeywords(node, value, recorder)
            depth -= 1
            return isValid
        }
    }

    /// Follows schemas that hold nothing but a reference, on the spot: recursive schemas are full
    /// of them.
    @inline(never)
    private mutating func evaluateReferences(
        _ first: SchemaNumber, from start: SchemaNode, _ value: JSONCursor, _ recorder: Int
    ) -> Bool {
        var target = first
        var count = 1
        while branchDepth + count <= Self.maximumBranchDepth {
            guard
                let next = nodes[Int(target)]._withUnsafeGuaranteedRef({ $0.onlyReference })
            else {
                branchDepth += count
                if isCollecting { keywordPath += repeatElement("/$ref", count: count) }
                let isValid = evaluate(target, value, recorder: recorder)
                if isCollecting { keywordPath.removeLast(count) }
                branchDepth -= count
                return isValid
            }
            target = next
            count += 1
        }
        stop(start, value, "references go round in a circle")
        return false
    }

    @inline(never)
    private mutating func evaluateInScope(
        _ node: SchemaNode, _ value: JSONCursor, _ recorder: Int
    ) -> Bool {
        guard enter(node, value) else { return false }
        let isEntered = scope.last != node.resource
        if isEntered { scope.append(node.resource) }
        let isValid = evaluateKeywords(node, value, recorder)
        if isEntered { scope.removeLast() }
        depth -= 1
        return isValid
    }

    private mutating func enter(_ node: SchemaNode, _ value: JSONCursor) -> Bool {
        if hasStopped { return false }
        depth += 1
        remainingWork -= 1
        if depth <= Self.maximumDepth && remainingWork > 0 { return true }
        depth -= 1
        if remainingWork > 0 {
            stop(node, value, "the schema goes too deep here")
        } else {
            stopForWork(node, value)
        }
        return false
    }

    /// Takes away work that is not counted by schemas.
    @inline(__always)
    mutating func spend(_ work: Int) {
        remainingWork -= work
    }

    @inline(__always)
    private mutating func evaluateKeywords(
        _ node: SchemaNode, _ value: JSONCursor, _ recorder: Int
    ) -> Bool {
        let kind = value.kind
        var isValid = true
        if node.types != .any, !fits(node.types, kind, value) {
            guard isCollecting else { return false }
            isValid = false
            report(node, "type", value) {
                "expected \(MessageText.names(node.types)), found \(kind.rawValue)"
            }
        }
        if let values = node.values, !evaluate(values, of: node, value, kind) {
            isValid = false
            guard isCollecting else { return false }
        }
        switch kind {
        case .number:
            if let rules = node.numbers, !evaluate(rules, of: node, value) { isValid = false }
        case .string:
            if let rules = node.strings, !evaluate(rules, of: node, value) { isValid = false }
        default: break
        }
        if node.branches == nil && node.unevaluatedProperties == nil && node.unevaluatedItems == nil
        {
            guard isValid || isCollecting else { return false }
            return evaluateParts(node, value, kind, recorder) && isValid
        }
        guard isValid || isCollecting else { return false }
        return evaluateBranchesAndParts(node, value, kind, recorder) && isValid
    }

    /// What is in the value.
    @inline(__always)
    private mutating func evaluateParts(
        _ node: SchemaNode, _ value: JSONCursor, _ kind: JSONKind, _ recorder: Int
    ) -> Bool {
        switch kind {
        case .object:
            guard let rules = node.objects else { return true }
            return evaluate(rules, of: node, value, recorder)
        case .array:
            guard let rules = node.arrays else { return true }
            return evaluate(rules, of: node, value, recorder)
        default: return true
        }
    }

    @inline(never)
    private mutating func evaluateBranchesAndParts(
        _ node: SchemaNode, _ value: JSONCursor, _ kind: JSONKind, _ outer: Int
    ) -> Bool {
        // What `unevaluated…` sees is what was evaluated here and below, not beside.
        let isRecording =
            kind == .object && node.unevaluatedProperties != nil
            || kind == .array && node.unevaluatedItems != nil
        var recorder = outer
        if isRecording {
            recorder = evaluated.count
            evaluated.append(EvaluatedParts())
        }
        var isValid = true
        if let branches = node.branches {
            isValid = evaluate(branches, of: node, value, recorder)
        }
        if isValid || isCollecting, !evaluateParts(node, value, kind, recorder) { isValid = false }
        if isRecording {
            // After a violation it is not known what would have been evaluated.
            if isValid { isValid = evaluateUnevaluated(node, value, kind, recorder) }
            let parts = evaluated.removeLast()
            if isValid && outer >= 0 { evaluated[outer].formUnion(parts) }
        }
        return isValid
    }

    /// Goes to another schema for the same value.
    mutating func evaluateBranch(
        _ number: SchemaNumber, _ value: JSONCursor, recorder: Int, from node: SchemaNode,
        _ keyword: @autoclosure () -> String
    ) -> Bool {
        guard branchDepth < Self.maximumBranchDepth else {
            stop(node, value, "references go round in a circle")
            return false
        }
        branchDepth += 1
        if isCollecting { keywordPath.append(keyword()) }
        let isValid = evaluate(number, value, recorder: recorder)
        if isCollecting { keywordPath.removeLast() }
        branchDepth -= 1
        return isValid
    }

    /// Where in its container a part is.
    enum PartPlace {
        case key(JSONCursor)
        case index(Int)
    }

    private func token(_ place: PartPlace) -> [UInt8] {
        switch place {
        case .key(let key): whole(key).stringUTF8 ?? []
        case .index(let index): Array(String(index).utf8)
        }
    }

    /// Goes to the schema of a part of the value.
    @inline(__always)
    mutating func evaluatePart(
        _ number: SchemaNumber, _ part: JSONCursor, at place: PartPlace,
        _ keyword: @autoclosure () -> String
    ) -> Bool {
        let outerDepth = branchDepth
        branchDepth = 0
        defer { branchDepth = outerDepth }
        guard isCollecting else { return evaluate(number, part, recorder: -1) }
        instancePath.append(token(place))
        keywordPath.append(keyword())
        defer {
            instancePath.removeLast()
            keywordPath.removeLast()
        }
        return evaluate(number, part, recorder: -1)
    }

    /// Where a dynamic reference leads: to the outermost resource on the way here that has the
    /// anchor.
    func target(of reference: BranchRules.DynamicReference) -> SchemaNumber {
        let table = program.dynamicAnchors[reference.anchor]
        for resource in scope where table[Int(resource)] >= 0 { return table[Int(resource)] }
        return reference.target
    }
}

/// Telling what is wrong.
extension SchemaEvaluation {
    mutating func report(
        _ node: SchemaNode, _ keyword: String, _ value: JSONCursor, _ message: () -> String
    ) {
        guard isCollecting, !hasStopped else { return }
        append(
            violation(
                node, value, keyword: keyword, tail: "/" + keyword,
                pointer: SchemaPath.pointer(node.path).appending(keyword), message()))
    }

    /// A schema that is `false`: the keyword that holds it says more than it does itself.
    private mutating func reportFalse(_ node: SchemaNode, _ value: JSONCursor) {
        guard !hasStopped else { return }
        let keyword = keywordPath.last?.split(separator: "/").first.map(String.init) ?? ""
        let message =
            switch keyword {
            case "additionalProperties", "unevaluatedProperties", "properties",
                "patternProperties", "propertyNames":
                "no member of this name is allowed"
            case "items", "prefixItems", "unevaluatedItems": "no element is allowed here"
            default: "nothing is allowed here"
            }
        append(
            violation(
                node, value, keyword: keyword, tail: "",
                pointer: SchemaPath.pointer(node.path), message))
    }

    private func violation(
        _ node: SchemaNode, _ value: JSONCursor, keyword: String, tail: String,
        pointer: JSONPointer, _ message: String
    ) -> SchemaViolation {
        SchemaViolation(
            instanceLocation: JSONPointer(tokens: instancePath), range: value.range,
            keyword: keyword, keywordLocation: keywordPath.joined() + tail,
            resourceURI: node.uri, keywordPointer: pointer, message: message)
    }

    private mutating func append(_ violation: SchemaViolation) {
        violations.append(violation)
        if violations.count >= maximumViolations { isFull = true }
    }

    mutating func stopForWork(_ node: SchemaNode, _ value: JSONCursor) {
        stop(node, value, "checking takes too long: the schema is too expensive for this value")
    }

    /// Gives up: whatever was found, the value counts as one that does not fit.
    private mutating func stop(_ node: SchemaNode, _ value: JSONCursor, _ message: String) {
        guard !hasStopped else { return }
        hasGivenUp = true
        guard maximumViolations > 0 else { return }
        violations.append(
            violation(
                node, value, keyword: "", tail: "", pointer: SchemaPath.pointer(node.path),
                message))
    }

    /// The answer of `body` without collecting what it finds.
    mutating func quietly(_ body: (inout SchemaEvaluation) -> Bool) -> Bool {
        let wasCollecting = isCollecting
        isCollecting = false
        defer { isCollecting = wasCollecting }
        return body(&self)
    }

    /// The violations that `body` finds, kept apart.
    mutating func collect(_ body: (inout SchemaEvaluation) -> Void) -> [SchemaViolation] {
        let kept = violations
        violations = []
        body(&self)
        let found = violations
        // Giving up is told whatever becomes of the rest.
        violations = hasGivenUp ? kept + found.suffix(1) : kept
        isFull = false
        return found
    }

    mutating func append(contentsOf found: [SchemaViolation]) {
        for violation in found where !hasStopped { append(violation) }
    }
}
