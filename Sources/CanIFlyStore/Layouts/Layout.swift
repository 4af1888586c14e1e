public import StoreFiles

/// How one range of application versions arranges its documents.
public final class Layout: Sendable {
    /// Counted from 0 or 1 within the profile.
    public let number: Int
    /// For people, as in "0.1.0 – 0.1.5".
    public let versions: String
    /// It can be told from others, and nothing more: its documents cannot be read.
    public let isKnownBySightOnly: Bool
    /// The rules of its documents, as the profile lists them, inherited ones first.
    public let documents: [DocumentRule]

    let recognition: RecognitionCondition
    let relations: [Relation]
    let holdings: [Holding]

    private let rulesByPath: [StorePath: DocumentRule]
    private let rulesByPattern: [DocumentRule]

    init(
        number: Int, versions: String, isKnownBySightOnly: Bool, documents: [DocumentRule],
        recognition: RecognitionCondition, relations: [Relation], holdings: [Holding]
    ) {
        self.number = number
        self.versions = versions
        self.isKnownBySightOnly = isKnownBySightOnly
        self.documents = documents
        self.recognition = recognition
        self.relations = relations
        self.holdings = holdings
        var rulesByPath: [StorePath: DocumentRule] = [:]
        var rulesByPattern: [DocumentRule] = []
        for rule in documents {
            if rule.pattern.isLiteral {
                rulesByPath[StorePath(unchecked: rule.pattern.description)] = rule
            } else {
                rulesByPattern.append(rule)
            }
        }
        self.rulesByPath = rulesByPath
        self.rulesByPattern = rulesByPattern
    }

    /// The rule of a document; an exact path goes before a pattern, and the first pattern that
    /// matches before later ones.
    public func rule(for document: StorePath) -> DocumentRule? {
        if let rule = rulesByPath[document] { return rule }
        if rulesByPattern.isEmpty { return nil }
        var text = document.text
        return text.withUTF8 { path in
            rulesByPattern.first { $0.pattern.matches(path) }
        }
    }
}
