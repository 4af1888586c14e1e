internal import CanIFlyStore
internal import StoreFiles

// Foundation's own descriptions quote the values that did not fit, and those may be secrets: only the
// place and what was wanted are told.

extension StoreError {
    init(encoding error: any Error, document: StorePath) {
        if let error = error as? StoreError {
            self = error
            return
        }
        var place = ""
        var reason = "it has no form as JSON"
        if case .invalidValue(let value, let context) = error as? EncodingError {
            place = Self.pointer(context.codingPath)
            reason = "a value of type \(type(of: value)) has no form as JSON"
        }
        self.init(
            .invalidData, code: "value-not-encodable",
            "\(document.text) cannot be written\(place): \(reason)",
            hint: "nothing was written; numbers must be finite, dates lie in the years 0 to 9999",
            document: document)
    }

    init(decoding error: any Error, document: StorePath) {
        if let error = error as? StoreError {
            self = error
            return
        }
        var place = ""
        var reason = "it does not have the form that was expected"
        switch error as? DecodingError {
        case .typeMismatch(let type, let context):
            place = Self.pointer(context.codingPath)
            reason = "\(type) was expected, and something else is there"
        case .valueNotFound(let type, let context):
            place = Self.pointer(context.codingPath)
            reason = "\(type) was expected, and null or nothing is there"
        case .keyNotFound(let key, let context):
            place = Self.pointer(context.codingPath)
            reason = "the member \(escapedForTerminal(key.stringValue.utf8)) is missing"
        case .dataCorrupted(let context):
            place = Self.pointer(context.codingPath)
            reason = "the value is not one that its type can hold"
        default: break
        }
        self.init(
            .invalidData, code: "value-mismatch",
            "\(document.text) cannot be read\(place): \(reason)",
            hint: "canifly-store verify \(document.shellWord)", document: document)
    }

    /// ` at /a/0/b`, or nothing for the document as a whole.
    private static func pointer(_ path: [any CodingKey]) -> String {
        guard !path.isEmpty else { return "" }
        let tokens = path.map { key in
            key.intValue.map { String($0) } ?? key.stringValue
        }
        return " at /" + escapedForTerminal(tokens.joined(separator: "/").utf8)
    }
}
