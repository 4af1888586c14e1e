internal import LosslessJSON
internal import StoreCodecs
internal import StoreFiles

/// Layout 1 has its plans beside the store, in `../plans`. They are read there, and nothing outside
/// the store is ever written.
enum PlansBesideStore {
    /// Copies the plans into the store. One that is there already is older and is kept aside, unless
    /// the one outside is still the text that it was when the store came down from layout 2.
    static func copy(_ state: inout MigrationState) throws(StoreError) {
        let kept = try state.keptValues(layout: 2)
        let known = kept?.member(named: "plans_beside")
        for (plan, bytes) in try plans(state) {
            if let present = try state.bytes(plan) {
                guard present != bytes else { continue }
                let digest = known?.member(named: plan.name)?.string
                if let digest, digest.utf8.elementsEqual(Digest.of(bytes).hexadecimal.utf8) {
                    continue
                }
                try state.keepCopy(present, of: plan, layout: 0)
            }
            try state.put(plan, bytes, layout: 2)
        }
        guard known != nil, let kept else { return }
        var left = RawObject()
        for member in kept.members(except: ["plans_beside"]) { left.add(member) }
        try state.keepValues(left.isEmpty ? nil : left.bytes, layout: 2)
    }

    /// Takes plans out of the store that lie beside it with the same text, and puts those back that
    /// they had displaced. Tells how the others looked out there.
    static func leave(_ state: inout MigrationState) throws(StoreError) -> RawObject {
        var others = RawObject()
        for (plan, bytes) in try plans(state) {
            if try state.bytes(plan) == bytes {
                state.remove(plan)
                try state.bringBack(plan, layout: 0)
            } else {
                others.add(plan.name, Array("\"\(Digest.of(bytes).hexadecimal)\"".utf8))
            }
        }
        return others
    }

    private static func plans(
        _ state: MigrationState
    ) throws(StoreError) -> [(plan: StorePath, bytes: [UInt8])] {
        var plans: [(StorePath, [UInt8])] = []
        for (name, bytes) in try state.plansBesideStore() {
            guard let path = try? StorePath("plans/\(name)"),
                CanIFlyDocuments.plans.matches(path.text)
            else { continue }
            plans.append((path, bytes))
        }
        return plans
    }
}
