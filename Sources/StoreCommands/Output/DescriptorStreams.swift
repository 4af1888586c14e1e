package import StoreFiles

/// A descriptor to write to.
package struct DescriptorOutput: OutputStream {
    private let descriptor: StreamDescriptor
    package init(_ descriptor: StreamDescriptor) { self.descriptor = descriptor }

    package func write(_ bytes: UnsafeRawBufferPointer) throws(Errno) {
        try descriptor.writeAll(bytes)
    }
    package var isTerminal: Bool { descriptor.isTerminal }
    package var columns: Int? { descriptor.terminalColumns }
}

/// A descriptor to read from.
package struct DescriptorInput: InputStream {
    private let descriptor: StreamDescriptor
    package init(_ descriptor: StreamDescriptor) { self.descriptor = descriptor }

    package func waitToRead(milliseconds: Int32) throws(Errno) -> Bool {
        try descriptor.waitToRead(milliseconds: milliseconds)
    }

    package func read(into buffer: UnsafeMutableRawBufferPointer) throws(Errno) -> Int {
        try descriptor.read(into: buffer)
    }
    package var isTerminal: Bool { descriptor.isTerminal }
}

extension ProgramStreams {
    /// The three that the process was given.
    package static var ofProcess: ProgramStreams {
        ProgramStreams(
            input: DescriptorInput(.standardInput), output: DescriptorOutput(.standardOutput),
            error: DescriptorOutput(.standardError))
    }
}
