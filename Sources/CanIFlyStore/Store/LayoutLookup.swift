package import StoreFiles

/// Telling the layout by a few looks at the places that the profile names, so that writing one
/// document costs the same among a hundred thousand others.
extension StoreNames {
    /// The layout that `make` would recognise; nil where the documents tell none.
    package static func recognisedLayout(
        system: any SystemCalls, root: Descriptor, profile: Profile
    ) throws(StoreError) -> Int? {
        let patterns = profile.layouts.flatMap(\.recognition.patterns)
        guard patterns.allSatisfy(\.isLiteral) else {
            // With wildcards, any document may be the one that tells.
            return try make(system: system, root: root, profile: profile).recognition.layout
        }
        var found: Set<StorePath> = []
        for pattern in patterns {
            let place = StorePath(unchecked: String(decoding: pattern.literalPrefix, as: UTF8.self))
            do throws(Errno) {
                if pattern.isDirectoryOnly {
                    found.formUnion(try documents(beneath: place, system, root, profile))
                } else if try isDocument(place, system, root, profile) {
                    found.insert(place)
                }
            } catch .noEntry, .notDirectory, .tooManyLinks, .accessDenied {
                // Not there, or nothing that a listing would show.
            } catch {
                throw StoreError(error, cannot: "look at", document: place)
            }
        }
        var failure: StoreError?
        let recognition = profile.recognise(documents: found.sorted()) { path in
            do throws(Errno) {
                return try firstSignificantByte(of: path, system: system, root: root)
            } catch .accessDenied {
                return nil
            } catch {
                failure = StoreError(error, cannot: "read", document: path)
                return nil
            }
        }
        if let failure { throw failure }
        return recognition.corrected(
            by: try LayoutRecord.known(system: system, root: root), profile: profile,
            documents: []
        ).layout
    }

    private static func isDocument(
        _ path: StorePath, _ system: any SystemCalls, _ root: Descriptor, _ profile: Profile
    ) throws(Errno) -> Bool {
        let directory = try system.openOwned(
            path.parent?.text ?? ".", in: root, [.read, .directory])
        let kind = try system.status(of: path.name, in: directory.descriptor).kind
        return kind == .regular && profile.takesForDocument(path)
    }

    /// Those of the documents named that a listing would have, with their status, sorted.
    /// - Throws: the operating system's error where it cannot be told whether one is there.
    package static func look(
        at documents: Set<StorePath>, system: any SystemCalls, root: Descriptor, profile: Profile
    ) throws(StoreError) -> [ListedDocument] {
        let files = DocumentFiles(system: system, root: root)
        var found: [ListedDocument] = []
        for path in documents.sorted() where profile.takesForDocument(path) {
            let status: FileStatus?
            do throws(StoreError) {
                status = try files.status(of: path)
            } catch  where error.cause == .notDirectory || error.cause == .tooManyLinks {
                // No listing leads there.
                continue
            }
            guard let status, status.kind == .regular else { continue }
            found.append(ListedDocument(path: path, status: status))
        }
        return found
    }

    private static func documents(
        beneath place: StorePath, _ system: any SystemCalls, _ root: Descriptor,
        _ profile: Profile
    ) throws(Errno) -> [StorePath] {
        let directory = try system.openOwned(place.text, in: root, [.read, .directory])
        let policy = PlacePolicy(
            place: place, inner: ListingPolicy(profile: profile, withStatus: false))
        return try system.walk(directory.descriptor, policy).entries
            .compactMap { entry in
                guard entry.kind == .regular, case .safe(let path) = entry.path else { return nil }
                let document = path.beneath(place)
                return profile.takesForDocument(document) ? document : nil
            }
    }
}

/// Decides as for the whole store while only one of its directories is walked.
private struct PlacePolicy: WalkPolicy {
    let place: StorePath
    let inner: ListingPolicy

    func decide(_ path: WalkPath, _ kind: FileKind) -> WalkDecision {
        guard case .safe(let path) = path else { return .skip }
        return inner.decide(.safe(path.beneath(place)), kind)
    }
}

extension StorePath {
    fileprivate func beneath(_ directory: StorePath) -> StorePath {
        StorePath(unchecked: "\(directory.text)/\(text)")
    }
}

extension Profile {
    fileprivate func takesForDocument(_ path: StorePath) -> Bool {
        if case .document = classify(path, kind: .regular, layout: nil) { return true }
        return false
    }
}

extension RecognitionCondition {
    /// All that it asks about.
    fileprivate var patterns: [NamePattern] {
        switch self {
        case .exists(let pattern), .isKind(let pattern, _): [pattern]
        case .any(let conditions), .all(let conditions), .none(let conditions):
            conditions.flatMap(\.patterns)
        }
    }
}
