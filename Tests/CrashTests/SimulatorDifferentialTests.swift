import StoreFiles
import StoreTestSupport
import Testing

#if canImport(Glibc)
    import Glibc
#elseif canImport(Musl)
    import Musl
#endif

/// The simulated disk must answer as the kernel does: the same random calls on both, the same
/// results and the same errors from both.
@Suite struct SimulatorDifferentialTests {
    @Test("the simulated disk answers as the kernel does", arguments: 1...40)
    func sameAnswers(_ seed: UInt64) throws {
        var pair = try Pair(seed: seed)
        for step in 0..<400 {
            let (call, real, simulated) = pair.step()
            #expect(real == simulated, "step \(step) of seed \(seed): \(call)")
            if real != simulated { break }
        }
        #expect(try pair.realTree() == pair.disk.tree(at: "/store"))
    }

    /// The same calls on a scratch directory and on a simulated one.
    struct Pair {
        let scratch = ScratchDirectory()
        let system = LinuxSystemCalls()
        let disk: SimulatedDisk
        private var generator: SeededGenerator
        /// Open on both; the first is the directory itself.
        private var descriptors: [(real: Descriptor, simulated: Descriptor)]

        init(seed: UInt64) throws {
            var configuration = SimulatedDiskConfiguration()
            configuration.effectiveUser = LinuxSystemCalls().effectiveUser
            disk = SimulatedDisk(configuration)
            disk.placeDirectory(at: "/store", mode: .privateDirectory)
            generator = SeededGenerator(seed: seed)
            descriptors = [(scratch.descriptor, try disk.openDirectory(at: "/store"))]
            symlink("a", scratch.path("link"))
            disk.placeSymbolicLink(to: "a", at: "/store/link")
            mkfifo(scratch.path("fifo"), 0o644)
            disk.placeFIFO(at: "/store/fifo")
        }

        private mutating func random(_ limit: Int) -> Int {
            Int(generator.next() % UInt64(limit))
        }

        private mutating func name() -> String {
            let names = [
                "a", "b", "c", "d", "e", "link", "fifo", ".", String(repeating: "n", count: 256),
            ]
            return names[min(random(names.count + 4), random(names.count + 4)) % names.count]
        }

        private mutating func path() -> String {
            let parts = [
                "a", "b", "d", "d/a", "d/e", "d/../a", "../x", "/a", "link/a", "a/b", "d/", "", ".",
            ]
            return random(2) == 0 ? name() : parts[random(parts.count)]
        }

        private mutating func descriptor() -> Int { random(descriptors.count) }

        /// A directory mostly, so that most calls do something.
        private mutating func directory() -> Int { random(4) == 0 ? descriptor() : 0 }

        private func result<Value>(_ body: () throws -> Value) -> String {
            do {
                return "\(try body())"
            } catch let error as Errno {
                return "error \(error.code)"
            } catch {
                return "unexpected \(error)"
            }
        }

        private func both<Value>(
            _ call: String,
            _ body: (
                any SystemCalls, KeyPath<(real: Descriptor, simulated: Descriptor), Descriptor>
            ) throws -> Value
        ) -> (String, String, String) {
            (call, result { try body(system, \.real) }, result { try body(disk, \.simulated) })
        }

        /// One random call: what it was, and both answers.
        mutating func step() -> (call: String, real: String, simulated: String) {
            switch random(20) {
            case 0...3: return open()
            case 4: return close()
            case 5, 6: return write()
            case 7: return read()
            case 8: return truncate()
            case 9, 10: return names()
            case 11...13: return rename()
            case 14, 15: return status()
            case 16: return attributes()
            case 17: return listing()
            case 18: return lock()
            default: return synchronize()
            }
        }

        private mutating func open() -> (String, String, String) {
            var flags: OpenFlags = []
            for flag in [OpenFlags.read, .write, .create, .exclusive, .directory]
            where random(2) == 0 {
                flags.insert(flag)
            }
            // What the kernel makes of these two together has changed over time.
            if flags.contains(.create) { flags.remove(.directory) }
            let path = path()
            let parent = descriptors[directory()]
            var opened: (real: Descriptor, simulated: Descriptor)? = (-1, -1)
            let answers = both("open \(path) \(flags)") { calls, side in
                let descriptor = try calls.open(
                    path, in: parent[keyPath: side], flags, mode: .privateFile)
                if side == \.real {
                    opened?.real = descriptor
                } else {
                    opened?.simulated = descriptor
                }
                return "open"
            }
            if let opened, opened.real >= 0, opened.simulated >= 0 { descriptors.append(opened) }
            return answers
        }

        private mutating func close() -> (String, String, String) {
            guard descriptors.count > 1 else { return ("none", "", "") }
            let index = 1 + random(descriptors.count - 1)
            let closed = descriptors.remove(at: index)
            return both("close") { try $0.close(closed[keyPath: $1]) }
        }

        private mutating func write() -> (String, String, String) {
            let file = descriptors[descriptor()]
            let bytes = letters(random(1_500), from: UInt8(60 + random(40)))
            let offset = Int64(random(3_000) - 20)
            return both("write \(bytes.count) at \(offset)") { calls, side in
                try bytes.withUnsafeBytes {
                    try calls.write(file[keyPath: side], from: $0, at: offset)
                }
            }
        }

        private mutating func read() -> (String, String, String) {
            let file = descriptors[descriptor()]
            let count = random(2_000)
            let offset = Int64(random(3_000) - 20)
            return both("read \(count) at \(offset)") { calls, side in
                var bytes = [UInt8](repeating: 0, count: count)
                let got = try bytes.withUnsafeMutableBytes {
                    try calls.read(file[keyPath: side], into: $0, at: offset)
                }
                return Array(bytes[..<got])
            }
        }

        private mutating func truncate() -> (String, String, String) {
            let file = descriptors[descriptor()]
            let size = Int64(random(4_000) - 100)
            return both("truncate \(size)") { try $0.truncate(file[keyPath: $1], to: size) }
        }

        private mutating func names() -> (String, String, String) {
            let parent = descriptors[directory()]
            let name = name()
            switch random(4) {
            case 0:
                return both("mkdir \(name)") {
                    try $0.makeDirectory(name, in: parent[keyPath: $1], mode: .privateDirectory)
                }
            case 1: return both("unlink \(name)") { try $0.unlink(name, in: parent[keyPath: $1]) }
            case 2:
                return both("rmdir \(name)") {
                    try $0.removeDirectory(name, in: parent[keyPath: $1])
                }
            default:
                let target = self.name()
                let newParent = descriptors[directory()]
                return both("link \(name) \(target)") {
                    try $0.link(
                        name, in: parent[keyPath: $1], to: target, in: newParent[keyPath: $1])
                }
            }
        }

        private mutating func rename() -> (String, String, String) {
            let parent = descriptors[directory()]
            let newParent = descriptors[directory()]
            let name = name()
            let target = self.name()
            let how = [RenameBehavior.replace, .noReplace, .exchange][random(3)]
            return both("rename \(name) \(target) \(how)") {
                try $0.rename(
                    name, in: parent[keyPath: $1], to: target, in: newParent[keyPath: $1], how)
            }
        }

        /// What both file systems tell alike: not times and numbers, nor sizes of directories.
        private func summary(_ status: FileStatus) -> String {
            let isDirectory = status.kind == .directory
            let detail = isDirectory ? "" : " \(status.size) \(status.linkCount)"
            return "\(status.kind) \(status.mode.octal) \(status.user)\(detail)"
        }

        private mutating func status() -> (String, String, String) {
            let file = descriptors[descriptor()]
            let name = name()
            if random(2) == 0 {
                return both("fstat") { summary(try $0.status(of: file[keyPath: $1])) }
            }
            // The mode of a link is nobody's business.
            if name == "link" { return ("none", "", "") }
            return both("stat \(name)") { summary(try $0.status(of: name, in: file[keyPath: $1])) }
        }

        private mutating func attributes() -> (String, String, String) {
            let file = descriptors[descriptor()]
            let mode = FileMode(UInt16(random(0o1000)) | 0o700)
            if random(2) == 0 { return extendedAttributes(of: file) }
            return both("chmod") { calls, side in
                try calls.setMode(of: file[keyPath: side], to: mode)
                let time = Timestamp(seconds: 1_000_000, nanoseconds: 5)
                try calls.setModificationTime(of: file[keyPath: side], to: time)
                return try calls.status(of: file[keyPath: side]).modified
            }
        }

        private mutating func extendedAttributes(
            of file: (real: Descriptor, simulated: Descriptor)
        ) -> (String, String, String) {
            let name = ["user.a", "user.b", "a", "user."][random(4)]
            let value = letters(random(5))
            if random(2) == 0 {
                return both("get \(name)") { calls, side in
                    let names = try calls.extendedAttributeNames(of: file[keyPath: side])
                        .filter { $0.utf8.starts(with: "user.".utf8) }.sorted()
                    let value = result {
                        try calls.extendedAttribute(name, of: file[keyPath: side])
                    }
                    return "\(names) \(value)"
                }
            }
            return both("set \(name)") {
                try $0.setExtendedAttribute(name, of: file[keyPath: $1], to: value)
            }
        }

        private mutating func listing() -> (String, String, String) {
            let file = descriptors[descriptor()]
            return both("list") { calls, side in
                try calls.entries(of: file[keyPath: side])
                    .map { "\(String(decoding: $0.name, as: UTF8.self)) \($0.kind)" }.sorted()
            }
        }

        private mutating func lock() -> (String, String, String) {
            let file = descriptors[descriptor()]
            return both("lock") { try $0.tryLockExclusively(file[keyPath: $1]) }
        }

        private mutating func synchronize() -> (String, String, String) {
            let file = descriptors[descriptor()]
            return both("sync") { try $0.synchronize(file[keyPath: $1]) }
        }

        /// The scratch directory as the simulated disk would tell it.
        func realTree() throws -> [TreeEntry] {
            var found: [TreeEntry] = []
            try collect(scratch.descriptor, "", &found)
            return found
        }

        private func collect(_ folder: Descriptor, _ prefix: String, _ found: inout [TreeEntry])
            throws
        {
            let sorted = try system.entries(of: folder).sorted {
                $0.name.lexicographicallyPrecedes($1.name)
            }
            for entry in sorted {
                let name = String(decoding: entry.name, as: UTF8.self)
                let status = try system.status(of: name, in: folder)
                let bytes: [UInt8] =
                    switch status.kind {
                    case .regular: try system.readFile(name, in: folder)
                    case .symbolicLink: [UInt8(ascii: "a")]
                    default: []
                    }
                found.append(
                    TreeEntry(
                        path: prefix + name, kind: status.kind, mode: status.mode, bytes: bytes))
                guard status.kind == .directory else { continue }
                let opened = try system.open(name, in: folder, [.directory], mode: .privateFile)
                defer { try? system.close(opened) }
                try collect(opened, prefix + name + "/", &found)
            }
        }
    }
}
