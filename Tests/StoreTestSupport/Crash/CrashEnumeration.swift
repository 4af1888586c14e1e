/// How many states of a cut point are tried.
package struct CrashBudget: Sendable, Hashable {
    /// Up to this many combinations all are tried.
    package var exhaustiveCombinations: Int
    /// Beyond: how many pairs of registers, alone and missing.
    package var pairs: Int
    /// Beyond: how many random combinations.
    package var samples: Int
    /// How many distinct states altogether.
    package var states: Int
    /// For the crash within recovery: how many of the states that the first crash leaves at a cut
    /// point are followed by one, spread evenly.
    package var precedingStates: Int

    package init(
        exhaustiveCombinations: Int, pairs: Int, samples: Int, states: Int = .max,
        precedingStates: Int = .max
    ) {
        self.exhaustiveCombinations = exhaustiveCombinations
        self.pairs = pairs
        self.samples = samples
        self.states = states
        self.precedingStates = precedingStates
    }

    /// What docs/durability.md promises.
    package static let standard = CrashBudget(
        exhaustiveCombinations: 4_096, pairs: 4_096, samples: 2_000)
    /// What the tests spend on each command of the store.
    package static let short = CrashBudget(
        exhaustiveCombinations: 4_096, pairs: 200, samples: 200)
    package static let shortSecond = CrashBudget(
        exhaustiveCombinations: 16, pairs: 8, samples: 4, precedingStates: 12)
    /// For the first round of a sweep through every command and every pair of them.
    package static let sweep = CrashBudget(
        exhaustiveCombinations: 4_096, pairs: 200, samples: 200)
    package static let sweepSecond = CrashBudget(
        exhaustiveCombinations: 64, pairs: 32, samples: 8, precedingStates: 12)

    /// For a later round, each of which goes twice as far as the one before.
    package func doubled(_ times: Int) -> CrashBudget {
        func doubled(_ count: Int) -> Int { count == .max ? count : count << min(times, 32) }
        var budget = self
        budget.pairs = doubled(pairs)
        budget.samples = doubled(samples)
        budget.precedingStates = doubled(precedingStates)
        return budget
    }

    /// For the crash within recovery, which is tried after every first crash.
    package static let light = CrashBudget(exhaustiveCombinations: 64, pairs: 32, samples: 8)
}

/// Names the choices of a cut point that are worth trying. The same choices may come twice, and
/// different ones may lead to the same state; the caller tells states apart by their hash.
struct CrashEnumeration {
    let model: CrashModel
    let profile: CrashProfile
    let budget: CrashBudget
    let seed: UInt64

    /// Registers that systematic phases move together: the middle of a long run of sectors.
    private let units: [[Int]]

    init(_ model: CrashModel, _ profile: CrashProfile, _ budget: CrashBudget, seed: UInt64) {
        self.model = model
        self.profile = profile
        self.budget = budget
        self.seed = seed
        units = Self.units(of: model.registers)
    }

    /// Calls `visit` for each choice.
    func visitAll(_ visit: (CrashChoices) -> Void) {
        func offer(_ choices: CrashChoices) {
            var choices = choices
            if profile == .coupledRenames { model.couple(&choices) }
            visit(choices)
        }
        let limit = budget.exhaustiveCombinations
        if combinations(upTo: limit, { $0.alternativeCount }) != nil {
            forEachCombination({ $0.alternativeCount }, offer)
            return
        }
        if combinations(upTo: limit, { $0.versionCount + 1 }) != nil {
            forEachCombination({ $0.versionCount + 1 }, offer)
        } else {
            forEachPrefix(offer)
            forEachSingle(offer)
            forEachPair(offer)
        }
        forEachTear(offer)
        var generator = SeededGenerator(seed: seed)
        for sample in 0..<budget.samples {
            offer(randomChoices(&generator, wholeUnits: sample % 2 == 0))
        }
    }

    /// The number of combinations, nil where it is greater than `limit`.
    private func combinations(
        upTo limit: Int, _ alternatives: (CrashRegister) -> Int
    ) -> Int? {
        var product = 1
        for register in model.registers {
            product *= alternatives(register)
            if product > limit { return nil }
        }
        return product
    }

    private func forEachCombination(
        _ alternatives: (CrashRegister) -> Int, _ offer: (CrashChoices) -> Void
    ) {
        let counts = model.registers.map { UInt16(alternatives($0)) }
        var choices = model.allOld
        while true {
            offer(choices)
            var digit = 0
            while digit < counts.count {
                choices[digit] += 1
                if choices[digit] < counts[digit] { break }
                choices[digit] = 0
                digit += 1
            }
            if digit == counts.count { return }
        }
    }

    // MARK: Systematic phases

    /// All old, then everything up to each step in program order, up to all new.
    private func forEachPrefix(_ offer: (CrashChoices) -> Void) {
        var choices = model.allOld
        offer(choices)
        for step in steps() {
            for register in units[step.unit] { choices[register] = UInt16(step.version) }
            offer(choices)
        }
    }

    private func steps() -> [(sequence: UInt64, unit: Int, version: Int)] {
        var steps: [(sequence: UInt64, unit: Int, version: Int)] = []
        for (index, unit) in units.enumerated() {
            for (version, sequence) in model.registers[unit[0]].sequences.enumerated() {
                steps.append((sequence, index, version + 1))
            }
        }
        return steps.sorted { ($0.sequence, $0.unit) < ($1.sequence, $1.unit) }
    }

    /// Each version of each register alone, and each register's newest version missing.
    private func forEachSingle(_ offer: (CrashChoices) -> Void) {
        let old = model.allOld
        let new = model.allNew
        for unit in units {
            for version in 0...model.registers[unit[0]].versionCount {
                offer(setting(unit, to: version, in: old))
                offer(setting(unit, to: version, in: new))
            }
        }
    }

    private func forEachPair(_ offer: (CrashChoices) -> Void) {
        let old = model.allOld
        let new = model.allNew
        let total = units.count * (units.count - 1) / 2
        let stride = max(1, (total + max(1, budget.pairs) - 1) / max(1, budget.pairs))
        var index = 0
        for first in units.indices {
            for second in units.indices where second > first {
                defer { index += 1 }
                if index % stride != 0 { continue }
                let newest = { (unit: Int) in model.registers[units[unit][0]].versionCount }
                let alone = setting(units[first], to: newest(first), in: old)
                offer(setting(units[second], to: newest(second), in: alone))
                offer(setting(units[second], to: 0, in: setting(units[first], to: 0, in: new)))
            }
        }
    }

    /// Each tear with everything else new, and with everything as it was when the sector was
    /// written.
    private func forEachTear(_ offer: (CrashChoices) -> Void) {
        for (index, register) in model.registers.enumerated() where register.tearCount > 0 {
            let written = register.sequences[register.sequences.count - 1]
            let meanwhile = model.registers.map { other in
                UInt16(other.sequences.prefix { $0 <= written }.count)
            }
            for tear in register.tears {
                offer(setting([index], to: tear, in: model.allNew))
                offer(setting([index], to: tear, in: meanwhile))
            }
        }
    }

    private func setting(_ unit: [Int], to choice: Int, in base: CrashChoices) -> CrashChoices {
        var choices = base
        for register in unit { choices[register] = UInt16(choice) }
        return choices
    }

    // MARK: Samples

    private func randomChoices(
        _ generator: inout SeededGenerator, wholeUnits: Bool
    ) -> CrashChoices {
        var choices = model.allOld
        // Mostly old, half and half, mostly new, in eighths.
        let newness = [1, 4, 7][Int(generator.next() % 3)]
        for unit in units {
            var choice = randomChoice(&generator, newness, model.registers[unit[0]])
            for register in unit {
                if !wholeUnits {
                    choice = randomChoice(&generator, newness, model.registers[register])
                }
                choices[register] = choice
                if model.registers[register].tearCount > 0 && generator.next() % 32 == 0 {
                    let tears = model.registers[register].tears
                    choices[register] = UInt16(
                        tears.lowerBound + Int(generator.next() % UInt64(tears.count)))
                }
            }
        }
        return choices
    }

    private func randomChoice(
        _ generator: inout SeededGenerator, _ newness: Int, _ register: CrashRegister
    ) -> UInt16 {
        let bits = generator.next()
        if Int(bits & 7) >= newness { return 0 }
        if bits & 8 != 0 { return UInt16(register.versionCount) }
        return UInt16((bits >> 8) % UInt64(register.versionCount + 1))
    }

    // MARK: Units

    private static let longestRunTakenApart = 5

    /// Every register for itself, but of a run of sectors that the same calls wrote only the
    /// first, the middle and the last.
    private static func units(of registers: [CrashRegister]) -> [[Int]] {
        var units: [[Int]] = []
        var start = 0
        while start < registers.count {
            var end = start + 1
            while end < registers.count, continues(registers[end - 1], registers[end]) { end += 1 }
            if end - start <= longestRunTakenApart {
                units += (start..<end).map { [$0] }
            } else {
                let middle = (start + end - 1) / 2
                units += [[start], Array((start + 1)..<middle), [middle]]
                units += [Array((middle + 1)..<(end - 1)), [end - 1]]
            }
            start = end
        }
        return units
    }

    private static func continues(_ first: CrashRegister, _ second: CrashRegister) -> Bool {
        guard case .sector(let slot, let sector) = first.place,
            case .sector(let otherSlot, let otherSector) = second.place
        else { return false }
        return slot == otherSlot && otherSector == sector + 1
            && first.sequences == second.sequences
    }
}
