package import LosslessJSON

/// A second opinion: the grammar of RFC 8259 as a recursive descent over one byte at a time,
/// written to be read, not to be fast. It shares nothing with the scanner.
package struct ReferenceParser {
    package struct Refusal: Error, Equatable {
        package var code: JSONErrorCode
        package var offset: Int
    }

    private let bytes: [UInt8]
    private let maximumDepth: Int
    private let refusesDuplicates: Bool
    private var position = 0
    private var depth = 0

    /// What is wrong with the text, or nil.
    package static func judge(
        _ bytes: [UInt8], maximumDepth: Int = 512, refusesDuplicates: Bool = true
    ) -> Refusal? {
        var parser = ReferenceParser(
            bytes: bytes, maximumDepth: maximumDepth, refusesDuplicates: refusesDuplicates)
        do throws(Refusal) {
            try parser.text()
            return nil
        } catch {
            return error
        }
    }

    private init(bytes: [UInt8], maximumDepth: Int, refusesDuplicates: Bool) {
        self.bytes = bytes
        self.maximumDepth = maximumDepth
        self.refusesDuplicates = refusesDuplicates
    }

    private var next: UInt8? { position < bytes.count ? bytes[position] : nil }

    private mutating func text() throws(Refusal) {
        space()
        guard next != nil else { throw Refusal(code: .empty, offset: position) }
        try value()
        space()
        if next != nil { try refuse(.trailing) }
    }

    /// Refuses the next byte, or the end.
    private func refuse(_ code: JSONErrorCode = .malformed, at offset: Int? = nil) throws(Refusal) {
        guard let next else { throw Refusal(code: .truncated, offset: position) }
        if next == 0, bytes[position...].allSatisfy({ $0 == 0 }) {
            throw Refusal(code: .nulBytes, offset: position)
        }
        throw Refusal(code: code, offset: offset ?? position)
    }

    private mutating func space() {
        while let next, [0x20, 0x09, 0x0A, 0x0D].contains(next) { position += 1 }
    }

    private mutating func value() throws(Refusal) {
        switch next.map({ Character(UnicodeScalar($0)) }) {
        case "{": try object()
        case "[": try array()
        case "\"": _ = try string()
        case "t": try literal("true")
        case "f": try literal("false")
        case "n": try literal("null")
        case "-", "0", "1", "2", "3", "4", "5", "6", "7", "8", "9": try number()
        default: try refuse()
        }
    }

    private mutating func literal(_ name: String) throws(Refusal) {
        for letter in name.utf8 {
            guard next == letter else { return try refuse() }
            position += 1
        }
    }

    private mutating func enter() throws(Refusal) {
        if depth == maximumDepth { throw Refusal(code: .tooDeep, offset: position) }
        depth += 1
        position += 1
        space()
    }

    private mutating func array() throws(Refusal) {
        try enter()
        if next == UInt8(ascii: "]") { return leave() }
        while true {
            try value()
            space()
            if next == UInt8(ascii: "]") { return leave() }
            try expect(",")
            space()
        }
    }

    private mutating func leave() {
        depth -= 1
        position += 1
    }

    private mutating func object() throws(Refusal) {
        try enter()
        var keys: Set<[UInt8]> = []
        if next == UInt8(ascii: "}") { return leave() }
        while true {
            let start = position
            guard next == UInt8(ascii: "\"") else { return try refuse() }
            let key = try string()
            if refusesDuplicates, !keys.insert(key).inserted {
                throw Refusal(code: .duplicateKey, offset: start)
            }
            space()
            try expect(":")
            space()
            try value()
            space()
            if next == UInt8(ascii: "}") { return leave() }
            try expect(",")
            space()
        }
    }

    private mutating func expect(_ character: Unicode.Scalar) throws(Refusal) {
        guard next == UInt8(ascii: character) else { return try refuse() }
        position += 1
    }

    private mutating func digits() throws(Refusal) {
        guard let first = next, (0x30...0x39).contains(first) else { return try refuse() }
        while let next, (0x30...0x39).contains(next) { position += 1 }
    }

    private mutating func number() throws(Refusal) {
        if next == UInt8(ascii: "-") { position += 1 }
        if next == UInt8(ascii: "0") {
            position += 1
            if let next, (0x30...0x39).contains(next) { try refuse() }
        } else {
            try digits()
        }
        if next == UInt8(ascii: ".") {
            position += 1
            try digits()
        }
        if next == UInt8(ascii: "e") || next == UInt8(ascii: "E") {
            position += 1
            if next == UInt8(ascii: "+") || next == UInt8(ascii: "-") { position += 1 }
            try digits()
        }
    }

    /// The decoded string, as UTF-8.
    private mutating func string() throws(Refusal) -> [UInt8] {
        position += 1
        var units: [UInt16] = []
        while true {
            guard let byte = next, byte >= 0x20 else {
                try refuse()
                return []
            }
            if byte == UInt8(ascii: "\"") {
                position += 1
                return Array(String(decoding: units, as: UTF16.self).utf8)
            }
            if byte == UInt8(ascii: "\\") {
                position += 1
                units.append(try escape())
            } else if byte < 0x80 {
                units.append(UInt16(byte))
                position += 1
            } else {
                units.append(contentsOf: try sequence())
            }
        }
    }

    private mutating func escape() throws(Refusal) -> UInt16 {
        let simple: [UInt8: UInt16] = [
            0x22: 0x22, 0x5C: 0x5C, 0x2F: 0x2F, 0x62: 8, 0x66: 12, 0x6E: 10, 0x72: 13, 0x74: 9,
        ]
        if let next, let unit = simple[next] {
            position += 1
            return unit
        }
        guard next == UInt8(ascii: "u") else {
            try refuse()
            return 0
        }
        position += 1
        var unit: UInt16 = 0
        for _ in 0..<4 {
            guard let next, let digit = Character(UnicodeScalar(next)).hexDigitValue, next < 0x80
            else {
                try refuse()
                return 0
            }
            unit = unit * 16 + UInt16(digit)
            position += 1
        }
        return unit
    }

    /// A multi-byte sequence; what it may be is asked of the standard library.
    private mutating func sequence() throws(Refusal) -> [UInt16] {
        let start = position
        for length in 2...4 where start + length <= bytes.count {
            let candidate = bytes[start..<start + length]
            if let text = String(validating: candidate, as: UTF8.self),
                text.unicodeScalars.count == 1
            {
                position += length
                return Array(text.utf16)
            }
        }
        // Broken, unless the end or NUL bytes come before anything that breaks it.
        var prefix = 1
        while prefix < 4, isPrefixOfSequence(bytes[start..<start + prefix]) {
            position = start + prefix
            if next == nil || next == 0 {
                try refuse(.invalidUTF8, at: start)
                return []
            }
            prefix += 1
        }
        throw Refusal(code: .invalidUTF8, offset: start)
    }

    private func isPrefixOfSequence(_ bytes: ArraySlice<UInt8>) -> Bool {
        for filler: [UInt8] in [[0x80, 0x80, 0x80], [0xBF, 0xBF, 0xBF]] {
            for length in 0...3 {
                if let text = String(validating: bytes + filler.prefix(length), as: UTF8.self),
                    text.unicodeScalars.count == 1
                {
                    return true
                }
            }
        }
        return false
    }
}
