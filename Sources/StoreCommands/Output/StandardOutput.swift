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

    /// Without gathering. False where what comes after is dropped.
    mutating func write(_ bytes: UnsafeRawBufferPointer) -> Bool {
        flush()
        send(bytes)
        return failure == nil
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

    private mutating func send(_ bytes: [UInt8]) { bytes.withUnsafeBytes { send($0) } }

    private mutating func send(_ bytes: UnsafeRawBufferPointer) {
        guard failure == nil else { return }
        do throws(Errno) { try stream.write(bytes) } catch { failure = error }
    }

    /// Writes what is left; the first error of all, or nil.
    mutating func finish() -> Errno? {
        flush()
        return failure
    }
}
