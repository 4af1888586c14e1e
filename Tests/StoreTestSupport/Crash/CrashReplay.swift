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
        return all
    }
}

extension CrashModel {
    private static let registersDescribed = 40

    /// What each register took, for people. Only those that did not all behave alike are worth
    /// reading, so floors are listed as well.
    func describe(_ choices: CrashChoices) -> [String] {
        var lines: [String] = []
        for (index, register) in registers.enumerated().prefix(Self.registersDescribed) {
            lines.append("\(name(of: register.place)): \(describe(register, Int(choices[index])))")
        }
        if registers.count > lines.count {
            lines.append("and \(registers.count - lines.count) more registers")
        }
        return lines
    }

    private func describe(_ register: CrashRegister, _ choice: Int) -> String {
        if choice > register.versionCount {
            return "torn (kind \(choice - register.versionCount))"
        }
        if choice == 0 { return "floor" }
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
