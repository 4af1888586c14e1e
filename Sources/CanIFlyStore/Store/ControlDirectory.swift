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
    /// The catalog comes last: where it is there, all the rest is durable.
    static func openOrCreate(
        system: any SystemCalls, control: Descriptor, root: Descriptor
    ) throws(StoreError) -> Opened {
        let staging = try openOrMakeFolder(ControlNames.staging, system: system, control: control)
        if var catalog = try CatalogFile.open(system: system, control: control, forWriting: true) {
            try catalog.cutTornTail()
            let log: OwnedDescriptor
            do throws(Errno) {
                log = try system.openOwned(ControlNames.log, in: control, [.read, .directory])
            } catch .noEntry {
                throw .logCorrupt("its folder is missing")
            } catch .notDirectory {
                throw .logCorrupt("its folder is none")
            } catch {
                throw StoreError(error, cannot: "open .canifly-store/\(ControlNames.log)")
            }
            if catalog.lastTransaction == 0 {
                // Whoever made all this may have been killed before its last sync.
                do throws(Errno) {
                    try system.synchronize(control)
                    try system.synchronize(root)
                } catch {
                    throw StoreError(error, cannot: "make the control directory durable")
                }
            }
            return Opened(catalog: catalog, log: log, staging: staging)
        }
        let log = try openOrMakeFolder(ControlNames.log, system: system, control: control)
        try createFirstSegmentAndCatalog(
            system: system, control: control, log: log.descriptor, staging: staging.descriptor)
        do throws(Errno) {
            // Only now the directory's own entry: nothing counts on it before.
            try system.synchronize(root)
        } catch {
            throw StoreError(error, cannot: "make the control directory durable")
        }
        guard let catalog = try CatalogFile.open(system: system, control: control, forWriting: true)
        else { throw .catalogCorrupt("it vanished") }
        return Opened(catalog: catalog, log: log, staging: staging)
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

    private static func createFirstSegmentAndCatalog(
        system: any SystemCalls, control: Descriptor, log: Descriptor, staging: Descriptor
    ) throws(StoreError) {
        var isLost = false
        do throws(Errno) {
            // Without a catalog, a segment that holds more than its header is the log of a catalog
            // that was lost, and not ours to throw away.
            for entry in try system.entries(of: log) {
                let name = String(decoding: entry.name, as: UTF8.self)
                guard try system.status(of: name, in: log).size <= LogSegmentHeader.byteCount
                else {
                    isLost = true
                    continue
                }
                try system.unlink(name, in: log)
            }
        } catch {
            throw StoreError(error, cannot: "look at the log")
        }
        if isLost { throw .catalogLost }
        do throws(Errno) {
            let identifier = StoreIdentifier(bytes: system.randomBytes(StoreIdentifier.byteCount))!
            let segment = LogSegmentHeader(
                store: identifier, segment: 1, salt: system.randomSalt(), firstTransaction: 1)
            try create(
                ControlNames.segment(1), in: log, contents: segment.encode(), staging: staging,
                system: system)
            // The log's folder must be durable before the catalog that counts on it.
            try system.synchronize(control)
            let header = CatalogHeader(store: identifier, generation: 1, firstTransaction: 1)
            try create(
                ControlNames.catalog, in: control, contents: header.encode(), staging: staging,
                system: system)
        } catch {
            throw StoreError(error, cannot: "make the control directory")
        }
    }

    /// A new private file, durable with its entry when this returns.
    private static func create(
        _ name: String, in directory: Descriptor, contents: [UInt8], staging: Descriptor,
        system: any SystemCalls
    ) throws(Errno) {
        var file = try StagedFile(for: name, in: staging, system)
        try file.write(contents)
        let staged = try file.prepared(FileAttributes(mode: .privateFile))
        try system.rename(
            staged.temporaryName, in: staging, to: name, in: directory, .noReplace)
        do throws(Errno) {
            try system.synchronize(directory)
        } catch {
            try? system.unlink(name, in: directory)
            throw error
        }
    }
}

extension SystemCalls {
    /// What tells one segment of the log from another whose bytes the disk may still hold.
    func randomSalt() -> UInt64 {
        randomBytes(8).reduce(0) { $0 << 8 | UInt64($1) }
    }
}

extension StoreError {
    static let catalogLost = StoreError(
        .invalidData, code: "catalog-corrupt", "the catalog is missing, but its log is there",
        hint: "canifly-store repair rebuilds it from the log")
}
