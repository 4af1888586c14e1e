internal import StoreFiles

/// Leftovers: they come here under the name that they had, and go when their time is over.
extension Quarantine {
    /// Moves a file of the store here, as `20261101T120000Z-1-config.json.tmp`; a slash in its former
    /// name is a `%2F`. It is never without a name: a power cut may leave it with both.
    func take(_ file: StorePath, of root: Descriptor) throws(StoreError) {
        do throws(Errno) {
            let folder = try openOrMake()
            let parent = try system.openOwned(
                file.parent?.text ?? ".", in: root, [.read, .directory])
            let name = try freeName(for: file, in: folder.descriptor)
            let opened = try system.openOwned(file.name, in: parent.descriptor, .read)
            guard try system.status(of: opened.descriptor).kind == .regular else { return }
            do throws(Errno) {
                try system.link(
                    file.name, in: parent.descriptor, to: name, in: folder.descriptor)
                try system.synchronize(folder.descriptor)
                try system.unlink(file.name, in: parent.descriptor)
            } catch  where error == .notSupported || error == .notPermitted {
                try system.rename(
                    file.name, in: parent.descriptor, to: name, in: folder.descriptor,
                    .noReplace)
                try system.synchronize(folder.descriptor)
            }
            try system.setMode(of: opened.descriptor, to: .privateFile)
            try system.synchronize(parent.descriptor)
        } catch {
            throw StoreError(error, cannot: "move to the quarantine", document: file)
        }
    }

    /// What lies here, with when it came; nil for what came otherwise.
    func contents() throws(StoreError) -> [(name: String, bytes: Int64, came: Timestamp?)] {
        do throws(Errno) {
            guard let folder = try openIfThere() else { return [] }
            var contents: [(name: String, bytes: Int64, came: Timestamp?)] = []
            for entry in try system.entries(of: folder.descriptor) {
                guard let name = String(validating: entry.name, as: UTF8.self) else { continue }
                let status = try system.status(of: name, in: folder.descriptor)
                guard status.kind == .regular else { continue }
                contents.append((name, status.size, Self.arrival(of: entry.name)))
            }
            return contents.sorted { $0.name.utf8.lexicographicallyPrecedes($1.name.utf8) }
        } catch {
            throw StoreError(error, cannot: "look into the quarantine")
        }
    }

    /// Removes something for good.
    func remove(_ name: String) throws(StoreError) {
        do throws(Errno) {
            guard let folder = try openIfThere() else { return }
            try system.unlink(name, in: folder.descriptor)
        } catch {
            throw StoreError(error, cannot: "empty the quarantine")
        }
    }

    private func freeName(
        for file: StorePath, in folder: Descriptor
    ) throws(Errno) -> String {
        var shown = ""
        for scalar in file.text.unicodeScalars {
            if scalar == "/" { shown += "%2F" } else { shown.unicodeScalars.append(scalar) }
        }
        // The end tells most; a component has room for 255 bytes.
        while shown.utf8.count > 180 { shown.removeFirst() }
        var number = 1
        while true {
            let name = "\(arrival)-\(number)-\(shown)"
            do throws(Errno) {
                _ = try system.status(of: name, in: folder)
                number += 1
            } catch .noEntry {
                return name
            }
        }
    }

    /// The time that a name begins with.
    private static func arrival(of name: [UInt8]) -> Timestamp? {
        guard name.count > 16 else { return nil }
        func part(_ range: Range<Int>) -> String {
            String(decoding: name[range], as: UTF8.self)
        }
        return Timestamp(
            rfc3339: "\(part(0..<4))-\(part(4..<6))-\(part(6..<8))T\(part(9..<11))"
                + ":\(part(11..<13)):\(part(13..<15))Z")
    }
}
