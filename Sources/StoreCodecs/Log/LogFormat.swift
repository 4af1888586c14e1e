/// The constants of the log's format, for its writer and its reader; docs/store-format.md tells
/// what they mean. All integers are little-endian.
enum LogFormat {
    static let version: UInt32 = 1

    /// `CFSLOG1` and a line feed.
    static let magic: [UInt8] = [0x43, 0x46, 0x53, 0x4C, 0x4F, 0x47, 0x31, 0x0A]

    /// Every record begins at a multiple of this many bytes.
    static let alignment = 8

    /// Every transaction begins at a multiple of this many bytes, the unit that disks write: a write
    /// that a power cut tears may not take with it what was durable before.
    static let sectorLength = 512

    /// A segment's header: where its fields lie.
    enum Segment {
        static let length = LogFormat.sectorLength
        /// No version's header may claim to be longer.
        static let maximumLength = 4096
        static let magic = 0
        static let version = 8
        static let headerLength = 12
        static let store = 16
        static let number = 32
        static let salt = 40
        static let firstTransaction = 48
        static let reserved = 56
        static let checksum = length - 4
    }

    /// A record's header: where its fields lie.
    enum Record {
        static let length = 56
        static let marker = 0
        static let type = 4
        static let reserved = 5
        static let reservedLength = 3
        static let payloadLength = 8
        static let complement = 16
        static let transaction = 24
        static let salt = 32
        static let previousChecksum = 40
        static let payloadChecksum = 44
        static let secondReserved = 48
        static let checksum = 52

        /// The bytes AB 43 46 52. The first is not ASCII, so that no text looks like a record.
        static let markerValue: UInt32 = 0x5246_43AB
    }

    /// The commit record's payload begins with the count of the content records before it.
    static let contentCountLength = 8
}
