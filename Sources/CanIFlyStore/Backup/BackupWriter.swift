internal import StoreCodecs
internal import StoreFiles

/// Writes a backup's archive piece by piece. Equal documents make equal bytes.
struct BackupWriter: ~Copyable {
    private var gzip = BlockGzipWriter(level: 6)
    /// Nil where only the size is wanted.
    private var file: StagedFile?
    private var output: [UInt8] = []
    private var hasher = DigestHasher()
    private(set) var length: Int64 = 0

    init(_ file: consuming StagedFile?) {
        self.file = file
    }

    /// Adds a member that is in memory.
    mutating func add(_ content: [UInt8], as name: String) throws(Errno) {
        try begin(
            TarEntry(
                name: Array(name.utf8), size: UInt64(content.count), mode: 0o600,
                modified: RecordedTime(seconds: 0)))
        try content.withUnsafeBufferPointer { bytes throws(Errno) in
            try write(UnsafeRawBufferPointer(bytes))
        }
        try end(length: UInt64(content.count))
    }

    mutating func begin(_ entry: TarEntry) throws(Errno) {
        try write(TarWriter.header(for: entry))
    }

    mutating func write(_ content: UnsafeRawBufferPointer) throws(Errno) {
        gzip.write(content, to: &output)
        try flush()
    }

    mutating func end(length: UInt64) throws(Errno) {
        try write([UInt8](repeating: 0, count: TarWriter.paddingLength(contentLength: length)))
    }

    /// Writes the end; the file is complete and durable when this returns, and has no name yet.
    consuming func finish() throws(Errno) -> (file: StagedEntry?, digest: Digest, length: Int64) {
        try write(TarWriter.end)
        gzip.finish(to: &output)
        try flush()
        output = GzipSeal.member(for: hasher.digestSoFar())
        try flush()
        let digest = hasher.finish()
        let length = length
        switch consume file {
        case .some(let file):
            return (
                try file.prepared(FileAttributes(mode: .privateFile)), digest, length
            )
        case .none: return (nil, digest, length)
        }
    }

    private mutating func write(_ bytes: [UInt8]) throws(Errno) {
        try bytes.withUnsafeBufferPointer { bytes throws(Errno) in
            try write(UnsafeRawBufferPointer(bytes))
        }
    }

    private mutating func flush() throws(Errno) {
        guard !output.isEmpty else { return }
        hasher.update(output)
        length += Int64(output.count)
        try file?.write(output)
        output.removeAll(keepingCapacity: true)
    }
}
