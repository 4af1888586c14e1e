internal import LosslessJSON
package import StoreCodecs

/// What a sealed document says of itself, and what is true.
package struct Seal: Sendable, Hashable {
    /// Nil where it does not say.
    package var version: Int64?
    /// Nil where it carries none.
    package var statedChecksum: Digest?
    /// SHA-256 of its data without insignificant white space.
    package var dataChecksum: Digest
    /// Where the data lies in the document, in bytes.
    package var data: Range<Int>

    package var isIntact: Bool { statedChecksum.map { $0 == dataChecksum } ?? true }
}

/// Whether a document is sealed.
package enum SealJudgement: Sendable, Hashable {
    case notSealed
    case sealed(Seal)
    /// It is a sealed document in which something other than the data was damaged: half a sentence.
    case damaged(String)
}

/// Recognises and checks a sealed document as its bytes stream by, in constant memory.
///
/// A document is sealed if it is an object with `data`, with a `version` that is a whole number, or a
/// `checksum` that is a SHA-256, or both, and with nothing else. An object in which one string is the
/// checksum of another member's value was sealed as well, and the name of a member has been damaged:
/// no other object is like that by chance.
///
/// The document must be well-formed JSON, or what this says means nothing.
package struct SealScanner: ~Copyable {
    private enum Phase {
        case beforeRoot, beforeKey, key, afterKey, value, afterValue, settled
    }

    fileprivate struct Member {
        /// The key as it is written, without its quotes.
        var key: [UInt8] = []
        var range = 0..<0
        /// The value's first bytes.
        var head: [UInt8] = []
        var checksum: Digest?
    }

    /// No sealed document has more members.
    private static let mostMembers = 3
    /// A checksum with its quotes fits, and a key that is longer than this is none of a seal.
    private static let headLength = 80

    private var phase = Phase.beforeRoot
    private var isSealable = true
    private var offset = 0
    private var depth = 0
    private var isInString = false
    private var isAfterBackslash = false
    private var members: [Member] = []
    private var minifier = JSONMinifier()
    private var minified: [UInt8] = []
    private var hasher = DigestHasher()

    package init() {}

    /// Goes on with the next bytes, which may end anywhere.
    package mutating func consume(_ bytes: UnsafeRawBufferPointer) {
        defer { offset += bytes.count }
        var position = 0
        while phase != .settled, position < bytes.count {
            switch phase {
            case .value:
                takeValue(bytes, &position)
            case .key:
                takeKey(bytes[position])
                position += 1
            default:
                takeBetween(bytes[position], at: offset + position, &position)
            }
        }
    }

    /// What the document is, now that it has ended.
    package consuming func finish() -> SealJudgement {
        guard isSealable, phase == .settled else { return .notSealed }
        return Self.judge(members)
    }

    /// The judgement of a document that is in memory.
    package static func judge(_ bytes: [UInt8]) -> SealJudgement {
        var scanner = SealScanner()
        bytes.withUnsafeBytes { scanner.consume($0) }
        return scanner.finish()
    }

    // MARK: Scanning

    /// A byte outside of the members' keys and values.
    private mutating func takeBetween(_ byte: UInt8, at place: Int, _ position: inout Int) {
        if Self.isWhiteSpace(byte) {
            position += 1
            return
        }
        switch (phase, byte) {
        case (.beforeRoot, UInt8(ascii: "{")): phase = .beforeKey
        case (.beforeKey, UInt8(ascii: "\"")):
            members.append(Member())
            if members.count > Self.mostMembers { giveUp() } else { phase = .key }
        case (.beforeKey, UInt8(ascii: ",")), (.afterValue, UInt8(ascii: ",")): phase = .beforeKey
        case (.beforeKey, UInt8(ascii: "}")), (.afterValue, UInt8(ascii: "}")): phase = .settled
        case (.afterKey, UInt8(ascii: ":")): break
        case (.afterKey, _):
            phase = .value
            members[members.count - 1].range = place..<place
            minifier = JSONMinifier()
            // The byte is the value's first: it is looked at again.
            return
        default: giveUp()
        }
        position += 1
    }

    private mutating func takeKey(_ byte: UInt8) {
        if isAfterBackslash {
            isAfterBackslash = false
        } else if byte == UInt8(ascii: "\\") {
            isAfterBackslash = true
        } else if byte == UInt8(ascii: "\"") {
            phase = .afterKey
            return
        }
        members[members.count - 1].key.append(byte)
        if members[members.count - 1].key.count > Self.headLength { giveUp() }
    }

    /// Takes what belongs to the value from `position` on.
    private mutating func takeValue(_ bytes: UnsafeRawBufferPointer, _ position: inout Int) {
        let start = position
        var hasEnded = false
        scan: while position < bytes.count {
            let byte = bytes[position]
            if isInString {
                position += 1
                if isAfterBackslash {
                    isAfterBackslash = false
                } else if byte == UInt8(ascii: "\\") {
                    isAfterBackslash = true
                } else if byte == UInt8(ascii: "\"") {
                    isInString = false
                    hasEnded = depth == 0
                    if hasEnded { break scan }
                }
                continue
            }
            switch byte {
            case UInt8(ascii: "\""): isInString = true
            case UInt8(ascii: "{"), UInt8(ascii: "["): depth += 1
            case UInt8(ascii: "}") where depth == 0, UInt8(ascii: ",") where depth == 0:
                // Behind a number or a name.
                hasEnded = true
                break scan
            case UInt8(ascii: "}"), UInt8(ascii: "]"):
                depth -= 1
                if depth <= 0 {
                    position += 1
                    hasEnded = true
                    break scan
                }
            default:
                if depth == 0, Self.isWhiteSpace(byte) {
                    hasEnded = true
                    break scan
                }
            }
            position += 1
        }
        hash(UnsafeRawBufferPointer(rebasing: bytes[start..<position]))
        guard hasEnded else { return }
        depth = 0
        let last = members.count - 1
        members[last].range = members[last].range.lowerBound..<offset + position
        members[last].checksum = hasher.finish()
        phase = .afterValue
    }

    private mutating func hash(_ bytes: UnsafeRawBufferPointer) {
        minified.removeAll(keepingCapacity: true)
        minifier.consume(bytes, appendingTo: &minified)
        hasher.update(minified)
        let last = members.count - 1
        let missing = Self.headLength - members[last].head.count
        if missing > 0 { members[last].head.append(contentsOf: minified.prefix(missing)) }
    }

    private mutating func giveUp() {
        isSealable = false
        phase = .settled
    }

    private static func isWhiteSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09
    }

    // MARK: Judging

    private static func judge(_ members: [Member]) -> SealJudgement {
        var version: Member?
        var checksum: Member?
        var data: Member?
        var others: [Member] = []
        for member in members {
            let name = member.name
            if name.elementsEqual("version".utf8), version == nil {
                version = member
            } else if name.elementsEqual("checksum".utf8), checksum == nil {
                checksum = member
            } else if name.elementsEqual("data".utf8), data == nil {
                data = member
            } else {
                others.append(member)
            }
        }
        if others.isEmpty, let data, let digest = data.checksum {
            if let seal = seal(version: version, checksum: checksum, data: data, digest) {
                return seal
            }
        }
        return isBrokenSeal(members)
            ? .damaged("one of its members has a name that no sealed document's has") : .notSealed
    }

    /// Nil for an object of the application's own that has such members by chance.
    private static func seal(
        version: Member?, checksum: Member?, data: Member, _ digest: Digest
    ) -> SealJudgement? {
        var seal = Seal(
            version: version?.wholeNumber, statedChecksum: checksum?.digest,
            dataChecksum: digest, data: data.range)
        switch (version, checksum) {
        case (nil, nil): return nil
        case (let version?, nil): return version.wholeNumber == nil ? nil : .sealed(seal)
        case (let version, _?):
            guard seal.statedChecksum != nil else {
                // A program's own word for something else is none of ours, unless all three are there.
                return version?.wholeNumber == nil
                    ? nil : .damaged("its checksum is no SHA-256 in lower-case hexadecimal digits")
            }
            if version != nil, seal.version == nil {
                guard seal.isIntact else { return nil }
                return .damaged("its version is no whole number")
            }
            seal.version = version?.wholeNumber
            return .sealed(seal)
        }
    }

    private static func isBrokenSeal(_ members: [Member]) -> Bool {
        members.contains { holder in
            guard let stated = holder.digest else { return false }
            return members.contains { $0.range != holder.range && $0.checksum == stated }
        }
    }
}

extension SealScanner.Member {
    /// The key with its escapes decoded.
    fileprivate var name: [UInt8] {
        guard key.contains(UInt8(ascii: "\\")) else { return key }
        let quoted = [UInt8(ascii: "\"")] + key + [UInt8(ascii: "\"")]
        return (try? JSONDocument(quoted))?.root.stringUTF8 ?? []
    }

    /// The digest that the value is, as a string of 64 digits.
    fileprivate var digest: Digest? {
        guard head.count == Digest.digitCount + 2, head.first == UInt8(ascii: "\"") else {
            return nil
        }
        return Digest(hexadecimal: Array(head[1...Digest.digitCount]))
    }

    /// The number that the value is; nil where it is none, is not whole, or is negative.
    fileprivate var wholeNumber: Int64? {
        guard !head.isEmpty, head.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
        return Int64(String(decoding: head, as: UTF8.self))
    }
}
