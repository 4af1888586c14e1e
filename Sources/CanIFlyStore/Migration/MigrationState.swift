package import StoreFiles

/// A document as a migration sees it.
package struct MigrationDocument: Sendable, Equatable {
    package var bytes: [UInt8]
    package var mode: FileMode

    package init(bytes: [UInt8], mode: FileMode) {
        self.bytes = bytes
        self.mode = mode
    }
}

/// Where a migration finds the documents it begins with.
package protocol MigrationSource {
    /// The paths of all documents, and of what an earlier migration kept, in any order.
    var paths: [StorePath] { get }
    /// Nil where there is no such document.
    func read(_ path: StorePath) throws(StoreError) -> MigrationDocument?
    /// The plan files beside the store, by name.
    func plansBesideStore() throws(StoreError) -> [(name: String, bytes: [UInt8])]
}

/// Documents on their way from one layout to another. Reads through to the documents as they are;
/// nothing but this value ever changes, so a step that fails has done nothing.
package struct MigrationState {
    private let source: any MigrationSource
    package let profile: Profile
    /// Stands for the moment of the migration wherever a step needs one.
    package let now: Timestamp
    /// What the user should know though nothing is wrong.
    package private(set) var notes: [String] = []
    /// Nil: removed.
    private var changes: [StorePath: MigrationDocument?] = [:]
    private var present: Set<StorePath>

    package init(_ source: any MigrationSource, profile: Profile, now: Timestamp) {
        self.source = source
        self.profile = profile
        self.now = now
        present = Set(source.paths)
    }

    /// Everything that a step has touched, sorted; some of it may be as it was.
    package var touched: [(path: StorePath, document: MigrationDocument?)] {
        changes.map { ($0.key, $0.value) }.sorted { $0.0 < $1.0 }
    }

    // MARK: Reading

    package func exists(_ path: StorePath) -> Bool { present.contains(path) }

    package func document(_ path: StorePath) throws(StoreError) -> MigrationDocument? {
        if let change = changes[path] { return change }
        return present.contains(path) ? try source.read(path) : nil
    }

    package func bytes(_ path: StorePath) throws(StoreError) -> [UInt8]? {
        try document(path)?.bytes
    }

    /// The documents whose names match, sorted; nothing that is kept is among them.
    package func documents(matching pattern: NamePattern) -> [StorePath] {
        present.filter { !$0.isControlFile && pattern.matches($0.text) }.sorted()
    }

    /// All documents, sorted; nothing that is kept is among them.
    package var documents: [StorePath] { present.filter { !$0.isControlFile }.sorted() }

    /// What `select` makes of each path that is there, what is kept included; sorted.
    func selected(_ select: (StorePath) -> StorePath?) -> [StorePath] {
        present.compactMap(select).sorted()
    }

    package func plansBesideStore() throws(StoreError) -> [(name: String, bytes: [UInt8])] {
        try source.plansBesideStore()
    }

    // MARK: Changing

    /// Writes a document. One that is replaced keeps its mode; a new one gets the one given, else
    /// that of the profile's rule in `layout`, else 0600.
    package mutating func put(
        _ path: StorePath, _ bytes: [UInt8], mode: FileMode? = nil, layout: Int?
    ) throws(StoreError) {
        let mode = try document(path)?.mode ?? mode ?? defaultMode(of: path, layout: layout)
        set(path, MigrationDocument(bytes: bytes, mode: mode))
    }

    /// Writes a document where there must be none yet.
    /// - Throws: `conflict`: what is there is neither merged nor overwritten.
    package mutating func create(
        _ path: StorePath, _ bytes: [UInt8], mode: FileMode? = nil, layout: Int?
    ) throws(StoreError) {
        guard !exists(path) else { throw .migrationTargetExists(path) }
        try put(path, bytes, mode: mode, layout: layout)
    }

    package mutating func remove(_ path: StorePath) {
        changes.updateValue(nil, forKey: path)
        present.remove(path)
    }

    /// Gives a document another name, which must be free.
    package mutating func move(_ source: StorePath, to target: StorePath) throws(StoreError) {
        guard let moved = try document(source) else { throw .noSuchDocument(source) }
        guard !exists(target) else { throw .migrationTargetExists(target) }
        set(target, moved)
        remove(source)
    }

    package mutating func note(_ text: String) {
        if !notes.contains(where: { $0.utf8.elementsEqual(text.utf8) }) { notes.append(text) }
    }

    private mutating func set(_ path: StorePath, _ document: MigrationDocument) {
        changes.updateValue(document, forKey: path)
        present.insert(path)
    }

    private func defaultMode(of path: StorePath, layout: Int?) -> FileMode {
        if path.isControlFile { return .privateFile }
        return profile.rule(for: path, layout: layout)?.mode ?? .privateFile
    }
}

extension StoreError {
    static func migrationTargetExists(_ path: StorePath) -> StoreError {
        StoreError(
            .invalidData, code: "migration-target-exists",
            "\(path.text) is there already, and a migration neither merges nor overwrites",
            hint: "if it was left behind by an upgrade, run canifly-store migrate --left-behind "
                + "first; else move it away or delete it",
            document: path)
    }
}
