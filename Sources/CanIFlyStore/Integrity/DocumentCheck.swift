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
        package var bytes: Int64 = 0
    }

    /// How often a document is read again when it changes while it is read.
    private static let attempts = 5

    package func run(
        _ listed: ListedDocument, recorded: RecordedDocument?,
        reader: inout ChunkReader
    ) -> Outcome {
        var outcome = Outcome(bytes: listed.status.size)
        if isQuick, !retained.contains(listed.path), let recorded,
            recorded.signature == listed.status.signature
        {
            outcome.digest = recorded.state.digest
            outcome.standing = .recorded
            return outcome
        }
        for _ in 0..<Self.attempts {
            do throws(FileAccessError) {
                guard
                    let observed = try observe(listed, recorded: recorded, reader: &reader)
                else { continue }
                judge(observed, listed, recorded, &outcome)
            } catch {
                outcome.findings = unreadable(listed.path, error)
            }
            return outcome
        }
        outcome.findings = [
            Finding(
                .unreadable, .warning, document: listed.path.text,
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

    /// Nil where the document changed while it was read.
    private func observe(
        _ listed: ListedDocument, recorded: RecordedDocument?, reader: inout ChunkReader
    ) throws(FileAccessError) -> Observation? {
        let file = try system.openRegularFile(listed.path.text, in: root)
        // Only the digest matters of a document that nobody has written since.
        let looksUntouched =
            recorded?.signature.map { Self.looksUntouched(file.status, since: $0) } ?? false
        let checksContent = isDeep || !looksUntouched
        let isRetained = retained.contains(listed.path)
        var hasher = DigestHasher()
        var content = ContentObserver(
            of: listed.path, size: file.status.size, rules: rules, checks: checksContent,
            retains: isRetained)
        do throws(Errno) {
            reader.start(file.descriptor)
            while let chunk = try reader.next() {
                hasher.update(chunk)
                content.consume(chunk)
            }
            let after = try system.status(of: file.descriptor)
            guard after.signature == file.status.signature, reader.offset == after.size else {
                return nil
            }
            let (findings, whole) = content.finish()
            return Observation(
                status: after, digest: hasher.finish(), findings: findings, content: whole)
        } catch {
            throw .system(error)
        }
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
        _ observed: Observation, _ listed: ListedDocument, _ recorded: RecordedDocument?,
        _ outcome: inout Outcome
    ) {
        let name = listed.path.text
        outcome.digest = observed.digest
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
                    remedy: "canifly-store repair \(name)"))
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
        case .tooLarge:
            return []
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
