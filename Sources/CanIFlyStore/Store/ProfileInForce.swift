internal import LosslessJSON
internal import StoreCodecs
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

    /// The one in the control directory's `profile.json`; nil where there is no such file.
    static func inFile(
        of control: Descriptor, _ system: any SystemCalls
    ) throws(StoreError) -> Profile? {
        let bytes: [UInt8]
        do throws(FileAccessError) {
            bytes = try system.readWhole(
                ControlNames.profile, in: control, limitBytes: 16 << 20)
        } catch .system(.noEntry) {
            return nil
        } catch {
            throw StoreError(error, document: ControlNames.profilePath)
        }
        return try recorded(bytes)
    }

    /// Reads what `recording` wrote.
    package static func recorded(_ bytes: [UInt8]) throws(StoreError) -> Profile {
        if let document = try? JSONDocument(bytes), document.root.count == 1,
            let name = document.root.member(named: "builtin")?.string,
            let profile = builtin(name)
        {
            return profile
        }
        return try parsing(
            bytes, from: ControlNames.profilePath.text,
            hint: "canifly-store repair brings it back, where it was recorded; canifly-store init "
                + "--profile chooses anew")
    }

    private static func parsing(
        _ bytes: [UInt8], from source: String,
        hint: String = "see docs/profiles.md for the form of a profile"
    ) throws(StoreError) -> Profile {
        do throws(ProfileError) {
            let profile = try Profile(parsing: bytes)
            try profile.requireSchemas()
            return profile
        } catch {
            throw StoreError(
                .configuration, code: StoreError.malformedProfile, "\(source): \(error)",
                hint: hint)
        }
    }
}

extension StoreError {
    /// The code of an error about a profile that cannot be read.
    static let malformedProfile = "profile-malformed"
}

extension Store {
    /// What `profile.json` says where catalog or log are damaged; nil where it cannot be read either.
    func profileWithoutRecords() -> Profile? {
        guard
            let control = try? system.openOwned(
                ControlNames.directory, in: root, [.read, .directory])
        else { return nil }
        return try? Profile.inFile(of: control.descriptor, system)
    }
}

extension StoreReading {
    /// The profile that `init` recorded; nil where nothing is recorded.
    package func recordedProfile() throws(StoreError) -> Profile? {
        guard let control = controlDescriptor else { return nil }
        if let change = waiting?.change(of: ControlNames.profilePath), let after = change.after {
            return try Profile.recorded(try keptContent(after))
        }
        if let profile = try Profile.inFile(of: control, system) { return profile }
        return try profileOfLastMigration()
    }

    /// Whether `profile.json` is what was recorded of it, where anything was.
    func hasChosenProfile(_ state: CatalogState) -> Bool {
        guard let chosen = state.controlFiles[ControlNames.profilePath]?.state else { return true }
        guard let bytes = try? content(of: ControlNames.profilePath) else { return false }
        return Digest.of(bytes) == chosen.digest
    }

    /// The profile that was chosen, also where `profile.json` is no longer what was recorded of it:
    /// then from history. Where history does not have it either, it is what can be read.
    func chosenProfile(_ state: CatalogState) throws(StoreError) -> Profile? {
        guard let chosen = state.controlFiles[ControlNames.profilePath]?.state else {
            return try recordedProfile()
        }
        if hasChosenProfile(state) { return try recordedProfile() }
        if let kept = try? keptContent(chosen) { return try Profile.recorded(kept) }
        return try? recordedProfile()
    }

    /// The documents of a layout that a migration led to need not tell what they are.
    private func profileOfLastMigration() throws(StoreError) -> Profile? {
        guard let record = try LayoutRecord.known(system: system, root: root),
            let profile = Profile.builtin(record.profile), !profile.layouts.isEmpty
        else { return nil }
        return profile
    }
}
