internal import StoreCodecs
internal import StoreFiles

// How history is made smaller without a moment at which it is not whole:
//
//  1. write the new log into a folder of its own, `log-2` beside `log`; sync its segments, the
//     folder, and its entry in the control directory
//  2. read every content of it back
//  3. write the new catalog in staging, sync it
//  4. exchange it with the catalog in force: from here on the new log counts
//  5. sync the control directory
//  6. remove the old folder
//
// A crash before 4 leaves the old catalog, which speaks of the old folder; the new one is a leftover
// that the next writer removes. A crash after 4 leaves either catalog, and both folders are there.
// Only 6 takes the old folder away, and by then the new catalog is durable. Where 5 fails, nobody
// knows which catalog the disk has: both folders stay, and the next writer gives the catalog that it
// finds a new file of its own before it removes any (`removeOtherLogs`).
//
// A reader that has opened the old catalog and comes too late for its folder looks again: the catalog
// then has another generation (`Store.retryingAcrossCompaction`).
extension WriteSession {
    /// What a compaction of history comes to.
    struct HistorySizes {
        var log: CompactSizes
        var catalog: CompactSizes
        var prunedTransactions: Int
    }

    /// Rewrites log and catalog, if that makes them smaller. The session can do nothing more
    /// afterwards than be ended.
    mutating func compactHistory(
        _ retention: Retention, level: Int, rules: DocumentRules, now: Timestamp,
        environment: StoreEnvironment
    ) throws(StoreError) -> HistorySizes {
        let all = try allRecords()
        let before = try log.size(in: control.descriptor)
        let plan = try historyPlan(all, retention, rules: rules, now: now, log: log)
        let catalogBefore = Int64(catalog.length)
        let unchanged = HistorySizes(
            log: .init(before: before, after: before),
            catalog: .init(before: catalogBefore, after: catalogBefore), prunedTransactions: 0)
        guard !all.isEmpty else { return unchanged }
        if plan.prunedCount == 0 {
            let mayPay = try HistoryRewrite.mayPay(
                system: system, source: log, plan: plan, length: before)
            guard mayPay else { return unchanged }
        }
        let generation = catalog.header.generation + 1
        let newLog = LogFolder(
            system: system, control: control.descriptor, store: log.store,
            generation: generation)
        let folder = try makeLogFolder(newLog.name)
        var rewrite = HistoryRewrite(
            system: system, source: log, plan: plan, level: level,
            target: .init(
                folder: folder.descriptor, staging: stagingFolder.descriptor,
                firstSegment: (try log.segmentNumbers().last ?? 0) + 1))
        do throws(StoreError) {
            try rewrite.run(environment: environment)
        } catch {
            try? removeLogFolder(newLog.name)
            throw error
        }
        let lines = newCatalog(
            rewrite.records, ends: rewrite.ends, generation: generation)
        let catalogAfter = Int64(lines.count)
        let after = Int64(rewrite.logLength)
        guard plan.prunedCount > 0 || after + catalogAfter < before + catalogBefore else {
            try removeLogFolder(newLog.name)
            return unchanged
        }
        do throws(StoreError) {
            try makeDurable(folder.descriptor)
            for record in rewrite.records {
                for state in record.keptStates {
                    guard try newLog.hasIntact(state.digest, at: state.location!) else {
                        throw .historyCorrupt(state.digest)
                    }
                }
            }
            try requireLock()
            try environment.requireNoSignal()
        } catch {
            try? removeLogFolder(newLog.name)
            throw error
        }
        try switchCatalog(to: lines)
        forgetContentIndex(rewrite.records)
        CatalogFile.renewIndex(
            system: system, control: control.descriptor, staging: stagingFolder.descriptor)
        try removeLogFolder(log.name)
        return HistorySizes(
            log: .init(before: before, after: after),
            catalog: .init(before: catalogBefore, after: catalogAfter),
            prunedTransactions: plan.prunedCount)
    }

    private func allRecords() throws(StoreError) -> [TransactionRecord] {
        let offset = UInt64(catalog.headerLength)
        return try TransactionRecord.all(
            in: try catalog.bytes(from: offset), from: offset,
            first: catalog.header.firstTransaction)
    }

    private func newCatalog(
        _ records: [TransactionRecord], ends: [LogPosition], generation: UInt64
    ) -> [UInt8] {
        let header = CatalogHeader(
            store: log.store, generation: generation, firstTransaction: records[0].number)
        var lines = header.encode()
        for (record, end) in zip(records, ends) {
            let start = UInt64(lines.count)
            var group: [UInt8] = []
            CatalogLines.append(record, position: end, paddedFrom: start, to: &group)
            lines += group
        }
        return lines
    }

    // MARK: Steps

    private func makeLogFolder(_ name: String) throws(StoreError) -> OwnedDescriptor {
        do throws(Errno) {
            try system.makeDirectory(name, in: control.descriptor, mode: .privateDirectory)
            return try system.openOwned(name, in: control.descriptor, [.read, .directory])
        } catch {
            throw StoreError(error, cannot: "make .canifly-store/\(name)")
        }
    }

    private func makeDurable(_ folder: Descriptor) throws(StoreError) {
        do throws(Errno) {
            try system.synchronize(folder)
            try system.synchronize(control.descriptor)
        } catch {
            throw StoreError(error, cannot: "make the new log durable")
        }
    }

    private mutating func switchCatalog(to bytes: [UInt8]) throws(StoreError) {
        do throws(Errno) {
            var file = try StagedFile(
                for: ControlNames.catalog, in: stagingFolder.descriptor, system)
            try file.write(bytes)
            let staged = try file.prepared(FileAttributes(mode: .privateFile))
            try system.rename(
                staged.temporaryName, in: stagingFolder.descriptor, to: ControlNames.catalog,
                in: control.descriptor, .replace)
            try system.synchronize(control.descriptor)
        } catch {
            throw StoreError(error, cannot: "put the new catalog in its place")
        }
    }

    /// The old places mean nothing any more.
    private mutating func forgetContentIndex(_ records: [TransactionRecord]) {
        try? system.unlink(ControlNames.contentIndex, in: control.descriptor)
        keptContents = ContentIndex(system: system, control: control.descriptor)
        for record in records { keptContents.insert(record) }
    }

    func removeLogFolder(_ name: String) throws(StoreError) {
        do throws(Errno) {
            do throws(Errno) {
                let folder = try system.openOwned(
                    name, in: control.descriptor, [.read, .directory])
                for entry in try system.entries(of: folder.descriptor) {
                    guard let own = String(validating: entry.name, as: UTF8.self) else { continue }
                    try system.unlink(own, in: folder.descriptor)
                }
            } catch .noEntry {
                return
            }
            try system.removeDirectory(name, in: control.descriptor)
        } catch  where error == .isDirectory || error == .notEmpty {
            throw StoreError(
                .configuration, code: "log-folder-foreign",
                ".canifly-store/\(name) holds something that is not of the log, and cannot be removed",
                hint:
                    "move what is there out of .canifly-store/\(name); the log in force is another")
        } catch {
            throw StoreError(error, cannot: "remove .canifly-store/\(name)")
        }
    }

    /// Removes the log folders of other generations, which a compaction that died or failed has left.
    mutating func removeOtherLogs() throws(StoreError) {
        let own = log.generation
        let others = try ControlDirectory.logGenerations(
            system: system, control: control.descriptor
        ).filter { $0 != own }
        guard !others.isEmpty else { return }
        do throws(Errno) {
            // If its last sync failed, the disk may have the other catalog yet. A new file with a
            // synced name settles it.
            try catalog.moveToNewFile(
                control: control.descriptor, staging: stagingFolder.descriptor)
        } catch {
            throw StoreError(error, cannot: "settle which catalog is in force")
        }
        for generation in others {
            try removeLogFolder(ControlNames.log(generation: generation))
        }
    }
}

extension TransactionRecord {
    /// Every transaction that a catalog tells of.
    static func all(
        in bytes: [UInt8], from offset: UInt64, first: UInt64
    ) throws(StoreError) -> [TransactionRecord] {
        var records: [TransactionRecord] = []
        let verdict = bytes.withUnsafeBytes { buffer in
            var reader = CatalogReader(buffer, from: offset, nextTransaction: first)
            while let group = reader.next() { records.append(group.transaction) }
            return reader.verdict!
        }
        switch verdict {
        case .clean: return records
        case .tornTail(let offset, let defect), .corrupt(let offset, _, let defect):
            throw .catalogCorrupt("the line at byte \(offset): \(defect)", at: offset)
        }
    }
}

/// The plan for a compaction of history.
func historyPlan(
    _ all: [TransactionRecord], _ retention: Retention, rules: DocumentRules, now: Timestamp,
    log: LogFolder
) throws(StoreError) -> HistoryPlan {
    HistoryPlan(all, firstKept: retention.firstKept(of: all, now: now)) { document, state in
        guard let location = state.location, let path = try? StorePath(bytes: document),
            let bytes = try? log.content(at: location, digest: state.digest)
        else { return false }
        return (try? rules.requireSound(bytes, of: path)) != nil
    }
}

extension LogFolder {
    /// What all segments take, in bytes.
    func size(in control: Descriptor) throws(StoreError) -> Int64 {
        do throws(Errno) {
            let folder = try system.openOwned(name, in: control, [.read, .directory])
            var size: Int64 = 0
            for entry in try system.entries(of: folder.descriptor) {
                size += try system.status(
                    of: String(decoding: entry.name, as: UTF8.self), in: folder.descriptor
                ).size
            }
            return size
        } catch {
            throw StoreError(error, cannot: "look at the log")
        }
    }
}
