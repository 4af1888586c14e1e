// Tests may use the C library; the module under test may not.
#if canImport(Glibc)
    private import Glibc
#elseif canImport(Musl)
    private import Musl
#elseif canImport(Darwin)
    private import Darwin
#endif

/// The public conformance suites, which lie beside the package and are no part of it.
///
/// They are found in `$CANIFLY_STORE_CONFORMANCE`, else in `shared/conformance` beside the
/// package's folder or one above it (as for a working tree). Where there are none, tests say that they skip.
public enum ConformanceSuites {
    /// The folder with the suites, or nil.
    public static let root: String? = {
        if let path = getenv("CANIFLY_STORE_CONFORMANCE") { return String(cString: path) }
        let package = #filePath.split(separator: "/", omittingEmptySubsequences: false)
            .dropLast(3)
        return [1, 2].map { levels in
            (package.dropLast(levels) + ["shared", "conformance"]).joined(separator: "/")
        }.first { access($0, R_OK) == 0 }
    }()

    /// The folder of one suite, such as `json-parsing`, or nil. Says that a test skips.
    public static func folder(_ name: String) -> String? {
        if let root, access(root + "/" + name, R_OK) == 0 { return root + "/" + name }
        print("skipped: the conformance suite \(name) is not beside the package")
        return nil
    }

    /// The names in a folder, sorted by their bytes.
    public static func names(in folder: String) -> [String] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var names: [String] = []
        while let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if name != "." && name != ".." { names.append(name) }
        }
        return names.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
    }

    /// All bytes of a file, or nil.
    public static func contents(of path: String) -> [UInt8]? {
        let descriptor = open(path, O_RDONLY)
        guard descriptor >= 0 else { return nil }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while true {
            let count = read(descriptor, &buffer, buffer.count)
            guard count >= 0 else { return nil }
            if count == 0 { return bytes }
            bytes.append(contentsOf: buffer[..<count])
        }
    }
}
