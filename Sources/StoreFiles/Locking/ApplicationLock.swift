/// The `.lock` that the application sees, or is to see.
///
/// It is never empty: the file is filled and synced under another name first. It never takes the
/// place of a living holder's: a stale one is exchanged, not overwritten, and looked at once more
/// after that.
struct ApplicationLock: ~Copyable {
    let contents: LockContents
    /// Kept open, so that no other file can get the inode by which ours is known.
    let file: OwnedDescriptor
    let status: FileStatus
    /// What it is called in the control directory as long as it is not `.lock` yet: what a crash
    /// leaves there is found by the next command without looking through the store.
    private(set) var temporaryName: String?

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
    /// - Parameter isDeferred: where there is none, ours is prepared and neither synced nor put in
    ///   place.
    static func attempt(
        _ site: LockSite, isDeferred: Bool
    ) throws(LockError) -> Attempt {
        let (store, system) = (site.store, site.system)
        let sighting = try sight(in: store, system)
        var contents = LockContents(for: system)
        switch sighting.judgement.state {
        case .free:
            var lock = try ApplicationLock(preparing: contents, site)
            if isDeferred { return .acquired(lock) }
            try lock.synchronize(site)
            return try lock.putInPlace(site) ? .acquired(lock) : .changed
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

    private static func takeOver(
        _ sighting: borrowing LockSighting, _ contents: LockContents, _ site: LockSite
    ) throws(LockError) -> Attempt {
        let (store, system) = (site.store, site.system)
        // A stale one was read, so it is a regular file.
        guard let judged = sighting.status else { return .changed }
        var lock = try ApplicationLock(preparing: contents, site)
        try lock.synchronize(site)
        do throws(PublishError) {
            try lock.exchange(judged, site)
        } catch .conflict {
            return .changed
        } catch {
            throw LockError(error, .takeOverLock)
        }
        system.sleep(nanoseconds: settlingNanoseconds)
        return try lock.isInPlace(in: store, system) ? .acquired(lock) : .changed
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
        var lock = try ApplicationLock(preparing: contents, site)
        try lock.synchronize(site)
        do throws(PublishError) {
            try lock.exchange(judged, site)
        } catch {
            throw LockError(error, .replaceLock)
        }
        do throws(Errno) {
            try system.synchronize(store)
        } catch {
            throw .system(.synchronizeStore, error)
        }
        return lock
    }
}

// MARK: - Before it has its name

extension ApplicationLock {
    /// A `.lock` to be, whole under a temporary name, and not durable yet.
    fileprivate init(preparing contents: LockContents, _ site: LockSite) throws(LockError) {
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
            status = try system.status(of: file.descriptor)
            if status.size != bytes.count { throw .inputOutput }
        } catch {
            try? system.unlink(name, in: control)
            throw .system(.prepareLock, error)
        }
        self.contents = contents
        self.file = file
        self.status = status
        temporaryName = name
    }

    /// What must be durable before it gets its name: after a power cut an empty one would stay for
    /// ever. Nil once it has it.
    var synchronization: Synchronization? {
        temporaryName == nil ? nil : .data(file.descriptor)
    }

    fileprivate mutating func synchronize(_ site: LockSite) throws(LockError) {
        do throws(Errno) {
            try site.system.synchronizeData(file.descriptor)
        } catch {
            discard(site)
            throw .system(.prepareLock, error)
        }
    }

    /// Gives a prepared one that is durable its name.
    /// - Returns: false where there is a `.lock` by now; then ours is discarded.
    mutating func putInPlace(_ site: LockSite) throws(LockError) -> Bool {
        guard let temporaryName else { return true }
        let (store, system) = (site.store, site.system)
        do throws(Errno) {
            try system.link(temporaryName, in: site.control, to: LockContents.fileName, in: store)
        } catch .exists {
            discard(site)
            return false
        } catch  where error.meansUnsupported || error == .notPermitted {
            // A file system without hard links.
            return try putInPlaceByRename(site)
        } catch {
            discard(site)
            throw .system(.publishLock, error)
        }
        do throws(Errno) {
            try system.unlink(temporaryName, in: site.control)
        } catch {
            try? system.unlink(LockContents.fileName, in: store)
            throw .system(.publishLock, error)
        }
        self.temporaryName = nil
        return true
    }

    private mutating func putInPlaceByRename(_ site: LockSite) throws(LockError) -> Bool {
        guard let entry = entry(site) else { return true }
        do throws(PublishError) {
            try site.system.publish(entry, expecting: .absent)
        } catch .conflict {
            return false
        } catch {
            throw LockError(error, .publishLock)
        }
        temporaryName = nil
        return true
    }

    fileprivate mutating func exchange(
        _ judged: FileStatus, _ site: LockSite
    ) throws(PublishError) {
        guard let entry = entry(site) else { return }
        try site.system.publish(entry, expecting: .present(judged))
        temporaryName = nil
    }

    private func entry(_ site: LockSite) -> StagedEntry? {
        temporaryName.map {
            StagedEntry(
                directory: site.control, target: site.store, temporaryName: $0,
                name: LockContents.fileName, status: status)
        }
    }

    /// Removes one that is not to get its name.
    func discard(_ site: LockSite) {
        if let temporaryName { try? site.system.unlink(temporaryName, in: site.control) }
    }
}
