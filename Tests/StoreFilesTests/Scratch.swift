import Glibc
import StoreFiles
import Synchronization

/// A directory of its own for a test, removed with all that is in it when the test ends.
final class Scratch: Sendable {
    let path: String
    let descriptor: Descriptor

    init() {
        var template = Array("/tmp/store-files-tests-XXXXXX".utf8CString)
        path = template.withUnsafeMutableBufferPointer { buffer in
            String(cString: mkdtemp(buffer.baseAddress!)!)
        }
        descriptor = Glibc.open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        precondition(descriptor >= 0)
    }

    deinit {
        Glibc.close(descriptor)
        removeTree(path)
    }

    func at(_ name: String) -> String { path + "/" + name }

    func write(_ name: String, _ text: String, mode: mode_t = 0o644) {
        write(name, Array(text.utf8), mode: mode)
    }

    func write(_ name: String, _ bytes: [UInt8], mode: mode_t = 0o644) {
        let file = Glibc.open(at(name), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, mode)
        precondition(file >= 0, "cannot make \(name)")
        precondition(Glibc.write(file, bytes, bytes.count) == bytes.count)
        fchmod(file, mode)
        Glibc.close(file)
    }

    func makeDirectory(_ name: String) { precondition(mkdir(at(name), 0o755) == 0) }

    /// Nil where there is no such file.
    func read(_ name: String) -> String? {
        let file = Glibc.open(at(name), O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { Glibc.close(file) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = Glibc.read(file, &buffer, buffer.count)
            if count <= 0 { break }
            bytes += buffer[..<count]
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    var names: [String] {
        (try! LinuxSystemCalls().entries(of: descriptor))
            .map { String(decoding: $0.name, as: UTF8.self) }.sorted()
    }

    func status(_ name: String) -> FileStatus {
        try! LinuxSystemCalls().status(of: name, in: descriptor)
    }
}

private func removeTree(_ path: String) {
    guard let directory = opendir(path) else { return }
    while let entry = readdir(directory) {
        var name = [CChar](repeating: 0, count: 256)
        withUnsafePointer(to: &entry.pointee.d_name) { pointer in
            pointer.withMemoryRebound(to: CChar.self, capacity: 256) { source in
                for position in 0..<256 { name[position] = source[position] }
            }
        }
        if strcmp(name, ".") == 0 || strcmp(name, "..") == 0 { continue }
        // As bytes, because a name need not be UTF-8.
        if unlinkat(dirfd(directory), name, 0) != 0 {
            removeTree(
                path + "/"
                    + String(
                        decoding: name.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) },
                        as: UTF8.self))
        }
    }
    closedir(directory)
    rmdir(path)
}

/// Counts across threads.
final class Counter: Sendable {
    private let count = Atomic<Int>(0)
    func add() { count.add(1, ordering: .relaxed) }
    var value: Int { count.load(ordering: .relaxed) }
    /// The number of this call, from 1.
    func next() -> Int { count.add(1, ordering: .relaxed).newValue }
}

/// What was slept, in nanoseconds.
final class Pauses: Sendable {
    private let recorded = Mutex<[UInt64]>([])
    func add(_ nanoseconds: UInt64) { recorded.withLock { $0.append(nanoseconds) } }
    var all: [UInt64] { recorded.withLock { $0 } }
}
