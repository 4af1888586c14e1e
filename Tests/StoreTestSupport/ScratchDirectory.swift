package import StoreFiles

#if canImport(Glibc)
    private import Glibc
#elseif canImport(Musl)
    private import Musl
#elseif canImport(Darwin)
    private import Darwin
#endif

/// A directory of its own for a test, on a real file system; removed with all that is in it when
/// the last reference goes.
package final class ScratchDirectory: Sendable {
    /// Absolute.
    package let path: String
    /// Open as long as this lives.
    package let descriptor: Descriptor

    /// - Parameter inMemory: where the system has a file system in memory, for tests that make
    ///   thousands of stores and do not look at what is durable.
    package init(inMemory: Bool = false) {
        var parent = getenv("TMPDIR").map { String(cString: $0) } ?? "/tmp"
        if inMemory, access("/dev/shm", W_OK) == 0 { parent = "/dev/shm" }
        var template = Array((parent + "/canifly-store-XXXXXX").utf8CString)
        path = template.withUnsafeMutableBufferPointer { buffer in
            guard let made = mkdtemp(buffer.baseAddress!) else {
                preconditionFailure("no directory can be made in \(parent)")
            }
            return String(cString: made)
        }
        descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        precondition(descriptor >= 0, "\(path) cannot be opened")
    }

    deinit {
        removeContents(of: descriptor)
        rmdir(path)
    }

    /// The path of something in it.
    package func path(_ name: String) -> String { path + "/" + name }
}

/// Removes everything below a directory and closes its descriptor. Names are bytes here, since a
/// test may have made some that are not UTF-8.
private func removeContents(of descriptor: Int32) {
    guard let listing = fdopendir(descriptor) else { return }
    defer { closedir(listing) }
    while let entry = readdir(listing) {
        var name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            bytes.prefix { $0 != 0 }.map { CChar(truncatingIfNeeded: $0) }
        }
        if name == [46] || name == [46, 46] { continue }
        name.append(0)
        if unlinkat(descriptor, name, 0) == 0 { continue }
        let folder = openat(descriptor, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
        if folder >= 0 {
            fchmod(folder, 0o700)
            removeContents(of: folder)
        }
        unlinkat(descriptor, name, AT_REMOVEDIR)
    }
}
