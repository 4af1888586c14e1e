internal import LosslessJSON
public import StoreFiles

/// One thing that a document holds: a character, an account, a plan.
public struct HeldItem: Sendable, Hashable {
    /// What it is known by, as text; compared by bytes.
    public var identifier: String
    /// For people.
    public var name: String
}

/// Things of one sort.
public struct HeldItems: Sendable, Hashable {
    /// In the singular: "account".
    public var what: String
    /// How much it matters that nothing else holds them.
    public var severity: Severity
    /// The entries of that kind.
    public var items: [HeldItem]
}

/// What an older layout left in a store, and what of it is nowhere else.
public struct LeftBehindReport: Sendable, Hashable {
    /// The layout whose documents were left behind.
    public var layout: Int
    /// The versions of the application that it belongs to.
    public var versions: String
    /// Its documents, sorted.
    public var documents: [StorePath]
    /// Those of them that were looked into and cannot be read.
    public var unreadable: [StorePath]
    /// What neither the live layout nor a newer one left behind holds.
    public var onlyThere: [HeldItems]
}

extension Profile {
    /// What older layouts left in a store, newest first, and what only they hold.
    ///
    /// - Parameters:
    ///   - layout: the live one.
    ///   - documents: the logical names of all documents, sorted.
    ///   - read: the unpacked content of one; nil where it cannot be read.
    public func leftBehindReports(
        layout: Int, documents: [StorePath], read: @escaping (StorePath) -> [UInt8]?
    ) -> [LeftBehindReport] {
        let left = leftBehind(in: documents, layout: layout)
        guard !left.isEmpty, let live = self.layout(layout) else { return [] }
        var inventory = Inventory(
            profile: self, documents: RelationDocuments(documents, read: read))
        for holding in live.holdings { _ = inventory.newItems(of: holding) }
        return left.compactMap { older in
            guard let layout = self.layout(older.layout) else { return nil }
            inventory.unreadable = []
            let held = layout.holdings.map { inventory.newItems(of: $0) }
            return LeftBehindReport(
                layout: layout.number, versions: layout.versions, documents: older.documents,
                unreadable: inventory.unreadable.filter(older.documents.contains),
                onlyThere: held.filter { !$0.items.isEmpty })
        }
    }

    /// The findings about them: one for each older layout.
    public func leftBehindFindings(_ reports: [LeftBehindReport]) -> [Finding] {
        reports.map { report in
            let documents = Self.list(report.documents.map(\.text), atMost: 8)
            var detail =
                "documents of layout \(report.layout) (\(report.versions)) lie here, which the"
                + " application no longer looks at: \(documents)"
            if !report.onlyThere.isEmpty {
                detail += "; only they hold \(report.lines.joined(separator: ", "))"
            }
            if !report.unreadable.isEmpty {
                let names = Self.list(report.unreadable.map(\.text), atMost: 8)
                detail += "; \(names) cannot be read"
            }
            let severity = report.onlyThere.map(\.severity).max() ?? .info
            let isReadable = !(self.layout(report.layout)?.isKnownBySightOnly ?? false)
            return Finding(
                .layoutLeftBehind, severity, document: nil, detail: detail,
                remedy: isReadable || !report.onlyThere.isEmpty
                    ? "canifly-store migrate --left-behind" : "")
        }
    }

    static func list(_ names: [String], atMost: Int) -> String {
        let shown = names.prefix(atMost).joined(separator: ", ")
        return names.count > atMost ? "\(shown) and \(names.count - atMost) more" : shown
    }
}

extension LeftBehindReport {
    /// One line for each sort of thing: `2 characters (Testa Pilotova, Dummy-McFixture)`.
    public var lines: [String] {
        onlyThere.map { held in
            let names = Profile.list(held.items.map(\.name), atMost: 8)
            return "\(held.items.count) \(held.what)\(held.items.count == 1 ? "" : "s") (\(names))"
        }
    }
}

/// Goes through what layouts hold, newest first, and tells what was not there before.
private struct Inventory {
    let profile: Profile
    var documents: RelationDocuments
    var unreadable: [StorePath] = []
    private var known: [[UInt8]: Set<[UInt8]>] = [:]

    init(profile: Profile, documents: RelationDocuments) {
        self.profile = profile
        self.documents = documents
    }

    mutating func newItems(of holding: Holding) -> HeldItems {
        let sort = Array(holding.what.utf8)
        let items = items(of: holding).filter { item in
            known[sort, default: []].insert(Array(item.identifier.utf8)).inserted
        }
        return HeldItems(what: holding.what, severity: holding.severity, items: items)
    }

    private mutating func items(of holding: Holding) -> [HeldItem] {
        for source in holding.sources {
            let names = documents.documents(matching: source.document)
            guard case .json(_, let pattern, let identifier, let name) = source else {
                return names.map { HeldItem(identifier: $0.text, name: $0.name) }
            }
            var items: [HeldItem] = []
            var wasRead = false
            for document in names {
                guard let json = documents.json(document) else {
                    if !unreadable.contains(document) { unreadable.append(document) }
                    continue
                }
                wasRead = true
                let secrecy = profile.secrecy(of: document)
                pattern.forEachMatch(in: json) { selected in
                    guard let text = selected.text(identifier),
                        !secrecy.isSecretValue(at: selected.pointer(identifier))
                    else { return }
                    items.append(
                        HeldItem(
                            identifier: String(decoding: text, as: UTF8.self),
                            name: String(
                                decoding: selected.text(name) ?? text, as: UTF8.self)))
                }
            }
            if wasRead { return items }
        }
        return []
    }
}
