internal import StoreFiles

/// How the program learns that it is asked to end.
package struct SignalSource: Sendable {
    /// From now on the signals end nothing by themselves.
    package var catchAll: @Sendable () -> Void
    /// The first that has come since.
    package var pending: @Sendable () -> Int32?

    package init(
        catchAll: @escaping @Sendable () -> Void, pending: @escaping @Sendable () -> Int32?
    ) {
        self.catchAll = catchAll
        self.pending = pending
    }

    /// Those of the process.
    static let ofProcess = SignalSource(
        catchAll: { TerminationSignals.catchAll() }, pending: { TerminationSignals.pending })
}
