public import LosslessJSON
public import StoreFiles

/// What of a document must not be shown: in a log, a diff, a plan, an error, a report.
public struct Secrecy: Sendable {
    /// What stands where a secret was.
    public static let placeholder = "<secret>"

    /// Every value of it; its keys only where they are secrets themselves.
    public let isWholeDocument: Bool
    let values: [PointerPattern]
    let keys: [PointerPattern]

    /// Nothing in it is secret.
    public var isEmpty: Bool { !isWholeDocument && values.isEmpty && keys.isEmpty }

    /// Whether the value at a place is a secret, or part of one.
    public func isSecretValue(at pointer: JSONPointer) -> Bool {
        if isWholeDocument { return true }
        if values.isEmpty { return false }
        return (0...pointer.tokens.count).contains { count in
            let part = Array(pointer.tokens.prefix(count))
            return values.contains { $0.matches(part) }
        }
    }

    /// Whether the last token of a pointer is a secret itself.
    public func isSecretKey(at pointer: JSONPointer) -> Bool {
        keys.contains { $0.matches(pointer.tokens) }
    }

    /// The pointer with a placeholder for each of its tokens that is a secret.
    public func redacted(_ pointer: JSONPointer) -> JSONPointer {
        if keys.isEmpty { return pointer }
        var redacted = JSONPointer.root
        for (index, token) in pointer.tokens.enumerated() {
            let place = JSONPointer(tokens: Array(pointer.tokens.prefix(index + 1)))
            redacted.append(isSecretKey(at: place) ? Array(Self.placeholder.utf8) : token)
        }
        return redacted
    }

    /// A value as JSON without insignificant white space, with placeholders for the secrets in it.
    /// Secret keys are numbered, so that they stay apart.
    public func redactedText(of value: JSONValue, at pointer: JSONPointer) -> [UInt8] {
        if isEmpty { return value.minified() }
        var writer = JSONWriter()
        write(value, at: pointer, isSecret: isSecretValue(at: pointer), to: &writer)
        return writer.bytes
    }

    private func write(
        _ value: JSONValue, at pointer: JSONPointer, isSecret: Bool, to writer: inout JSONWriter
    ) {
        switch value.kind {
        case .object:
            var secretKeys = 0
            writer.beginObject()
            for member in value.members {
                let key = member.key.stringUTF8 ?? []
                let place = pointer.appending(key)
                if isSecretKey(at: place) {
                    secretKeys += 1
                    writer.key("<secret \(secretKeys)>")
                } else {
                    writer.key(String(decoding: key, as: UTF8.self))
                }
                write(
                    member.value, at: place, isSecret: isSecret || matches(place), to: &writer)
            }
            writer.endObject()
        case .array:
            writer.beginArray()
            for (index, element) in value.elements.enumerated() {
                let place = pointer.appending(index)
                write(element, at: place, isSecret: isSecret || matches(place), to: &writer)
            }
            writer.endArray()
        case .null:
            writer.null()
        case .string, .number, .boolean:
            if isSecret {
                writer.string(Self.placeholder)
            } else {
                writer.raw(value.bytes)
            }
        }
    }

    private func matches(_ pointer: JSONPointer) -> Bool {
        values.contains { $0.matches(pointer.tokens) }
    }
}

extension Profile {
    /// What of a document must not be shown. What any layout calls secret is: of two readings the
    /// one that shows less is the safe one.
    public func secrecy(of document: StorePath) -> Secrecy {
        let rules = layouts.compactMap { $0.rule(for: document) }
        return Secrecy(
            isWholeDocument: rules.contains { $0.isSecret },
            values: secretValues + rules.flatMap(\.secretValues).unique,
            keys: rules.flatMap(\.secretKeys).unique)
    }

    /// Whether the whole document is secret.
    public func isSecret(_ document: StorePath) -> Bool {
        layouts.contains { $0.rule(for: document)?.isSecret ?? false }
    }
}

extension Array where Element == PointerPattern {
    /// Inherited rules repeat their patterns.
    fileprivate var unique: [PointerPattern] {
        var seen: Set<PointerPattern> = []
        return filter { seen.insert($0).inserted }
    }
}
