internal import StoreCodecs

/// All steps that are known for a store, and the ways through them.
struct StepChain {
    private let steps: [any MigrationStep]
    /// The newest layout that is known, by the profile or by a step.
    let newest: Int

    /// - Throws: `configuration` where an own step would take the place of a carried one.
    init(profile: Profile, own: [OwnStepFile]) throws(StoreError) {
        let carried = profile.name.utf8.elementsEqual("canifly".utf8) ? CanIFlySteps.all : []
        for file in own {
            if let step = carried.first(where: { $0.to == file.number && $0.from < $0.to }) {
                throw StoreError(
                    .configuration, code: "step-taken",
                    "\(file.name) leads to layout \(file.number), and so does the program's own "
                        + "step \"\(step.name)\"",
                    hint: "own steps of this profile begin behind layout \(carried.newestLayout)")
            }
        }
        steps = carried + own.flatMap { $0.steps }
        newest = max(
            profile.newestLayout ?? 0, steps.map { max($0.from, $0.to) }.max() ?? 0)
    }

    /// The steps from one layout to another, one layout at a time.
    /// - Throws: `configuration` where one is missing or has no way back.
    func way(from: Int, to target: Int) throws(StoreError) -> [any MigrationStep] {
        var way: [any MigrationStep] = []
        var layout = from
        while layout != target {
            let next = layout < target ? layout + 1 : layout - 1
            guard let step = steps.first(where: { $0.from == layout && $0.to == next }) else {
                throw missing(layout, next)
            }
            way.append(step)
            layout = next
        }
        return way
    }

    private func missing(_ layout: Int, _ next: Int) -> StoreError {
        if next < layout, let up = steps.first(where: { $0.from == next && $0.to == layout }) {
            return StoreError(
                .configuration, code: "step-without-way-back",
                "the step \(up.name) (sha256 \(up.digest.hexadecimal)) has no way back from layout "
                    + "\(layout) to \(next)",
                hint: up.isOwn
                    ? "restore an earlier state with canifly-store restore --at"
                    : "canifly-store migrate --rollback undoes the last migration")
        }
        let upper = max(layout, next)
        let found = steps.filter { $0.from < $0.to }.map(\.described).joined(separator: "; ")
        return StoreError(
            .configuration, code: "step-missing",
            "there is no step between the layouts \(min(layout, next)) and \(upper); there are: "
                + (found.isEmpty ? "none" : found),
            hint: "put \(OwnStepFile.prefix(upper))…json into .canifly-store/migrations, or name "
                + "its folder with --migrations")
    }

    // MARK: What was applied before

    /// Holds the steps that are recorded as applied to the files that there are.
    /// - Throws: `configuration` for a step that was edited or is gone, and for a store that is newer
    ///   than every step that is known.
    func requireUnedited(_ record: LayoutRecord) throws(StoreError) {
        if record.layout > newest {
            let applied = record.steps.map { "\($0.name) (sha256 \($0.digest.hexadecimal))" }
            throw StoreError(
                .configuration, code: "store-newer",
                "the store is in layout \(record.layout), and the newest layout known here is "
                    + "\(newest); applied to it: "
                    + (applied.isEmpty ? "no step of a file" : applied.joined(separator: "; ")),
                hint: "add the missing step files, or install the canifly-store that migrated it")
        }
        for applied in record.steps {
            guard
                let step = steps.first(where: {
                    $0.from == applied.from && $0.to == applied.to
                })
            else {
                throw StoreError(
                    .configuration, code: "step-missing",
                    "the step \(applied.name) (sha256 \(applied.digest.hexadecimal)) was applied to "
                        + "this store, and its file is gone",
                    hint: "put it back: without it the steps have a gap")
            }
            guard step.isOwn, step.digest != applied.digest else { continue }
            throw StoreError(
                .configuration, code: "step-edited",
                "the step \(applied.name) was applied with sha256 \(applied.digest.hexadecimal), "
                    + "and \(step.name) has sha256 \(step.digest.hexadecimal)",
                hint: "put the file back as it was; what it is to do besides belongs in a new step")
        }
    }
}

extension MigrationStep {
    var described: String { "\(name) (sha256 \(digest.hexadecimal))" }
}

extension [any MigrationStep] {
    fileprivate var newestLayout: Int { map(\.to).max() ?? 0 }
}
