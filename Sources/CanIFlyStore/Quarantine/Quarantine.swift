internal import LosslessJSON
internal import StoreCodecs
internal import StoreFiles

/// Where damaged bytes are kept, and leftovers for a while: `.canifly-store/quarantine/`, readable by
/// nobody else. Nothing that is here is ever changed, and only a compaction removes it, when it has
/// been here for long enough.
///
/// A name here begins with when the thing came: `20261101T120000Z-`. Damaged bytes have a file beside
/// them with `.json` behind its name, which says what they were.
struct Quarantine {
    let system: any SystemCalls
    private let control: Descriptor
    /// When the command began; part of every name.
    private let time: Timestamp

    init(system: any SystemCalls, control: Descriptor, time: Timestamp) {
        self.system = system
        self.control = control
        self.time = time
    }

    /// Keeps bytes, durably.
    /// - Parameters:
    ///   - name: what they were found under, from the store's directory.
    ///   - reason: a finding's code.
    /// - Returns: where they are, from the store's directory.
    func keep(
        _ bytes: [UInt8], of name: String, mode: FileMode?, reason: String
    ) throws(StoreError) -> String {
        do throws(Errno) {
            let staging = try folder(ControlNames.staging)
            let folder = try openOrMake()
            let digest = Digest.of(bytes)
            let provenance = provenance(bytes, digest, name, mode, reason)
            var attempt = 1
            while true {
                let candidate = fileName(digest, attempt)
                // The description goes first: with it alone, nothing is lost that was there.
                if try create(
                    candidate + ".json", provenance, in: folder.descriptor,
                    by: staging.descriptor),
                    try create(
                        candidate, bytes, in: folder.descriptor, by: staging.descriptor)
                {
                    try system.synchronize(folder.descriptor)
                    return "\(ControlNames.directory)/\(ControlNames.quarantine)/\(candidate)"
                }
                attempt += 1
            }
        } catch {
            throw StoreError(error, cannot: "keep the damaged bytes of \(name) in quarantine")
        }
    }

    /// The folder, made where there is none.
    func openOrMake() throws(Errno) -> OwnedDescriptor {
        let folder = try folder(ControlNames.quarantine)
        // Whoever made it may have died before this.
        try system.synchronize(control)
        return folder
    }

    /// Nil where nothing has come here yet.
    func openIfThere() throws(Errno) -> OwnedDescriptor? {
        do throws(Errno) {
            return try system.openOwned(ControlNames.quarantine, in: control, [.read, .directory])
        } catch .noEntry {
            return nil
        }
    }

    private func folder(_ name: String) throws(Errno) -> OwnedDescriptor {
        do throws(Errno) {
            try system.makeDirectory(name, in: control, mode: .privateDirectory)
        } catch .exists {}
        return try system.openOwned(name, in: control, [.read, .directory])
    }

    /// False where there is such a file.
    private func create(
        _ name: String, _ bytes: [UInt8], in folder: Descriptor, by staging: Descriptor
    ) throws(Errno) -> Bool {
        var file = try StagedFile(for: name, in: staging, system)
        try file.write(bytes)
        let staged = try file.prepared(FileAttributes(mode: .privateFile))
        do throws(Errno) {
            try system.rename(
                staged.temporaryName, in: staging, to: name, in: folder, .noReplace)
            return true
        } catch .exists {
            system.discard(staged)
            return false
        }
    }

    /// `20261101T120000Z-0123456789abcdef`, with a number behind it where there is one already.
    private func fileName(_ digest: Digest, _ attempt: Int) -> String {
        let name =
            "\(arrival)-"
            + String(decoding: Array(digest.hexadecimal.utf8.prefix(16)), as: UTF8.self)
        return attempt == 1 ? name : "\(name)-\(attempt)"
    }

    /// The time as names begin with it: `20261101T120000Z`.
    var arrival: String {
        let clock = Timestamp(seconds: time.seconds, nanoseconds: 0).rfc3339.utf8.filter {
            $0 != UInt8(ascii: "-") && $0 != UInt8(ascii: ":")
        }
        return String(decoding: clock, as: UTF8.self)
    }

    private func provenance(
        _ bytes: [UInt8], _ digest: Digest, _ name: String, _ mode: FileMode?, _ reason: String
    ) -> [UInt8] {
        var writer = JSONWriter(indented: true)
        writer.beginObject()
        writer.member("document", name)
        writer.member("sha256", digest.hexadecimal)
        writer.member("bytes", bytes.count)
        if let mode { writer.member("mode", mode.octal) }
        writer.member("time", time.rfc3339)
        writer.member("reason", reason)
        writer.endObject()
        return writer.bytes + [0x0A]
    }
}
