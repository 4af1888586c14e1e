private import CPlatform

extension Errno: CustomStringConvertible {
    /// The POSIX name, such as `ENOSPC`; `errno 4711` for a number that has none.
    public var name: String {
        guard let name = store_error_name(code) else { return "errno \(code)" }
        return String(cString: name)
    }

    /// The C library's words, begun in lower case so that they fit into a sentence (`strerror`).
    public var text: String {
        let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 256) { buffer in
            store_error_text(code, buffer.baseAddress, buffer.count)
            return String(cString: buffer.baseAddress!)
        }
        // An acronym at the beginning (RPC, NFS) stays as it is.
        var bytes = Array(text.utf8)
        let isUpper = { (byte: UInt8) in (0x41...0x5a).contains(byte) }
        if bytes.count > 1, isUpper(bytes[0]), !isUpper(bytes[1]) { bytes[0] |= 0x20 }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Both, as in `no space left on device (ENOSPC)`.
    public var description: String { "\(text) (\(name))" }
}

extension Errno {
    /// What a caller can do about an error.
    public enum Remedy: Sendable, Hashable {
        /// The same call may succeed a moment later.
        case tryAgain
        /// Somebody has to make room first.
        case freeSpace
        /// The user lacks a right.
        case permission
        /// What the name means is missing, or is not what it should be.
        case lookAtName
        /// The device or the file system has failed, or cannot do this; trying again is no use.
        case none
    }

    public var remedy: Remedy {
        switch code {
        case EINTR, EAGAIN, EBUSY, ETXTBSY, EMFILE, ENFILE, ENOMEM, ENOLCK: .tryAgain
        case ENOSPC, EDQUOT, EFBIG: .freeSpace
        case EPERM, EACCES, EROFS: .permission
        case ENOENT, EEXIST, ENOTDIR, EISDIR, ELOOP, ENAMETOOLONG, EXDEV, ENXIO, ENOTEMPTY:
            .lookAtName
        default: .none
        }
    }

    /// EINTR, EAGAIN and EBUSY: the only errors that are tried again by themselves, and never after
    /// a sync.
    public var isTransient: Bool { code == EINTR || code == EAGAIN || code == EBUSY }

    /// ENOSYS, EINVAL or EOPNOTSUPP: how kernels and file systems say that they do not know a call
    /// or one of its flags.
    public var meansUnsupported: Bool {
        code == ENOSYS || code == EINVAL || code == ENOTSUP || code == EOPNOTSUPP
    }

    public static let outOfMemory = Errno(code: ENOMEM)
    public static let noSuchProcess = Errno(code: ESRCH)
    public static let noSuchChild = Errno(code: ECHILD)
    public static let brokenPipe = Errno(code: EPIPE)
    public static let outOfRange = Errno(code: ERANGE)
    public static let fileTooBig = Errno(code: EFBIG)
    public static let stale = Errno(code: ESTALE)
    public static let illegalSequence = Errno(code: EILSEQ)
    public static let fileTableFull = Errno(code: ENFILE)
    public static let tooManyHardLinks = Errno(code: EMLINK)
    public static let timedOut = Errno(code: ETIMEDOUT)
}
