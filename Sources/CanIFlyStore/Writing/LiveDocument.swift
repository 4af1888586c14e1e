package import StoreCodecs
package import StoreFiles

/// A document as it was at the moment it was read.
package struct LiveDocument: Sendable {
    package var bytes: [UInt8]
    package var digest: Digest
    package var status: FileStatus
    /// Where history gets the contents from, in place of `bytes`.
    package var file: ContentFile?
}

/// A file that the log takes a content from, so that it is never held in memory.
package struct ContentFile: Sendable {
    /// Open for as long as this value is used.
    package var directory: Descriptor
    /// Beneath the directory.
    package var path: String
    /// Of the file's own bytes.
    package var digest: Digest
    /// In bytes.
    package var length: UInt64
    /// CRC-32 of the file's own bytes.
    package var checksum: UInt32
    /// It is gzip and is kept as that. Then it stands for two contents: its own bytes, and those that
    /// are packed in it.
    package var isPacked: Bool
}

/// What a document is to be after a transaction.
package struct IntendedDocument: Sendable {
    package var bytes: [UInt8]
    package var digest: Digest
    package var mode: FileMode
    /// Nil: whoever writes.
    package var owner: FileAttributes.Owner?
    /// Nil: the moment of writing.
    package var modified: Timestamp?
    /// Complete already, in place of `bytes`.
    package var staged: StagedEntry?
    /// Where history gets the contents from, in place of `bytes`.
    package var file: ContentFile?
}

extension IntendedDocument {
    /// As a recorded state has it.
    package init(_ state: DocumentState, bytes: [UInt8]) {
        self.init(
            bytes: bytes, digest: state.digest, mode: FileMode(state.mode),
            owner: .init(user: state.user, group: state.group),
            modified: Timestamp(state.modified))
    }
}

/// One document's part in a transaction that is being built: what it was when it was read, and
/// what it is to be.
package struct StagedChange: Sendable {
    package var document: StorePath
    /// Nil: there was no document.
    package var before: LiveDocument?
    /// Nil: there shall be none.
    package var after: IntendedDocument?

    /// Whether carrying it out would change a byte, a mode or an owner.
    package var changesAnything: Bool {
        switch (before, after) {
        case (nil, nil): false
        case (nil, _?), (_?, nil): true
        case (let before?, let after?):
            before.digest != after.digest || before.status.mode != after.mode
                || after.owner.map {
                    $0.user != before.status.user || $0.group != before.status.group
                } ?? false
                || after.modified.map { $0 != before.status.modified } ?? false
        }
    }
}
