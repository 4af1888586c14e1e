package import StoreFiles

/// The sample data in Tests/Fixtures.
package enum Fixtures {
    /// Tests/Fixtures, absolute.
    package static let root: String = {
        let package = #filePath.split(separator: "/", omittingEmptySubsequences: false)
            .dropLast(3)
        return (package + ["Tests", "Fixtures"]).joined(separator: "/")
    }()

    /// One data directory of the application for each of its layouts, 1 to 4 in this order.
    package static let samples = ["0.0.42", "0.0.58", "0.1.5", "0.5.0"]
    /// What lies in the parent of the first sample.
    package static let besideFirstSample = "0.0.42-beside"
    /// The clock to use with the samples: 2026-11-01T12:00:00Z.
    package static let sampleClock = Timestamp(seconds: 1_793_534_400)

    private static let limitBytes = 1 << 24

    /// Folders without a file, which git does not keep.
    private static let emptyFolders = [("0.1.5", "eve"), ("0.5.0", "eve")]

    /// Every file and folder of a sample with the mode that the application gives it, folders
    /// before what is in them.
    package static func files(of sample: String) throws -> [TreeEntry] {
        let system = LinuxSystemCalls()
        let modes = try privateModes(system)
        let folder = try system.openDirectory(at: root + "/canifly/" + sample)
        defer { try? system.close(folder) }
        var files: [TreeEntry] = []
        try collect(folder, "", system, &files)
        for (owner, name) in emptyFolders where owner == sample {
            files.append(
                TreeEntry(path: name, kind: .directory, mode: FileMode(0o755), bytes: []))
        }
        for index in files.indices {
            let path = sample + "/" + String(decoding: files[index].path, as: UTF8.self)
            let isDirectory = files[index].kind == .directory
            files[index].mode = modes[Array(path.utf8)] ?? FileMode(isDirectory ? 0o755 : 0o644)
        }
        return files.sorted { $0.path.lexicographicallyPrecedes($1.path) }
    }

    /// Lays a sample out in a directory, with its modes.
    package static func layOut(
        _ sample: String, in directory: Descriptor, on system: any SystemCalls
    ) throws {
        for file in try files(of: sample) {
            let path = String(decoding: file.path, as: UTF8.self)
            if file.kind == .directory {
                try makeDirectory(path, file.mode, in: directory, on: system)
            } else {
                try write(file, path, in: directory, on: system)
            }
        }
    }

    /// Lays a sample out on a simulated disk, durably.
    package static func layOut(_ sample: String, at path: String, on disk: SimulatedDisk) throws {
        disk.placeDirectory(at: path)
        for file in try files(of: sample) {
            let place = path + "/" + String(decoding: file.path, as: UTF8.self)
            if file.kind == .directory {
                disk.placeDirectory(at: place, mode: file.mode)
            } else {
                disk.place(file.bytes, at: place, mode: file.mode)
            }
        }
    }

    private static func write(
        _ file: TreeEntry, _ path: String, in directory: Descriptor, on system: any SystemCalls
    ) throws {
        let target = try system.open(
            path, in: directory, [.write, .create, .exclusive], mode: file.mode)
        defer { try? system.close(target) }
        try file.bytes.withUnsafeBytes { bytes in
            try system.writeAll(target, bytes, at: 0)
        }
        try system.setMode(of: target, to: file.mode)
    }

    private static func makeDirectory(
        _ path: String, _ mode: FileMode, in directory: Descriptor, on system: any SystemCalls
    ) throws {
        let components = path.utf8.split(separator: UInt8(ascii: "/"))
        let parent = components.dropLast().map { String($0)! }.joined(separator: "/")
        let opened = try system.open(
            parent.isEmpty ? "." : parent, in: directory, [.read, .directory], mode: mode)
        defer { try? system.close(opened) }
        let name = String(components[components.count - 1])!
        try system.makeDirectory(name, in: opened, mode: mode)
        let made = try system.open(name, in: opened, [.read, .directory], mode: mode)
        defer { try? system.close(made) }
        try system.setMode(of: made, to: mode)
    }

    private static func collect(
        _ folder: Descriptor, _ prefix: String, _ system: LinuxSystemCalls,
        _ files: inout [TreeEntry]
    ) throws {
        for entry in try system.entries(of: folder) {
            let name = String(decoding: entry.name, as: UTF8.self)
            let opened = try system.open(name, in: folder, [.read], mode: .privateFile)
            defer { try? system.close(opened) }
            let kind = try system.status(of: opened).kind
            let bytes =
                kind == .directory ? [] : try system.readWhole(opened, limitBytes: limitBytes)
            files.append(
                TreeEntry(path: prefix + name, kind: kind, mode: FileMode(0), bytes: bytes))
            if kind == .directory { try collect(opened, prefix + name + "/", system, &files) }
        }
    }

    /// What MODES.txt says: a path and four octal digits a line, `#` before comments.
    private static func privateModes(_ system: LinuxSystemCalls) throws -> [[UInt8]: FileMode] {
        let folder = try system.openDirectory(at: root + "/canifly")
        defer { try? system.close(folder) }
        let file = try system.open("MODES.txt", in: folder, [.read], mode: .privateFile)
        defer { try? system.close(file) }
        var modes: [[UInt8]: FileMode] = [:]
        for line in try system.readWhole(file, limitBytes: limitBytes)
            .split(separator: UInt8(ascii: "\n"))
        {
            let words = line.split(separator: UInt8(ascii: " "))
            if words.count != 2 || line.first == UInt8(ascii: "#") { continue }
            let octal = String(decoding: words[1], as: UTF8.self)
            guard let bits = UInt16(octal, radix: 8) else { continue }
            modes[Array(words[0])] = FileMode(bits)
        }
        return modes
    }
}
