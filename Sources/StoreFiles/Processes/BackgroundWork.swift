private import CPlatform
internal import Synchronization

/// Work that goes on by itself on another thread while its owner does something else.
public final class BackgroundWork<Result: Sendable>: Sendable {
    private let work: ThreadBody
    private let outcome = Outcome<Result>()
    /// The address of the thread's handle; nil where there is no thread to wait for.
    private let handle: Mutex<Int?>

    /// Begins at once. Where no more threads are to be had, the work is done when its result is
    /// asked for.
    public init(_ body: @escaping @Sendable () -> Result) {
        let outcome = outcome
        work = ThreadBody {
            let result = body()
            outcome.result.withLock { $0 = result }
        }
        handle = Mutex(work.start().map { Int(bitPattern: $0) })
    }

    deinit { handle.withLock { Self.join(&$0) } }

    /// Waits until the work is done.
    public func result() -> Result {
        handle.withLock { handle in
            Self.join(&handle)
            if outcome.result.withLock({ $0 == nil }) { work.run() }
        }
        return outcome.result.withLock { $0! }
    }

    private static func join(_ handle: inout Int?) {
        guard let address = handle, let thread = UnsafeMutableRawPointer(bitPattern: address)
        else { return }
        store_join_thread(thread)
        handle = nil
    }
}

/// What the thread leaves. An object of its own, since the thread must not be the last to let go of
/// the work: it would wait for itself.
private final class Outcome<Result: Sendable>: Sendable {
    let result = Mutex<Result?>(nil)
}
