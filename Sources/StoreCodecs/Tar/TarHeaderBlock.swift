/// A header block of a tar archive, its checksum checked.
struct TarHeaderBlock {
    private let block: UnsafeRawBufferPointer
    /// The letter of the entry's type.
    var type: UInt8 { block[TarFormat.Field.type] }

    init(_ block: UnsafeRawBufferPointer) throws(TarError) {
        precondition(block.count == TarFormat.blockLength)
        self.block = block
        guard let stated = try? number(TarFormat.Field.checksum),
            UInt64(exactly: stated) == TarFormat.checksum(block)
        else { throw .checksum }
        guard isPosix || hasMagic(TarFormat.gnuMagic) || hasMagic(TarFormat.noMagic) else {
            throw .invalidHeader
        }
    }

    /// Of the content behind the header, in bytes.
    func size() throws(TarError) -> UInt64 {
        guard let size = UInt64(exactly: try number(TarFormat.Field.size)), size <= Int64.max else {
            throw .invalidHeader
        }
        return size
    }

    /// The entry, with the extended records in place of the header's own fields.
    func entry(records: PaxRecords) throws(TarError) -> TarEntry {
        typealias Field = TarFormat.Field
        let kind = TarEntryKind(type: type)
        let mode = try number(Field.mode)
        let modified =
            if let modified = records.modified { modified } else {
                RecordedTime(seconds: try number(Field.modified))
            }
        let size = if let size = records.size { size } else { try size() }
        let user = if let user = records.user { user } else { try identifier(Field.user) }
        let group = if let group = records.group { group } else { try identifier(Field.group) }
        guard mode >= 0, size <= Int64.max, kind.hasContent || size == 0 else {
            throw .invalidHeader
        }
        let name = records.path ?? ownName()
        guard !name.isEmpty else { throw .invalidHeader }
        return TarEntry(
            name: name, kind: kind, size: size, mode: UInt16(truncatingIfNeeded: mode & 0o7777),
            modified: modified, user: user, group: group,
            userName: records.userName ?? text(Field.userName),
            groupName: records.groupName ?? text(Field.groupName),
            linkTarget: records.linkTarget ?? text(Field.linkTarget))
    }

    private var isPosix: Bool { hasMagic(TarFormat.magic) }

    private func hasMagic(_ magic: [UInt8]) -> Bool {
        block[TarFormat.Field.magicAndVersion].elementsEqual(magic)
    }

    private func ownName() -> [UInt8] {
        let prefix = isPosix ? text(TarFormat.Field.prefix) : []
        let name = text(TarFormat.Field.name)
        return prefix.isEmpty ? name : prefix + [UInt8(ascii: "/")] + name
    }

    /// A field's bytes up to the first NUL.
    private func text(_ field: Range<Int>) -> [UInt8] {
        Array(block[field].prefix { $0 != 0 })
    }

    private func identifier(_ field: Range<Int>) throws(TarError) -> UInt64 {
        guard let value = UInt64(exactly: try number(field)) else { throw .invalidHeader }
        return value
    }

    /// Octal digits between blanks and up to a NUL or a blank, or a binary number, which GNU tar
    /// marks by the first bit.
    private func number(_ field: Range<Int>) throws(TarError) -> Int64 {
        let bytes = block[field]
        if let first = bytes.first, first & 0x80 != 0 {
            // Two's complement, the sign being the second bit.
            var value = Int64(first & 0x40 != 0 ? -1 : 0)
            value = value << 6 | Int64(first & 0x3F)
            for byte in bytes.dropFirst() {
                let (shifted, overflow) = value.multipliedReportingOverflow(by: 256)
                guard !overflow else { throw .invalidHeader }
                value = shifted | Int64(byte)
            }
            return value
        }
        let digits = bytes.drop { $0 == 0x20 }
        var value: Int64 = 0
        var index = digits.startIndex
        while index < digits.endIndex, digits[index] & 0xF8 == 0x30 {
            let (shifted, overflow) = value.multipliedReportingOverflow(by: 8)
            guard !overflow else { throw .invalidHeader }
            value = shifted | Int64(digits[index] & 7)
            index += 1
        }
        guard digits[index...].allSatisfy({ $0 == 0 || $0 == 0x20 }) else { throw .invalidHeader }
        return value
    }
}
