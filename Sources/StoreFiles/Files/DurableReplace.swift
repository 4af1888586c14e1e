// How a document gets new contents, and the reason for each step:
//
//  1. make a temporary file in the same directory, O_EXCL, mode 0600   only there is a rename
//                                          atomic; nobody else's file is opened; no secret shows
//  2. write all, and check the length      a short write must not become a short document
//  3. owner, extended attributes, mode, modification time              what the old one had
//  4. fsync the temporary                  or the name may reach the disk before the contents:
//                                          an empty document after a power cut
//  5. close it                             some file systems tell of a failed write only then
//  6. look that the document is still the one that was judged          else: conflict
//  7. exchange the two names               atomic: at each moment one whole document has the name
//  8. look that what came out is the one that was judged               else: put it back, conflict
//  9. unlink what came out
// 10. fsync the directory                  or the old contents may come back after a power cut
//
// `StagedFile` does 1 to 5, `publish` 6 to 9; 10 is the caller's, who may do it once for many.
//
// ATOMICITY comes from 7. Steps 6 and 8 close the gap that a plain rename leaves open: what another
// program writes between looking and renaming would be gone without a trace.
//
// DURABILITY comes from 4 and 10. Until 10 returns, a power cut may bring back either document.
// The exchange changes two directory entries, and they may reach the disk independently of each
// other; each outcome is sound, because both files were whole and synced before:
//
//     document  temporary name     meaning
//     old       new or none        nothing happened, as far as anyone can see
//     old       old                the same; the old file has two names until the leftover goes
//     new       old or none        done
//     new       new                done; the old file is gone, as after 9
//
// A temporary name that stays behind is never taken for a document (`TemporaryName`), and is
// removed by the next command that recovers.

/// What the caller has seen under the document's name and decided to replace.
public enum ExpectedDocument: Sendable, Hashable {
    case absent
    case present(FileStatus)
}

/// Why a document did not get its new contents.
public enum PublishError: Error, Sendable, Hashable {
    /// Under the name is no longer what the caller has seen: another program has written, removed or
    /// made it. What that program wrote is in place.
    case conflict
    case system(PublishStep, Errno)
}

/// The step of `publish` that failed.
public enum PublishStep: Sendable, Hashable {
    /// Nothing was changed.
    case stage, look, rename
    /// Another program's file came out of the exchange and could not be put back: it has the name
    /// told here, and must not be removed.
    case putBack(temporaryName: String)
    /// The document has its new contents; the old ones keep a temporary name.
    case removeOld
    /// The document has its new contents, but a power cut may bring back the old ones.
    case synchronizeDirectory
}

extension SystemCalls {
    /// Gives a staged file its name, unless the name means something else than the caller expects.
    /// After an error the temporary is gone, but for `putBack` and `removeOld`.
    ///
    /// **Atomicity**: at each moment the name means the old document or the new one, whole.
    /// **Durability**: none before the directory is synced (`synchronize`), which is the caller's.
    public func publish(
        _ staged: StagedEntry, expecting expected: ExpectedDocument
    ) throws(PublishError) {
        switch expected {
        case .absent: try publishNew(staged)
        case .present(let judged): try publishReplacement(staged, of: judged)
        }
    }

    /// Removes a staged file that is not to be published.
    public func discard(_ staged: StagedEntry) {
        try? unlink(staged.temporaryName, in: staged.directory)
    }

    /// Removes a document, unless its name means another file than the one that was judged.
    ///
    /// **Atomicity**: the document is there whole, or not. **Durability**: none before the directory
    /// is synced. It is renamed first, so that what goes can be looked at before it is gone.
    ///
    /// - Parameter parking: where it is looked at, and where a crash may leave it; nil for its own
    ///   directory.
    public func removeDocument(
        _ name: String, in directory: Descriptor, expecting judged: FileStatus,
        by parking: Descriptor? = nil
    ) throws(PublishError) {
        let parking = parking ?? directory
        try checkUntouched(name, in: directory, judged)
        let temporary = TemporaryName.make(self)
        do throws(Errno) {
            try rename(name, in: directory, to: temporary, in: parking, .noReplace)
        } catch .noEntry {
            throw .conflict
        } catch  where error.meansUnsupported {
            // The check above was a moment ago: as near as this file system lets us come.
            try perform(.rename) { () throws(Errno) in try unlink(name, in: directory) }
            return
        } catch {
            throw .system(.rename, error)
        }
        let out = try performOrPutBack(temporary, in: parking, to: name, in: directory)
        if !judged.isSameContents(as: out) {
            do throws(Errno) {
                try rename(temporary, in: parking, to: name, in: directory, .noReplace)
            } catch .exists {
                // Another one was written meanwhile, in place of the one that came out.
                try? unlink(temporary, in: parking)
            } catch {
                throw .system(.putBack(temporaryName: temporary), error)
            }
            throw .conflict
        }
        try perform(.removeOld) { () throws(Errno) in try unlink(temporary, in: parking) }
    }

    /// All ten steps for one document. When this returns, the document has the contents and keeps
    /// them through a power cut. When it throws, the document is as it was, except for `.removeOld`
    /// and `.synchronizeDirectory`.
    ///
    /// - Parameter attributes: nil keeps those of the document that is replaced, and is 0600 for a
    ///   new one.
    /// - Returns: the new document's status.
    @discardableResult
    public func replaceDurably(
        _ name: String, in directory: Descriptor, contents: [UInt8],
        attributes: FileAttributes? = nil, expecting expected: ExpectedDocument
    ) throws(PublishError) -> FileStatus {
        let staged: StagedEntry
        do throws(Errno) {
            staged = try stage(
                name, in: directory, contents: contents, attributes: attributes,
                expecting: expected)
        } catch {
            throw .system(.stage, error)
        }
        try publish(staged, expecting: expected)
        return try perform(.synchronizeDirectory) { () throws(Errno) in
            try synchronize(directory)
            return try status(of: name, in: directory)
        }
    }

    /// Steps 1 to 5 for contents that are in memory.
    public func stage(
        _ name: String, in directory: Descriptor, contents: [UInt8],
        attributes: FileAttributes? = nil, expecting expected: ExpectedDocument
    ) throws(Errno) -> StagedEntry {
        var file = try StagedFile(for: name, in: directory, self)
        try file.write(contents)
        switch expected {
        case .absent:
            let owner = try rootsHeir(directory)
            return try file.prepared(
                attributes ?? FileAttributes(mode: .privateFile, owner: owner))
        case .present(let judged):
            let attributes = attributes ?? FileAttributes(keeping: judged)
            // It may be gone, or no regular file any more: that is for `publish` to find.
            guard let old = try? openRegularFile(name, in: directory) else {
                return try file.prepared(attributes)
            }
            return try file.prepared(
                attributes, copyingAttributesOf: old.descriptor)
        }
    }

    /// Whose a new file is when root makes it in another user's directory; nil otherwise.
    private func rootsHeir(_ directory: Descriptor) throws(Errno) -> FileAttributes.Owner? {
        guard effectiveUser == 0 else { return nil }
        let owner = try status(of: directory)
        if owner.user == 0 { return nil }
        return FileAttributes.Owner(user: owner.user, group: owner.group)
    }
}

// MARK: - Steps

extension SystemCalls {
    private func publishNew(_ staged: StagedEntry) throws(PublishError) {
        do throws(Errno) {
            try move(staged, .noReplace)
        } catch .exists {
            discard(staged)
            throw .conflict
        } catch  where error.meansUnsupported {
            try linkNew(staged)
        } catch {
            discard(staged)
            throw .system(.rename, error)
        }
    }

    /// `link(2)` refuses a name that exists, on every file system that has links.
    private func linkNew(_ staged: StagedEntry) throws(PublishError) {
        do throws(Errno) {
            try link(
                staged.temporaryName, in: staged.directory, to: staged.name, in: staged.target)
            discard(staged)
        } catch .exists {
            discard(staged)
            throw .conflict
        } catch  where error.meansUnsupported || error == .notPermitted {
            try checkAbsent(staged)
            try replaceByRename(staged)
        } catch {
            discard(staged)
            throw .system(.rename, error)
        }
    }

    private func publishReplacement(
        _ staged: StagedEntry, of judged: FileStatus
    ) throws(PublishError) {
        do throws(PublishError) {
            try checkUntouched(staged.name, in: staged.target, judged)
        } catch {
            discard(staged)
            throw error
        }
        do throws(Errno) {
            try move(staged, .exchange)
        } catch .noEntry {
            // The document went between the look and now.
            discard(staged)
            throw .conflict
        } catch  where error.meansUnsupported {
            try replaceByRename(staged)
            return
        } catch {
            discard(staged)
            throw .system(.rename, error)
        }
        try settle(staged, judged)
        try perform(.removeOld) { () throws(Errno) in
            try unlink(staged.temporaryName, in: staged.directory)
        }
    }

    /// Looks at what came out of the exchange. If that is not what was judged, the newest of what
    /// others wrote gets the name back. Between two exchanges they may write again; then what came
    /// out last is the newest.
    func settle(_ staged: StagedEntry, _ judged: FileStatus) throws(PublishError) {
        let failed = PublishStep.putBack(temporaryName: staged.temporaryName)
        var out: FileStatus
        do throws(Errno) {
            out = try status(of: staged.temporaryName, in: staged.directory)
        } catch {
            // It cannot be looked at, so it must be taken for another program's.
            try perform(failed) { () throws(Errno) in try move(staged, .exchange) }
            let cameOut = try perform(failed) { () throws(Errno) in
                try status(of: staged.temporaryName, in: staged.directory)
            }
            if !cameOut.isSameFile(as: staged.status) { throw .system(failed, error) }
            discard(staged)
            throw .system(.look, error)
        }
        if judged.isSameContents(as: out) { return }
        var placed = staged.status
        for _ in 0..<64 {
            do throws(Errno) {
                try move(staged, .exchange)
            } catch .noEntry {
                // The document was removed, and what came out had been its last state.
                discard(staged)
                throw .conflict
            } catch {
                throw .system(failed, error)
            }
            let cameOut = try perform(failed) { () throws(Errno) in
                try status(of: staged.temporaryName, in: staged.directory)
            }
            if cameOut.isSameFile(as: placed) {
                discard(staged)
                throw .conflict
            }
            placed = out
            out = cameOut
        }
        throw .system(failed, .busy)
    }

    /// What is left where a file system knows no exchange. A write between the look and the rename
    /// is lost there, as with every other program.
    private func replaceByRename(_ staged: StagedEntry) throws(PublishError) {
        do throws(Errno) {
            try move(staged, .replace)
        } catch {
            discard(staged)
            throw .system(.rename, error)
        }
    }

    private func move(_ staged: StagedEntry, _ how: RenameBehavior) throws(Errno) {
        try rename(
            staged.temporaryName, in: staged.directory, to: staged.name, in: staged.target, how)
    }

    private func checkUntouched(
        _ name: String, in directory: Descriptor, _ judged: FileStatus
    ) throws(PublishError) {
        do throws(Errno) {
            let found = try status(of: name, in: directory)
            if found.isSameFile(as: judged), found.signature == judged.signature { return }
        } catch .noEntry {
        } catch {
            throw .system(.look, error)
        }
        throw .conflict
    }

    private func checkAbsent(_ staged: StagedEntry) throws(PublishError) {
        do throws(Errno) {
            _ = try status(of: staged.name, in: staged.target)
        } catch .noEntry {
            return
        } catch {
            discard(staged)
            throw .system(.look, error)
        }
        discard(staged)
        throw .conflict
    }

    /// The status of a document that was renamed on its way out.
    private func performOrPutBack(
        _ temporary: String, in parking: Descriptor, to name: String, in directory: Descriptor
    ) throws(PublishError) -> FileStatus {
        do throws(Errno) {
            return try status(of: temporary, in: parking)
        } catch {
            try perform(.putBack(temporaryName: temporary)) { () throws(Errno) in
                try rename(temporary, in: parking, to: name, in: directory, .noReplace)
            }
            throw .system(.look, error)
        }
    }

    private func perform<Value>(
        _ step: PublishStep, _ call: () throws(Errno) -> Value
    ) throws(PublishError) -> Value {
        do throws(Errno) {
            return try call()
        } catch {
            throw .system(step, error)
        }
    }
}

extension FileStatus {
    /// Device and inode. Only says something while the file has a name or is open: inodes of removed
    /// files are given out again.
    public func isSameFile(as other: FileStatus) -> Bool {
        inode == other.inode && device == other.device
    }

    /// Whether a file that was renamed since is the one that was judged, unwritten. The change time
    /// is left out, since a rename sets it.
    func isSameContents(as other: FileStatus) -> Bool {
        isSameFile(as: other) && size == other.size && modified == other.modified
    }
}
