public import StoreFiles

/// The lock by itself.
extension Store {
    /// Removes a `.lock` whose holder is gone, or an old one that names no process.
    /// - Returns: what it was; not held, not stale and not empty where there was none.
    /// - Throws: `busy` while its holder lives.
    public func breakLock() throws(StoreError) -> LockReport {
        let control = try ControlDirectory.openOrMake(system: system, root: root)
        let site = LockSite(system: system, store: root, control: control.descriptor)
        do throws(LockError) {
            return LockReport(try StoreLock.breakStale(site))
        } catch {
            throw StoreError(error)
        }
    }

    /// Holds the lock while `body` runs, after finishing what an earlier process left. Commands of
    /// this program use the same lock where they are given the inheritance.
    /// - Throws: `busy` where the lock cannot be had, and whatever `body` throws.
    public func holdingLock<Result>(
        _ options: WriteOptions,
        _ body: (LockInheritance) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try withSession(options) { session throws(StoreError) in
            let inheritance: LockInheritance
            do throws(LockError) { inheritance = try session.lock.lend() } catch {
                throw StoreError(error)
            }
            return try body(inheritance)
        }
    }
}
