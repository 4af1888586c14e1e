public import StoreFiles

/// What programs need that use the store as a library.
extension Store {
    /// Opens an existing directory as a store, on the operating system's own calls. Changes nothing:
    /// the first operation that writes makes the control directory.
    /// - Throws: `notFound` where it is not there or is no directory, `permission`.
    public static func open(
        at path: String, environment: StoreEnvironment = .init()
    ) throws(StoreError) -> Store {
        try open(at: path, system: LinuxSystemCalls(), environment: environment)
    }

    /// Repeats `body` while it fails because another program is at work (``StoreError/mayPass``)
    /// and the policy gives time. Each operation in it also waits for the lock, as its own options
    /// say.
    /// - Throws: what the last attempt threw.
    public func retrying<Result, Failure: Error>(
        _ policy: RetryPolicy, _ body: () throws(Failure) -> Result
    ) throws(Failure) -> Result {
        var retries = policy.begin(system)
        while true {
            do throws(Failure) {
                return try body()
            } catch
                where (error as? StoreError)?.mayPass == true && retries.pauseBeforeNext()
            {
            }
        }
    }

    /// Holds the store's lock while `body` runs, so that neither the application nor another
    /// program changes anything between the operations in it. What an earlier process left
    /// unfinished is finished first. The lock is released however `body` ends.
    ///
    /// Each operation is still a transaction of its own, durable when it returns.
    /// - Parameter body: gets the store to work with; the outer one would wait for this lock.
    /// - Throws: `busy` where the lock cannot be had, and whatever `body` throws.
    public func withLock<Result>(
        _ options: WriteOptions = WriteOptions(command: "lock"),
        _ body: (Store) throws(StoreError) -> Result
    ) throws(StoreError) -> Result {
        try holdingLock(options) { inheritance throws(StoreError) in
            try body(using(inheritance))
        }
    }
}

extension StoreError {
    /// Whether the same request may succeed later by itself: the store was locked, or a document was
    /// changed by another program between reading and writing. A precondition that the caller gave
    /// and that failed does not pass.
    public var mayPass: Bool {
        kind == .busy || code.utf8.elementsEqual("changed-meanwhile".utf8)
    }

    /// From why a text names no document.
    package init(_ error: StorePathError, name: String) {
        self.init(
            .invalidData, code: "path-unsafe",
            "the name \(escapedForTerminal(name.utf8)) \(error.text)",
            hint: "name a document by its path inside the store")
    }
}
