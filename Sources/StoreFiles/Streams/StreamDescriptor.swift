private import CPlatform

/// A descriptor that is read and written in order, as a pipe or a terminal is: one of the three
/// that every program is given, or a file outside any store that the user named.
public struct StreamDescriptor: Sendable, Hashable {
    public let number: Descriptor
    private init(number: Descriptor) { self.number = number }

    public static let standardInput = StreamDescriptor(number: 0)
    public static let standardOutput = StreamDescriptor(number: 1)
    public static let standardError = StreamDescriptor(number: 2)

    /// Opens a file outside any store, links followed (`open(2)`). To be closed by `close()`.
    public static func openForReading(_ path: String) throws(Errno) -> StreamDescriptor {
        let result = store_open_for_reading(path)
        if result < 0 { throw Errno(code: -result) }
        return StreamDescriptor(number: result)
    }

    /// Opens a device or a pipe to write to, links followed (`open(2)`, nothing is created or cut).
    /// To be closed by `close()`.
    public static func openForWriting(_ path: String) throws(Errno) -> StreamDescriptor {
        let result = store_open_for_writing(path)
        if result < 0 { throw Errno(code: -result) }
        return StreamDescriptor(number: result)
    }

    /// Waits until there is something to read or the end is reached (`poll(2)`); false when the time
    /// is up, or a signal came.
    public func waitToRead(milliseconds: Int32) throws(Errno) -> Bool {
        let result = store_stream_wait(number, milliseconds)
        if result < 0 { throw Errno(code: -result) }
        return result > 0
    }

    /// `read(2)`; 0 at the end. Throws `.interrupted` where a signal came first.
    public func read(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        let result = store_stream_read(number, buffer.baseAddress, buffer.count)
        if result < 0 { throw Errno(code: Int32(-result)) }
        return result
    }

    /// `write(2)` until everything is written; interruptions by signals are passed over.
    public func writeAll(_ bytes: UnsafeRawBufferPointer) throws(Errno) {
        var rest = bytes
        while !rest.isEmpty {
            let result = store_stream_write(number, rest.baseAddress, rest.count)
            if result < 0 {
                let error = Errno(code: Int32(-result))
                if error == .interrupted { continue }
                throw error
            }
            // A write of nothing would go on for ever.
            if result == 0 { throw .inputOutput }
            rest = UnsafeRawBufferPointer(rebasing: rest[result...])
        }
    }

    /// `close(2)`. Never repeated.
    public func close() throws(Errno) {
        let result = store_close(number)
        if result < 0 { throw Errno(code: -result) }
    }

    /// `isatty(3)`.
    public var isTerminal: Bool { store_is_terminal(number) == 1 }

    /// The width of the terminal (`TIOCGWINSZ`); nil where it is none or does not tell.
    public var terminalColumns: Int? {
        let columns = store_terminal_columns(number)
        return columns > 0 ? Int(columns) : nil
    }
}
