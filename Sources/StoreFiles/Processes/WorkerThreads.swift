// Closures that must not escape carry the name of their file into the program: not the path at which
// this one happened to be built, please. (The name must be no other file's.)
#sourceLocation(file:"StoreFiles-WorkerThreads.swift",line:4)
private import CPlatform
internal import Synchronization

/// Work shared among threads of the operating system: a command that starts in a millisecond has no
/// time for the concurrency runtime to come up.
public enum WorkerThreads {
    /// How many processors this process may use.
    public static var processorCount: Int { max(1, Int(store_processor_count())) }

    /// Applies `body` to each item and returns the results in the order of the items. Each thread
    /// takes the next item when it is done with one, so items of very different size are shared
    /// evenly enough, best with the largest first. With one thread, or one item, all is done on the
    /// caller's.
    public static func map<Item: Sendable, Result: Sendable>(
        _ items: [Item], threads: Int, _ body: @Sendable (Item) -> Result
    ) -> [Result] {
        map(items, threads: threads, state: {}, { _, item in body(item) })
    }

    /// Does `other` on a second thread while `body` runs on the caller's, and returns when both are
    /// done; one after the other where no thread is to be had.
    public static func alongside(_ other: @Sendable () -> Void, do body: () -> Void) {
        withoutActuallyEscaping(other) { other in
            let work = ThreadBody(other)
            let handle = work.start()
            body()
            if let handle { store_join_thread(handle) } else { work.run() }
        }
    }

    /// The results of two pieces of work, done at the same time where there are two threads, and else
    /// one after the other, `other` first.
    public static func both<Other: Sendable, Own>(
        threads: Int, _ other: @Sendable () -> Other, _ own: () -> Own
    ) -> (Other, Own) {
        if threads < 2 {
            let result = other()
            return (result, own())
        }
        let gathered = Mutex<Other?>(nil)
        var result: Own?
        alongside {
            let value = other()
            gathered.withLock { $0 = value }
        } do: {
            result = own()
        }
        return (gathered.withLock { $0! }, result!)
    }

    /// `map` with something that each thread makes once for all its items, such as a buffer.
    public static func map<Item: Sendable, State: ~Copyable, Result: Sendable>(
        _ items: [Item], threads: Int, state makeState: @Sendable () -> State,
        _ body: @Sendable (inout State, Item) -> Result
    ) -> [Result] {
        let count = min(threads, items.count)
        if count <= 1 {
            var state = makeState()
            return items.map { body(&state, $0) }
        }
        let gathering = Gathering<Result>()
        // Not really escaping: every thread is joined before this returns.
        withoutActuallyEscaping(body) { body in
            withoutActuallyEscaping(makeState) { makeState in
                let work = ThreadBody {
                    var state = makeState()
                    var results: [(index: Int, result: Result)] = []
                    while true {
                        let index = gathering.next.add(1, ordering: .relaxed).oldValue
                        if index >= items.count { break }
                        results.append((index, body(&state, items[index])))
                    }
                    gathering.parts.withLock { $0.append(results) }
                }
                var handles: [UnsafeMutableRawPointer] = []
                for _ in 1..<count {
                    // Where no more threads are to be had, fewer do the work.
                    if let handle = work.start() { handles.append(handle) }
                }
                work.run()
                for handle in handles { store_join_thread(handle) }
            }
        }
        var ordered = [Result?](repeating: nil, count: items.count)
        for part in gathering.parts.withLock({ $0 }) {
            for (index, result) in part { ordered[index] = result }
        }
        return ordered.map { $0! }
    }
}

/// What the threads of one call share.
private final class Gathering<Result: Sendable>: Sendable {
    let next = Atomic<Int>(0)
    let parts = Mutex<[[(index: Int, result: Result)]]>([])
}

/// Something for a thread to run. A class without type parameters, since a C function can take no
/// others along.
final class ThreadBody: Sendable {
    let run: @Sendable () -> Void

    init(_ run: @escaping @Sendable () -> Void) { self.run = run }

    /// A handle to join; nil where there are no more threads.
    func start() -> UnsafeMutableRawPointer? {
        let context = Unmanaged.passRetained(self)
        var handle: UnsafeMutableRawPointer?
        let result = store_start_thread(
            &handle,
            { pointer in
                Unmanaged<ThreadBody>.fromOpaque(pointer!).takeRetainedValue().run()
            }, context.toOpaque())
        if result < 0 { context.release() }
        return handle
    }
}
