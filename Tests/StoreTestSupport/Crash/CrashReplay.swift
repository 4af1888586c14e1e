/// One crash: where, under which profile, and what every register took that did not stay at its
/// floor.
package struct CrashReplay: Sendable, Hashable, CustomStringConvertible {
    package var cutPoint: Int
    package var profile: CrashProfile
    package var choices: [Choice]

    package struct Choice: Sendable, Hashable {
        package var register: Int
        package var alternative: Int
    }

    /// As in `cut 3 P1 0:1 4:2`.
    package var description: String {
        let taken = choices.map { " \($0.register):\($0.alternative)" }.joined()
        return "cut \(cutPoint) \(profile.rawValue)\(taken)"
    }

    /// Reads what `description` wrote.
    package init?(_ text: String) {
        let words = text.split(separator: " ")
        guard words.count >= 3, words[0] == "cut", let cutPoint = Int(words[1]),
            let profile = CrashProfile(rawValue: String(words[2]))
        else { return nil }
        self.cutPoint = cutPoint
        self.profile = profile
        choices = []
        for word in words[3...] {
            let parts = word.split(separator: ":")
            guard parts.count == 2, let register = Int(parts[0]), let alternative = Int(parts[1])
            else { return nil }
            choices.append(Choice(register: register, alternative: alternative))
        }
    }

    init(cutPoint: Int, profile: CrashProfile, _ choices: CrashChoices) {
        self.cutPoint = cutPoint
        self.profile = profile
        self.choices = choices.enumerated().filter { $0.element != 0 }
            .map { Choice(register: $0.offset, alternative: Int($0.element)) }
    }

    /// The whole choice, nil where it does not fit the registers.
    func choices(for model: CrashModel) -> CrashChoices? {
        var all = model.allOld
        for choice in choices {
            guard all.indices.contains(choice.register),
                (0..<model.registers[choice.register].alternativeCount).contains(choice.alternative)
            else { return nil }
            all[choice.register] = UInt16(choice.alternative)
        }
        if profile == .coupledRenames { model.couple(&all) }
        return all
    }
}

/// The replay does not fit the scenario: it has no such cut point or register.
package struct CrashReplayError: Error {}

extension CrashExplorer {
    /// Runs one violation again: the crashes in turn, recovery after each, and the judge.
    package func replay(_ crashes: [CrashReplay]) throws -> Verdict {
        try replay(crashes, try recordCutPoints()).verdict
    }

    private func replay(
        _ crashes: [CrashReplay], _ recorded: [CutPoint]
    ) throws -> (verdict: Verdict, story: [String]) {
        var cutPoints = recorded
        var decision: Int?
        var result = (verdict: Verdict.legal(), story: [String]())
        for (index, crash) in crashes.enumerated() {
            guard cutPoints.indices.contains(crash.cutPoint) else { throw CrashReplayError() }
            let cutPoint = cutPoints[crash.cutPoint]
            let model = CrashModel(cutPoint.state)
            guard let choices = crash.choices(for: model) else { throw CrashReplayError() }
            let isLast = index == crashes.count - 1
            let recovered = recover(model.state(after: choices), records: !isLast)
            result.story += ["crash \(cutPoint.label):"] + model.describe(choices)
            result.verdict = recovered.verdict
            if index > 0 && cutPoint.moment == .atEnd {
                result.verdict = recovered.verdict.after(decision: decision)
            }
            if case .legal(let outcome) = recovered.verdict { decision = outcome }
            cutPoints = recovered.cutPoints
        }
        return result
    }

    /// The same violation, or one much like it, with as many registers at their floor as possible:
    /// what is left is what matters.
    func simplify(_ violation: CrashViolation, _ cutPoints: [CutPoint]) throws -> CrashViolation {
        var simple = violation
        func adopt(_ crashes: [CrashReplay]) {
            guard crashes != simple.crashes, let result = try? replay(crashes, cutPoints),
                case .illegal(let message) = result.verdict
            else { return }
            simple.crashes = crashes
            simple.message = message
        }
        for index in simple.crashes.indices.reversed() {
            var coupled = simple.crashes
            coupled[index].profile = .coupledRenames
            adopt(coupled)
            for choice in simple.crashes[index].choices {
                var crashes = simple.crashes
                crashes[index].choices.removeAll { $0 == choice }
                adopt(crashes)
            }
        }
        simple.story = try replay(simple.crashes, cutPoints).story
        return simple
    }
}

extension CrashModel {
    /// What each register took that did not stay at its floor, for people.
    func describe(_ choices: CrashChoices) -> [String] {
        var lines: [String] = []
        for (index, register) in registers.enumerated() where choices[index] != 0 {
            lines.append("\(name(of: register.place)): \(describe(register, Int(choices[index])))")
        }
        let floors = registers.count - lines.count
        if floors > 0 { lines.append("the other \(floors) registers: floor") }
        return lines
    }

    private func describe(_ register: CrashRegister, _ choice: Int) -> String {
        if choice > register.versionCount {
            return "torn (kind \(choice - register.versionCount))"
        }
        var text = "version \(choice) of \(register.versionCount)"
        switch register.values {
        case .sizes(let sizes): text += ", \(sizes[choice]) bytes"
        case .attributes(let values): text += ", mode \(values[choice].mode.octal)"
        case .entries(let slots):
            text += slots[choice].isNone ? ", none" : ", inode \(state.number(of: slots[choice]))"
        case .sectors: break
        }
        return text
    }

    private func name(of place: CrashRegister.Place) -> String {
        func file(_ slot: InodeSlot) -> String {
            let number = "inode \(state.number(of: slot))"
            return state.path(of: slot).map { "\(number) (\($0))" } ?? number
        }
        switch place {
        case .sector(let slot, let sector): return "sector \(sector) of \(file(slot))"
        case .size(let slot): return "size of \(file(slot))"
        case .attributes(let slot): return "attributes of \(file(slot))"
        case .entry(let slot, let position):
            let name = state[slot].directory.registers[position].name
            return "entry \(String(decoding: name, as: UTF8.self)) in \(file(slot))"
        }
    }
}
