private import CPlatform

/// Asked before a whole document is read into memory: where there is too little, under `ulimit -v`
/// for one, that is an error like any other and not the end of the process.
public enum MemoryRoom {
    /// Below this nobody asks.
    private static let worthAskingBytes = 1 << 22

    /// - Parameter bytes: how large the document is. Asked for is twice that, since mostly something
    ///   is made of it.
    /// - Throws: `.outOfMemory`.
    public static func require(forDocumentOf bytes: Int) throws(Errno) {
        guard bytes >= worthAskingBytes else { return }
        let (room, overflow) = bytes.multipliedReportingOverflow(by: 2)
        if overflow || store_can_allocate(room) == 0 { throw .outOfMemory }
    }
}
