private import CPlatform

/// The words of the command line after the program's name, as the kernel gave them. The standard
/// library's own list repairs what is no UTF-8, which would make another name of it.
public func processArguments() -> [[UInt8]] {
    let count = Int(CommandLine.argc)
    guard count > 1 else { return [] }
    return (1..<count).map { index in
        guard let word = CommandLine.unsafeArgv[index] else { return [] }
        return bytes(of: word)
    }
}

/// The value of an environment variable as bytes (`getenv(3)`); nil where it is not set.
public func environmentValue(_ name: String) -> [UInt8]? {
    guard let value = getenv(name) else { return nil }
    return bytes(of: value)
}

/// The whole environment, as `NAME=value` each (`environ(7)`).
public func processEnvironment() -> [[UInt8]] {
    var entries: [[UInt8]] = []
    var next = store_environment()
    while let pointer = next, let entry = pointer.pointee {
        entries.append(bytes(of: entry))
        next = pointer + 1
    }
    return entries
}

/// Ends the process (`exit(3)`).
public func exitProcess(_ status: Int32) -> Never { exit(status) }

/// The bytes before the NUL that ends a text.
private func bytes(of text: UnsafePointer<CChar>) -> [UInt8] {
    var count = 0
    while text[count] != 0 { count += 1 }
    return Array(UnsafeRawBufferPointer(start: text, count: count))
}
