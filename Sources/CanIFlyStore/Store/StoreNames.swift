package import StoreFiles

/// The names of everything that lies in a store and concerns it, sorted by path. What the profile
/// calls foreign is not even looked at.
package struct StoreNames: Sendable {
    package var documents: [StorePath] = []
    /// Left by writers that did not finish.
    package var temporaries: [ListedDocument] = []
    /// Links, FIFOs, sockets, devices, and directories with a document's name.
    package var irregular: [(path: StorePath, kind: FileKind)] = []
    /// Names that no document may have, fit to be shown.
    package var unsafeNames: [(displayed: String, reason: StorePathError)] = []
    package var problems: [WalkProblem] = []
    /// Where a look failed that telling the layout needs. Which layout it is, is a guess then.
    package var recognitionFailure: StoreError?
    /// Which layout the documents are in, and which older ones lie beside it.
    package var recognition = Recognition(layout: nil, leftBehind: [])

    /// So many folders in each other are looked into.
    static let mostFolders = 64

    /// To be asked before anything is concluded from what is *not* listed, or from the layout: a
    /// directory that could not be read looks empty, and a document of another layout.
    /// - Throws: the operating system's error for the first place that could not be looked at.
    package func requireComplete() throws(StoreError) {
        if let recognitionFailure { throw recognitionFailure }
        for problem in problems {
            switch problem.reason {
            case .system(let cause):
                throw StoreError(cause, cannot: "list \(problem.path.displayed)")
            case .tooDeep:
                throw StoreError(
                    .invalidData, code: "too-deep",
                    "\(problem.path.displayed) lies more than \(Self.mostFolders) folders deep",
                    hint: "move it out of the store, so that nothing in it is left out unnoticed")
            }
        }
    }

    /// Whether a document may be there though it is not listed: it, or a folder that it lies in, could not
    /// be looked at.
    package func mayHide(_ document: StorePath) -> Bool {
        problems.contains { problem in
            guard case .safe(let place) = problem.path else { return false }
            return document == place || document.isInside(place)
        }
    }

    /// Lists the store beneath `root`, as `profile` sees it. Costs a system call for each folder, and
    /// none for a document.
    package static func make(
        system: any SystemCalls, root: Descriptor, profile: Profile
    ) throws(StoreError) -> StoreNames {
        try list(system: system, root: root, profile: profile, withStatus: false).names
    }

    /// - Parameter withStatus: whether the documents' status is wanted as well.
    static func list(
        system: any SystemCalls, root: Descriptor, profile: Profile, withStatus: Bool
    ) throws(StoreError) -> (names: StoreNames, documents: [ListedDocument]) {
        let walked: WalkResult
        do throws(Errno) {
            walked = try system.walk(
                root, ListingPolicy(profile: profile, withStatus: withStatus),
                depthLimit: mostFolders)
        } catch {
            throw StoreError(error, cannot: "list the store")
        }
        var names = StoreNames()
        var documents: [ListedDocument] = []
        names.problems = walked.problems
        for entry in walked.entries { names.add(entry, profile, &documents) }
        names.recognise(system: system, root: root, profile: profile)
        return (names, documents)
    }

    private mutating func add(
        _ entry: WalkEntry, _ profile: Profile, _ listed: inout [ListedDocument]
    ) {
        switch entry.path {
        case .unsafe(_, let reason):
            unsafeNames.append((entry.path.displayed, reason))
        case .safe(let path):
            guard entry.kind == .regular else {
                irregular.append((path, entry.kind))
                return
            }
            guard let status = entry.status else {
                // The policy leaves it out of documents alone.
                documents.append(path)
                return
            }
            let document = ListedDocument(path: path, status: status)
            if case .temporary = profile.classify(path, kind: entry.kind, layout: nil) {
                temporaries.append(document)
            } else {
                documents.append(path)
                listed.append(document)
            }
        }
    }

    private mutating func recognise(
        system: any SystemCalls, root: Descriptor, profile: Profile
    ) {
        recognition = profile.recognise(documents: documents) { path in
            do throws(Errno) {
                return try Self.firstSignificantByte(of: path, system: system, root: root)
            } catch {
                recognitionFailure = StoreError(error, cannot: "read", document: path)
                return nil
            }
        }
        do throws(StoreError) {
            recognition = recognition.corrected(
                by: try LayoutRecord.known(system: system, root: root), profile: profile,
                documents: documents)
        } catch {
            recognitionFailure = error
        }
    }

    /// What tells an object from an array without reading the whole document; nil where there is no
    /// such document.
    static func firstSignificantByte(
        of path: StorePath, system: any SystemCalls, root: Descriptor
    ) throws(Errno) -> UInt8? {
        let file: OpenedFile
        do throws(FileAccessError) {
            file = try system.openRegularFile(path.text, in: root)
        } catch {
            if case .system(let cause) = error, cause != .noEntry { throw cause }
            return nil
        }
        return firstSignificantByte(
            of: try system.readRange(file.descriptor, at: 0, count: significantByteCount))
    }

    /// How far the first byte that is no white space may be from a document's beginning.
    private static let significantByteCount = 4096

    static func firstSignificantByte(of bytes: [UInt8]) -> UInt8? {
        bytes.prefix(significantByteCount).first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    }
}

/// Leaves out what is not the store's.
struct ListingPolicy: WalkPolicy {
    let profile: Profile
    /// Whether documents come with their status; what is no document always does.
    let withStatus: Bool

    func decide(_ path: WalkPath, _ kind: FileKind) -> WalkDecision {
        switch path {
        case .unsafe(let bytes, _):
            return profile.classifyUnsafe(bytes, kind: kind) == nil ? .include : .skip
        case .safe(let path):
            switch profile.classify(path, kind: kind, layout: nil) {
            case .foreign, .control, .lock: return .skip
            case .temporary: return kind == .regular ? .include : .skip
            case .document:
                guard kind == .directory else {
                    return kind == .regular && !withStatus ? .includeName : .include
                }
                // A directory where a document should be is worth a word, and so is what is in it.
                return path.name.utf8.reversed().starts(with: ".json".utf8.reversed())
                    ? .includeAndDescend : .descend
            }
        }
    }
}
