package import StoreFiles

extension SystemCalls {
    /// Up to `count` bytes from `offset` on, fewer where the file ends. The count must come from the
    /// file's real size, never from what a format claims.
    package func readRange(
        _ descriptor: Descriptor, at offset: Int64, count: Int
    ) throws(Errno) -> [UInt8] {
        try MemoryRoom.require(forDocumentOf: count)
        var failure: Errno?
        let bytes = [UInt8](unsafeUninitializedCapacity: max(0, count)) { buffer, filled in
            let bytes = UnsafeMutableRawBufferPointer(buffer)
            filled = 0
            while filled < count {
                do throws(Errno) {
                    let read = try read(
                        descriptor, into: UnsafeMutableRawBufferPointer(rebasing: bytes[filled...]),
                        at: offset + Int64(filled))
                    if read == 0 { break }
                    filled += read
                } catch {
                    failure = error
                    break
                }
            }
        }
        if let failure { throw failure }
        return bytes
    }
}
