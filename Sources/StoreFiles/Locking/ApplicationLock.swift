/// The `.lock` that the application sees, once it is ours.
///
/// It is never empty: the file is filled and synced under another name first. It never takes the
/// place of a living holder's: a stale one is exchanged, not overwritten, and looked at once more
/// after that.
struct ApplicationLock: ~Copyable {
    let contents: LockContents
    /// Kept open, so that no other file can get the inode by which ours is known.
    let file: OwnedDescriptor
    let status: FileStatus

    /// How long after a take-over an application that has read the dead process's number earlier may
    /// still remove what it takes for the stale lock.
    static let settlingNanoseconds: UInt64 = 100_000_000

    enum Attempt: ~Copyable {
        case acquired(ApplicationLock)
        /// Somebody holds it or is writing it.
        case held(LockHolder)
        /// It changed while it was looked at: look again.
        case changed
    }

    /// One attempt to make `.lock` ours; only under the guard.
    static func attempt(
        _ site: LockSite
    ) throws(LockError) -> Attempt {
        let (store, system) = (site.store, site.system)
        let sighting = try sight(in: store, system)
        var contents = LockContents(for: system)
        switch sighting.judgement.state {
        case .free:
            return try publish(contents, site)
        case .held where sighting.isLeftByThisProcess(system):
            contents.isFenced = sighting.judgement.isFenced
            return try takeOver(sighting, contents, site)
        case .held, .unreadable:
            return .held(LockHolder(sighting.judgement))
        case .notRegular(let kind):
            throw .notRegular(kind)
        case .stale:
            // Whoever keeps the application out has left that to us along with the lock.
            contents.isFenced = sighting.judgement.isFenced
            return try takeOver(sighting, contents, site)
        }
    }

    static func sight(
        in store: Descriptor, _ system: any SystemCalls
    ) throws(LockError) -> LockSighting {
        do throws(Errno) {
            return try system.sightLock(in: store)
        } catch {
            throw .system(.readLock, error)
        }
    }

    private static func publish(
        _ contents: LockContents, _ site: LockSite
    ) throws(LockError) -> Attempt {
        let (store, system) = (site.store, site.system)
        let prepared = try PreparedLock(contents, site)
        let temporary = prepared.entry.temporaryName
        do throws(Errno) {
            try system.link(
                temporary, in: site.control, to: LockContents.fileName, in: store)
        } catch .exists {
            system.discard(prepared.entry)
            return .changed
        } catch  where error.meansUnsupported || error == .notPermitted {
            // A file system without hard links.
            return try publishByRename(prepared, system)
        } catch {
            system.discard(prepared.entry)
            throw .system(.publishLock, error)
        }
        do throws(Errno) {
            try system.unlink(temporary, in: site.control)
        } catch {
            try? system.unlink(LockContents.fileName, in: store)
            throw .system(.publishLock, error)
        }
        return .acquired(ApplicationLock(prepared))
    }

    private static func publishByRename(
        _ prepared: consuming PreparedLock, _ system: any SystemCalls
    ) throws(LockError) -> Attempt {
        do throws(PublishError) {
            try system.publish(prepared.entry, expecting: .absent)
        } catch .conflict {
            return .changed
        } catch {
            throw LockError(error, .publishLock)
        }
        return .acquired(ApplicationLock(prepared))
    }

    private static func takeOver(
        _ sighting: borrowing LockSighting, _ contents: LockContents, _ site: LockSite
    ) throws(LockError) -> Attempt {
        let (store, system) = (site.store, site.system)
        // A stale one was read, so it is a regular file.
        guard let judged = sighting.status else { return .changed }
        let prepared = try PreparedLock(contents, site)
        do throws(PublishError) {
            try system.publish(prepared.entry, expecting: .present(judged))
        } catch .conflict {
            return .changed
        } catch {
            throw LockError(error, .takeOverLock)
        }
        let lock = ApplicationLock(prepared)
        system.sleep(nanoseconds: settlingNanoseconds)
        return try lock.isInPlace(in: store, system) ? .acquired(lock) : .changed
    }

    private init(_ prepared: consuming PreparedLock) {
        contents = prepared.contents
        status = prepared.entry.status
        file = prepared.takeFile()
    }

    /// One that another process of ours has made, and whose command we run under.
    init(joining opened: consuming OpenedFile, _ contents: LockContents) {
        self.contents = contents
        status = opened.status
        file = opened.file
    }

    /// Whether `.lock` is the very file.
    func isInPlace(in store: Descriptor, _ system: any SystemCalls) throws(LockError) -> Bool {
        do throws(Errno) {
            return try system.status(of: LockContents.fileName, in: store).isSameFile(as: status)
        } catch .noEntry {
            return false
        } catch {
            throw .system(.readLock, error)
        }
    }

    /// Puts other contents in place of ours, atomically, and makes that durable: what follows must not
    /// reach the disk without it.
    static func replace(
        _ sighting: borrowing LockSighting, with contents: LockContents, _ site: LockSite
    ) throws(LockError) -> ApplicationLock {
        let (store, system) = (site.store, site.system)
        guard let judged = sighting.status else { throw .lost }
        let prepared = try PreparedLock(contents, site)
        do throws(PublishError) {
            try system.publish(prepared.entry, expecting: .present(judged))
        } catch {
            throw LockError(error, .replaceLock)
        }
        do throws(Errno) {
            try system.synchronize(store)
        } catch {
            throw .system(.synchronizeStore, error)
        }
        return ApplicationLock(prepared)
    }
}

/// A `.lock` to be, whole and durable under a temporary name in the control directory: what a crash
/// leaves there is found by the next command without looking through the store.
private struct PreparedLock: ~Copyable {
    let contents: LockContents
    let entry: StagedEntry
    private let file: OwnedDescriptor

    init(
        _ contents: LockContents, _ site: LockSite
    ) throws(LockError) {
        let (control, system) = (site.control, site.system)
        let name = TemporaryName.make(system)
        let bytes = contents.bytes
        let file: OwnedDescriptor
        do throws(Errno) {
            // Readable to all, as the application's: it names a process and no secret.
            file = try system.openOwned(
                name, in: control, [.read, .write, .create, .exclusive], mode: FileMode(0o644))
        } catch {
            throw .system(.prepareLock, error)
        }
        let status: FileStatus
        do throws(Errno) {
            try system.writeAll(file.descriptor, bytes, at: 0)
            // Before it gets its name: after a power cut an empty one would stay for ever.
            try system.synchronizeData(file.descriptor)
            status = try system.status(of: file.descriptor)
            if status.size != bytes.count { throw .inputOutput }
        } catch {
            try? system.unlink(name, in: control)
            throw .system(.prepareLock, error)
        }
        self.contents = contents
        self.file = file
        entry = StagedEntry(
            directory: control, target: site.store, temporaryName: name,
            name: LockContents.fileName, status: status)
    }

    consuming func takeFile() -> OwnedDescriptor { file }
}
