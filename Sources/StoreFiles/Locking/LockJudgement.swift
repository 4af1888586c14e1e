/// What is to be thought of a store's `.lock`.
public struct LockJudgement: Sendable, Hashable {
    public enum State: Sendable, Hashable {
        /// There is none.
        case free
        /// Its process lives, or cannot be asked.
        case held
        /// Its process is gone: it may be taken over.
        case stale
        /// It has no process in it, or far too much. Somebody may be writing it just now; if it is
        /// old, somebody died doing so, and the application will refuse to start for ever.
        case unreadable
        /// A directory, a link or the like.
        case notRegular(FileKind)
    }

    public var state: State
    public var process: Int32?
    /// As the holder wrote it, else when the file was last written.
    public var since: Timestamp?
    public var owner: LockOwner?
    /// A layout is half changed, and the next command has to finish or undo that.
    public var isFenced = false
    /// The process is younger than the application's lock, so its number was probably given out
    /// again. Never acted upon: clocks jump.
    public var suspectsReusedProcess = false
    /// Nobody takes so long to fill a file: true from 10 seconds on.
    public var isOld = false

    /// How old an unreadable one must be for nobody to be writing it.
    public static let oldSeconds: Int64 = 10

    init(_ state: State) { self.state = state }
}

extension SystemCalls {
    /// Looks at a store's `.lock` and changes nothing.
    public func judgeLock(in store: Descriptor) throws(Errno) -> LockJudgement {
        try sightLock(in: store).judgement
    }

    /// Looks at it and keeps it open: as long as it is, no other file can get its inode.
    func sightLock(in store: Descriptor) throws(Errno) -> LockSighting {
        let opened: OpenedFile
        do throws(FileAccessError) {
            opened = try openRegularFile(LockContents.fileName, in: store)
        } catch {
            switch error {
            case .notRegular(let kind):
                return LockSighting(.notRegular(kind))
            case .system(.noEntry):
                return LockSighting(.free)
            case .system(let error): throw error
            case .tooLarge: preconditionFailure("opening a file has no limit")
            }
        }
        var text = LockText.noProcess
        do throws(FileAccessError) {
            text = LockText(
                try readWhole(opened.descriptor, limitBytes: LockContents.longestBytes))
        } catch {
            // Too long for anything that anybody writes there: no process, then.
            if case .system(let error) = error { throw error }
        }
        let judgement = judge(text, opened.status)
        return LockSighting(opened, text, judgement)
    }

    private func judge(_ text: LockText, _ status: FileStatus) -> LockJudgement {
        // A clock that jumped back makes files come from the future; those are old, too.
        let age = now().seconds - status.modified.seconds
        let isOld = abs(age) >= LockJudgement.oldSeconds
        var judgement: LockJudgement
        switch text {
        case .noProcess:
            judgement = LockJudgement(.unreadable)
            judgement.since = status.modified
        case .program(let contents):
            judgement = LockJudgement(isAlive(contents) ? .held : .stale)
            judgement.process = contents.process
            judgement.since = contents.since
            judgement.owner = .program
            judgement.isFenced = contents.isFenced
        case .application(let process, let since, let isWhole):
            judgement = LockJudgement(.held)
            if liveness(ofProcess: process) == .noSuchProcess {
                judgement.state = isWhole || isOld ? .stale : .unreadable
            } else {
                judgement.suspectsReusedProcess = beganAfter(process, status.modified)
            }
            judgement.process = process
            judgement.since = since ?? status.modified
            judgement.owner = .application
        }
        judgement.isOld = isOld
        return judgement
    }

    /// Ours tell when their process began and in which boot, so that a number given out again is no
    /// riddle.
    private func isAlive(_ contents: LockContents) -> Bool {
        let boot = bootIdentifier
        if !boot.isEmpty, !contents.boot.isEmpty, !boot.utf8.elementsEqual(contents.boot.utf8) {
            return false
        }
        if liveness(ofProcess: contents.process) == .noSuchProcess { return false }
        guard let written = contents.startTime,
            let actual = startTime(ofProcess: contents.process)
        else { return true }
        return written == actual
    }

    /// Whether a process is younger than a file, with two seconds of grace for coarse clocks.
    private func beganAfter(_ process: Int32, _ moment: Timestamp) -> Bool {
        if process == processIdentifier { return true }
        guard let start = startTime(ofProcess: process) else { return false }
        // A hundred ticks a second, whatever the kernel's own rate (USER_HZ).
        let sinceBoot = Int64(monotonicNanoseconds() / 10_000_000)
        let secondsAgo = (sinceBoot - Int64(clamping: start)) / 100
        return now().seconds - secondsAgo > moment.seconds + 2
    }
}

/// A `.lock` that was looked at.
struct LockSighting: ~Copyable {
    /// Nil where there is no regular file.
    let file: OpenedFile?
    let status: FileStatus?
    let text: LockText
    let judgement: LockJudgement

    /// Of something that is no regular file, or nothing.
    init(_ state: LockJudgement.State) {
        file = nil
        status = nil
        text = .noProcess
        judgement = LockJudgement(state)
    }

    init(_ file: consuming OpenedFile, _ text: LockText, _ judgement: LockJudgement) {
        status = file.status
        self.file = consume file
        self.text = text
        self.judgement = judgement
    }

    consuming func takeFile() -> OpenedFile? { file }

    /// Under the guard only: whether an earlier command of this very process, which lives on, left the
    /// lock behind when it failed. Were that command still running, it would have the guard.
    func isLeftByThisProcess(_ system: any SystemCalls) -> Bool {
        judgement.owner == .program && judgement.process == system.processIdentifier
    }
}
