/// What a walk does with an entry it has found.
public enum WalkDecision: Sendable, Hashable {
    /// Leave it out, and for a directory all that is in it.
    case skip
    /// Report it with its status; for a directory do not look inside.
    case include
    /// The same without the status, which saves a system call.
    case includeName
    /// For a directory: look inside without reporting the directory itself.
    case descend
    /// For a directory: report it, and look inside.
    case includeAndDescend
}

/// Decides entry by entry. The walk asks before it opens anything, so what a policy skips is never
/// touched.
public protocol WalkPolicy {
    func decide(_ path: WalkPath, _ kind: FileKind) -> WalkDecision
}

/// Reports everything but directories, and looks into all of them.
public struct WalkEverything: WalkPolicy, Sendable {
    private let withStatus: Bool

    public init(withStatus: Bool = true) { self.withStatus = withStatus }

    public func decide(_ path: WalkPath, _ kind: FileKind) -> WalkDecision {
        if kind == .directory { return .descend }
        return withStatus ? .include : .includeName
    }
}

/// A name that was found, relative to where the walk began.
public enum WalkPath: Sendable, Hashable {
    case safe(StorePath)
    /// One that no document can have.
    case unsafe([UInt8], StorePathError)

    public var bytes: [UInt8] {
        switch self {
        case .safe(let path): Array(path.text.utf8)
        case .unsafe(let bytes, _): bytes
        }
    }

    /// Fit to be shown on a terminal.
    public var displayed: String {
        switch self {
        case .safe(let path): escapedForTerminal(path.text)
        case .unsafe(let bytes, _): escapedForTerminal(bytes)
        }
    }
}

/// One entry of a tree.
public struct WalkEntry: Sendable, Hashable {
    public let path: WalkPath
    public let kind: FileKind
    /// One `fstatat` later than the listing; nil where the policy did not want it, or the name is
    /// not UTF-8.
    public let status: FileStatus?
}

/// What could not be looked at. The walk goes on without it.
public struct WalkProblem: Sendable, Hashable {
    public enum Reason: Sendable, Hashable {
        case system(Errno)
        /// Directories nested deeper than the walk goes.
        case tooDeep
    }
    public let path: WalkPath
    public let reason: Reason
}

/// A whole tree, in the order of the paths' bytes.
public struct WalkResult: Sendable {
    public var entries: [WalkEntry] = []
    public var problems: [WalkProblem] = []
}

extension SystemCalls {
    /// Lists a tree. Links are reported and never followed, FIFOs and sockets never opened, and
    /// memory grows with what is there alone. Each entry costs one directory-relative `fstatat`
    /// at most.
    ///
    /// A directory that vanishes meanwhile is left out: a listing is never of one moment.
    public func walk(
        _ directory: Descriptor, _ policy: borrowing some WalkPolicy, depthLimit: Int = 64
    ) throws(Errno) -> WalkResult {
        var result = WalkResult()
        // A stack of our own, so that a deep tree costs neither the thread's stack nor, by the
        // limit, more descriptors than a process has.
        let root = try openOwned(".", in: directory, [.read, .directory])
        var stack = [try WalkFrame(root, prefix: [])]
        while let frame = stack.last {
            guard let found = frame.next() else {
                stack.removeLast()
                continue
            }
            var kind = found.kind
            var status: FileStatus?
            do throws(Errno) {
                if kind == .unknown, let name = found.name {
                    status = try self.status(of: name, in: frame.directory.descriptor)
                    kind = status?.kind ?? .unknown
                }
                let decision = policy.decide(found.path, kind)
                if decision == .skip { continue }
                if decision != .descend || kind != .directory {
                    if status == nil, decision != .includeName, let name = found.name {
                        status = try self.status(of: name, in: frame.directory.descriptor)
                        kind = status?.kind ?? kind
                    }
                    result.entries.append(
                        WalkEntry(path: found.path, kind: kind, status: status))
                }
                guard kind == .directory, decision == .descend || decision == .includeAndDescend
                else { continue }
                guard let name = found.name else { continue }
                if stack.count >= depthLimit {
                    result.problems.append(WalkProblem(path: found.path, reason: .tooDeep))
                    continue
                }
                let inner = try openOwned(
                    name, in: frame.directory.descriptor, [.read, .directory])
                stack.append(try WalkFrame(inner, prefix: found.path.bytes))
            } catch .noEntry {
                // Gone between the listing and now.
            } catch {
                result.problems.append(WalkProblem(path: found.path, reason: .system(error)))
            }
        }
        return result
    }
}

/// One directory being walked. A class, because arrays do not take noncopyable elements.
private final class WalkFrame {
    struct Found {
        let path: WalkPath
        /// Nil where the name is not UTF-8.
        let name: String?
        let kind: FileKind
    }

    let directory: OwnedDescriptor
    private let prefix: [UInt8]
    private let entries: [DirectoryEntry]
    private var position = 0

    init(_ directory: consuming OwnedDescriptor, prefix: [UInt8]) throws(Errno) {
        let listing = try directory.system.entries(of: directory.descriptor)
        self.directory = directory
        self.prefix = prefix.isEmpty ? [] : prefix + [UInt8(ascii: "/")]
        entries = listing.sorted(by: comesBefore)
    }

    func next() -> Found? {
        guard position < entries.count else { return nil }
        let entry = entries[position]
        position += 1
        let path = prefix + entry.name
        guard let name = String(validating: entry.name, as: UTF8.self) else {
            return Found(path: .unsafe(path, .invalidUTF8), name: nil, kind: entry.kind)
        }
        let reason = path.withUnsafeBufferPointer { StorePathError.reason(against: $0) }
        if let reason { return Found(path: .unsafe(path, reason), name: name, kind: entry.kind) }
        let string = prefix.isEmpty ? name : String(decoding: path, as: UTF8.self)
        return Found(path: .safe(StorePath(unchecked: string)), name: name, kind: entry.kind)
    }
}

/// A directory sorts as if its name ended with a slash: then walking it in its place gives the order
/// of whole paths.
private func comesBefore(_ left: DirectoryEntry, _ right: DirectoryEntry) -> Bool {
    let shared = min(left.name.count, right.name.count)
    for position in 0..<shared where left.name[position] != right.name[position] {
        return left.name[position] < right.name[position]
    }
    return byteAfter(shared, in: left) < byteAfter(shared, in: right)
}

private func byteAfter(_ position: Int, in entry: DirectoryEntry) -> Int {
    if position < entry.name.count { return Int(entry.name[position]) }
    return entry.kind == .directory ? Int(UInt8(ascii: "/")) : -1
}
