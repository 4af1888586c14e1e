/// The instructions of one automaton, in Thompson's construction.
///
/// Look-arounds become programs of their own, which run over the whole text before the program
/// that asks them: one that looks ahead is built and run backwards, so that in one pass it tells
/// for every position whether it would match there. So no look-around costs more than one more
/// pass over the text, however they are nested.
struct RegularExpressionProgram: Sendable {
    enum Operation: UInt8, Sendable {
        /// One code point of the set `first`.
        case character
        /// Goes on at `first` and at `second`.
        case split
        /// Goes on at `first`.
        case jump
        case startOfInput
        case endOfInput
        case wordBoundary
        case noWordBoundary
        /// The look-around `first` holds here.
        case look
        case lookNegated
        case match
    }

    struct Instruction: Sendable {
        var operation: Operation
        var first: Int32 = 0
        var second: Int32 = 0
    }

    var instructions: [Instruction] = []
    /// Whether it consumes the text from its end to its start.
    var isReversed = false
}

/// Builds the programs of a pattern. Those of look-arounds come before those that ask them.
struct RegularExpressionBuilder {
    /// All instructions of a pattern together. Counts unfold to copies, so this bounds memory,
    /// and the work done for each code point of a text.
    static let maximumInstructions = 8_192

    private(set) var looks: [RegularExpressionProgram] = []
    private var instructionCount = 0

    typealias Program = RegularExpressionProgram
    typealias Syntax = RegularExpressionSyntax
    typealias Failure = RegularExpressionError

    mutating func build(_ syntax: Syntax, reversed: Bool) throws(Failure) -> Program {
        var program = Program(isReversed: reversed)
        try emit(syntax, into: &program)
        try append(.match, to: &program)
        return program
    }

    private mutating func append(
        _ operation: Program.Operation, _ first: Int = 0, to program: inout Program
    ) throws(Failure) {
        instructionCount += 1
        guard instructionCount <= Self.maximumInstructions else {
            throw Failure(kind: .tooLarge, offset: 0, reason: "the pattern unfolds to too much")
        }
        program.instructions.append(.init(operation: operation, first: Int32(first)))
    }

    private mutating func emit(_ syntax: Syntax, into program: inout Program) throws(Failure) {
        switch syntax {
        case .empty: break
        case .character(let set): try append(.character, set, to: &program)
        case .startOfInput: try append(.startOfInput, to: &program)
        case .endOfInput: try append(.endOfInput, to: &program)
        case .wordBoundary(let negated):
            try append(negated ? .noWordBoundary : .wordBoundary, to: &program)
        case .sequence(let parts):
            for index in parts.indices {
                try emit(
                    parts[program.isReversed ? parts.count - 1 - index : index], into: &program)
            }
        case .alternatives(let branches): try emit(alternatives: branches, into: &program)
        case .repetition(let body, let minimum, let maximum):
            try emit(repetition: body, minimum: minimum, maximum: maximum, into: &program)
        case .look(let body, let ahead, let negated):
            looks.append(try build(body, reversed: ahead))
            try append(negated ? .lookNegated : .look, looks.count - 1, to: &program)
        case .backReference(let offset):
            throw Failure(
                kind: .unsupported, offset: offset, reason: "back-references are not supported")
        }
    }

    private mutating func emit(
        alternatives branches: [Syntax], into program: inout Program
    ) throws(Failure) {
        var jumps: [Int] = []
        for (index, branch) in branches.enumerated() {
            guard index < branches.count - 1 else {
                try emit(branch, into: &program)
                break
            }
            let split = program.instructions.count
            try append(.split, split + 1, to: &program)
            try emit(branch, into: &program)
            jumps.append(program.instructions.count)
            try append(.jump, to: &program)
            program.instructions[split].second = Int32(program.instructions.count)
        }
        for jump in jumps {
            program.instructions[jump].first = Int32(program.instructions.count)
        }
    }

    private mutating func emit(
        repetition body: Syntax, minimum: Int, maximum: Int?, into program: inout Program
    ) throws(Failure) {
        for _ in 0..<minimum {
            let before = program.instructions.count
            try emit(body, into: &program)
            // Nothing repeated is nothing, however large the count.
            if program.instructions.count == before { return }
        }
        let start = program.instructions.count
        guard let maximum else {
            try append(.split, start + 1, to: &program)
            try emit(body, into: &program)
            try append(.jump, start, to: &program)
            program.instructions[start].second = Int32(program.instructions.count)
            return
        }
        var splits: [Int] = []
        for _ in minimum..<maximum {
            splits.append(program.instructions.count)
            try append(.split, program.instructions.count + 1, to: &program)
            try emit(body, into: &program)
        }
        for split in splits {
            program.instructions[split].second = Int32(program.instructions.count)
        }
    }
}
