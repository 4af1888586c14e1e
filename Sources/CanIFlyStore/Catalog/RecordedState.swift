package import StoreCodecs
package import StoreFiles

// The catalog's own value types know nothing of files, and the files' types nothing of the catalog;
// here they meet.

extension RecordedTime {
    package init(_ time: Timestamp) {
        self.init(seconds: time.seconds, nanoseconds: time.nanoseconds)
    }
}

extension Timestamp {
    package init(_ time: RecordedTime) {
        self.init(seconds: time.seconds, nanoseconds: time.nanoseconds)
    }
}

extension DocumentState {
    package init(digest: Digest, status: FileStatus, location: ContentLocation?) {
        self.init(
            digest: digest, bytes: UInt64(status.size), mode: status.mode.bits,
            user: status.user, group: status.group, modified: RecordedTime(status.modified),
            location: location)
    }

    /// Whether a file looks as this state has it, its contents aside.
    package func hasAttributes(of status: FileStatus) -> Bool {
        bytes == UInt64(status.size) && mode == status.mode.bits && user == status.user
            && group == status.group
    }
}

extension RecordedSignature {
    package init(_ status: FileStatus) {
        self.init(inode: status.inode, changed: RecordedTime(status.changed))
    }
}

extension ChangeRecord {
    /// What the document's status was when this was recorded; nil where that is not known.
    package var statusSignature: StatusSignature? {
        guard let after, let signature else { return nil }
        return StatusSignature(
            size: Int64(after.bytes), inode: signature.inode,
            modified: Timestamp(after.modified), changed: Timestamp(signature.changed))
    }
}
