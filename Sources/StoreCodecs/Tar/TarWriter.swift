/// Writes the headers of a tar archive: POSIX ustar, with an extended header where a name, a time
/// or a number does not fit.
///
/// An archive is, for each entry, `header(for:)`, its content, and `paddingLength` zero bytes; and
/// `end` at last. Equal entries make equal bytes; their order is the caller's.
public enum TarWriter {
    /// What ends an archive: two empty blocks.
    public static let end = [UInt8](repeating: 0, count: 2 * TarFormat.blockLength)

    /// How many zero bytes follow content of this length.
    public static func paddingLength(contentLength: UInt64) -> Int {
        TarFormat.paddingLength(contentLength: contentLength)
    }

    /// The entry's header, with an extended header before it where it needs one.
    ///
    /// Names are not empty and hold no NUL, and only files have a size, or the program stops.
    public static func header(for entry: TarEntry) -> [UInt8] {
        precondition(!entry.name.isEmpty && !entry.name.contains(0))
        precondition(!entry.linkTarget.contains(0))
        precondition(entry.kind.hasContent || entry.size == 0)
        var bytes: [UInt8] = []
        let records = extendedRecords(for: entry)
        if !records.isEmpty {
            let description = TarEntry(
                name: TarFormat.extendedHeaderName, kind: .other(TarFormat.extendedHeader),
                size: UInt64(records.count), mode: 0o644, modified: RecordedTime(seconds: 0))
            bytes += block(for: description)
            bytes += records
            let padding = paddingLength(contentLength: UInt64(records.count))
            bytes += repeatElement(0, count: padding)
        }
        bytes += block(for: entry)
        return bytes
    }

    private static func extendedRecords(for entry: TarEntry) -> [UInt8] {
        var records: [UInt8] = []
        if !isPortable(entry.name) || split(entry.name) == nil {
            PaxRecords.append("path", entry.name, to: &records)
        }
        if !fits(entry.linkTarget, TarFormat.Field.linkTarget.count) {
            PaxRecords.append("linkpath", entry.linkTarget, to: &records)
        }
        // The fields of owners' names end with NUL.
        if !fits(entry.userName, TarFormat.Field.userName.count - 1) {
            PaxRecords.append("uname", entry.userName, to: &records)
        }
        if !fits(entry.groupName, TarFormat.Field.groupName.count - 1) {
            PaxRecords.append("gname", entry.groupName, to: &records)
        }
        let texts = [entry.name, entry.linkTarget, entry.userName, entry.groupName]
        if texts.contains(where: { String(validating: $0, as: UTF8.self) == nil }) {
            // Without this, the values would have to be UTF-8.
            var first: [UInt8] = []
            PaxRecords.append("hdrcharset", Array("BINARY".utf8), to: &first)
            records = first + records
        }
        let modified = entry.modified
        if modified.nanoseconds != 0 || octal(modified.seconds, TarFormat.Field.modified) == nil {
            PaxRecords.append("mtime", Array(PaxRecords.spell(modified).utf8), to: &records)
        }
        for (key, value, field) in [
            ("size", entry.size, TarFormat.Field.size), ("uid", entry.user, TarFormat.Field.user),
            ("gid", entry.group, TarFormat.Field.group),
        ] where octal(value, field) == nil {
            PaxRecords.append(key, Array(String(value).utf8), to: &records)
        }
        return records
    }

    private static func block(for entry: TarEntry) -> [UInt8] {
        typealias Field = TarFormat.Field
        var block = [UInt8](repeating: 0, count: TarFormat.blockLength)
        func put(_ text: [UInt8], in field: Range<Int>) {
            let text = text.prefix(field.count)
            block.replaceSubrange(field.lowerBound..<field.lowerBound + text.count, with: text)
        }
        // What does not fit is in the extended header; here stands something like it.
        let (prefix, name) = split(entry.name) ?? ([], ArraySlice(entry.name))
        put(portable(name), in: Field.name)
        put(portable(prefix), in: Field.prefix)
        put(portable(entry.linkTarget[...]), in: Field.linkTarget)
        put(portable(entry.userName.prefix(Field.userName.count - 1)), in: Field.userName)
        put(portable(entry.groupName.prefix(Field.groupName.count - 1)), in: Field.groupName)
        let zero = [UInt8](repeating: 0x30, count: 7)
        put(octal(UInt64(entry.mode), Field.mode) ?? zero, in: Field.mode)
        put(octal(entry.user, Field.user) ?? zero, in: Field.user)
        put(octal(entry.group, Field.group) ?? zero, in: Field.group)
        let longZero = [UInt8](repeating: 0x30, count: 11)
        put(octal(entry.size, Field.size) ?? longZero, in: Field.size)
        put(octal(entry.modified.seconds, Field.modified) ?? longZero, in: Field.modified)
        put(zero, in: Field.deviceMajor)
        put(zero, in: Field.deviceMinor)
        block[Field.type] = entry.kind.type
        put(TarFormat.magic, in: Field.magicAndVersion)
        let checksum = block.withUnsafeBytes { TarFormat.checksum($0) }
        let digits = Field.checksum.lowerBound..<Field.checksum.upperBound - 1
        put((octal(checksum, digits) ?? zero) + [0, 0x20], in: Field.checksum)
        return block
    }

    /// The octal digits that fill a field but for a NUL; nil where they do not fit.
    private static func octal(_ value: some BinaryInteger, _ field: Range<Int>) -> [UInt8]? {
        let width = field.count - 1
        guard value >= 0 else { return nil }
        let digits = Array(String(value, radix: 8).utf8)
        guard digits.count <= width else { return nil }
        return [UInt8](repeating: 0x30, count: width - digits.count) + digits
    }

    /// Prefix and name, between which readers put a slash; nil where they do not fit.
    private static func split(_ name: [UInt8]) -> (
        prefix: ArraySlice<UInt8>, name: ArraySlice<UInt8>
    )? {
        let nameLength = TarFormat.Field.name.count
        if name.count <= nameLength { return ([], name[...]) }
        let slash = UInt8(ascii: "/")
        // The slash itself is not stored; a name that ends with one must keep it.
        for index in name.indices.dropLast() where name[index] == slash {
            let rest = name[(index + 1)...]
            if index > 0, index <= TarFormat.Field.prefix.count, rest.count <= nameLength {
                return (name[..<index], rest)
            }
        }
        return nil
    }

    private static func fits(_ text: [UInt8], _ length: Int) -> Bool {
        text.count <= length && isPortable(text)
    }

    private static func isPortable(_ text: [UInt8]) -> Bool {
        text.allSatisfy { $0 < 0x80 }
    }

    private static func portable(_ text: ArraySlice<UInt8>) -> [UInt8] {
        text.map { $0 < 0x80 ? $0 : UInt8(ascii: "_") }
    }
}
