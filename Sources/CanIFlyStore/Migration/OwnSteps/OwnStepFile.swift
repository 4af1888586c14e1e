internal import LosslessJSON
internal import StoreCodecs
internal import StoreFiles

/// A step that somebody wrote: the file `NNNN-name.json`, which leads from layout NNNN-1 to NNNN.
package struct OwnStepFile {
    /// Of the file, without its folder.
    let name: String
    let number: Int
    let digest: Digest
    let operations: [StepOperation]
    /// The way back; nil where there is none.
    let back: [StepOperation]?

    static func prefix(_ number: Int) -> String {
        let digits = String(number)
        return String(repeating: "0", count: max(0, 4 - digits.utf8.count)) + digits + "-"
    }

    /// One step, or two with the way back.
    var steps: [any MigrationStep] {
        let up = OwnStep(
            from: number - 1, to: number, name: name, digest: digest, operations: operations)
        guard let back else { return [up] }
        return [
            up,
            OwnStep(from: number, to: number - 1, name: name, digest: digest, operations: back),
        ]
    }

    /// - Throws: `configuration` (`step-malformed`), naming the file and the place.
    package init(name: String, bytes: [UInt8]) throws(StoreError) {
        guard let number = Self.number(of: name) else {
            throw StoreError(
                .configuration, code: "step-name",
                "\(escapedForTerminal(name.utf8)) is no name of a step",
                hint: "a step is named by four digits, of which the first is 0001, - and a name: "
                    + "0001-rename-notes.json")
        }
        self.name = name
        self.number = number
        digest = Digest.of(bytes)
        let root: JSONValue
        do throws(JSONError) {
            root = try JSONDocument(bytes).root
        } catch {
            throw .stepMalformed(
                name, "line \(error.line), column \(error.column): \(error.reason)")
        }
        var parser = StepParser(file: name)
        if root.kind == .array {
            operations = try parser.operations(root)
            back = nil
            return
        }
        guard root.kind == .object else {
            throw .stepMalformed(name, "a step is an array of operations or an object")
        }
        for member in root.members
        where !["description", "operations", "back"].contains(where: {
            member.key.isString($0)
        }) {
            throw .stepMalformed(
                name,
                "it has a member that is none of description, operations and back")
        }
        guard let list = root.member(named: "operations"), list.kind == .array else {
            throw .stepMalformed(name, "it needs an array as 'operations'")
        }
        operations = try parser.operations(list)
        if let list = root.member(named: "back") {
            parser.isBack = true
            back = try parser.operations(list)
        } else {
            back = nil
        }
    }

    /// The number in `NNNN-name.json`; nil for any other name.
    static func number(of name: String) -> Int? {
        let bytes = Array(name.utf8)
        guard bytes.count > 10, bytes[4] == UInt8(ascii: "-"),
            bytes.suffix(5).elementsEqual(".json".utf8),
            bytes[..<4].allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) })
        else { return nil }
        let number = bytes[..<4].reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
        return number > 0 ? number : nil
    }
}

extension StoreError {
    static func stepMalformed(_ file: String, _ reason: String) -> StoreError {
        StoreError(
            .configuration, code: "step-malformed",
            "\(escapedForTerminal(file.utf8)): \(reason)",
            hint: "docs/migrating.md describes step files")
    }
}
