internal import StoreCodecs
internal import StoreFiles

/// Everything that is looked at while a document's bytes stream by once: packed ones are unpacked,
/// seals are checked, and the content is held to the layout, in constant memory unless that needs
/// the whole of it.
struct ContentObserver: ~Copyable {
    private let document: StorePath
    /// By which its content is judged.
    private let plain: StorePath
    private let rules: DocumentRules
    private let checks: Bool
    private let retains: Bool
    /// Nil where the content is not to be judged.
    private var stream: StreamingContentCheck?
    private var sealHint = SealHint()
    private var seal = SealScanner()
    private var packed: PackedStream?
    private var packingError: GzipError?
    /// Nil where it is not needed, or too large.
    private var whole: [UInt8]?

    /// Up to this size a document is held in memory where its layout says more of it than that it is
    /// well-formed.
    private static let largestWhole = 64 << 20

    /// - Parameters:
    ///   - size: as the document lies there, in bytes.
    ///   - checks: whether the content is to be judged.
    ///   - retains: whether the content is wanted afterwards.
    init(
        of document: StorePath, size: Int64, rules: DocumentRules, checks: Bool, retains: Bool
    ) {
        self.document = document
        plain = document.plainForm
        self.rules = rules
        self.checks = checks
        self.retains = retains
        if checks { stream = StreamingContentCheck(of: plain, rules: rules) }
        let needsWhole =
            retains || checks && rules.profile.needsWholeContent(plain, layout: rules.layout)
        if needsWhole, size <= Self.largestWhole {
            whole = []
            whole?.reserveCapacity(Int(size))
        }
        if document.isPacked, checks || retains { packed = PackedStream() }
    }

    /// Whether consuming takes longer than reading.
    var isDemanding: Bool { checks }

    mutating func consume(_ bytes: UnsafeRawBufferPointer) {
        guard checks || whole != nil else { return }
        guard document.isPacked else {
            consumeContent(bytes)
            return
        }
        guard packingError == nil, var packed = packed.take() else { return }
        do throws(GzipError) {
            try packed.unpack(bytes) { consumeContent($0) }
        } catch {
            packingError = error
        }
        self.packed = consume packed
    }

    private mutating func consumeContent(_ bytes: UnsafeRawBufferPointer) {
        if whole != nil {
            whole?.append(contentsOf: bytes)
            if whole!.count > Self.largestWhole { whole = nil }
        }
        guard checks else { return }
        stream?.consume(bytes)
        // A packed one is not unpacked twice.
        if document.isPacked { seal.consume(bytes) } else { sealHint.consume(bytes) }
    }

    /// Whether the document, now that all of it was consumed, may be a sealed one: then its bytes are to
    /// be given to `consumeAgain`. Nearly none is, and working out checksums for all would take as long
    /// as all else.
    var needsSecondLook: Bool {
        guard checks, let memberCount = stream?.rootMemberCount else { return false }
        return sealHint.mayBeSealed(memberCount: memberCount) {
            rules.profile.rule(for: plain, layout: rules.layout)?.newestVersion != nil
        }
    }

    mutating func consumeAgain(_ bytes: UnsafeRawBufferPointer) { seal.consume(bytes) }

    /// What is wrong with the content, and the content itself where it is wanted.
    consuming func finish() -> (findings: [Finding], content: [UInt8]?) {
        if var packed = packed.take(), packingError == nil {
            do throws(GzipError) { try packed.finish() } catch { packingError = error }
        }
        if let packingError {
            return (checks ? [Finding(packingError, document: document)] : [], nil)
        }
        let content = retains ? whole : nil
        guard checks else { return ([], content) }
        if let finding = stream?.finish(), whole == nil { return ([finding], content) }
        var findings: [Finding] = []
        if let whole {
            findings = rules.profile.checkContent(
                of: plain, bytes: whole, layout: rules.layout)
        }
        if rules.kind(of: plain) == .json, !findings.contains(where: \.isAboutSyntax) {
            let newest = rules.profile.rule(for: plain, layout: rules.layout)?.newestVersion
            let document = document
            let judgement = seal.finish()
            if let finding = Finding(judgement, document: document)
                ?? Finding(judgement, newerThan: newest, document: document)
            {
                findings.append(finding)
            }
        }
        return (findings, content)
    }
}

extension Finding {
    /// Whether the document is no JSON, so that nothing more can be said of it.
    fileprivate var isAboutSyntax: Bool {
        switch code {
        case .jsonMalformed, .jsonTruncated, .jsonTrailing, .jsonTooDeep, .empty, .nulBytes: true
        default: false
        }
    }
}
