internal import LosslessJSON
package import StoreFiles

/// Checks a document's contents as they stream by, in constant memory: well-formedness for JSON,
/// UTF-8 for text.
package struct StreamingContentCheck {
    private enum Kind {
        case json(JSONScanner)
        case text(UTF8Check)
        case opaque
    }
    private let document: StorePath
    private let rules: DocumentRules
    private var kind: Kind
    private var isEmpty = true
    private var isAllNUL = true
    private var finding: Finding?

    package init(of document: StorePath, rules: DocumentRules) {
        self.document = document
        self.rules = rules
        switch rules.kind(of: document) {
        case .json: self.kind = .json(JSONScanner())
        case .text, .csv, .plan, .key: self.kind = .text(UTF8Check())
        case .binary: self.kind = .opaque
        }
    }

    /// Of a JSON document with which nothing is wrong so far: how many members its outermost object has;
    /// nil for any other.
    var rootMemberCount: Int? {
        guard case .json(let scanner) = kind, finding == nil else { return nil }
        return scanner.rootMemberCount
    }

    package mutating func consume(_ bytes: UnsafeRawBufferPointer) {
        if bytes.isEmpty { return }
        isEmpty = false
        if isAllNUL { isAllNUL = bytes.allSatisfy { $0 == 0 } }
        guard finding == nil else { return }
        switch kind {
        case .json(var scanner):
            // Moved out and back, so that it is not copied.
            kind = .opaque
            do throws(JSONError) {
                try scanner.consume(bytes)
            } catch {
                finding = rules.profile.finding(
                    for: error, in: document, layout: rules.layout)
            }
            kind = .json(scanner)
        case .text(var check):
            check.consume(bytes)
            kind = .text(check)
        case .opaque: break
        }
    }

    /// What is wrong with the contents; nil where nothing is.
    package mutating func finish() -> Finding? {
        if !isEmpty, isAllNUL {
            return Finding(
                .nulBytes, .error, document: document.text, offset: 0,
                detail: "nothing but NUL bytes, as a power cut leaves them",
                remedy: "canifly-store repair \(document.shellWord)")
        }
        switch kind {
        case .json(var scanner):
            if let finding { return finding }
            do throws(JSONError) {
                try scanner.finish()
                return nil
            } catch {
                return rules.profile.finding(for: error, in: document, layout: rules.layout)
            }
        case .text(let check):
            guard let offset = check.firstInvalid else { return nil }
            return Finding(
                .textInvalidUTF8, .error, document: document.text, offset: offset,
                detail: "not UTF-8", remedy: "canifly-store repair \(document.shellWord)")
        case .opaque: return nil
        }
    }
}

/// Finds the first byte that is no UTF-8, across chunks.
private struct UTF8Check {
    private var offset = 0
    private var pending: [UInt8] = []
    private(set) var invalidOffset: Int?

    /// Also a sequence that the end of the document cuts short.
    var firstInvalid: Int? {
        invalidOffset ?? (pending.isEmpty ? nil : offset - pending.count)
    }

    mutating func consume(_ bytes: UnsafeRawBufferPointer) {
        guard invalidOffset == nil else { return }
        var window = pending
        let base = offset - pending.count
        window.append(contentsOf: bytes)
        offset += bytes.count
        pending = []
        var index = 0
        while index < window.count {
            if window[index] < 0x80 {
                index += 1
                continue
            }
            let length = Self.sequenceLength(window[index])
            let rest = window[index...].prefix(length)
            if length > 0, rest.count < length, Self.mayContinue(rest) {
                pending = Array(rest)
                return
            }
            guard length > 0, String(validating: rest, as: UTF8.self) != nil else {
                invalidOffset = base + index
                return
            }
            index += length
        }
    }

    private static func sequenceLength(_ lead: UInt8) -> Int {
        switch lead {
        case 0xC2...0xDF: 2
        case 0xE0...0xEF: 3
        case 0xF0...0xF4: 4
        default: 0
        }
    }

    private static func mayContinue(_ bytes: ArraySlice<UInt8>) -> Bool {
        bytes.dropFirst().allSatisfy { $0 & 0xC0 == 0x80 }
    }
}

extension DocumentRules {
    /// Of a document that no rule speaks of, its name's ending tells.
    package func kind(of document: StorePath) -> DocumentKind {
        profile.kind(of: document, layout: layout)
    }

    /// What is wrong with contents that are to be written: stricter than what is there already.
    package func check(_ bytes: [UInt8], of document: StorePath) -> [Finding] {
        profile.checkContent(
            of: document, bytes: bytes, layout: layout, duplicateKeys: .refuse)
    }
}
