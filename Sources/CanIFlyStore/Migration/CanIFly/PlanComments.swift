internal import StoreFiles

/// Plans have comments and icons from layout 3 on; older versions do not start with them.
enum PlanComments {
    /// Takes the comment lines away and keeps the texts as they were.
    static func takeAway(_ state: inout MigrationState) throws(StoreError) {
        for plan in state.documents(matching: CanIFlyDocuments.plans) {
            guard let bytes = try state.bytes(plan) else { continue }
            let bare = withoutComments(bytes)
            guard bare != bytes else { continue }
            try state.keepCopy(bytes, of: plan, layout: 3)
            try state.put(plan, bare, layout: 2)
        }
    }

    /// Gives plans their comments back: where the plan is as it was left, its whole text, else the
    /// lines that stood at its head.
    static func bringBack(_ state: inout MigrationState) throws(StoreError) {
        for plan in state.keptDocuments(matching: CanIFlyDocuments.plans, layout: 3) {
            let place = try ControlNames.keptDocument(plan, layout: 3)
            guard let original = try state.bytes(place), let bytes = try state.bytes(plan) else {
                continue
            }
            if withoutComments(original) == bytes {
                try state.put(plan, original, layout: 3)
                state.remove(place)
            } else if withoutComments(bytes) == bytes {
                let head = head(of: original)
                try state.put(plan, head + bytes, layout: 3)
                if commentBytes(of: head) == commentBytes(of: original) {
                    state.remove(place)
                } else {
                    state.note(
                        "\(plan.text) was changed in layout 2; comments among its lines stay kept "
                            + "in \(place.text)")
                }
            }
        }
    }

    private static func withoutComments(_ bytes: [UInt8]) -> [UInt8] {
        var bare: [UInt8] = []
        for line in lines(of: bytes) where !isComment(line) { bare += line }
        return bare
    }

    /// Everything before the first requirement.
    private static func head(of bytes: [UInt8]) -> [UInt8] {
        var head: [UInt8] = []
        for line in lines(of: bytes) {
            guard isComment(line) || line.allSatisfy(isSpace) else { break }
            head += line
        }
        return head
    }

    private static func commentBytes(of bytes: [UInt8]) -> Int {
        lines(of: bytes).reduce(0) { $0 + (isComment($1) ? $1.count : 0) }
    }

    /// With their ends.
    private static func lines(of bytes: [UInt8]) -> [ArraySlice<UInt8>] {
        var lines: [ArraySlice<UInt8>] = []
        var start = 0
        while start < bytes.count {
            let feed = bytes[start...].firstIndex(of: UInt8(ascii: "\n"))
            let end = feed.map { $0 + 1 } ?? bytes.count
            lines.append(bytes[start..<end])
            start = end
        }
        return lines
    }

    private static func isComment(_ line: ArraySlice<UInt8>) -> Bool {
        line.first { !isSpace($0) } == UInt8(ascii: "#")
    }

    private static func isSpace(_ byte: UInt8) -> Bool {
        byte == 0x20 || (0x09...0x0D).contains(byte)
    }
}
