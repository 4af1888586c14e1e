/// A descriptor with exactly one owner. On the way out of a failure it closes itself in silence;
/// where success depends on it, `close()` reports.
public struct OwnedDescriptor: ~Copyable, Sendable {
    public let system: any SystemCalls
    /// Valid as long as its owner lives; -1 for none.
    public private(set) var descriptor: Descriptor

    public init(_ descriptor: Descriptor, _ system: any SystemCalls) {
        self.descriptor = descriptor
        self.system = system
    }

    /// `close(2)`. The descriptor is gone, whatever this throws.
    public consuming func close() throws(Errno) {
        let closing = descriptor
        descriptor = -1
        try system.close(closing)
    }

    /// Gives the bare descriptor to the caller, who now has to close it.
    public consuming func release() -> Descriptor {
        let released = descriptor
        descriptor = -1
        return released
    }

    deinit {
        if descriptor >= 0 { try? system.close(descriptor) }
    }
}

extension SystemCalls {
    /// `open` with an owner.
    public func openOwned(
        _ path: String, in directory: Descriptor, _ flags: OpenFlags,
        mode: FileMode = .privateFile
    ) throws(Errno) -> OwnedDescriptor {
        OwnedDescriptor(try open(path, in: directory, flags, mode: mode), self)
    }

    /// Opens an existing regular file for reading, with its status. Anything else is never waited
    /// for, read or written: `FileAccessError.notRegular`.
    public func openRegularFile(
        _ path: String, in directory: Descriptor
    ) throws(FileAccessError) -> OpenedFile {
        let file: OwnedDescriptor
        do throws(Errno) {
            file = try openOwned(path, in: directory, .read)
        } catch .tooManyLinks {
            throw .notRegular(.symbolicLink)
        } catch .noSuchDevice {
            // ENXIO: a socket, or a device that is not there.
            throw .notRegular(.socket)
        } catch {
            throw .system(error)
        }
        let status: FileStatus
        do throws(Errno) {
            status = try self.status(of: file.descriptor)
        } catch {
            throw .system(error)
        }
        if status.kind != .regular { throw .notRegular(status.kind) }
        return OpenedFile(file: file, status: status)
    }
}

/// A regular file that is open for reading, and what `fstat(2)` said of it then.
public struct OpenedFile: ~Copyable, Sendable {
    public let file: OwnedDescriptor
    public let status: FileStatus
    public var descriptor: Descriptor { file.descriptor }

    /// The descriptor with its owner.
    public consuming func takeFile() -> OwnedDescriptor { file }

    init(file: consuming OwnedDescriptor, status: FileStatus) {
        self.file = file
        self.status = status
    }
}

/// Why a file could not be read.
public enum FileAccessError: Error, Sendable, Hashable {
    case system(Errno)
    /// A directory, a link, a FIFO, a socket or a device where a document should be.
    case notRegular(FileKind)
    /// It holds more bytes than the caller takes.
    case tooLarge(limitBytes: Int)
}
