/// A deterministic automaton, made when the pattern is compiled if it stays small. It reads each
/// code point once and allocates nothing.
///
/// Word boundaries and look-arounds look beyond the code point at hand, and properties of Unicode
/// have no ranges: patterns with them are left to the simulation.
struct RegularExpressionTable: Sendable {
    /// Most states a table may have. Most patterns of schemas need fewer than a hundred.
    static let maximumStates = 512
    static let maximumTransitions = 65_536
    /// Steps spent on making a table before it is given up.
    static let maximumWork = 2_000_000

    private static let dead = 0
    private static let initial = 1

    /// The class of each ASCII character.
    private var classOfASCII = [UInt8](repeating: 0, count: 128)
    /// Where the runs of code points of one class start, and their class.
    private var runStarts: [UInt32] = []
    private var runClasses: [UInt8] = []
    private var classCount = 0

    /// The state behind each state and class.
    private var transitions: [UInt16] = []
    private var verdicts: [Verdict] = []

    private enum Verdict: UInt8, Sendable {
        case undecided
        case matchesAtEnd
        case matches
        case cannotMatch
    }

    func matches(_ text: Span<UInt8>) -> Bool {
        var state = Self.initial
        var offset = 0
        while true {
            switch verdicts[state] {
            case .matches: return true
            case .cannotMatch: return false
            case .undecided:
                if offset == text.count { return false }
            case .matchesAtEnd:
                if offset == text.count { return true }
            }
            let codePoint = CodePoints.next(in: text, at: &offset)
            let characterClass = codePoint < 128 ? classOfASCII[Int(codePoint)] : classOf(codePoint)
            state = Int(transitions[state * classCount + Int(characterClass)])
        }
    }

    private func classOf(_ codePoint: UInt32) -> UInt8 {
        var low = 0
        var high = runStarts.count
        while high - low > 1 {
            let middle = (low + high) / 2
            if runStarts[middle] <= codePoint {
                low = middle
            } else {
                high = middle
            }
        }
        return runClasses[low]
    }

    /// Nil where the pattern needs the simulation or too many states.
    init?(_ program: RegularExpressionProgram, sets: [CodePointSet]) {
        guard sets.count <= 256, sets.allSatisfy(\.isRangesOnly) else { return nil }
        for instruction in program.instructions {
            switch instruction.operation {
            case .wordBoundary, .noWordBoundary, .look, .lookNegated: return nil
            default: break
            }
        }
        let members = makeClasses(of: sets)
        guard let members else { return nil }
        guard makeStates(of: program, membersOfClasses: members) else { return nil }
    }

    /// Splits the code points into classes that no set tells apart. For each class: which of the
    /// sets its members are in.
    private mutating func makeClasses(of sets: [CodePointSet]) -> [[Bool]]? {
        var starts: Set<UInt32> = [0]
        for set in sets {
            for range in set.ranges {
                starts.insert(range.lowerBound)
                starts.insert(range.upperBound + 1)
            }
        }
        var classes: [[Bool]: UInt8] = [:]
        var members: [[Bool]] = []
        for start in starts.sorted() {
            let membership = sets.map { $0.contains(start) }
            let known = classes[membership] ?? UInt8(truncatingIfNeeded: members.count)
            if classes[membership] == nil {
                guard members.count < 256 else { return nil }
                classes[membership] = known
                members.append(membership)
            }
            runStarts.append(start)
            runClasses.append(known)
        }
        for codePoint in 0..<128 {
            classOfASCII[codePoint] = classOf(UInt32(codePoint))
        }
        classCount = members.count
        return members
    }

    private mutating func makeStates(
        of program: RegularExpressionProgram, membersOfClasses: [[Bool]]
    ) -> Bool {
        var closure = TableClosure(program)
        var numbers: [[Int32]: Int] = [:]
        var sources: [[Int32]] = [[], closure.states(from: [], atStart: true)]
        // The initial state is not shared: it alone stands at the start of the input.
        verdicts = [.cannotMatch, closure.verdict(of: sources[1], atStart: true)]
        transitions = [UInt16](repeating: 0, count: classCount)
        var state = Self.initial
        while state < sources.count {
            for membership in membersOfClasses {
                guard transitions.count < Self.maximumTransitions, closure.work < Self.maximumWork
                else { return false }
                let target = closure.states(
                    from: closure.step(from: sources[state], membership), atStart: false)
                if let known = numbers[target] {
                    transitions.append(UInt16(known))
                    continue
                }
                guard sources.count < Self.maximumStates else { return false }
                numbers[target] = sources.count
                transitions.append(UInt16(sources.count))
                sources.append(target)
                verdicts.append(closure.verdict(of: target, atStart: false))
            }
            state += 1
        }
        return true
    }

    /// The sets of states of the program that become the states of the table.
    private struct TableClosure {
        private let program: RegularExpressionProgram
        private var list: StateList
        private(set) var work = 0

        init(_ program: RegularExpressionProgram) {
            self.program = program
            list = StateList(capacity: program.instructions.count)
        }

        /// The states that are reached from `states` and from a match that starts here. Kept are
        /// those that consume, wait for the end, or match.
        mutating func states(from states: [Int32], atStart: Bool) -> [Int32] {
            list.removeAll()
            list.insert(0)
            for state in states { list.insert(state) }
            return close(atStart: atStart, atEnd: false)
        }

        func step(from states: [Int32], _ membership: [Bool]) -> [Int32] {
            states.filter { state in
                let instruction = program.instructions[Int(state)]
                return instruction.operation == .character && membership[Int(instruction.first)]
            }.map { $0 + 1 }
        }

        mutating func verdict(of states: [Int32], atStart: Bool) -> Verdict {
            if states.isEmpty { return .cannotMatch }
            if contains(.match, in: states) { return .matches }
            guard contains(.endOfInput, in: states) else { return .undecided }
            list.removeAll()
            for state in states { list.insert(state) }
            let atEnd = close(atStart: atStart, atEnd: true)
            return contains(.match, in: atEnd) ? .matchesAtEnd : .undecided
        }

        private func contains(
            _ operation: RegularExpressionProgram.Operation, in states: [Int32]
        ) -> Bool {
            states.contains { program.instructions[Int($0)].operation == operation }
        }

        private mutating func close(atStart: Bool, atEnd: Bool) -> [Int32] {
            var kept: [Int32] = []
            var index = 0
            while index < list.count {
                let state = list[index]
                index += 1
                let instruction = program.instructions[Int(state)]
                switch instruction.operation {
                case .jump: list.insert(instruction.first)
                case .split:
                    list.insert(instruction.first)
                    list.insert(instruction.second)
                case .startOfInput:
                    if atStart { list.insert(state + 1) }
                case .endOfInput:
                    kept.append(state)
                    if atEnd { list.insert(state + 1) }
                default: kept.append(state)
                }
            }
            work += index
            return kept.sorted()
        }
    }
}
