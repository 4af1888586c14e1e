package import StoreCodecs
package import StoreFiles

/// Checks one document against what was recorded of it, or, where the application has written it
/// since, by its contents. Reads it once, in constant memory.
package struct DocumentCheck: Sendable {
    package let system: any SystemCalls
    package let root: Descriptor
    package let rules: DocumentRules
    package let isQuick: Bool
    package let isDeep: Bool
    /// Whether anything was ever recorded: without it, nothing is called untracked.
    package let hasCatalog: Bool
    /// Documents whose contents other checks want as well, so that they are read once.
    package var retained: Set<StorePath> = []

    package struct Outcome: Sendable {
        package var findings: [Finding] = []
        /// Of a document that is to be retained.
        package var content: [UInt8]?
        package var digest: Digest?
        package var standing = DocumentStanding.untracked
        /// Nil where it could not be asked for.
        package var mode: FileMode?
        package var bytes: Int64 = 0
    }

    /// How often a document is read again when it changes while it is read.
    private static let attempts = 5

    /// - Parameter status: where it is known already; a quick check need not ask for it then.
    package func run(
        _ document: StorePath, status: FileStatus? = nil, recorded: RecordedDocument?,
        reader: inout ChunkReader
    ) -> Outcome {
        var outcome = Outcome()
        // As long as it has not been read.
        if recorded != nil { outcome.standing = .changed }
        if isQuick, !retained.contains(document), let recorded, let signature = recorded.signature,
            let status = status ?? (try? system.status(of: document.text, in: root)),
            status.signature == signature
        {
            outcome.mode = status.mode
            outcome.bytes = status.size
            outcome.digest = recorded.state.digest
            outcome.standing = .recorded
            return outcome
        }
        for _ in 0..<Self.attempts {
            do throws(FileAccessError) {
                let file = try DocumentFiles(system: system, root: root).open(document)
                let observed: Observation?
                do throws(Errno) {
                    observed = try observe(
                        document, file.descriptor, file.status, recorded, &reader)
                } catch {
                    throw .system(error)
                }
                guard let observed else { continue }
                judge(observed, document, recorded, &outcome)
            } catch {
                outcome.findings = unreadable(document, error)
            }
            return outcome
        }
        outcome.findings = [
            Finding(
                .unreadable, .warning, document: document.text,
                detail: "changes faster than it can be read",
                remedy: "run verify again when the application is done with it")
        ]
        return outcome
    }

    private struct Observation {
        var status: FileStatus
        var digest: Digest
        /// What is wrong with the contents, if they were looked at.
        var findings: [Finding]
        var content: [UInt8]?
    }

    /// - Parameter status: of the document before it is read.
    /// - Returns: nil where it has changed since.
    private func observe(
        _ document: StorePath, _ file: Descriptor, _ status: FileStatus,
        _ recorded: RecordedDocument?, _ reader: inout ChunkReader
    ) throws(Errno) -> Observation? {
        // Only the digest matters of a document that nobody has written since.
        let looksUntouched =
            recorded?.signature.map { Self.looksUntouched(status, since: $0) } ?? false
        var content = ContentObserver(
            of: document, size: status.size, rules: rules, checks: isDeep || !looksUntouched,
            retains: retained.contains(document))
        let digest: Digest
        if content.isDemanding, status.size >= ParallelReading.leastSize {
            digest = try ParallelReading.digest(of: file, size: status.size, system) {
                content.consume($0)
            }
        } else {
            var hasher = DigestHasher()
            reader.start(file)
            while reader.offset < status.size, let chunk = try reader.next() {
                hasher.update(chunk)
                content.consume(chunk)
            }
            digest = hasher.finish()
        }
        if content.needsSecondLook {
            reader.start(file)
            while reader.offset < status.size, let chunk = try reader.next() {
                content.consumeAgain(chunk)
            }
        }
        // Also of one that is longer than it was, or shorter.
        let after = try system.status(of: file)
        guard after.signature == status.signature else { return nil }
        let (findings, whole) = content.finish()
        return Observation(status: after, digest: digest, findings: findings, content: whole)
    }

    /// Size, inode and modification time as recorded. The change time alone may differ, as after
    /// a `chmod`, or after a tool that puts the modification time back.
    private static func looksUntouched(
        _ status: FileStatus, since signature: StatusSignature
    ) -> Bool {
        status.size == signature.size && status.inode == signature.inode
            && status.modified == signature.modified
    }

    private func judge(
        _ observed: Observation, _ document: StorePath, _ recorded: RecordedDocument?,
        _ outcome: inout Outcome
    ) {
        let name = document.text
        outcome.digest = observed.digest
        outcome.mode = observed.status.mode
        outcome.bytes = observed.status.size
        outcome.findings += observed.findings
        outcome.content = observed.content
        guard let recorded else {
            outcome.standing = .untracked
            if hasCatalog {
                outcome.findings.append(
                    Finding(
                        .untracked, .info, document: name,
                        detail: "never recorded", remedy: "canifly-store snapshot"))
            }
            return
        }
        if recorded.state.digest == observed.digest {
            outcome.standing = .recorded
            return
        }
        if let signature = recorded.signature,
            Self.looksUntouched(observed.status, since: signature)
        {
            outcome.standing = .recorded
            outcome.findings.append(
                Finding(
                    .digestMismatch, .error, document: name,
                    detail: "the contents are not those recorded, though size, inode and "
                        + "modification time are: the disk or a tool changed them in silence",
                    remedy: "canifly-store repair \(document.shellWord)"))
            return
        }
        outcome.standing = .changed
        outcome.findings.append(
            Finding(
                .changed, .info, document: name,
                detail: "written by the application since transaction \(recorded.transaction)",
                remedy: "canifly-store snapshot"))
    }

    private func unreadable(_ path: StorePath, _ error: FileAccessError) -> [Finding] {
        switch error {
        case .system(.noEntry):
            // Gone since it was listed; `missing` is told elsewhere.
            return []
        case .system(let cause):
            return [
                Finding(
                    .unreadable, .error, document: path.text,
                    detail: "cannot be read: \(cause.description)",
                    remedy: "look at the disk, and at the document's mode")
            ]
        case .notRegular(let kind):
            return [.notRegular(path, kind)]
        case .tooLarge(let limit):
            return [
                Finding(
                    .unreadable, .error, document: path.text,
                    detail: "longer than \(limit >> 30) GiB, which no document may be",
                    remedy: "move it out of the store")
            ]
        }
    }
}

extension Finding {
    static func notRegular(_ path: StorePath, _ kind: FileKind) -> Finding {
        Finding(
            .notRegular, .warning, document: path.text, detail: "\(kind.noun), not a document",
            remedy: "move it out of the store")
    }
}

extension FileKind {
    /// What lies where a document should be.
    var noun: String {
        switch self {
        case .symbolicLink: "a symbolic link"
        case .directory: "a directory with a document's name"
        case .fifo: "a FIFO"
        case .socket: "a socket"
        case .device: "a device"
        case .regular, .unknown: "no regular file"
        }
    }
}
