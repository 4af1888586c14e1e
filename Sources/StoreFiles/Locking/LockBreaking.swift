extension StoreLock {
    /// Removes a `.lock` that nobody holds: a dead process's, or an old one without a process in it,
    /// beside which the application would refuse to start for ever. Returns what it was; `.free`
    /// where there was nothing to do.
    ///
    /// - Throws: `.busy` while its holder lives, when somebody may be writing it, or while another
    ///   command of this program is at work; `.needsRecovery` where only taking the lock will do.
    public static func breakStale(_ site: LockSite) throws(LockError) -> LockJudgement {
        try site.system.checkSuitability(of: site.store)
        var waiting = Waiting(site, .never, { false })
        let guarding = try waiting.acquireGuard(GuardLock.fileName, creating: true)
        let nested = try waiting.passGuard(GuardLock.nestedFileName)
        defer {
            extendLifetime(nested)
            extendLifetime(guarding)
        }
        let sighting = try ApplicationLock.sight(in: site.store, site.system)
        let judgement = sighting.judgement
        switch judgement.state {
        case .free: return judgement
        case .notRegular(let kind): throw .notRegular(kind)
        case .held: throw .busy(LockHolder(judgement))
        case .unreadable where !judgement.isOld: throw .busy(LockHolder(judgement))
        case .unreadable, .stale: break
        }
        if judgement.isFenced { throw .needsRecovery }
        guard let judged = sighting.status else { return judgement }
        do throws(PublishError) {
            // The next writer sweeps the control directory: a crash leaves nothing in the store.
            try site.system.removeDocument(
                LockContents.fileName, in: site.store, expecting: judged, by: site.control)
        } catch .conflict {
            throw .busy(LockHolder())
        } catch {
            throw LockError(error, .removeLock)
        }
        return judgement
    }
}
