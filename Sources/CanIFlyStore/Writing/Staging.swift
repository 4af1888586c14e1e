internal import StoreFiles

/// The folder in the control directory where new documents are made complete before they get
/// their names.
///
/// It lies in a directory that only the store's user may enter, so no document is readable by
/// others before it has its final mode and name; and since everything in it belongs to a
/// transaction under way, whoever holds the lock may empty it. It is on the store's file system, so
/// one rename moves a document from here to its place.
package struct Staging {
    let system: any SystemCalls
    /// The folder, open.
    let folder: Descriptor

    /// What gathers the documents that are staged until they are synced together.
    func unsyncedFiles() -> UnsyncedFiles { UnsyncedFiles(on: folder, system) }

    /// Writes a document with its mode, owner, times and extended attributes.
    ///
    /// Durable when `unsynced` has been synced, but for its entry in this folder, which needs no
    /// durability: what is found here after a crash is thrown away.
    /// - Parameters:
    ///   - replaces: whether there is a document now; its extended attributes are taken over.
    ///   - root: the store's directory.
    func stage(
        _ intended: IntendedDocument, as document: StorePath, replaces: Bool, in root: Descriptor,
        _ unsynced: inout UnsyncedFiles
    ) throws(Errno) -> StagedEntry {
        var file = try StagedFile(for: document.name, in: folder, system)
        try file.write(intended.bytes)
        let attributes = FileAttributes(
            mode: intended.mode, owner: intended.owner, modified: intended.modified)
        guard replaces else { return try file.prepared(attributes, keptOpenIn: &unsynced) }
        let old = try system.openOwned(document.text, in: root, .read)
        return try file.prepared(
            attributes, copyingAttributesOf: old.descriptor, keptOpenIn: &unsynced)
    }

    /// The status of a file that is new here, for whom it belongs to. Nothing is left of it.
    func statusOfNewFile() throws(Errno) -> FileStatus {
        let name = TemporaryName.make(system)
        let file = try system.openOwned(name, in: folder, [.write, .create, .exclusive])
        let status = try system.status(of: file.descriptor)
        try system.unlink(name, in: folder)
        return status
    }

    /// Removes what was staged and not published, or came out when it was published.
    func discard(_ staged: [StagedEntry?]) {
        for case let entry? in staged { system.discard(entry) }
    }

    /// Where the freed space is given back to the disk at once (ext4 with `discard`), each removal
    /// waits some milliseconds for it. Several threads wait together.
    private static let removalsAtOnce = 16
    /// As many are removed faster than threads are started.
    private static let fewRemovals = 64

    /// Removes whatever an earlier process left here, and what came out when documents were replaced.
    /// Only under the lock. What nobody of ours makes stays, and is in nobody's way: directories, and
    /// names that are no text.
    func empty() throws(Errno) {
        let names = try system.entries(of: folder).compactMap {
            String(validating: $0.name, as: UTF8.self)
        }
        let (system, folder) = (system, folder)
        let errors = WorkerThreads.map(
            names, threads: names.count > Self.fewRemovals ? Self.removalsAtOnce : 1
        ) { name -> Errno? in
            do throws(Errno) {
                try system.unlink(name, in: folder)
                return nil
            } catch .isDirectory {
                return nil
            } catch {
                return error
            }
        }
        for case let error? in errors { throw error }
    }
}
