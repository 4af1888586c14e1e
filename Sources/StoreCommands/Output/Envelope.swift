internal import CanIFlyStore

/// What every JSON object on the standard output begins with.
enum Envelope {
    static let schema = "canifly-store/1"

    static func object(
        command: String?, status: ExitStatus, store: String?, _ members: OutputMembers
    ) -> [UInt8] {
        var all = opening(command: command, status: status)
        if let store { all.add("store", .string(store)) }
        all.append(members)
        return line(all)
    }

    /// One of many lines. A member of the report's own takes the place of the envelope's: in `log`
    /// the `command` is the one that made the transaction.
    static func lines(command: String, status: ExitStatus, _ objects: [OutputMembers]) -> [UInt8] {
        var bytes: [UInt8] = []
        for object in objects {
            var all: OutputMembers = [:]
            for member in opening(command: command, status: status).list
            where !object.list.contains(where: { $0.name == member.name }) {
                all.add(member.name, member.value)
            }
            all.append(object)
            bytes.append(contentsOf: line(all))
        }
        return bytes
    }

    static func failure(command: String?, store: String?, _ error: StoreError) -> [UInt8] {
        var details: OutputMembers = [
            "code": .string(error.code), "message": .string(error.message),
            "hint": .string(error.hint),
        ]
        if let document = error.document { details.add("document", .string(document.description)) }
        return object(
            command: command, status: ExitStatus(error), store: store,
            ["error": .object(details)])
    }

    private static func opening(command: String?, status: ExitStatus) -> OutputMembers {
        [
            "schema": .string(schema), "command": .optional(command),
            "ok": .bool(status == .success), "exit": .integer(Int64(status.code)),
        ]
    }

    private static func line(_ members: OutputMembers) -> [UInt8] {
        var json: [UInt8] = []
        JSONOutput.object(members).write(to: &json)
        var bytes: [UInt8] = []
        bytes.reserveCapacity(json.count + 1)
        writeEscapingControls(json, to: &bytes)
        bytes.append(UInt8(ascii: "\n"))
        return bytes
    }
}
