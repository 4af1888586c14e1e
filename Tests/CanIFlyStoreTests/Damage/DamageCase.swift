import StoreTestSupport
import Testing

@testable import CanIFlyStore

/// One kind of damage to a sample store: what makes it, what `verify` must say of it, and what
/// `repair` must do about it and must leave alone.
struct DamageCase: Sendable, CustomTestStringConvertible {
    /// A finding by all that its place consists of.
    struct Place: Hashable, Sendable, CustomStringConvertible {
        var code: FindingCode
        var severity: Severity
        var document: String?
        var file: String?
        var offset: Int?
        var line: Int?
        var column: Int?
        var pointer: String?

        init(
            _ code: FindingCode, _ severity: Severity, _ document: String?, file: String? = nil,
            offset: Int? = nil, line: Int? = nil, column: Int? = nil, pointer: String? = nil
        ) {
            self.code = code
            self.severity = severity
            self.document = document
            self.file = file
            self.offset = offset
            self.line = line
            self.column = column
            self.pointer = pointer
        }

        init(_ finding: Finding) {
            self.init(
                finding.code, finding.severity, finding.document, file: finding.file,
                offset: finding.offset, line: finding.line, column: finding.column,
                pointer: finding.pointer)
        }

        var description: String {
            "\(code.rawValue) \(severity) \(document ?? "-") file \(file ?? "-") offset \(offset ?? -1) "
                + "line \(line ?? -1):\(column ?? -1) pointer \(pointer ?? "-")"
        }
    }

    enum Outcome: Sendable {
        /// Every document is as it was before the damage, byte for byte, and no error is left.
        case undone
        /// Not a byte anywhere is changed, and what `verify` said it says again.
        case leftAlone
        /// Done some other way.
        case judged(@Sendable (HistoryStore, RepairReport) throws -> Void)
    }

    enum Sample: Sendable {
        /// A sample of the application, recorded by `init` and `snapshot`.
        case application(String)
        /// Documents of nobody in particular, recorded likewise.
        case generic([String: String])
    }

    var name: String
    var sample: Sample
    /// Everything that `verify --deep` finds and did not find before the damage.
    var findings: [Place]
    /// The actions of `repair`, in order.
    var actions: [RepairStep.Action]
    var outcome: Outcome
    var damage: @Sendable (HistoryStore) throws -> Void

    init(
        _ name: String, in sample: Sample = .application("0.5.0"), finds findings: [Place],
        does actions: [RepairStep.Action] = [], _ outcome: Outcome,
        damage: @escaping @Sendable (HistoryStore) throws -> Void
    ) {
        self.name = name
        self.sample = sample
        self.findings = findings
        self.actions = actions
        self.outcome = outcome
        self.damage = damage
    }

    var testDescription: String { name }

    /// The store before the damage.
    func makeStore() throws -> HistoryStore {
        let store: HistoryStore
        switch sample {
        case .application(let version): store = try HistoryStore(sample: version)
        case .generic(let documents): store = try HistoryStore(documents)
        }
        try store.initialize()
        try store.snapshot()
        return store
    }

    /// Of every code.
    static let all = ofContents + ofMeaning + ofFiles + ofRecords
}

extension HistoryStore {
    /// All findings of `verify --deep`, in their order.
    func allFindings() throws -> [Finding] {
        var request = VerifyRequest()
        request.isDeep = true
        return try store.verify(request).findings
    }

    /// Changes a document as the application does, in place: the modification time tells.
    func edit(_ name: String, _ change: (inout [UInt8]) -> Void) throws {
        var bytes = try #require(self.bytes(name))
        change(&bytes)
        try write(name, bytes)
    }
}
