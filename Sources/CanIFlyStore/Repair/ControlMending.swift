internal import StoreCodecs
internal import StoreFiles

/// Mending catalog and log. Only under the lock.
extension ControlInspection {
    /// Does what the inspection found necessary. Each step is durable before the next, and a crash
    /// between two leaves what another repair can go on from.
    /// - Returns: the steps, with where the damaged bytes are kept.
    func mend(
        system: any SystemCalls, control: Descriptor, _ quarantine: Quarantine
    ) throws(StoreError) -> [RepairStep] {
        if isIndexDamaged { try renewIndex(system, control) }
        guard needsMending else { return steps }
        var steps = steps
        if let index = steps.firstIndex(where: { $0.action == .rebuildCatalog }),
            let damagedCatalog, !damagedCatalog.isEmpty
        {
            steps[index].quarantined = try quarantine.keep(
                damagedCatalog, of: "\(ControlNames.directory)/\(ControlNames.catalog)",
                mode: nil, reason: FindingCode.catalogCorrupt.rawValue)
        }
        for segment in damagedSegments ?? [] {
            let kept = try quarantine.keep(
                try segment.bytes(system: system, control: control),
                of: "\(ControlNames.directory)/\(segment.path)", mode: nil,
                reason: FindingCode.logCorrupt.rawValue)
            if let index = steps.firstIndex(where: { $0.action == .beginSegment }),
                steps[index].quarantined == nil
            {
                steps[index].quarantined = kept
            }
        }
        do throws(Errno) {
            switch catalogRemedy {
            case .none: break
            case .rebuild(let rebuilt):
                try replaceCatalog(by: rebuilt.bytes, system, control)
            case .beginAnew:
                try removeAll(system, control)
                return steps
            }
        } catch {
            throw StoreError(error, cannot: "write the catalog anew")
        }
        if damagedSegments != nil { try beginSegment(system, control) }
        return steps
    }

    private func replaceCatalog(
        by bytes: [UInt8], _ system: any SystemCalls, _ control: Descriptor
    ) throws(Errno) {
        // The new catalog is of the same generation: the old one's index must not outlast it.
        try removeIndex(system, control)
        let staging = try folder(ControlNames.staging, system, control)
        var file = try StagedFile(for: ControlNames.catalog, in: staging.descriptor, system)
        try file.write(bytes)
        let staged = try file.prepared(FileAttributes(mode: .privateFile))
        try system.rename(
            staged.temporaryName, in: staging.descriptor, to: ControlNames.catalog, in: control,
            .replace)
        try system.synchronize(control)
        CatalogFile.renewIndex(system: system, control: control, staging: staging.descriptor)
    }

    private func renewIndex(
        _ system: any SystemCalls, _ control: Descriptor
    ) throws(StoreError) {
        let staging = try openFolder(ControlNames.staging, system, control)
        CatalogFile.renewIndex(system: system, control: control, staging: staging.descriptor)
    }

    /// Durably.
    private func removeIndex(_ system: any SystemCalls, _ control: Descriptor) throws(Errno) {
        do throws(Errno) {
            try system.unlink(ControlNames.catalogIndex, in: control)
        } catch .noEntry {
            return
        }
        try system.synchronize(control)
    }

    /// What could not be read is in quarantine by now; without it, the store begins anew.
    private func removeAll(_ system: any SystemCalls, _ control: Descriptor) throws(Errno) {
        for segment in damagedSegments ?? [] { try system.unlink(segment.path, in: control) }
        for entry in try system.entries(of: control) {
            // A log of a later generation counts as one whose catalog was lost.
            guard let generation = ControlNames.logGeneration(of: entry.name), generation > 1
            else { continue }
            try system.removeDirectory(ControlNames.log(generation: generation), in: control)
        }
        try removeIndex(system, control)
        do throws(Errno) {
            try system.unlink(ControlNames.catalog, in: control)
        } catch .noEntry {}
        try system.synchronize(control)
    }

    /// Whatever lies behind the trusted end of the segments before it is void from now on.
    private func beginSegment(
        _ system: any SystemCalls, _ control: Descriptor
    ) throws(StoreError) {
        guard let log else { return }
        let staging = try openFolder(ControlNames.staging, system, control)
        let segments = try openFolder(log.name, system, control)
        do throws(Errno) {
            try system.synchronize(control)
            try Staging(system: system, folder: staging.descriptor).empty()
        } catch {
            throw StoreError(error, cannot: "begin a segment of the log")
        }
        let writer = try log.createSegment(
            newSegment.number, firstTransaction: newSegment.firstTransaction,
            in: staging.descriptor)
        do throws(Errno) {
            try writer.synchronizeWhole()
            try writer.close()
            try system.rename(
                LogFolder.newSegmentName, in: staging.descriptor,
                to: ControlNames.segment(newSegment.number), in: segments.descriptor, .noReplace)
            try system.synchronize(segments.descriptor)
        } catch {
            throw StoreError(error, cannot: "begin a segment of the log")
        }
    }

    private func openFolder(
        _ name: String, _ system: any SystemCalls, _ control: Descriptor
    ) throws(StoreError) -> OwnedDescriptor {
        do throws(Errno) {
            return try folder(name, system, control)
        } catch {
            throw StoreError(error, cannot: "make .canifly-store/\(name)")
        }
    }

    private func folder(
        _ name: String, _ system: any SystemCalls, _ control: Descriptor
    ) throws(Errno) -> OwnedDescriptor {
        do throws(Errno) {
            try system.makeDirectory(name, in: control, mode: .privateDirectory)
        } catch .exists {}
        return try system.openOwned(name, in: control, [.read, .directory])
    }
}
