/// Writes the lines of the catalog, which are those of the log's commit records as well.
public enum CatalogLines {
    /// Appends a transaction's lines. `position` is where the log ends behind the transaction, nil
    /// where that is not known. `offset` is where the first of all `bytes` lies in the file: the
    /// lines are then padded up to the end of a sector. `isJoined`: it is appended along with the
    /// group before it, in one write.
    ///
    /// The number of `changes` is written too; names are not empty and nanoseconds are in their
    /// range, or the program stops.
    public static func append(
        _ transaction: TransactionRecord, position: LogPosition?, paddedFrom offset: UInt64? = nil,
        isJoined: Bool = false, to bytes: inout [UInt8]
    ) {
        var writer = LineWriter(appendingTo: bytes)
        bytes = []
        writer.byte(CatalogFormat.transactionLine)
        writer.separator()
        writer.decimal(transaction.number)
        writer.separator()
        writer.time(transaction.time)
        writer.separator()
        writer.escaped(Array(transaction.command.utf8))
        writer.separator()
        writer.decimal(UInt64(transaction.changes.count))
        writer.separator()
        writer.escaped(Array(transaction.message.utf8))
        writer.endLine()
        for change in transaction.changes {
            append(change, of: transaction.number, to: &writer)
        }
        appendEnd(
            of: transaction.number, position: position, paddedFrom: offset, isJoined: isJoined,
            to: &writer)
        bytes = writer.finish()
    }

    private static func append(
        _ change: ChangeRecord, of number: UInt64, to writer: inout LineWriter
    ) {
        precondition(!change.document.isEmpty)
        writer.byte(CatalogFormat.changeLine)
        writer.separator()
        writer.decimal(number)
        writer.separator()
        writer.escaped(change.document)
        writer.separator()
        switch change.before {
        case .absent: writer.byte(CatalogFormat.nothing)
        case .asRecorded: writer.byte(CatalogFormat.asRecorded)
        case .present(let state): writer.state(state)
        }
        writer.separator()
        writer.state(change.after)
        writer.separator()
        if let signature = change.signature {
            writer.decimal(signature.inode)
            writer.separator()
            writer.time(signature.changed)
        } else {
            writer.byte(CatalogFormat.nothing)
            writer.separator()
            writer.byte(CatalogFormat.nothing)
        }
        writer.endLine()
    }

    private static func appendEnd(
        of number: UInt64, position: LogPosition?, paddedFrom offset: UInt64?, isJoined: Bool,
        to writer: inout LineWriter
    ) {
        writer.byte(isJoined ? CatalogFormat.joinedEndLine : CatalogFormat.endLine)
        writer.separator()
        writer.decimal(number)
        writer.separator()
        if let position {
            writer.decimal(position.segment)
            writer.separator()
            writer.decimal(position.offset)
            writer.separator()
            writer.checksum(position.chain)
        } else {
            for index in 0..<3 {
                if index > 0 { writer.separator() }
                writer.byte(CatalogFormat.nothing)
            }
        }
        writer.separator()
        writer.checksum(writer.groupChecksum.value)
        writer.separator()
        writer.padding(from: offset)
        writer.endLine()
    }

    /// A document's name as lines have it.
    public static func escaped(_ name: [UInt8]) -> [UInt8] {
        var writer = LineWriter(appendingTo: [])
        writer.escaped(name)
        return writer.finish()
    }

    /// The outer form of the change line that begins at `start`, unchecked; nil for anything else.
    static func change(
        in bytes: UnsafeRawBufferPointer, at start: Int
    ) -> (number: UInt64, document: UnsafeRawBufferPointer, checksumField: Range<Int>)? {
        guard start < bytes.count, bytes[start] == CatalogFormat.changeLine else { return nil }
        var parser = LineParser(bytes, from: start, at: start + 1)
        guard parser.takes(CatalogFormat.fieldSeparator), let number = try? parser.decimal(),
            parser.takes(CatalogFormat.fieldSeparator)
        else { return nil }
        let name = parser.index
        var end = name
        while end < bytes.count, bytes[end] != CatalogFormat.fieldSeparator { end &+= 1 }
        let document = UnsafeRawBufferPointer(rebasing: bytes[name..<end])
        while end < bytes.count, bytes[end] != CatalogFormat.lineEnd { end &+= 1 }
        let field = end - CatalogFormat.checksumLength
        guard end < bytes.count, field > name + document.count else { return nil }
        return (number, document, field..<end)
    }
}
