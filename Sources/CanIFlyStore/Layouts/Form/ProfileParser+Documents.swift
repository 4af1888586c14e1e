internal import LosslessJSON
internal import StoreFiles

extension ProfileParser {
    func documentRule(_ reader: FormReader) throws(ProfileError) -> DocumentRule {
        try reader.requireObject(
            "a document's rule",
            members: [
                "path", "kind", "mode", "secret", "secrets", "secret_keys", "packable",
                "newest_version", "schema", "plan", "csv", "key", "expiry", "if_missing",
                "if_empty", "if_damaged",
            ])
        let pattern = try reader.required("path").namePattern()
        guard !pattern.isDirectoryOnly else {
            throw try reader.required("path").failure("a document is no directory")
        }
        let form = try form(reader)
        for (member, kind) in [
            ("schema", DocumentKind.json), ("newest_version", .json), ("expiry", .json),
            ("secrets", .json), ("secret_keys", .json), ("plan", .plan), ("csv", .csv),
            ("key", .key),
        ] where form.kind != kind {
            if let stray = reader.member(member) {
                throw stray.failure(
                    "\"\(member)\" says something about documents of kind \"\(kind.rawValue)\","
                        + " and this one is \"\(form.kind.rawValue)\"")
            }
        }
        return DocumentRule(
            layout: layoutNumber, pattern: pattern, form: form, mode: try mode(reader),
            isSecret: try reader.flag("secret", default: false),
            isPackable: try reader.flag("packable", default: false),
            newestVersion: try reader.member("newest_version")?.integer(in: 0...Int(Int32.max))
                .asInt64,
            ifMissing: try consequence(
                reader, "if_missing", default: Consequence(.warning)),
            ifEmpty: try consequence(
                reader, "if_empty", default: Consequence(form.kind == .json ? .error : .warning)),
            ifDamaged: try consequence(reader, "if_damaged", default: Consequence(.error)),
            secretValues: try pointerPatterns(reader, "secrets"),
            secretKeys: try pointerPatterns(reader, "secret_keys"),
            expiry: try expiry(reader))
    }

    private func form(_ reader: FormReader) throws(ProfileError) -> DocumentForm {
        switch try reader.required("kind").choice(DocumentKind.self) {
        case .json: .json(try schema(reader))
        case .text: .text
        case .binary: .binary
        case .csv: .csv(try csvForm(reader))
        case .plan: .plan(try planForm(reader))
        case .key: .key(try keyForm(reader))
        }
    }

    private func csvForm(_ owner: FormReader) throws(ProfileError) -> CSVForm {
        var form = CSVForm()
        guard let reader = owner.member("csv") else { return form }
        try reader.requireObject("\"csv\"", members: ["columns", "ragged"])
        for column in try reader.elements("columns") {
            form.requiredColumns.append(try column.text())
        }
        if let ragged = reader.member("ragged") {
            form.raggedSeverity = try ragged.choice(Severity.self)
        }
        return form
    }

    private func planForm(_ owner: FormReader) throws(ProfileError) -> PlanForm {
        var form = PlanForm()
        guard let reader = owner.member("plan") else { return form }
        try reader.requireObject("\"plan\"", members: ["comment", "number"])
        if let comment = reader.member("comment") {
            let text = Array(try comment.text().utf8)
            guard !text.isEmpty else {
                throw comment.failure("what begins a comment cannot be empty")
            }
            form.comment = text
        }
        if let number = reader.member("number") {
            try number.requireObject("\"number\"", members: ["minimum", "maximum"])
            let all = Int(Int32.min)...Int(Int32.max)
            let minimum = try number.required("minimum").integer(in: all)
            form.expectedNumbers =
                minimum...(try number.required("maximum").integer(in: minimum...all.upperBound))
        }
        return form
    }

    private enum KeyEncoding: String, CaseIterable {
        case base64
    }

    private func keyForm(_ owner: FormReader) throws(ProfileError) -> KeyForm {
        var form = KeyForm()
        guard let reader = owner.member("key") else { return form }
        try reader.requireObject("\"key\"", members: ["encoding", "bytes"])
        if let encoding = reader.member("encoding") { _ = try encoding.choice(KeyEncoding.self) }
        form.byteCount = try reader.member("bytes")?.integer(in: 1...65_536)
        return form
    }

    private func mode(_ reader: FormReader) throws(ProfileError) -> FileMode {
        guard let member = reader.member("mode") else { return .privateFile }
        let text = try member.text()
        guard text.utf8.count == 4, text.utf8.first == UInt8(ascii: "0"),
            let bits = UInt16(text, radix: 8), bits & 0o600 == 0o600, bits & 0o111 == 0
        else {
            throw member.failure(
                "a mode is four octal digits, as \"0600\" or \"0644\"; the owner reads and writes,"
                    + " nobody executes")
        }
        return FileMode(bits)
    }

    func consequence(
        _ owner: FormReader, _ name: String, default standard: Consequence
    ) throws(ProfileError) -> Consequence {
        guard let reader = owner.member(name) else { return standard }
        try reader.requireObject("\"\(name)\"", members: ["severity", "meaning", "remedy"])
        return Consequence(
            try reader.required("severity").choice(Severity.self),
            meaning: try reader.text("meaning", default: ""),
            remedy: try reader.text("remedy", default: ""))
    }

    private func expiry(_ owner: FormReader) throws(ProfileError) -> ExpiryRule? {
        guard let reader = owner.member("expiry") else { return nil }
        try reader.requireObject(
            "\"expiry\"", members: ["entries", "time", "after_seconds", "meaning"])
        return ExpiryRule(
            entries: try reader.required("entries").pointerPattern(),
            time: try relativePointer(reader.required("time")),
            afterSeconds: try reader.member("after_seconds")?.integer(in: 0...Int(Int32.max))
                .asInt64,
            meaning: try reader.text("meaning", default: ""))
    }

    func relativePointer(_ reader: FormReader) throws(ProfileError) -> RelativePointer {
        let text = try reader.text()
        guard let pointer = RelativePointer(text) else {
            throw reader.failure(
                "\"\(text)\" is no way to a value: a JSON pointer, \"\" for the value itself, or"
                    + " \"#\" for its name")
        }
        return pointer
    }
}

extension Int {
    fileprivate var asInt64: Int64 { Int64(self) }
}
