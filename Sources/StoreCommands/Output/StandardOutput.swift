internal import StoreFiles

/// The standard output, buffered. The first error is kept and what comes after it is dropped, so
/// that writing code needs no error handling of its own and none is forgotten: whoever ends the
/// program asks `finish`.
struct StandardOutput {
    private let stream: any OutputStream
    private var buffer: [UInt8] = []
    private var failure: Errno?

    private static let capacity = 1 << 16

    init(_ stream: any OutputStream) { self.stream = stream }

    mutating func write(_ bytes: [UInt8]) {
        if bytes.count >= Self.capacity {
            flush()
            send(bytes)
        } else {
            buffer.append(contentsOf: bytes)
            if buffer.count >= Self.capacity { flush() }
        }
    }

    mutating func write(_ text: String) {
        buffer.append(contentsOf: text.utf8)
        if buffer.count >= Self.capacity { flush() }
    }

    private mutating func flush() {
        guard !buffer.isEmpty else { return }
        send(buffer)
        buffer.removeAll(keepingCapacity: true)
    }

    private mutating func send(_ bytes: [UInt8]) {
        guard failure == nil else { return }
        // The closure of withUnsafeBytes cannot throw a typed error through; a result can.
        let outcome: Result<Void, Errno> = bytes.withUnsafeBytes { raw in
            do throws(Errno) { return .success(try stream.write(raw)) } catch {
                return .failure(error)
            }
        }
        if case .failure(let error) = outcome { failure = error }
    }

    /// Writes what is left; the first error of all, or nil.
    mutating func finish() -> Errno? {
        flush()
        return failure
    }
}
