private import CPlatform

/// An error number of the operating system, by its POSIX name.
public struct Errno: Error, Sendable, Hashable {
    public let code: Int32
    public init(code: Int32) { self.code = code }

    public static let notPermitted = Errno(code: EPERM)
    public static let noEntry = Errno(code: ENOENT)
    public static let interrupted = Errno(code: EINTR)
    public static let inputOutput = Errno(code: EIO)
    public static let badDescriptor = Errno(code: EBADF)
    public static let tryAgain = Errno(code: EAGAIN)
    public static let accessDenied = Errno(code: EACCES)
    public static let busy = Errno(code: EBUSY)
    public static let exists = Errno(code: EEXIST)
    public static let crossDevice = Errno(code: EXDEV)
    public static let notDirectory = Errno(code: ENOTDIR)
    public static let isDirectory = Errno(code: EISDIR)
    public static let invalid = Errno(code: EINVAL)
    public static let tooManyOpenFiles = Errno(code: EMFILE)
    public static let noSpace = Errno(code: ENOSPC)
    public static let readOnlyFileSystem = Errno(code: EROFS)
    public static let tooManyLinks = Errno(code: ELOOP)
    public static let nameTooLong = Errno(code: ENAMETOOLONG)
    public static let notEmpty = Errno(code: ENOTEMPTY)
    public static let notSupported = Errno(code: ENOTSUP)
    public static let noData = Errno(code: ENODATA)
    public static let quotaExceeded = Errno(code: EDQUOT)
    public static let noSuchDevice = Errno(code: ENXIO)
    public static let noSystemCall = Errno(code: ENOSYS)
}
