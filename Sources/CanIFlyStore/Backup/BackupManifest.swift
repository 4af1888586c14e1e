internal import LosslessJSON
public import StoreCodecs
public import StoreFiles

/// What a backup says of itself: the first member of its archive.
public struct BackupManifest: Sendable, Hashable {
    /// One document of it.
    public struct Entry: Sendable, Hashable {
        /// Its name in the store.
        public var document: StorePath
        /// How long it is.
        public var bytes: Int64
        /// Of its content.
        public var digest: Digest
        /// Its permission bits.
        public var mode: FileMode
        /// Its owner.
        public var user: UInt32
        /// Its group.
        public var group: UInt32
        /// When it was modified last.
        public var modified: Timestamp

        package init(
            document: StorePath, bytes: Int64, digest: Digest, mode: FileMode, user: UInt32,
            group: UInt32, modified: Timestamp
        ) {
            self.document = document
            self.bytes = bytes
            self.digest = digest
            self.mode = mode
            self.user = user
            self.group = group
            self.modified = modified
        }
    }

    /// The last transaction of the store's history; nil where it had none.
    public var transaction: UInt64?
    /// The name of the profile in force.
    public var profile: String
    /// The layout that the documents were in; nil where none was recognised.
    public var layout: Int?
    /// It was taken beside a running application: the documents were read again until none had changed
    /// from the first to the last.
    public var isLive: Bool
    /// Sorted by path.
    public var documents: [Entry]

    package init(
        transaction: UInt64?, profile: String, layout: Int?, isLive: Bool, documents: [Entry]
    ) {
        self.transaction = transaction
        self.profile = profile
        self.layout = layout
        self.isLive = isLive
        self.documents = documents
    }
}

/// The names in a backup's archive.
enum BackupNames {
    static let manifest = "manifest.json"
    /// What `sha256sum -c` reads.
    static let sums = "SHA256SUMS"
    /// What stands before a document's path.
    static let documents = "documents/"
    static let format = "canifly-store-backup/1"
}

extension BackupManifest {
    package func encode() -> [UInt8] {
        var writer = JSONWriter(indented: true)
        writer.object { writer in
            writer.member("format", BackupNames.format)
            writer.key("transaction")
            if let transaction { writer.integer(transaction) } else { writer.null() }
            writer.member("profile", profile)
            writer.key("layout")
            if let layout { writer.integer(layout) } else { writer.null() }
            writer.member("live", isLive)
            writer.key("documents")
            writer.array { writer in
                for entry in documents {
                    writer.object { writer in
                        writer.member("document", entry.document.text)
                        writer.member("bytes", entry.bytes)
                        writer.member("sha256", entry.digest.hexadecimal)
                        writer.member("mode", entry.mode.octal)
                        writer.member("user", entry.user)
                        writer.member("group", entry.group)
                        writer.member("modified", entry.modified.rfc3339)
                    }
                }
            }
        }
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    /// The list for `sha256sum -c`, of the manifest and every document as they lie in the archive.
    package func sums() -> [UInt8] {
        var lines: [(digest: Digest, name: String)] = [
            (Digest.of(encode()), BackupNames.manifest)
        ]
        lines += documents.map { ($0.digest, BackupNames.documents + $0.document.text) }
        var text: [UInt8] = []
        for line in lines {
            let name = Array(line.name.utf8)
            let backslash = UInt8(ascii: "\\")
            // A backslash at the line's beginning says that those in the name are doubled.
            if name.contains(backslash) { text.append(backslash) }
            text += line.digest.hexadecimal.utf8
            text += "  ".utf8
            for byte in name { text += byte == backslash ? [byte, byte] : [byte] }
            text.append(UInt8(ascii: "\n"))
        }
        return text
    }

    // MARK: Reading

    /// - Throws: `invalidData` (`backup-corrupt`, `backup-unsafe`), `configuration` where it is of a
    ///   newer program.
    init(parsing bytes: [UInt8]) throws(StoreError) {
        guard let root = (try? JSONDocument(bytes))?.root, root.kind == .object,
            let format = root.member(named: "format")?.string
        else { throw .backupCorrupt("its manifest is none") }
        guard format.utf8.elementsEqual(BackupNames.format.utf8) else {
            throw StoreError(
                .configuration, code: "backup-newer",
                "the backup is of another format: \(escapedForTerminal(format.utf8))",
                hint: "use the program that made it, or a later one")
        }
        guard let transaction = root.member(named: "transaction"),
            let profile = root.member(named: "profile")?.string,
            let layout = root.member(named: "layout"),
            let isLive = root.member(named: "live")?.boolean,
            let documents = root.member(named: "documents"), documents.kind == .array
        else { throw .backupCorrupt("its manifest lacks something") }
        self.transaction = transaction.integer.flatMap { UInt64(exactly: $0) }
        self.profile = profile
        self.layout = layout.integer.flatMap { Int(exactly: $0) }
        self.isLive = isLive
        var entries: [Entry] = []
        for element in documents.elements { entries.append(try Entry(element)) }
        for (entry, next) in zip(entries, entries.dropFirst()) {
            // Sorted, so that none can stand there twice.
            guard entry.document < next.document else {
                throw .backupCorrupt("its manifest is not sorted")
            }
        }
        self.documents = entries
    }
}

extension BackupManifest.Entry {
    fileprivate init(_ value: JSONValue) throws(StoreError) {
        guard let name = value.member(named: "document")?.stringUTF8,
            let bytes = value.member(named: "bytes")?.integer, bytes >= 0,
            let digest = value.member(named: "sha256")?.stringUTF8.flatMap({
                Digest(hexadecimal: $0)
            }),
            let mode = value.member(named: "mode")?.string.flatMap({ UInt16($0, radix: 8) }),
            mode <= 0o7777,
            let user = value.member(named: "user")?.integer.flatMap({ UInt32(exactly: $0) }),
            let group = value.member(named: "group")?.integer.flatMap({ UInt32(exactly: $0) }),
            let modified = value.member(named: "modified")?.string.flatMap({
                Timestamp(rfc3339: $0)
            })
        else { throw .backupCorrupt("its manifest lacks something about a document") }
        do throws(StorePathError) {
            document = try StorePath(bytes: name)
        } catch {
            throw StoreError(
                .invalidData, code: "backup-unsafe",
                "the backup names a document \(escapedForTerminal(name)), which \(error.text)",
                hint: "do not trust this backup")
        }
        // Else a megabyte could fill the disk before anything is found wrong with it.
        guard bytes <= DocumentFiles.largestInTransaction else {
            throw StoreError(
                .invalidData, code: "backup-unsafe",
                "the backup has a document \(document.text) of \(bytes) bytes, and no document has "
                    + "more than \(DocumentFiles.largestInTransaction)",
                hint: "do not trust this backup", document: document)
        }
        self.bytes = bytes
        self.digest = digest
        self.mode = FileMode(mode)
        self.user = user
        self.group = group
        self.modified = modified
    }
}

extension StoreError {
    static func backupCorrupt(_ reason: String) -> StoreError {
        StoreError(
            .invalidData, code: "backup-corrupt", "the backup is damaged, or none: \(reason)",
            hint: "use another backup")
    }
}
