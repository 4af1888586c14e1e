public import StoreCodecs
public import StoreFiles

/// What `backup` did.
public struct BackupReport: Sendable {
    /// The path that was asked for.
    public var file: String
    /// How long the file is.
    public var bytes: Int64
    /// What it holds.
    public var manifest: BackupManifest
    /// Of the file.
    public var digest: Digest
    /// Nothing was written.
    public var isDryRun: Bool
    /// What is worth a line to the user though nothing failed.
    public var notes: [String] = []
}

extension Store {
    /// Writes every document to one `.tar.gz`, with a manifest: all as they were at one moment. The
    /// file is read back and checked before it gets its name, and is the owner's alone.
    ///
    /// - Parameters:
    ///   - path: outside the store; a file that is there is replaced.
    ///   - isLive: beside a running application, without the lock: read again until nothing changes.
    /// - Throws: `busy` where the store is locked, `conflict` where documents do not hold still,
    ///   `cannotCreate` for a file that cannot be made.
    public func backup(
        to path: String, isLive: Bool, _ options: WriteOptions, progress: ProgressSink? = nil
    ) throws(StoreError) -> BackupReport {
        let target = try BackupFile(path, system: system)
        try requireOutside(target)
        if isLive || options.isDryRun {
            return try makeBackup(
                target, isLive: isLive, isDryRun: options.isDryRun, progress: progress)
        }
        return try withSession(options) { session throws(StoreError) in
            var report = try makeBackup(
                target, isLive: false, isDryRun: false, progress: progress)
            report.notes += session.notes
            return report
        }
    }

    /// Reads a backup through and says what it holds.
    /// - Throws: `invalidData` (`backup-corrupt`, `backup-unsafe`), `notFound`.
    public static func checkBackup(
        at path: String, system: any SystemCalls
    ) throws(StoreError) -> BackupReport {
        let source = try BackupFile(path, system: system)
        let file = try source.openForReading()
        var reader = BackupReader(system)
        var checker = BackupChecker()
        let found = try reader.run(file.descriptor, &checker)
        return BackupReport(
            file: path, bytes: found.bytes, manifest: found.manifest, digest: found.digest,
            isDryRun: false)
    }

    /// In the store, a backup would be a document, and part of the next one.
    private func requireOutside(_ target: borrowing BackupFile) throws(StoreError) {
        do throws(Errno) {
            if try target.isBeneath(root) { throw .invalid }
        } catch .invalid {
            throw StoreError(
                .cannotCreate, code: "backup-inside-store",
                "\(escapedForTerminal(target.path.utf8)) would lie in the store itself",
                hint: "name a file elsewhere, best on another disk")
        } catch {
            throw StoreError(error, cannot: "look at the backup's folder")
        }
    }

    /// How often a backup is begun anew when documents change meanwhile.
    private static let attempts = 8

    private func makeBackup(
        _ target: borrowing BackupFile, isLive: Bool, isDryRun: Bool, progress: ProgressSink?
    ) throws(StoreError) -> BackupReport {
        for attempt in 1...Self.attempts {
            try environment.requireNoSignal()
            if let report = try attemptBackup(
                target, isLive: isLive, isDryRun: isDryRun, progress: progress)
            {
                return report
            }
            // Without the lock the application may be in the middle of a save.
            guard isLive || isDryRun else { break }
            system.sleep(nanoseconds: UInt64(attempt) * 50_000_000)
        }
        throw StoreError(
            .conflict, code: "changed-meanwhile",
            "documents were changed by another program while they were read; there is no backup",
            hint: isLive
                ? "wait until the application is quiet, then run the command again"
                : "close the application, or use --live, then run the command again")
    }

    /// Nil where a document changed from the first look to the last.
    private func attemptBackup(
        _ target: borrowing BackupFile, isLive: Bool, isDryRun: Bool, progress: ProgressSink?
    ) throws(StoreError) -> BackupReport? {
        let reading = try read()
        guard reading.waiting == nil else {
            throw StoreError(
                .busy, code: "log-pending", "a transaction waits to be carried out",
                hint: "run canifly-store repair, or the command without --live")
        }
        let (profile, listing) = try listing(reading)
        try listing.requireComplete()
        let last = try reading.state().lastTransaction
        guard let entries = try describe(listing, profile: profile) else { return nil }
        let manifest = BackupManifest(
            transaction: last > 0 ? last : nil, profile: profile.name,
            layout: listing.recognition.layout, isLive: isLive, documents: entries)

        guard
            let written = try write(
                manifest, to: target, isDryRun: isDryRun,
                ProgressMeter(
                    progress, documents: listing.documents.count, bytes: listing.bytes))
        else { return nil }
        guard try isUnchanged(listing, profile: profile) else {
            if let file = written.file { system.discard(file) }
            return nil
        }
        if let file = written.file { try publish(file, as: target, digest: written.digest) }
        return BackupReport(
            file: target.path, bytes: written.length, manifest: manifest,
            digest: written.digest, isDryRun: isDryRun)
    }

    private typealias Written = (file: StagedEntry?, digest: Digest, length: Int64)

    /// The archive, whole and durable and without its name; nil where a document changed.
    private func write(
        _ manifest: BackupManifest, to target: borrowing BackupFile, isDryRun: Bool,
        _ progress: consuming ProgressMeter
    ) throws(StoreError) -> Written? {
        var staged: StagedFile?
        if !isDryRun { staged = try target.newStagedFile() }
        var writer = BackupWriter(staged.take())
        do throws(Errno) {
            try writer.add(manifest.encode(), as: BackupNames.manifest)
            try writer.add(manifest.sums(), as: BackupNames.sums)
        } catch {
            throw target.cannotWrite(error)
        }
        for entry in manifest.documents {
            try environment.requireNoSignal()
            do throws(Errno) {
                guard try add(entry, to: &writer) else { return nil }
            } catch {
                throw target.cannotWrite(error)
            }
            progress.advance(entry.bytes)
        }
        do throws(Errno) {
            return try writer.finish()
        } catch {
            throw target.cannotWrite(error)
        }
    }

    /// What the manifest says of each document; nil where one changed while it was read.
    private func describe(
        _ listing: StoreListing, profile: Profile
    ) throws(StoreError) -> [BackupManifest.Entry]? {
        let files = DocumentFiles(system: system, root: root)
        var entries: [BackupManifest.Entry] = []
        var reader = ChunkReader(system)
        var hasher = DigestHasher()
        for listed in listing.documents {
            try environment.requireNoSignal()
            do throws(FileAccessError) {
                let file = try files.open(listed.path)
                do throws(Errno) {
                    hasher.reset()
                    reader.start(file.descriptor)
                    while let chunk = try reader.next() { hasher.update(chunk) }
                } catch {
                    throw .system(error)
                }
                guard file.status.signature == listed.status.signature,
                    reader.offset == listed.status.size
                else { return nil }
            } catch .system(.noEntry) {
                return nil
            } catch {
                throw StoreError(error, document: listed.path)
            }
            entries.append(
                BackupManifest.Entry(
                    document: listed.path, bytes: listed.status.size, digest: hasher.finish(),
                    mode: listed.status.mode, user: listed.status.user,
                    group: listed.status.group, modified: listed.status.modified))
        }
        return entries
    }

    /// False where the document is not what it was when it was described.
    private func add(
        _ entry: BackupManifest.Entry, to writer: inout BackupWriter
    ) throws(Errno) -> Bool {
        let file: OpenedFile
        do throws(FileAccessError) {
            file = try system.openRegularFile(entry.document.text, in: root)
        } catch {
            return false
        }
        try writer.begin(TarEntry(entry))
        var hasher = DigestHasher()
        var reader = ChunkReader(system)
        reader.start(file.descriptor)
        var left = entry.bytes
        while left > 0, let chunk = try reader.next() {
            guard Int64(chunk.count) <= left else { return false }
            left -= Int64(chunk.count)
            hasher.update(chunk)
            try writer.write(chunk)
        }
        guard left == 0, hasher.finish() == entry.digest else { return false }
        try writer.end(length: UInt64(entry.bytes))
        return true
    }

    /// Whether the store looks just as it did before anything was read: then what was read was all
    /// there at one moment.
    private func isUnchanged(
        _ listing: StoreListing, profile: Profile
    ) throws(StoreError) -> Bool {
        let now = try StoreListing.make(system: system, root: root, profile: profile)
        return now.documents.map(\.path) == listing.documents.map(\.path)
            && now.documents.map(\.status.signature) == listing.documents.map(\.status.signature)
    }

    /// Reads the file back, and gives it its name.
    private func publish(
        _ file: StagedEntry, as target: borrowing BackupFile, digest: Digest
    ) throws(StoreError) {
        do throws(StoreError) {
            let opened: OwnedDescriptor
            do throws(Errno) {
                opened = try system.openOwned(file.temporaryName, in: file.directory, [.read])
            } catch {
                throw target.cannotWrite(error)
            }
            var reader = BackupReader(system)
            var checker = BackupChecker()
            let found = try reader.run(opened.descriptor, &checker)
            guard found.digest == digest else { throw .backupCorrupt("it was written wrongly") }
        } catch {
            system.discard(file)
            var failure = error
            failure.hint = "no backup was made; check the disk that it was to lie on"
            throw failure
        }
        do throws(Errno) {
            try system.rename(
                file.temporaryName, in: file.directory, to: target.name,
                in: target.folder.descriptor, .replace)
            try system.synchronize(target.folder.descriptor)
        } catch {
            system.discard(file)
            throw target.cannotWrite(error)
        }
    }
}
