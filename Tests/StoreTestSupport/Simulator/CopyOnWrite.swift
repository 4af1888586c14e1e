/// A large value behind one reference: copying the holder costs one retain, and the first change
/// to a shared value copies it.
struct CopyOnWrite<Value: Sendable>: Sendable {
    private var storage: [Value]

    init(_ value: Value) { storage = [value] }

    var value: Value {
        _read { yield storage[0] }
        _modify { yield &storage[0] }
    }
}
