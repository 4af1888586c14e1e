/// The lock that decides among this program's own processes: an open-file-description lock on a file
/// in the control directory that is never removed. When its holder dies the kernel drops it, so it is
/// never stale, and no process number is ever mistaken for another.
enum GuardLock {
    static let fileName = "guard"
    /// Among the commands that run under one `lock run`.
    static let nestedFileName = "guard.nested"

    enum Attempt: ~Copyable {
        /// Held as long as this descriptor, or one inherited from it, is open.
        case acquired(OwnedDescriptor)
        case heldByAnother
        /// There is no such file, and it was not to be made.
        case absent
    }

    static func attempt(
        _ fileName: String, in control: Descriptor, creating: Bool, _ system: any SystemCalls
    ) throws(LockError) -> Attempt {
        let file: OwnedDescriptor
        do throws(Errno) {
            file = try open(fileName, in: control, creating: creating, system)
        } catch .noEntry where !creating {
            return .absent
        } catch {
            throw .system(.openGuard, error)
        }
        do throws(Errno) {
            if try system.tryLockExclusively(file.descriptor) { return .acquired(file) }
            return .heldByAnother
        } catch {
            throw .system(.lockGuard, error)
        }
    }

    private static func open(
        _ fileName: String, in control: Descriptor, creating: Bool, _ system: any SystemCalls
    ) throws(Errno) -> OwnedDescriptor {
        do throws(Errno) {
            return try system.openOwned(fileName, in: control, [.read, .write])
        } catch .noEntry where creating {
        }
        do throws(Errno) {
            let file = try system.openOwned(
                fileName, in: control, [.read, .write, .create, .exclusive])
            // Made by root in a user's store, it must not shut that user out.
            try system.giveToOwner(of: control, file.descriptor)
            return file
        } catch .exists {
            return try system.openOwned(fileName, in: control, [.read, .write])
        }
    }
}
