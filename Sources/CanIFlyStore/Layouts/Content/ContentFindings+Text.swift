internal import LosslessJSON
internal import StoreCodecs

extension ContentContext {
    /// What any content can suffer from: nothing left, or NUL bytes in its place.
    func checkBinary(_ bytes: [UInt8]) -> [Finding] {
        if bytes.isEmpty { return [emptyFinding] }
        guard bytes.allSatisfy({ $0 == 0 }) else { return [] }
        return [nulFinding(at: 0, in: bytes)]
    }

    /// UTF-8 without NUL bytes; `body` looks further at what is sound so far.
    func checkText(
        _ bytes: [UInt8], body: ([UInt8]) -> [Finding] = { _ in [] }
    ) -> [Finding] {
        if bytes.isEmpty { return [emptyFinding] }
        if let offset = bytes.firstIndex(of: 0) { return [nulFinding(at: offset, in: bytes)] }
        var findings: [Finding] = []
        if let offset = UTF8Scan.firstInvalidOffset(in: bytes) {
            findings.append(
                finding(
                    .textInvalidUTF8, ifDamaged.severity, at: offset, in: bytes,
                    detail: "bytes that are no UTF-8", remedy: Self.repairRemedy))
        }
        return findings + body(bytes)
    }

    private var emptyFinding: Finding {
        Finding(
            .empty, weighed(ifEmpty.severity), document: document.text, offset: 0, line: 1,
            column: 1, detail: detail("there is nothing in it", ifEmpty.meaning),
            remedy: ifEmpty.remedy.isEmpty ? Self.repairRemedy : ifEmpty.remedy)
    }

    private func nulFinding(at offset: Int, in bytes: [UInt8]) -> Finding {
        let isToTheEnd = bytes[offset...].allSatisfy { $0 == 0 }
        let what =
            isToTheEnd
            ? "only NUL bytes from here on, as a power cut leaves them" : "a NUL byte"
        return finding(
            .nulBytes, ifDamaged.severity, at: offset, in: bytes,
            detail: detail(what, ifDamaged.meaning), remedy: Self.repairRemedy)
    }

    // MARK: Keys

    func checkKey(_ bytes: [UInt8], _ form: KeyForm) -> [Finding] {
        if bytes.isEmpty || bytes.contains(0) { return checkText(bytes) }
        var text = bytes[...]
        while let last = text.last, last == 0x0A || last == 0x0D { text.removeLast() }
        let decoded = text.withUnsafeBytes { Base64.decode($0) }
        let expected = form.byteCount.map { " of \($0) bytes" } ?? ""
        if let decoded, form.byteCount == nil || decoded.count == form.byteCount { return [] }
        return [
            Finding(
                .schemaMismatch, weighed(ifDamaged.severity), document: document.text, offset: 0,
                line: 1, column: 1,
                detail: detail("this is no Base64\(expected)", ifDamaged.meaning),
                remedy: Self.repairRemedy)
        ]
    }

    // MARK: Plans

    func checkPlan(_ bytes: [UInt8], _ form: PlanForm) -> [Finding] {
        let lines = PlanLines(bytes, form: form)
        var findings = lines.problems.map { problem in
            let what =
                switch problem.reason {
                case .comment: "these versions know no comments"
                case .oneWord: "a line of one word, without a number"
                case .romanNumeral: "a number in Roman numerals"
                case .noNumber: "the last word is no number"
                }
            return finding(
                .schemaMismatch, ifDamaged.severity, at: problem.offset, in: bytes,
                detail: detail(what, ifDamaged.meaning), remedy: Self.repairRemedy)
        }
        if let expected = form.expectedNumbers {
            for requirement in lines.requirements where !expected.contains(requirement.number) {
                findings.append(
                    finding(
                        .schemaMismatch, min(.warning, ifDamaged.severity),
                        at: requirement.numberOffset, in: bytes,
                        detail: "the number is not between \(expected.lowerBound) and"
                            + " \(expected.upperBound)",
                        remedy: "correct the number"))
            }
        }
        return findings.sorted { ($0.offset ?? 0) < ($1.offset ?? 0) }
    }

    // MARK: Comma-separated values

    func checkCSV(_ bytes: [UInt8], _ form: CSVForm) -> [Finding] {
        var reader = CSVReader(bytes)
        var findings: [Finding] = []
        do {
            guard try reader.next() else { return [emptyFinding] }
            let header = reader.fields.map { reader.text($0) }
            for column in form.requiredColumns
            where !header.contains(where: { $0.elementsEqual(column.utf8) }) {
                findings.append(
                    finding(
                        .schemaMismatch, ifDamaged.severity, at: 0, in: bytes,
                        detail: detail(
                            "the header has no column \(column)", ifDamaged.meaning),
                        remedy: Self.repairRemedy))
            }
            var firstRaggedOffset: Int?
            var raggedRows = 0
            while try reader.next() {
                if reader.fields.count == header.count { continue }
                raggedRows += 1
                firstRaggedOffset = firstRaggedOffset ?? reader.rowOffset
            }
            if let offset = firstRaggedOffset {
                let more = raggedRows > 1 ? " (\(raggedRows) such rows)" : ""
                findings.append(
                    finding(
                        .schemaMismatch, form.raggedSeverity, at: offset, in: bytes,
                        detail: detail(
                            "a row with more or fewer fields than the header\(more)",
                            form.raggedSeverity == .error ? ifDamaged.meaning : ""),
                        remedy: Self.repairRemedy))
            }
        } catch {
            findings.append(
                finding(
                    .schemaMismatch, ifDamaged.severity, at: error.offset, in: bytes,
                    detail: detail(error.reason, ifDamaged.meaning), remedy: Self.repairRemedy))
        }
        return findings
    }
}
