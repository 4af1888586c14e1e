internal import JSONSchema
internal import LosslessJSON

extension ContentContext {
    func checkJSON(_ bytes: [UInt8], schema: SchemaSource?) -> [Finding] {
        do {
            let document = try JSONDocument(bytes)
            guard let schema else { return [] }
            return checkShape(of: document.root, bytes: bytes, schema: schema, base: .root)
        } catch {
            let finding = finding(for: error)
            // The application reads on, so there may be more that it would stumble over.
            guard error.code == .duplicateKey, let schema,
                let document = try? JSONDocument(bytes, duplicateKeys: .allow)
            else { return [finding] }
            return checkShape(of: document.root, bytes: bytes, schema: schema, base: .root)
                + [finding]
        }
    }

    func finding(for error: JSONError) -> Finding {
        let severity: Severity
        var meaning = ifDamaged.meaning
        var remedy = ifDamaged.remedy.isEmpty ? Self.repairRemedy : ifDamaged.remedy
        switch error.code {
        case .empty:
            severity = ifEmpty.severity
            meaning = ifEmpty.meaning
            if !ifEmpty.remedy.isEmpty { remedy = ifEmpty.remedy }
        case .duplicateKey:
            severity = duplicateKeys == .refuse ? .error : .warning
            meaning = "the application silently keeps one of them"
            remedy = "remove one of them"
        default:
            severity = ifDamaged.severity
        }
        return Finding(
            FindingCode(rawValue: error.code.rawValue) ?? .unreadable, weighed(severity),
            document: document.text, offset: error.offset, line: error.line,
            column: error.column, detail: detail(error.reason, meaning), remedy: remedy)
    }

    // MARK: Shape

    /// How many findings a document may have for breaking its schema; what more there is, is counted.
    private static let maximumFindings = 20
    private static let maximumViolations = 1_000

    func checkShape(
        of value: JSONValue, bytes: [UInt8], schema: SchemaSource, base: JSONPointer
    ) -> [Finding] {
        let compiled: SchemaSource.Compiled
        switch schema.compiled {
        case .success(let success): compiled = success
        case .failure(let error):
            return [
                Finding(
                    .schemaMismatch, .warning, document: document.text,
                    detail: "cannot be checked: its schema in the profile is wrong, \(error)",
                    remedy: "mend the profile")
            ]
        }
        let violations = compiled.schema.validate(
            value, maximumViolations: Self.maximumViolations)
        if violations.isEmpty { return [] }
        let judged = violations.map { violation in
            let onlyWarns = compiled.onlyWarns(at: violation.keywordPointer)
            return (violation, onlyWarns ? min(.warning, ifDamaged.severity) : ifDamaged.severity)
        }
        // Errors go first, so that no heap of warnings hides them; what is wrong with a value whose
        // very type is wrong goes without saying.
        let errors = judged.filter { $0.1 == .error }
        let wrongValues = Set(errors.map(\.0.instanceLocation))
        let others = judged.filter {
            $0.1 != .error && !wrongValues.contains($0.0.instanceLocation)
        }
        let chosen = (errors + others).prefix(Self.maximumFindings)
            .sorted { $0.0.offset < $1.0.offset }
        var findings = chosen.map { violation, severity in
            finding(
                .schemaMismatch, severity, at: violation.offset, in: bytes,
                pointer: JSONPointer(tokens: base.tokens + violation.instanceLocation.tokens),
                detail: detail(
                    violation.message, severity == .error ? ifDamaged.meaning : ""),
                remedy: Self.restoreRemedy)
        }
        let rest = errors.count + others.count - chosen.count
        if rest > 0 {
            let more = violations.count == Self.maximumViolations ? "at least " : ""
            findings[findings.count - 1].detail += " (and \(more)\(rest) more in this document)"
        }
        return findings
    }
}
