public import LosslessJSON
public import StoreFiles

/// What the checks of a document's content need to know besides its bytes.
struct ContentContext {
    let document: StorePath
    let rule: DocumentRule?
    let secrecy: Secrecy
    /// The live layout does not use it. Damage is a pity then, but harms nobody who does not look.
    let isLeftBehind: Bool
    let duplicateKeys: JSONDuplicateKeys

    /// A severity, weakened for documents that the application does not look at.
    func weighed(_ severity: Severity) -> Severity {
        isLeftBehind ? min(severity, .warning) : severity
    }

    var ifDamaged: Consequence { rule?.ifDamaged ?? Consequence(.error) }
    var ifEmpty: Consequence { rule?.ifEmpty ?? Consequence(.warning) }

    /// "what is wrong: what it means", and in an older layout that it is one.
    func detail(_ what: String, _ meaning: String) -> String {
        if isLeftBehind { return "\(what) (a document of an older layout)" }
        return meaning.isEmpty ? what : "\(what): \(meaning)"
    }

    func finding(
        _ code: FindingCode, _ severity: Severity, at offset: Int, in bytes: [UInt8],
        pointer: JSONPointer? = nil, detail: String, remedy: String
    ) -> Finding {
        let place = LineColumn(of: offset, in: bytes)
        return Finding(
            code, weighed(severity), document: document.text, offset: offset, line: place.line,
            column: place.column, pointer: pointer.map { secrecy.redacted($0).description },
            detail: detail, remedy: remedy)
    }

    static let repairRemedy = "canifly-store repair"
    static let restoreRemedy =
        "canifly-store diff shows what changed, canifly-store restore brings it back"
}

extension Profile {
    /// Checks the content of one document by all that is known of it: is it well-formed, complete,
    /// in the shape that the application reads.
    ///
    /// - Parameters:
    ///   - document: its logical name (`NAME` for a packed `NAME.gz`).
    ///   - bytes: the whole content, unpacked.
    ///   - layout: the live layout.
    ///   - duplicateKeys: what keys that come twice are: a warning where the application would
    ///     silently keep the last (`.allow`), or an error (`.refuse`).
    /// - Returns: in the order of their places.
    public func checkContent(
        of document: StorePath, bytes: [UInt8], layout: Int?,
        duplicateKeys: JSONDuplicateKeys = .allow
    ) -> [Finding] {
        let context = context(of: document, layout: layout, duplicateKeys: duplicateKeys)
        switch context.rule?.form ?? Self.form(byName: document) {
        case .json(let schema): return context.checkJSON(bytes, schema: schema)
        case .text: return context.checkText(bytes)
        case .csv(let form): return context.checkText(bytes) { context.checkCSV($0, form) }
        case .plan(let form): return context.checkText(bytes) { context.checkPlan($0, form) }
        case .key(let form): return context.checkKey(bytes, form)
        case .binary: return context.checkBinary(bytes)
        }
    }

    /// Holds one value to the schema of a document: for sealed documents, whose content stands below
    /// a member. Pointers begin at `base`; offsets are those of the value's document.
    public func checkShape(
        of value: JSONValue, document: StorePath, bytes: [UInt8], layout: Int?,
        base: JSONPointer = .root
    ) -> [Finding] {
        let context = context(of: document, layout: layout)
        guard case .json(let schema?)? = context.rule?.form else { return [] }
        return context.checkShape(of: value, bytes: bytes, schema: schema, base: base)
    }

    /// The finding for bytes that the JSON scanner refused: for documents that are too large to be
    /// read whole.
    public func finding(
        for error: JSONError, in document: StorePath, layout: Int?
    ) -> Finding {
        context(of: document, layout: layout).finding(for: error)
    }

    /// Whether a document is JSON, by its rule or else by its name.
    public func kind(of document: StorePath, layout: Int?) -> DocumentKind {
        rule(for: document, layout: layout)?.kind ?? Self.form(byName: document).kind
    }

    /// Whether there is more to check in a document than that it is well-formed JSON or UTF-8, so
    /// that its whole content is wanted.
    public func needsWholeContent(_ document: StorePath, layout: Int?) -> Bool {
        switch rule(for: document, layout: layout)?.form {
        case .json(let schema)?: schema != nil
        case .csv?, .plan?, .key?: true
        case .text?, .binary?, nil: false
        }
    }

    func context(
        of document: StorePath, layout: Int?, duplicateKeys: JSONDuplicateKeys = .allow
    ) -> ContentContext {
        let rule = rule(for: document, layout: layout)
        let isLeftBehind =
            if let rule, let layout { rule.layout < layout } else { false }
        return ContentContext(
            document: document, rule: rule, secrecy: secrecy(of: document),
            isLeftBehind: isLeftBehind, duplicateKeys: duplicateKeys)
    }

    /// What a document without a rule is taken for, by the end of its name.
    private static func form(byName document: StorePath) -> DocumentForm {
        let name = document.text.utf8
        let ends = { (suffix: String) in
            name.count > suffix.utf8.count
                && name.suffix(suffix.utf8.count).elementsEqual(suffix.utf8)
        }
        if ends(".json") { return .json(nil) }
        if ends(".txt") || ends(".csv") || ends(".md") { return .text }
        return .binary
    }
}
