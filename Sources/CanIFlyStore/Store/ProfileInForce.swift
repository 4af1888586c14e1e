internal import LosslessJSON
internal import StoreFiles

/// Which profile `init` is to set.
public enum ProfileChoice: Sendable, Hashable {
    /// The one that is recorded, else what the documents look like.
    case recognise
    /// One that this program carries: `canifly` or `generic`.
    case named(String)
    /// A profile file's bytes.
    case file([UInt8])
}

extension Profile {
    /// Profiles that this program carries.
    package static func builtin(_ name: String) -> Profile? {
        switch name {
        case "canifly": .canifly
        case "generic": .generic
        default: nil
        }
    }

    /// How a choice is recorded in the control directory: a profile file as it is, a carried one
    /// by its name.
    package static func recording(_ choice: ProfileChoice) throws(StoreError) -> [UInt8]? {
        switch choice {
        case .recognise: return nil
        case .named(let name):
            guard builtin(name) != nil else {
                throw StoreError(
                    .usage, code: "unknown-profile",
                    "there is no profile named \(escapedForTerminal(name.utf8))",
                    hint: "name canifly or generic, or give a profile's file")
            }
            var writer = JSONWriter()
            writer.beginObject()
            writer.member("builtin", name)
            writer.endObject()
            return writer.bytes
        case .file(let bytes):
            _ = try parsing(bytes, from: "the profile")
            return bytes
        }
    }

    /// Reads what `recording` wrote.
    package static func recorded(_ bytes: [UInt8]) throws(StoreError) -> Profile {
        if let document = try? JSONDocument(bytes), document.root.count == 1,
            let name = document.root.member(named: "builtin")?.string,
            let profile = builtin(name)
        {
            return profile
        }
        return try parsing(bytes, from: "\(ControlNames.directory)/\(ControlNames.profile)")
    }

    private static func parsing(_ bytes: [UInt8], from source: String) throws(StoreError) -> Profile
    {
        do throws(ProfileError) {
            let profile = try Profile(parsing: bytes)
            try profile.requireSchemas()
            return profile
        } catch {
            throw StoreError(
                .configuration, code: "profile-malformed", "\(source): \(error)",
                hint: "see docs/profiles.md for the form of a profile")
        }
    }
}

extension StoreReading {
    /// The profile that `init` recorded; nil where nothing is recorded.
    package func recordedProfile() throws(StoreError) -> Profile? {
        guard let control = controlDescriptor else { return nil }
        let bytes: [UInt8]
        do throws(FileAccessError) {
            bytes = try system.readWhole(
                ControlNames.profile, in: control, limitBytes: 16 << 20)
        } catch {
            if case .system(.noEntry) = error { return try profileOfLastMigration() }
            throw StoreError(error, document: StorePath(unchecked: ControlNames.profile))
        }
        return try Profile.recorded(bytes)
    }

    /// The documents of a layout that a migration led to need not tell what they are.
    private func profileOfLastMigration() throws(StoreError) -> Profile? {
        guard let record = try LayoutRecord.known(system: system, root: root),
            let profile = Profile.builtin(record.profile), !profile.layouts.isEmpty
        else { return nil }
        return profile
    }
}
