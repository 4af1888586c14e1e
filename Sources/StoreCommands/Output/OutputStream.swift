package import StoreFiles

/// Where bytes go: a descriptor, or the memory of a test.
package protocol OutputStream: Sendable {
    /// Writes all of it.
    func write(_ bytes: UnsafeRawBufferPointer) throws(Errno)
    /// Whether a person may be looking at it.
    var isTerminal: Bool { get }
    /// The width of the terminal in columns; nil where there is none or it does not tell.
    var columns: Int? { get }
}

/// Where bytes come from.
package protocol InputStream: Sendable {
    /// Waits until `read` need not; false when the time is up, or a signal came.
    func waitToRead(milliseconds: Int32) throws(Errno) -> Bool
    /// Up to as many bytes as the buffer holds; 0 at the end.
    func read(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int
    var isTerminal: Bool { get }
}

/// The three streams of a program.
package struct ProgramStreams: Sendable {
    package var input: any InputStream
    package var output: any OutputStream
    package var error: any OutputStream

    package init(
        input: any InputStream, output: any OutputStream, error: any OutputStream
    ) {
        self.input = input
        self.output = output
        self.error = error
    }
}
