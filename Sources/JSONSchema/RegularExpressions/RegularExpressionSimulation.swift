/// Runs programs over a text by following all their states at once (Pike's machine without
/// captures): time is the length of the text times the length of the program, at most.
struct RegularExpressionSimulation {
    private let text: [UInt32]
    private let sets: [CodePointSet]
    /// For each look-around that has run, whether it holds at each position.
    private var holds: [[Bool]] = []

    typealias Program = RegularExpressionProgram

    /// Whether `main` matches anywhere in the text. `looks` are the programs that it asks.
    static func matches(
        _ text: [UInt32], main: Program, looks: [Program], sets: [CodePointSet]
    ) -> Bool {
        var simulation = RegularExpressionSimulation(text: text, sets: sets)
        for look in looks {
            var marks = [Bool](repeating: false, count: text.count + 1)
            simulation.run(look) { position in
                marks[position] = true
                return true
            }
            simulation.holds.append(marks)
        }
        var found = false
        simulation.run(main) { _ in
            found = true
            return false
        }
        return found
    }

    private init(text: [UInt32], sets: [CodePointSet]) {
        self.text = text
        self.sets = sets
    }

    /// Tells `onMatch` each position at which a match ends that may start anywhere; it answers
    /// whether to go on.
    private func run(_ program: Program, onMatch: (Int) -> Bool) {
        var current = StateList(capacity: program.instructions.count)
        var next = StateList(capacity: program.instructions.count)
        for step in 0...text.count {
            let position = program.isReversed ? text.count - step : step
            let matched = close(&current, adding: 0, of: program, at: position)
            if matched && !onMatch(position) { return }
            guard step < text.count else { return }
            let codePoint = text[program.isReversed ? position - 1 : position]
            next.removeAll()
            for index in 0..<current.count {
                let state = current[index]
                let instruction = program.instructions[Int(state)]
                if instruction.operation == .character,
                    sets[Int(instruction.first)].contains(codePoint)
                {
                    next.insert(state + 1)
                }
            }
            swap(&current, &next)
        }
    }

    /// Adds the state `start` and all states that are reached without consuming. Whether the
    /// match is among them.
    private func close(
        _ list: inout StateList, adding start: Int32, of program: Program, at position: Int
    ) -> Bool {
        var matched = false
        list.insert(start)
        // Whatever is added on the way is behind in the list, so one walk reaches all.
        var index = 0
        while index < list.count {
            let state = list[index]
            index += 1
            let instruction = program.instructions[Int(state)]
            switch instruction.operation {
            case .character: break
            case .match: matched = true
            case .jump: list.insert(instruction.first)
            case .split:
                list.insert(instruction.first)
                list.insert(instruction.second)
            case .startOfInput:
                if position == 0 { list.insert(state + 1) }
            case .endOfInput:
                if position == text.count { list.insert(state + 1) }
            case .wordBoundary:
                if isWordBoundary(position) { list.insert(state + 1) }
            case .noWordBoundary:
                if !isWordBoundary(position) { list.insert(state + 1) }
            case .look:
                if holds[Int(instruction.first)][position] { list.insert(state + 1) }
            case .lookNegated:
                if !holds[Int(instruction.first)][position] { list.insert(state + 1) }
            }
        }
        return matched
    }

    private func isWordBoundary(_ position: Int) -> Bool {
        let before = position > 0 && CodePointSet.isWordCharacter(text[position - 1])
        let after = position < text.count && CodePointSet.isWordCharacter(text[position])
        return before != after
    }
}

/// States in the order of their insertion, each once.
struct StateList {
    private var members: [Int32] = []
    /// Where each state is in `members`, if it is there.
    private var places: [Int32]

    init(capacity: Int) {
        places = [Int32](repeating: 0, count: capacity)
        members.reserveCapacity(capacity)
    }

    var count: Int { members.count }
    subscript(index: Int) -> Int32 { members[index] }

    mutating func removeAll() {
        members.removeAll(keepingCapacity: true)
    }

    mutating func insert(_ state: Int32) {
        let place = Int(places[Int(state)])
        if place < members.count && members[place] == state { return }
        places[Int(state)] = Int32(members.count)
        members.append(state)
    }
}
