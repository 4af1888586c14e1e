package import StoreFiles

/// Gives staged documents their names, one after the other, and can take that back.
///
/// Each step is a single `renameat2(2)` that cannot overwrite what another program wrote: a
/// replacement *exchanges* the two files and then looks at what came out; a new document refuses
/// an existing name; a removal moves the document here and looks at it. What is not the very
/// file that was judged goes back to its place.
///
/// Atomic for each document; durable when `synchronizeDirectories` has returned.
package struct Publication: ~Copyable {
    private let system: any SystemCalls
    private let root: Descriptor
    private let staging: Staging
    private var done: [Step] = []
    private var touched: Set<StorePath> = []
    private var touchesRoot = false

    /// What has happened to one document.
    private enum Step {
        /// The old file now lies in staging under this name.
        case exchanged(StorePath, staged: String)
        case created(StorePath, inode: UInt64)
        case removed(StorePath, staged: String)
        /// A folder that was not there.
        case madeDirectory(StorePath)
    }

    /// Why a document could not be published.
    package enum Failure: Error {
        /// Another program changed the document meanwhile.
        case conflict(StorePath)
        case system(Errno, StorePath)
    }

    init(system: any SystemCalls, root: Descriptor, staging: Staging) {
        self.system = system
        self.root = root
        self.staging = staging
    }

    // MARK: Steps

    /// Puts a staged document in the place of the one that was judged by `expected`.
    mutating func replace(
        _ document: StorePath, with staged: StagedEntry, expected: FileStatus
    ) throws(Failure) {
        let directory = try openParent(of: document)
        try call(document) { () throws(Errno) in
            let now = try system.status(of: document.name, in: directory.descriptor)
            guard now.signature == expected.signature else { throw .exists }
        }
        do throws(Errno) {
            try system.rename(
                staged.temporaryName, in: staging.folder, to: document.name,
                in: directory.descriptor, .exchange)
        } catch .invalid, .noSystemCall {
            // A file system that cannot exchange: the look just above is all there is.
            try call(document) { () throws(Errno) in
                try system.rename(
                    staged.temporaryName, in: staging.folder, to: document.name,
                    in: directory.descriptor,
                    .replace)
            }
            touch(document)
            return
        } catch .noEntry {
            throw .conflict(document)
        } catch {
            throw .system(error, document)
        }
        done.append(.exchanged(document, staged: staged.temporaryName))
        touch(document)
        try call(document) { () throws(Errno) in
            let old = try system.status(of: staged.temporaryName, in: staging.folder)
            guard isSame(old, as: expected) else { throw .exists }
        }
    }

    /// Gives a staged document a name that nothing has.
    mutating func create(
        _ document: StorePath, from staged: StagedEntry
    ) throws(Failure) {
        let directory = try openParent(of: document)
        try call(document) { () throws(Errno) in
            do throws(Errno) {
                try system.rename(
                    staged.temporaryName, in: staging.folder, to: document.name,
                    in: directory.descriptor,
                    .noReplace)
            } catch .invalid, .noSystemCall {
                try system.link(
                    staged.temporaryName, in: staging.folder, to: document.name,
                    in: directory.descriptor)
                try system.unlink(staged.temporaryName, in: staging.folder)
            }
        }
        done.append(.created(document, inode: staged.status.inode))
        touch(document)
    }

    /// Takes away the document that was judged by `expected`.
    mutating func remove(
        _ document: StorePath, expected: FileStatus
    ) throws(Failure) {
        let name = TemporaryName.make(system)
        let directory = try openParent(of: document)
        try call(document) { () throws(Errno) in
            let now = try system.status(of: document.name, in: directory.descriptor)
            guard now.signature == expected.signature else { throw .exists }
            try system.rename(
                document.name, in: directory.descriptor, to: name, in: staging.folder, .noReplace)
        }
        done.append(.removed(document, staged: name))
        touch(document)
        try call(document) { () throws(Errno) in
            let old = try system.status(of: name, in: staging.folder)
            guard isSame(old, as: expected) else { throw .exists }
        }
    }

    /// Takes away what `create` has just put there.
    mutating func removeCreated(
        _ document: StorePath, _ staged: StagedEntry
    ) throws(Failure) {
        let directory = try openParent(of: document)
        var status = staged.status
        try call(document) { () throws(Errno) in
            status = try system.status(of: document.name, in: directory.descriptor)
            guard isSame(status, as: staged.status) else { throw .exists }
        }
        try remove(document, expected: status)
    }

    /// A rename changes the change time and nothing else.
    private func isSame(_ found: FileStatus, as expected: FileStatus) -> Bool {
        found.inode == expected.inode && found.size == expected.size
            && found.modified == expected.modified
    }

    // MARK: Ending

    /// Makes every entry that was touched durable (`fsync(2)` of each directory).
    func synchronizeDirectories() throws(Failure) {
        guard touchesRoot else { return }
        var directories = UnsyncedFiles(on: root, system)
        for path in touched.sorted() {
            let directory = try openDirectory(path.text, for: path)
            do throws(Errno) {
                try directories.add(directory)
            } catch {
                throw .system(error, path)
            }
        }
        do throws(Errno) {
            try directories.synchronize(with: [.whole(root)])
        } catch {
            throw .system(error, touched.min() ?? StorePath(unchecked: "."))
        }
    }

    /// Puts everything back as it was found, the last step first.
    mutating func takeBack() throws(Failure) {
        while let step = done.popLast() {
            switch step {
            case .exchanged(let document, let staged):
                let directory = try openParent(of: document)
                try call(document) { () throws(Errno) in
                    try system.rename(
                        staged, in: staging.folder, to: document.name, in: directory.descriptor,
                        .exchange)
                }
            case .created(let document, let inode):
                let directory = try openParent(of: document)
                try call(document) { () throws(Errno) in
                    let found = try system.status(of: document.name, in: directory.descriptor)
                    // Another program's file by now: not ours to remove.
                    guard found.inode == inode else { return }
                    try system.unlink(document.name, in: directory.descriptor)
                }
            case .madeDirectory(let path):
                let directory = try openParent(of: path)
                do throws(Errno) {
                    try system.removeDirectory(path.name, in: directory.descriptor)
                    touched.remove(path)
                } catch {
                    // Another program has put something into it.
                }
            case .removed(let document, let staged):
                let directory = try openParent(of: document)
                try call(document) { () throws(Errno) in
                    try system.rename(
                        staged, in: staging.folder, to: document.name, in: directory.descriptor,
                        .noReplace)
                }
            }
        }
    }

    // MARK: Directories

    /// Marks every directory above the document: a folder that the application made a moment ago
    /// has an entry that nobody has synced yet.
    mutating func touch(_ document: StorePath) {
        var path = document
        while let parent = path.parent {
            path = parent
            touched.insert(parent)
        }
        touchesRoot = true
    }

    /// Opens the directory of a document, making those that are missing (0755 less the umask's
    /// bits is the system's doing; a store that is private stays so by its own mode).
    private mutating func openParent(of document: StorePath) throws(Failure) -> OwnedDescriptor {
        guard let parent = document.parent else { return try openDirectory(".", for: document) }
        do throws(Errno) {
            return try system.openOwned(parent.text, in: root, [.read, .directory])
        } catch .noEntry {
            try makeDirectories(parent)
            return try openDirectory(parent.text, for: document)
        } catch {
            throw .system(error, document)
        }
    }

    private mutating func makeDirectories(_ path: StorePath) throws(Failure) {
        let parent = try openParent(of: path)
        var made = false
        try call(path) { () throws(Errno) in
            do throws(Errno) {
                try system.makeDirectory(
                    path.name, in: parent.descriptor,
                    mode: path.isControlFile ? .privateDirectory : FileMode(0o755))
                made = true
            } catch .exists {}
        }
        if made { done.append(.madeDirectory(path)) }
        touch(path)
    }

    private func openDirectory(
        _ path: String, for document: StorePath
    ) throws(Failure) -> OwnedDescriptor {
        do throws(Errno) {
            return try system.openOwned(path, in: root, [.read, .directory])
        } catch {
            throw .system(error, document)
        }
    }

    /// Runs system calls for a document; `exists` and `noEntry` mean that somebody else was there.
    private func call(
        _ document: StorePath, _ body: () throws(Errno) -> Void
    ) throws(Failure) {
        do throws(Errno) {
            try body()
        } catch .exists, .noEntry {
            throw .conflict(document)
        } catch {
            throw .system(error, document)
        }
    }
}
