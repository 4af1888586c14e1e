internal import CanIFlyStore
internal import StoreFiles

/// A pipe may have no end. No document is longer.
private let longestInputBytes = Int(DocumentFiles.largestInTransaction)

extension CommandContext {
    /// All bytes of the file that a positional argument names, or of the standard input where it is
    /// left out or `-`.
    func input(at index: Int) throws(StoreError) -> [UInt8] {
        let path = try arguments.positional(index, "FILE")
        guard let path, path != "-" else {
            if streams.input.isTerminal, !arguments.has(CommonOptions.quiet) {
                Voice(streams.error, isColored: false).note(
                    "reading from the terminal; Ctrl-D ends it, Ctrl-C gives up")
            }
            return try readAll(
                streams.input, named: "the standard input", limitBytes: longestInputBytes)
        }
        return try readFile(path)
    }

    /// All bytes of a file outside the store.
    func readFile(
        _ path: String, limitBytes: Int = longestInputBytes
    ) throws(StoreError) -> [UInt8] {
        let file: StreamDescriptor
        do throws(Errno) { file = try StreamDescriptor.openForReading(path) } catch {
            throw cannotRead(path, error)
        }
        let result: Result<[UInt8], StoreError>
        do throws(StoreError) {
            result = .success(
                try readAll(DescriptorInput(file), named: path, limitBytes: limitBytes))
        } catch {
            result = .failure(error)
        }
        // Nothing was written, so a close that fails has lost nothing.
        do throws(Errno) { try file.close() } catch {}
        return try result.get()
    }

    /// Grows with what really comes, never with what a size claims.
    private func readAll(
        _ stream: any InputStream, named name: String, limitBytes: Int
    ) throws(StoreError) -> [UInt8] {
        var bytes: [UInt8] = []
        var chunk = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            do throws(Errno) { try waitForInput(stream) } catch { throw cannotRead(name, error) }
            if let signal = pendingSignal() {
                throw StoreError(
                    .interrupted, code: "interrupted",
                    "ended by signal \(signal); nothing was written", signal: signal)
            }
            let outcome: Result<Int, Errno> = chunk.withUnsafeMutableBytes { buffer in
                do throws(Errno) { return .success(try stream.read(into: buffer)) } catch {
                    return .failure(error)
                }
            }
            switch outcome {
            case .success(0): return bytes
            case .success(let count):
                guard bytes.count + count <= limitBytes else {
                    throw StoreError(
                        .invalidData, code: "too-large",
                        "\(name) has more than the \(limitBytes) bytes that are taken",
                        hint: "split it; nothing was written")
                }
                if bytes.count + count > bytes.capacity {
                    // An array doubles when it is full.
                    do throws(Errno) {
                        try MemoryRoom.require(forDocumentOf: 2 * bytes.capacity)
                    } catch {
                        throw cannotRead(name, error)
                    }
                }
                bytes.append(contentsOf: chunk[..<count])
            case .failure(.interrupted): continue
            case .failure(let error): throw cannotRead(name, error)
            }
        }
    }

    /// Until there is something to read or a signal has come. A signal that comes just before the
    /// wait does not end it, so it is looked for four times a second.
    private func waitForInput(_ stream: any InputStream) throws(Errno) {
        while pendingSignal() == nil, !(try stream.waitToRead(milliseconds: 250)) {}
    }

    private func cannotRead(_ name: String, _ error: Errno) -> StoreError {
        switch error {
        case .noEntry, .notDirectory, .tooManyLinks:
            StoreError(
                .notFound, code: "file-not-found", "\(name) cannot be read: \(error)",
                cause: error)
        case .accessDenied, .notPermitted:
            StoreError(
                .permission, code: "file-not-readable", "\(name) cannot be read: \(error)",
                cause: error)
        case .isDirectory:
            StoreError(
                .notFound, code: "file-is-directory", "\(name) is a directory, not a file",
                cause: error)
        default:
            StoreError(
                .inputOutput, code: "read-failed", "\(name) cannot be read: \(error)",
                cause: error)
        }
    }
}
