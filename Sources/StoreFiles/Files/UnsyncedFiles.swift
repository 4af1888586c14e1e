/// One file or directory to be made durable, and how much of it.
public enum Synchronization: Sendable, Hashable {
    /// As `synchronize` does, `fsync(2)`.
    case whole(Descriptor)
    /// As `synchronizeData` does, `fdatasync(2)`.
    case data(Descriptor)
}

extension SystemCalls {
    /// One after the other. The first error is thrown when all have been tried.
    public func synchronize(all files: [Synchronization]) throws(Errno) {
        var failure: Errno?
        for file in files {
            do throws(Errno) {
                try synchronize(file)
            } catch {
                failure = failure ?? error
            }
        }
        if let failure { throw failure }
    }

    func synchronize(_ file: Synchronization) throws(Errno) {
        switch file {
        case .whole(let descriptor): try synchronize(descriptor)
        case .data(let descriptor): try synchronizeData(descriptor)
        }
    }
}

/// Files, or directories, that are complete and kept open until all of them are synced together: side
/// by side a file system makes them durable with one commit of its journal instead of one for each.
public struct UnsyncedFiles: ~Copyable {
    /// More files than this are closed, and synced by one call for the whole file system.
    public static let largestCount = 64

    private let system: any SystemCalls
    private let folder: Descriptor
    private var descriptors: [Descriptor] = []
    private var areTooMany = false

    /// - Parameter folder: on the same file system as all that are added; the caller keeps it open.
    public init(on folder: Descriptor, _ system: any SystemCalls) {
        self.folder = folder
        self.system = system
    }

    deinit {
        for descriptor in descriptors { try? system.close(descriptor) }
    }

    public mutating func add(_ file: consuming OwnedDescriptor) throws(Errno) {
        descriptors.append(file.release())
        if descriptors.count > Self.largestCount { areTooMany = true }
        if areTooMany { try closeAll() }
    }

    /// Makes all that were added durable, and `others` with them, and closes what was added.
    ///
    /// Consuming, so that nothing is left whose failed sync could be tried again.
    public consuming func synchronize(with others: [Synchronization] = []) throws(Errno) {
        if areTooMany {
            try system.synchronizeFileSystem(folder)
        }
        let files = others + descriptors.map { Synchronization.whole($0) }
        if !files.isEmpty { try system.synchronize(all: files) }
        // A close that fails may be the first to tell that a write did (network file systems).
        try closeAll()
    }

    private mutating func closeAll() throws(Errno) {
        while let descriptor = descriptors.popLast() { try system.close(descriptor) }
    }
}
