internal import CanIFlyStore

let explainCommand = CommandDefinition(
    name: "explain", effect: .none,
    arguments: [ArgumentDefinition("CODE", .findingCode, .optional)],
    summary: "Tell what a finding means, why it matters, what to do",
    description: ["CODE is one that verify names. Without it, all codes are listed."],
    examples: [
        CommandExample("canifly-store explain digest-mismatch", "Same size and time, other bytes?"),
        CommandExample("canifly-store explain", "All codes."),
    ],
    outputIsData: true,
    run: { context throws(StoreError) in
        guard let word = context.arguments.positionals.first else {
            return CodeListReport(table: context.table)
        }
        guard
            let code = FindingCode.allCases.first(where: {
                $0.rawValue.utf8.elementsEqual(word.bytes)
            })
        else {
            var hint = "'canifly-store explain' lists the codes"
            if let nearest = nearestName(to: word.bytes, among: findingCodeNames) {
                hint = "did you mean '\(nearest)'? " + hint
            }
            throw StoreError(
                .usage, code: "unknown-code", "there is no finding code '\(word.shown)'",
                hint: hint)
        }
        return ExplanationReport(code: code, table: context.table)
    })

/// The steps whose command this program has; those without a command always count.
private func steps(of code: FindingCode, _ table: CommandTable) -> [Explanation.Step] {
    explanation(of: code).steps.filter { step in
        step.command.isEmpty || table.command(inLine: step.command) != nil
    }
}

private func members(of code: FindingCode, _ table: CommandTable) -> OutputMembers {
    let explanation = explanation(of: code)
    return [
        "code": .string(code.rawValue), "meaning": .string(explanation.meaning),
        "consequence": .string(explanation.consequence),
        "steps": .array(
            steps(of: code, table).map { step in
                .object([
                    "text": .string(step.text),
                    "command": .string(step.command.isEmpty ? "" : "canifly-store \(step.command)"),
                ])
            }),
    ]
}

private struct ExplanationReport: Report {
    var code: FindingCode
    var table: CommandTable

    var json: ReportJSON { .object(members(of: code, table)) }

    func draw(on screen: inout Screen) {
        let explanation = explanation(of: code)
        screen.line(code.rawValue, .strong)
        screen.paragraph(explanation.meaning)
        screen.line()
        screen.line("Why it matters", .strong)
        screen.paragraph(explanation.consequence)
        screen.line()
        screen.line("What to do", .strong)
        for step in steps(of: code, table) {
            screen.paragraph(step.text, indent: 2)
            if !step.command.isEmpty {
                screen.line("      " + screen.styled("canifly-store \(step.command)", .good))
            }
        }
    }
}

private struct CodeListReport: Report {
    var table: CommandTable

    var json: ReportJSON {
        .object([
            "codes": .array(FindingCode.allCases.map { .object(members(of: $0, table)) })
        ])
    }

    func draw(on screen: inout Screen) {
        for code in FindingCode.allCases {
            screen.line(code.rawValue, .strong)
            screen.paragraph(explanation(of: code).meaning, indent: 4)
        }
    }
}
