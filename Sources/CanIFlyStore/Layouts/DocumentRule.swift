public import StoreFiles

/// What something that is wrong with a document means to the application that owns it.
public struct Consequence: Sendable, Hashable {
    /// How much it matters.
    public var severity: Severity
    /// Completes a sentence for people; may be empty.
    public var meaning: String
    /// What helps; may be empty.
    public var remedy: String

    /// A consequence, with nothing to tell unless said.
    public init(_ severity: Severity, meaning: String = "", remedy: String = "") {
        self.severity = severity
        self.meaning = meaning
        self.remedy = remedy
    }
}

/// When the entries of a document are past their time.
package struct ExpiryRule: Sendable, Hashable {
    /// Which values are entries.
    package var entries: PointerPattern
    /// Where an entry has its time, relative to it.
    package var time: RelativePointer
    /// An entry is dead when its time is more than this long ago; nil: when its time has come.
    package var afterSeconds: Int64?
    /// What becomes of dead entries.
    package var meaning: String
}

/// What a profile says about the documents of one name or pattern in one layout.
public final class DocumentRule: Sendable {
    /// The layout whose rule this is. A document whose rule is of an older layout than the live one
    /// was left behind.
    public let layout: Int
    /// Which documents are meant.
    package let pattern: NamePattern
    /// The mode that the application gives, and that a new document gets.
    public let mode: FileMode
    /// Nobody but the owner may see any of it.
    public let isSecret: Bool
    /// It may lie packed: the application does not read it by its plain name.
    public let isPackable: Bool
    /// The newest version of a sealed document that this profile knows; nil: it says nothing of
    /// versions.
    public let newestVersion: Int64?
    /// What it means that the document is not there.
    public let ifMissing: Consequence
    /// What it means that the document has no bytes.
    public let ifEmpty: Consequence
    /// What it means that the document cannot be read.
    public let ifDamaged: Consequence

    let form: DocumentForm
    let secretValues: [PointerPattern]
    let secretKeys: [PointerPattern]
    let expiry: ExpiryRule?

    init(
        layout: Int, pattern: NamePattern, form: DocumentForm, mode: FileMode,
        isSecret: Bool = false, isPackable: Bool = false, newestVersion: Int64? = nil,
        ifMissing: Consequence, ifEmpty: Consequence, ifDamaged: Consequence,
        secretValues: [PointerPattern] = [],
        secretKeys: [PointerPattern] = [], expiry: ExpiryRule? = nil
    ) {
        self.layout = layout
        self.pattern = pattern
        self.form = form
        self.mode = mode
        self.isSecret = isSecret
        self.isPackable = isPackable
        self.newestVersion = newestVersion
        self.ifMissing = ifMissing
        self.ifEmpty = ifEmpty
        self.ifDamaged = ifDamaged
        self.secretValues = secretValues
        self.secretKeys = secretKeys
        self.expiry = expiry
    }

    /// Whether it is JSON, text, a table or a plan, and so on.
    public var kind: DocumentKind { form.kind }

    /// The whole document, some of its values or some of its keys must not be shown.
    public var holdsSecrets: Bool {
        isSecret || !secretValues.isEmpty || !secretKeys.isEmpty
    }
}

extension DocumentRule {
    /// The same rule in a layout that goes on from this one.
    func inherited(by layout: Int) -> DocumentRule {
        DocumentRule(
            layout: layout, pattern: pattern, form: form, mode: mode, isSecret: isSecret,
            isPackable: isPackable, newestVersion: newestVersion, ifMissing: ifMissing,
            ifEmpty: ifEmpty, ifDamaged: ifDamaged,
            secretValues: secretValues, secretKeys: secretKeys, expiry: expiry)
    }
}
