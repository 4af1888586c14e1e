internal import CProfiles

/// What is known about an application's store: its layouts, and which files in its directory are
/// not documents at all. It is data (docs/profiles.md): nothing here knows any application.
public struct Profile: Sendable {
    /// `canifly`, `generic`, or the name that a user gave.
    public let name: String
    /// One line for people.
    public let summary: String
    /// The application keeps a `.lock` file with its process id while it runs.
    public let hasApplicationLock: Bool
    /// By number, oldest first.
    public let layouts: [Layout]

    let foreign: NamePatternSet
    let temporaries: NamePatternSet
    /// Secret wherever they stand in any JSON document.
    let secretValues: [PointerPattern]

    init(
        name: String, summary: String, hasApplicationLock: Bool, layouts: [Layout],
        foreign: [NamePattern], temporaries: [NamePattern], secretValues: [PointerPattern]
    ) {
        self.name = name
        self.summary = summary
        self.hasApplicationLock = hasApplicationLock
        self.layouts = layouts
        self.foreign = NamePatternSet(foreign)
        self.temporaries = NamePatternSet(temporaries)
        self.secretValues = secretValues
    }

    /// The profile of the CanIFly application, which every copy of this library carries. It is
    /// parsed when it is first asked for.
    public static let canifly: Profile = {
        let text = UnsafeRawBufferPointer(
            start: canifly_profile_text(), count: Int(canifly_profile_byte_count()))
        do {
            return try Profile(parsing: Array(text))
        } catch {
            fatalError("the profile in this library is malformed: \(error)")
        }
    }()

    /// For a directory of which nothing is known: every regular file is a document, and no layouts.
    public static let generic = Profile(
        name: "generic", summary: "any directory of documents", hasApplicationLock: false,
        layouts: [], foreign: [], temporaries: [], secretValues: [])

    /// The layout with a number; nil where there is none.
    public func layout(_ number: Int) -> Layout? { layouts.first { $0.number == number } }

    /// The newest layout's number; nil for a profile without layouts.
    public var newestLayout: Int? { layouts.last?.number }
}
