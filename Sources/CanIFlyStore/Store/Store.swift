public import StoreFiles

/// What a store is told by its surroundings.
public struct StoreEnvironment: Sendable {
    /// Stands in for the clock wherever expiry and ages are judged (`CANIFLY_STORE_NOW`).
    public var now: Timestamp?
    /// What `lock run` handed down to this process, if it runs inside one.
    public var inheritedLock: String?
    /// The signal that asks this process to end; nil as long as none has come. Asked while waiting
    /// and last just before a commit.
    public var pendingSignal: @Sendable () -> Int32?

    /// Surroundings that stand in for the clock, the environment and signals.
    public init(
        now: Timestamp? = nil, inheritedLock: String? = nil,
        pendingSignal: @escaping @Sendable () -> Int32? = { nil }
    ) {
        self.now = now
        self.inheritedLock = inheritedLock
        self.pendingSignal = pendingSignal
    }

    /// - Throws: `interrupted` where a signal has come.
    func requireNoSignal() throws(StoreError) {
        guard let signal = pendingSignal() else { return }
        throw StoreError(
            .interrupted, code: "interrupted", "ended by signal \(signal); nothing was written",
            signal: signal)
    }
}

/// A directory of documents.
///
/// A value that may be copied and used from several threads; each operation opens what it needs.
/// Reading changes nothing anywhere and needs no lock. Every operation that writes is one
/// transaction under the store's lock, and what it wrote is durable when it returns.
public struct Store: Sendable {
    /// As it was given.
    public let path: String
    let environment: StoreEnvironment
    private let directory: OpenDirectory

    /// Keeps the store's directory open, so that a directory that is moved meanwhile goes on
    /// meaning the same one.
    private final class OpenDirectory: Sendable {
        let descriptor: OwnedDescriptor
        init(_ descriptor: consuming OwnedDescriptor) { self.descriptor = descriptor }
    }

    var system: any SystemCalls { directory.descriptor.system }
    var root: Descriptor { directory.descriptor.descriptor }

    /// Opens an existing directory as a store.
    /// - Throws: `notFound` where it is not there, `permission`, `invalidData` where it is no
    ///   directory.
    public static func open(
        at path: String, system: any SystemCalls, environment: StoreEnvironment = .init()
    ) throws(StoreError) -> Store {
        do throws(Errno) {
            let descriptor = try system.openDirectory(at: path)
            return Store(
                path: path, environment: environment,
                directory: OpenDirectory(OwnedDescriptor(descriptor, system)))
        } catch .noEntry {
            throw StoreError(
                .notFound, code: "no-such-store",
                "there is no store at \(escapedForTerminal(path.utf8))",
                hint: "name the directory with --store, or in CANIFLY_STORE", cause: .noEntry)
        } catch .notDirectory {
            throw StoreError(
                .notFound, code: "no-such-store",
                "\(escapedForTerminal(path.utf8)) is no directory",
                hint: "name the directory with --store, or in CANIFLY_STORE",
                cause: .notDirectory)
        } catch {
            throw StoreError(error, cannot: "open the store \(escapedForTerminal(path.utf8))")
        }
    }

    /// The same store for who may use a lock that is held already.
    func using(_ inheritance: LockInheritance) -> Store {
        var environment = environment
        environment.inheritedLock = inheritance.value
        return Store(path: path, environment: environment, directory: directory)
    }

    /// What expiry and ages are judged by.
    var now: Timestamp { environment.now ?? system.now() }

    func read() throws(StoreError) -> StoreReading {
        try StoreReading.open(system: system, root: root)
    }

    /// Reads again what needs the log, where a compaction has taken the log away meanwhile.
    func retryingAcrossCompaction<Result>(
        _ body: () throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        for _ in 1..<StoreReading.attempts {
            let generation = StoreReading.catalogGeneration(system: system, root: root)
            do throws(StoreError) {
                return try body()
            } catch {
                guard StoreReading.catalogGeneration(system: system, root: root) != generation
                else { throw error }
            }
        }
        return try body()
    }
}
