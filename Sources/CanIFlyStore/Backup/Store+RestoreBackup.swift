internal import StoreCodecs
public import StoreFiles

extension Store {
    /// Brings documents back from a backup, as one transaction, with their modes, owners and
    /// modification times. Documents that the backup does not have stay as they are.
    ///
    /// Nothing of the store changes before the whole backup has been read and found good.
    /// - Parameter documents: those wanted, and those that are worthless without them; empty: all.
    /// - Throws: `invalidData` (`backup-corrupt`, `backup-unsafe`) for a backup that cannot be
    ///   trusted, `notFound` where it, or a document in it, is not there.
    public func restore(
        fromBackup path: String, documents: [StorePath], _ options: WriteOptions
    ) throws(StoreError) -> WriteReport {
        let source = try BackupFile(path, system: system)
        let rules = try currentRules()
        if options.isDryRun {
            var selection = BackupSelection(documents: documents, rules: rules)
            return try wouldRestore(source, &selection)
        }
        if try read().controlDescriptor == nil {
            // A backup that is refused must leave nothing behind where there was no store.
            let file = try source.openForReading()
            var lister = BackupLister(
                selection: BackupSelection(documents: documents, rules: rules))
            var reader = BackupReader(system)
            _ = try reader.run(file.descriptor, &lister)
        }
        return try withSession(options) { session throws(StoreError) in
            let file = try source.openForReading()
            var stager = BackupStager(
                system: system, staging: session.stagingFolder.descriptor,
                selection: BackupSelection(documents: documents, rules: rules))
            let plan: Plan
            do throws(StoreError) {
                var reader = BackupReader(system)
                _ = try reader.run(file.descriptor, &stager)
                plan = try changes(to: stager.staged, session.documentFiles)
            } catch {
                for document in stager.staged { system.discard(document.file) }
                throw error
            }
            var number: UInt64?
            if !plan.changes.isEmpty {
                number = try session.commit(
                    plan.changes, readings: plan.readings, command: options.command,
                    message: options.message, raisesFence: plan.changes.count > 1,
                    environment: environment)
            }
            return WriteReport(
                transaction: number, changes: plan.changes.map(\.digests), isDryRun: false,
                notes: session.notes + stager.selection.notes)
        }
    }

    private func wouldRestore(
        _ source: borrowing BackupFile, _ selection: inout BackupSelection
    ) throws(StoreError) -> WriteReport {
        let file = try source.openForReading()
        var lister = BackupLister(selection: selection)
        var reader = BackupReader(system)
        _ = try reader.run(file.descriptor, &lister)
        let files = DocumentFiles(system: system, root: root)
        var changes: [DocumentChange] = []
        for entry in lister.entries {
            let before = try content(of: entry.document, files)
            if let before, entry.isSame(as: before) { continue }
            changes.append(
                DocumentChange(
                    document: entry.document, before: before?.digest, after: entry.digest))
            if let other = try otherForm(of: entry.document, files, lister.entries) {
                changes.append(
                    DocumentChange(document: other.path, before: other.live.digest, after: nil))
            }
        }
        return WriteReport(
            transaction: nil, changes: changes.sorted { $0.document < $1.document },
            isDryRun: true, notes: lister.selection.notes)
    }

    private typealias Plan = (
        changes: [StagedChange], readings: [(document: StorePath, status: FileStatus?)]
    )

    private func changes(
        to staged: [BackupStager.StagedDocument], _ files: DocumentFiles
    ) throws(StoreError) -> Plan {
        var plan: Plan = ([], [])
        let entries = staged.map(\.entry)
        for document in staged {
            let entry = document.entry
            let before = try content(of: entry.document, files)
            plan.readings.append((entry.document, before?.status))
            if let before, entry.isSame(as: before) {
                system.discard(document.file)
                continue
            }
            plan.changes.append(
                StagedChange(
                    document: entry.document, before: before,
                    after: IntendedDocument(
                        bytes: [], digest: entry.digest, mode: entry.restoredMode, owner: nil,
                        modified: entry.modified, staged: document.file,
                        file: document.content)))
            if let other = try otherForm(of: entry.document, files, entries) {
                plan.readings.append((other.path, other.live.status))
                plan.changes.append(
                    StagedChange(document: other.path, before: other.live, after: nil))
            }
        }
        plan.changes.sort { $0.document < $1.document }
        return plan
    }

    /// A document as it is now, without holding it in memory; nil where there is none.
    private func content(
        of document: StorePath, _ files: DocumentFiles
    ) throws(StoreError) -> LiveDocument? {
        do throws(FileAccessError) {
            let file = try system.openRegularFile(document.text, in: root)
            var hasher = DigestHasher()
            var checksum = CRC32()
            do throws(Errno) {
                var reader = ChunkReader(system)
                reader.start(file.descriptor)
                while let chunk = try reader.next() {
                    hasher.update(chunk)
                    checksum.update(chunk)
                }
                let now = try system.status(of: file.descriptor)
                guard now.signature == file.status.signature, reader.offset == now.size else {
                    throw .busy
                }
            } catch {
                throw .system(error)
            }
            let digest = hasher.finish()
            return LiveDocument(
                bytes: [], digest: digest, status: file.status,
                file: ContentFile(
                    directory: root, path: document.text, digest: digest,
                    length: UInt64(file.status.size), checksum: checksum.value,
                    isPacked: false))
        } catch .system(.noEntry) {
            return nil
        } catch .system(.busy) {
            throw .changedMeanwhile(document)
        } catch {
            throw StoreError(error, document: document)
        }
    }

    /// The packed form of a document that comes back plain, or the other way round, which must go.
    private func otherForm(
        of document: StorePath, _ files: DocumentFiles, _ entries: [BackupManifest.Entry]
    ) throws(StoreError) -> (path: StorePath, live: LiveDocument)? {
        let other = document.isPacked ? document.plainForm : document.packedForm
        guard let other, !entries.contains(where: { $0.document == other }),
            let live = try content(of: other, files)
        else { return nil }
        return (other, live)
    }
}

/// Which documents of a backup are wanted.
struct BackupSelection {
    private let wanted: Set<StorePath>
    private let rules: DocumentRules
    private var chosen: Set<StorePath> = []
    private(set) var notes: [String] = []

    init(documents: [StorePath], rules: DocumentRules) {
        wanted = Set(documents)
        self.rules = rules
    }

    func includes(_ entry: BackupManifest.Entry) -> Bool { chosen.contains(entry.document) }

    /// - Throws: `notFound` for a document that the backup does not have, `invalidData` where the
    ///   store cannot have what is wanted.
    mutating func choose(from manifest: BackupManifest) throws(StoreError) {
        let present = Set(manifest.documents.map(\.document))
        if wanted.isEmpty {
            chosen = present
        } else {
            for document in wanted.sorted() {
                guard
                    let found = [document, document.packedForm].compactMap({ $0 })
                        .first(where: { present.contains($0) })
                else {
                    throw StoreError(
                        .notFound, code: "no-such-document",
                        "the backup has no document \(document.text)",
                        hint: "tar -tzf shows what it has", document: document)
                }
                chosen.insert(found)
            }
            addCompanions(present)
        }
        for document in chosen.sorted() { try rules.requireWritable(document) }
        try requireDistinct()
    }

    private mutating func addCompanions(_ present: Set<StorePath>) {
        guard let layout = rules.layout ?? rules.profile.newestLayout else { return }
        for document in chosen.sorted() {
            for companion in rules.profile.companions(of: document, layout: layout)
            where present.contains(companion) && chosen.insert(companion).inserted {
                notes.append(
                    "\(companion.text) comes along: \(document.text) is worthless without it")
            }
        }
    }

    /// Names that a file system may take for one another, and a file where another needs a folder.
    private func requireDistinct() throws(StoreError) {
        // Equality of strings goes by what Unicode calls equal: here that is what is wanted.
        var seen: [String: StorePath] = [:]
        for document in chosen.sorted() {
            let folded = document.text.lowercased()
            if let other = seen.updateValue(document, forKey: folded) {
                throw Self.collision(document, other)
            }
        }
        for document in chosen.sorted() {
            var path = document
            while let parent = path.parent {
                path = parent
                if let other = seen[parent.text.lowercased()] {
                    throw Self.collision(document, other)
                }
            }
        }
    }

    private static func collision(_ document: StorePath, _ other: StorePath) -> StoreError {
        StoreError(
            .invalidData, code: "backup-unsafe",
            "the names \(document.text) and \(other.text) of the backup collide",
            hint: "restore them one by one, by name", document: document)
    }
}

/// Puts the wanted documents of a backup into staging as they come.
private struct BackupStager: BackupVisitor, ~Copyable {
    struct StagedDocument {
        var entry: BackupManifest.Entry
        var file: StagedEntry
        var content: ContentFile
    }

    private let system: any SystemCalls
    private let staging: Descriptor
    private(set) var selection: BackupSelection
    private(set) var staged: [StagedDocument] = []
    private var file: StagedFile?
    private var checksum = CRC32()

    init(system: any SystemCalls, staging: Descriptor, selection: BackupSelection) {
        self.system = system
        self.staging = staging
        self.selection = selection
    }

    mutating func begin(_ manifest: BackupManifest) throws(StoreError) {
        try selection.choose(from: manifest)
    }

    mutating func begin(_ entry: BackupManifest.Entry) throws(StoreError) {
        guard selection.includes(entry) else { return }
        checksum = CRC32()
        do throws(Errno) {
            file = try StagedFile(for: entry.document.name, in: staging, system)
        } catch {
            throw StoreError(error, cannot: "write", document: entry.document)
        }
    }

    mutating func take(_ content: UnsafeRawBufferPointer) throws(StoreError) {
        guard file != nil else { return }
        checksum.update(content)
        do throws(Errno) { try file!.write(content) } catch {
            throw StoreError(error, cannot: "write what the backup holds")
        }
    }

    mutating func end(_ entry: BackupManifest.Entry) throws(StoreError) {
        guard let complete = file.take() else { return }
        do throws(Errno) {
            let prepared = try complete.prepared(
                FileAttributes(
                    mode: entry.restoredMode,
                    owner: .init(user: entry.user, group: entry.group),
                    modified: entry.modified))
            staged.append(
                StagedDocument(
                    entry: entry, file: prepared,
                    content: ContentFile(
                        directory: staging, path: prepared.temporaryName, digest: entry.digest,
                        length: UInt64(entry.bytes), checksum: checksum.value, isPacked: false)))
        } catch {
            throw StoreError(error, cannot: "write", document: entry.document)
        }
    }
}

/// Only says which documents are wanted.
private struct BackupLister: BackupVisitor {
    private(set) var selection: BackupSelection
    private(set) var entries: [BackupManifest.Entry] = []

    init(selection: BackupSelection) {
        self.selection = selection
    }

    mutating func begin(_ manifest: BackupManifest) throws(StoreError) {
        try selection.choose(from: manifest)
    }
    mutating func begin(_ entry: BackupManifest.Entry) {}
    mutating func take(_ content: UnsafeRawBufferPointer) {}
    mutating func end(_ entry: BackupManifest.Entry) {
        if selection.includes(entry) { entries.append(entry) }
    }
}

extension BackupManifest.Entry {
    fileprivate func isSame(as live: LiveDocument) -> Bool {
        live.digest == digest && live.status.mode == restoredMode
            && live.status.modified == modified
    }

    /// Without the bits that let a program run as its owner or group: documents have no use for them,
    /// and a backup may come from anybody.
    fileprivate var restoredMode: FileMode { FileMode(mode.bits & 0o1777) }
}

extension StagedChange {
    fileprivate var digests: DocumentChange {
        DocumentChange(document: document, before: before?.digest, after: after?.digest)
    }
}
