internal import StoreCodecs
internal import StoreFiles

/// A step with all that it takes to do it.
struct PlannedRepair {
    var step: RepairStep
    /// The document that changes; nil for a step about a temporary alone.
    var document: StorePath?
    /// What it is to be; nil where it is to go, or where nothing is done to a document.
    var intended: IntendedDocument?
    /// Bytes for the quarantine, with what they were found under.
    var damaged: (path: StorePath, bytes: [UInt8], mode: FileMode)?
    /// A temporary that goes to quarantine when all else is done.
    var temporary: (path: StorePath, live: LiveDocument)?
    /// There is no such document, and from now on none is recorded.
    var isForgotten = false
}
