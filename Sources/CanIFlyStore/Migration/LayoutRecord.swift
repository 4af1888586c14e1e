internal import LosslessJSON
internal import StoreCodecs
internal import StoreFiles

/// Which layout a store was brought to, and by which steps: `.canifly-store/layout.json`, written by
/// the migration's own transaction. docs/store-format.md describes it.
struct LayoutRecord: Sendable, Equatable {
    struct Step: Sendable, Equatable {
        var from: Int
        var to: Int
        var name: String
        var digest: Digest
    }

    var profile: String
    var layout: Int
    /// What the documents looked like when this was written. Where they look like another layout by
    /// now, the application has moved on, and what the documents look like counts.
    var recognisedAs: Int?
    /// The transaction that wrote this: the last migration.
    var transaction: UInt64
    /// The layout before it.
    var migratedFrom: Int
    /// Steps that lead up to the layout, as far as they were taken by this program.
    var steps: [Step]

    var bytes: [UInt8] {
        var writer = JSONWriter(indented: true)
        writer.beginObject()
        writer.member("format", 1)
        writer.member("profile", profile)
        writer.member("layout", layout)
        writer.key("recognised_as")
        if let recognisedAs { writer.integer(recognisedAs) } else { writer.null() }
        writer.member("transaction", transaction)
        writer.member("migrated_from", migratedFrom)
        writer.key("steps")
        writer.beginArray()
        for step in steps {
            writer.beginObject()
            writer.member("from", step.from)
            writer.member("to", step.to)
            writer.member("name", step.name)
            writer.member("sha256", step.digest.hexadecimal)
            writer.endObject()
        }
        writer.endArray()
        writer.endObject()
        return writer.bytes + [UInt8(ascii: "\n")]
    }

    init(
        profile: String, layout: Int, recognisedAs: Int?, transaction: UInt64, migratedFrom: Int,
        steps: [Step]
    ) {
        self.profile = profile
        self.layout = layout
        self.recognisedAs = recognisedAs
        self.transaction = transaction
        self.migratedFrom = migratedFrom
        self.steps = steps
    }

    /// - Throws: `invalidData` (`layout-record-malformed`), `configuration` where a newer program
    ///   wrote it.
    init(parsing bytes: [UInt8]) throws(StoreError) {
        let root = try? JSONDocument(bytes).root
        if let format = root?.member(named: "format")?.integer, format > 1 {
            throw StoreError(
                .configuration, code: "store-newer",
                "\(ControlNames.layoutRecordPath.text) was written by a newer program",
                hint: "install that version of canifly-store or a later one")
        }
        guard let root, root.member(named: "format")?.integer == 1,
            let profile = root.member(named: "profile")?.string,
            let layout = root.member(named: "layout")?.integer,
            let recognisedAs = root.member(named: "recognised_as"),
            recognisedAs.isNull || recognisedAs.integer != nil,
            let transaction = root.member(named: "transaction")?.integer, transaction > 0,
            let migratedFrom = root.member(named: "migrated_from")?.integer,
            let steps = root.member(named: "steps"), steps.kind == .array
        else { throw .layoutRecordMalformed }
        self.profile = profile
        self.layout = Int(layout)
        self.recognisedAs = recognisedAs.integer.map { Int($0) }
        self.transaction = UInt64(transaction)
        self.migratedFrom = Int(migratedFrom)
        self.steps = []
        for step in steps.elements {
            guard let from = step.member(named: "from")?.integer,
                let to = step.member(named: "to")?.integer,
                let name = step.member(named: "name")?.string,
                let digest = step.member(named: "sha256")?.string.flatMap({
                    Digest(hexadecimal: $0)
                })
            else { throw .layoutRecordMalformed }
            self.steps.append(
                Step(from: Int(from), to: Int(to), name: name, digest: digest))
        }
    }

    /// The record, for those who get along without it: nil also where it is damaged, which `verify`
    /// finds and `migrate` refuses.
    /// - Throws: where it cannot be read, for then nobody knows whether there is one.
    static func known(
        system: any SystemCalls, root: Descriptor
    ) throws(StoreError) -> LayoutRecord? {
        do throws(StoreError) {
            return try read(system: system, root: root)
        } catch {
            if error.kind == .invalidData || error.kind == .configuration { return nil }
            throw error
        }
    }

    /// Reads the record of a store; nil where there is none.
    static func read(
        system: any SystemCalls, root: Descriptor
    ) throws(StoreError) -> LayoutRecord? {
        let bytes: [UInt8]
        do throws(FileAccessError) {
            bytes = try system.readWhole(
                ControlNames.layoutRecordPath.text, in: root, limitBytes: 1 << 20)
        } catch .system(.noEntry) {
            return nil
        } catch {
            throw StoreError(error, document: ControlNames.layoutRecordPath)
        }
        return try LayoutRecord(parsing: bytes)
    }
}

extension StoreError {
    static let layoutRecordMalformed = StoreError(
        .invalidData, code: "layout-record-malformed",
        "\(ControlNames.layoutRecordPath.text) is damaged",
        hint: "move it away: then the layout is recognised by the documents alone")
}

extension Recognition {
    /// With the recorded layout in the place of the one that the documents look like, as long as they
    /// look as they did when it was recorded: layouts 3 and 4 of CanIFly can look alike.
    func corrected(
        by record: LayoutRecord?, profile: Profile, documents: [StorePath]
    ) -> Recognition {
        guard let record, record.profile.utf8.elementsEqual(profile.name.utf8),
            record.recognisedAs == layout, record.layout != layout
        else { return self }
        return Recognition(
            layout: record.layout,
            leftBehind: profile.leftBehind(in: documents, layout: record.layout))
    }
}
