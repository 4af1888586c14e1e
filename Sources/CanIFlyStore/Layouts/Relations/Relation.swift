/// Which values of which documents a relation speaks of.
enum ValueSelector: Sendable, Hashable {
    /// Values of JSON documents.
    case json(document: NamePattern, at: PointerPattern, take: RelativePointer)
    /// A column of CSV documents.
    case column(document: NamePattern, name: String)
    /// The names in the lines of plan documents.
    case planNames(document: NamePattern)

    var document: NamePattern {
        switch self {
        case .json(let document, _, _), .column(let document, _), .planNames(let document):
            document
        }
    }
}

/// Which pairs of values a relation looks names up in.
enum TableSelector: Sendable, Hashable {
    case json(
        document: NamePattern, at: PointerPattern, key: RelativePointer, value: RelativePointer)
    case columns(document: NamePattern, key: String, value: String)

    var document: NamePattern {
        switch self {
        case .json(let document, _, _, _), .columns(let document, _, _): document
        }
    }
}

/// Items of JSON documents that a relation goes through one by one.
struct ItemSelector: Sendable, Hashable {
    var document: NamePattern
    var at: PointerPattern
}

/// What must hold between the values of documents.
struct Relation: Sendable, Hashable {
    enum Rule: Sendable, Hashable {
        /// No value comes more than so many times.
        case unique(ValueSelector, atMost: Int)
        /// Each value is one of those.
        case reference(ValueSelector, to: ValueSelector)
        /// No value is one of those.
        case disjoint(ValueSelector, from: ValueSelector)
        /// Where an item's key is in the table, its value is the one that the table gives.
        case lookup(
            ItemSelector, key: RelativePointer, value: RelativePointer, table: TableSelector,
            acceptsKey: Bool)
        /// Both are the same.
        case equal(ItemSelector, left: RelativePointer, right: RelativePointer)
        /// A file is as the item says.
        case file(
            ItemSelector, file: NamePattern, size: RelativePointer?, md5: RelativePointer?,
            tag: RelativePointer?)
        /// While there is such an item that is not empty, there is a file that is not empty.
        case needs(ItemSelector, file: NamePattern)
    }

    var rule: Rule
    /// Values that are not looked at.
    var exceptions: Set<[UInt8]>
    var consequence: Consequence

    /// The documents that must be read to check it.
    var documents: [NamePattern] {
        switch rule {
        case .unique(let values, _):
            [values.document]
        case .reference(let values, let other), .disjoint(let values, let other):
            [values.document, other.document]
        case .lookup(let items, _, _, let table, _):
            [items.document, table.document]
        case .equal(let items, _, _):
            [items.document]
        case .file(let items, let file, _, _, _), .needs(let items, let file):
            [items.document, file]
        }
    }
}

/// Things of one sort that a layout's documents hold, to tell what only a left-behind one has.
struct Holding: Sendable, Hashable {
    enum Source: Sendable, Hashable {
        case json(
            document: NamePattern, at: PointerPattern, id: RelativePointer, name: RelativePointer)
        /// Each document that matches is one.
        case documents(NamePattern)

        var document: NamePattern {
            switch self {
            case .json(let document, _, _, _), .documents(let document): document
            }
        }
    }

    /// For people, in the singular: "account".
    var what: String
    /// How much it matters that only documents of an older layout hold some.
    var severity: Severity
    /// The first that can be read counts.
    var sources: [Source]
}
