internal import StoreFiles

/// Commands that record what is there.
extension Store {
    /// Makes the control directory, sets the profile, and records every document by its digest, so
    /// that `verify` can tell from now on what changed.
    public func initialize(
        profile choice: ProfileChoice, _ options: WriteOptions, progress: ProgressSink? = nil
    ) throws(StoreError) -> WriteReport {
        let recording = try Profile.recording(choice)
        if options.isDryRun { return try wouldRecord(options) }
        return try withSession(options) { session throws(StoreError) in
            try record(
                &session, profile: recording, keepsContents: false, options: options,
                progress: progress)
        }
    }

    /// Records every document and keeps its contents: what the application wrote by itself becomes
    /// restorable.
    public func snapshot(
        _ options: WriteOptions, progress: ProgressSink? = nil
    ) throws(StoreError) -> WriteReport {
        if options.isDryRun { return try wouldRecord(options) }
        return try withSession(options) { session throws(StoreError) in
            try record(
                &session, profile: nil, keepsContents: true, options: options, progress: progress)
        }
    }

    private func record(
        _ session: inout WriteSession, profile recording: [UInt8]?, keepsContents: Bool,
        options: WriteOptions, progress: ProgressSink?
    ) throws(StoreError) -> WriteReport {
        let state = try session.recordedState()
        let recorded: Profile?
        if let recording {
            recorded = try Profile.recorded(recording)
        } else {
            // Never by a damaged one: foreign files would become documents, or documents foreign.
            recorded = try read().chosenProfile(state)
        }
        let listing = try StoreListing.make(
            system: system, root: root, profile: recorded ?? .canifly)
        let isRecognised = recorded != nil || listing.recognition.layout != nil
        try listing.requireComplete()
        let documents =
            isRecognised
            ? listing : try StoreListing.make(system: system, root: root, profile: .generic)
        try documents.requireComplete()
        return try session.recordPresentState(
            listing: documents, since: state, profile: recording, keepsContents: keepsContents,
            command: options.command, message: options.message, progress: progress,
            environment: environment)
    }

    private func wouldRecord(_ options: WriteOptions) throws(StoreError) -> WriteReport {
        let entries = try list(patterns: [])
        let reading = try read()
        let state = try reading.state()
        let changes = entries.filter { $0.standing != .recorded }.map {
            DocumentChange(
                document: $0.document, before: state.documents[$0.document]?.state.digest,
                after: $0.digest)
        }
        return WriteReport(transaction: nil, changes: changes, isDryRun: true)
    }
}
