internal import StoreCodecs
internal import StoreFiles

/// Making and opening the control directory.
package enum ControlDirectory {
    /// What a writer needs of it.
    struct Opened: ~Copyable {
        var catalog: CatalogFile
        let log: OwnedDescriptor
        let staging: OwnedDescriptor
    }

    /// Opens the control directory for the lock, making it where there is none. Its entry in the
    /// store becomes durable with the first catalog.
    static func openOrMake(
        system: any SystemCalls, root: Descriptor
    ) throws(StoreError) -> OwnedDescriptor {
        do throws(Errno) {
            do throws(Errno) {
                return try system.openOwned(
                    ControlNames.directory, in: root, [.read, .directory])
            } catch .noEntry {}
            do throws(Errno) {
                try system.makeDirectory(
                    ControlNames.directory, in: root, mode: .privateDirectory)
            } catch .exists {}
            return try system.openOwned(ControlNames.directory, in: root, [.read, .directory])
        } catch {
            throw StoreError(error, cannot: "make the control directory .canifly-store")
        }
    }

    /// Opens catalog, log and staging, making what is missing. Only under the lock.
    ///
    /// As long as nothing has been recorded, all is made anew: whoever made it may have died, or
    /// failed, before its last sync, and an entry whose sync failed never becomes durable. The
    /// catalog comes last: where it holds a transaction, all the rest is durable.
    static func openOrCreate(
        system: any SystemCalls, control: Descriptor, root: Descriptor
    ) throws(StoreError) -> Opened {
        let staging = try openOrMakeFolder(ControlNames.staging, system: system, control: control)
        if let opened = try openUsed(system: system, control: control, staging: staging.descriptor)
        {
            return Opened(catalog: opened.catalog, log: opened.log, staging: staging)
        }
        let log = try create(
            system: system, control: control, root: root, staging: staging.descriptor)
        guard let catalog = try CatalogFile.open(system: system, control: control, forWriting: true)
        else { throw .catalogCorrupt("it vanished", at: nil) }
        return Opened(catalog: catalog, log: log, staging: staging)
    }

    /// Whether a transaction was ever recorded, or waits in the log.
    static func isUsed(system: any SystemCalls, control: Descriptor) throws(StoreError) -> Bool {
        guard
            let catalog = try CatalogFile.open(system: system, control: control, forWriting: false)
        else { return try hasLog(system: system, control: control) }
        if catalog.lastTransaction > 0 { return true }
        return try hasLog(system: system, control: control)
    }

    private static func hasLog(
        system: any SystemCalls, control: Descriptor
    ) throws(StoreError) -> Bool {
        for generation in try logGenerations(system: system, control: control) {
            let name = ControlNames.log(generation: generation)
            let log: OwnedDescriptor
            do throws(Errno) {
                log = try system.openOwned(name, in: control, [.read, .directory])
            } catch {
                throw StoreError(error, cannot: "open .canifly-store/\(name)")
            }
            if try holdsRecords(log.descriptor, system: system) { return true }
        }
        return false
    }

    /// Of the log's folders: one, but for a moment while history is compacted. Ascending.
    static func logGenerations(
        system: any SystemCalls, control: Descriptor
    ) throws(StoreError) -> [UInt64] {
        do throws(Errno) {
            return try system.entries(of: control)
                .compactMap { ControlNames.logGeneration(of: $0.name) }.sorted()
        } catch {
            throw StoreError(error, cannot: "look into .canifly-store")
        }
    }

    /// Removes what writers that died have left in the control directory. Only under the lock.
    /// - Parameter own: the temporary name of our own `.lock`.
    static func sweep(
        system: any SystemCalls, control: Descriptor, keeping own: String? = nil
    ) throws(StoreError) {
        do throws(Errno) {
            for entry in try system.entries(of: control) {
                let name = String(decoding: entry.name, as: UTF8.self)
                if let own, name.utf8.elementsEqual(own.utf8) { continue }
                if TemporaryName.isOurs(name) {
                    // Nothing of ours is a directory.
                    do throws(Errno) { try system.unlink(name, in: control) } catch .isDirectory {}
                }
                if name.utf8.elementsEqual(ControlNames.staging.utf8) {
                    let staging = try system.openOwned(name, in: control, [.read, .directory])
                    try Staging(system: system, folder: staging.descriptor).empty()
                }
            }
        } catch {
            throw StoreError(error, cannot: "sweep .canifly-store")
        }
    }

    private struct Used: ~Copyable {
        let catalog: CatalogFile
        let log: OwnedDescriptor
    }

    /// Catalog and log, if they hold anything.
    private static func openUsed(
        system: any SystemCalls, control: Descriptor, staging: Descriptor
    ) throws(StoreError) -> Used? {
        guard
            var catalog = try CatalogFile.open(system: system, control: control, forWriting: true)
        else { return nil }
        try catalog.cutTornTail()
        let name = ControlNames.log(generation: catalog.header.generation)
        let log: OwnedDescriptor
        do throws(Errno) {
            log = try system.openOwned(name, in: control, [.read, .directory])
        } catch .noEntry {
            if catalog.lastTransaction == 0 { return nil }
            throw .logCorrupt("its folder is missing", in: "\(ControlNames.directory)/\(name)")
        } catch .notDirectory {
            throw .logCorrupt("its folder is none", in: "\(ControlNames.directory)/\(name)")
        } catch {
            throw StoreError(error, cannot: "open .canifly-store/\(name)")
        }
        if catalog.lastTransaction == 0 {
            guard try holdsRecords(log.descriptor, system: system) else { return nil }
        }
        return Used(catalog: catalog, log: log)
    }

    /// Whether any segment is longer than its header.
    private static func holdsRecords(
        _ log: Descriptor, system: any SystemCalls
    ) throws(StoreError) -> Bool {
        do throws(Errno) {
            for entry in try system.entries(of: log) {
                guard let name = String(validating: entry.name, as: UTF8.self) else { continue }
                if try system.status(of: name, in: log).size > LogSegmentHeader.byteCount {
                    return true
                }
            }
            return false
        } catch {
            throw StoreError(error, cannot: "look at the log")
        }
    }

    private static func openOrMakeFolder(
        _ name: String, system: any SystemCalls, control: Descriptor
    ) throws(StoreError) -> OwnedDescriptor {
        do throws(Errno) {
            do throws(Errno) {
                return try system.openOwned(name, in: control, [.read, .directory])
            } catch .noEntry {}
            try system.makeDirectory(name, in: control, mode: .privateDirectory)
            return try system.openOwned(name, in: control, [.read, .directory])
        } catch {
            throw StoreError(error, cannot: "make .canifly-store/\(name)")
        }
    }

    /// Makes the log with its first segment, then the catalog, each durable before the next.
    private static func create(
        system: any SystemCalls, control: Descriptor, root: Descriptor, staging: Descriptor
    ) throws(StoreError) -> OwnedDescriptor {
        // A log of a later generation is never unused: its catalog was lost.
        guard
            try logGenerations(system: system, control: control).allSatisfy({ $0 == 1 })
        else { throw .catalogLost }
        let old = try removeUnused(system: system, control: control)
        do throws(Errno) {
            if old {
                // The old catalog must be gone for good before there is a log of another one.
                try system.synchronize(control)
                try renewEntry(system: system, control: control, root: root)
            }
            try system.makeDirectory(ControlNames.log, in: control, mode: .privateDirectory)
            let log = try system.openOwned(ControlNames.log, in: control, [.read, .directory])
            let identifier = StoreIdentifier(bytes: system.randomBytes(StoreIdentifier.byteCount))!
            let segment = LogSegmentHeader(
                store: identifier, segment: 1, salt: system.randomSalt(), firstTransaction: 1)
            // Its entry is synced when the first writer goes on behind it (`recover`).
            try create(
                ControlNames.segment(1), in: log.descriptor, contents: segment.encode(),
                staging: staging, system: system)
            // The log's folder must be durable before the catalog that counts on it.
            try system.synchronize(control)
            let header = CatalogHeader(store: identifier, generation: 1, firstTransaction: 1)
            try create(
                ControlNames.catalog, in: control, contents: header.encode(), staging: staging,
                system: system)
            try system.synchronize(control)
            // Only now the control directory's own entry: nothing counts on it before.
            try system.synchronize(root)
            return log
        } catch {
            throw StoreError(error, cannot: "make the control directory")
        }
    }

    /// Removes what an earlier attempt made and did not use.
    /// - Returns: whether there was anything.
    private static func removeUnused(
        system: any SystemCalls, control: Descriptor
    ) throws(StoreError) -> Bool {
        do throws(Errno) {
            var found = false
            do throws(Errno) {
                try system.unlink(ControlNames.catalog, in: control)
                found = true
            } catch .noEntry {}
            do throws(Errno) {
                let log = try system.openOwned(ControlNames.log, in: control, [.read, .directory])
                found = true
                for entry in try system.entries(of: log.descriptor) {
                    let name = String(decoding: entry.name, as: UTF8.self)
                    // Without a catalog, a segment that holds more than its header is the log of a
                    // catalog that was lost, and not ours to throw away.
                    guard
                        try system.status(of: name, in: log.descriptor).size
                            <= LogSegmentHeader.byteCount
                    else { throw .notEmpty }
                    try system.unlink(name, in: log.descriptor)
                }
                try system.removeDirectory(ControlNames.log, in: control)
            } catch .noEntry {}
            return found
        } catch .notEmpty {
            throw .catalogLost
        } catch {
            throw StoreError(error, cannot: "make the control directory anew")
        }
    }

    /// Gives the control directory its name once more, so that the entry is one that no failed sync
    /// has spoiled.
    private static func renewEntry(
        system: any SystemCalls, control: Descriptor, root: Descriptor
    ) throws(Errno) {
        let temporary = TemporaryName.make(system)
        try system.rename(
            ControlNames.directory, in: root, to: temporary, in: root, .noReplace)
        try system.rename(
            temporary, in: root, to: ControlNames.directory, in: root, .noReplace)
    }

    /// A new private file, durable but for its entry when this returns.
    private static func create(
        _ name: String, in directory: Descriptor, contents: [UInt8], staging: Descriptor,
        system: any SystemCalls
    ) throws(Errno) {
        var file = try StagedFile(for: name, in: staging, system)
        try file.write(contents)
        let staged = try file.prepared(FileAttributes(mode: .privateFile))
        try system.rename(
            staged.temporaryName, in: staging, to: name, in: directory, .noReplace)
    }
}

extension SystemCalls {
    /// What tells one segment of the log from another whose bytes the disk may still hold.
    func randomSalt() -> UInt64 {
        randomBytes(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension StoreError {
    static var catalogLost: StoreError {
        var error = catalogCorrupt("", at: nil)
        error.message = "the catalog is missing, but its log is there"
        return error
    }
}
