internal import StoreFiles

/// The names of CanIFly's documents, layout by layout.
enum CanIFlyDocuments {
    enum Layout1 {
        static let accounts = StorePath(unchecked: "accounts/accounts.json")
        static let deleted = StorePath(unchecked: "accounts/deleted.json")
        static let cache = StorePath(unchecked: "accounts/cache.json")
        static let config = StorePath(unchecked: "config/config.json")
        static let selections = StorePath(unchecked: "config/selections.json")
        static let snapshot = StorePath(unchecked: "config/appstate_snapshot.json")
    }
    enum Layout2 {
        static let accounts = StorePath(unchecked: "account_data.json")
        static let config = StorePath(unchecked: "config.json")
        static let deleted = StorePath(unchecked: "deleted.json")
        static let cache = StorePath(unchecked: "cache.json")
        static let snapshot = StorePath(unchecked: "appstate_snapshot.json")
        static let deletedPlans = StorePath(unchecked: "plans/deleted_embedded_plans.json")
    }
    enum Layout3 {
        static let accounts = StorePath(unchecked: "accounts.json")
        static let config = StorePath(unchecked: "config.json")
        static let deleted = StorePath(unchecked: "deleted_characters.json")
        static let cache = StorePath(unchecked: "api_cache.json")
        static let key = StorePath(unchecked: "secret.key")
        static let gameData = NamePattern("config/fuzzworks/**")!
    }
    enum Layout4 {
        static let loginStates = StorePath(unchecked: "login_states.json")
        static let sessions = StorePath(unchecked: "sessions.json")
    }
    static let plans = NamePattern("plans/*.txt")!
    static let identities = NamePattern("identity/**")!

    /// Members of `config.json` that layout 2 has no place for.
    static let configMembersSince3 = [
        "AutoUpdateFuzzworks", "EVEClientID", "EVEClientSecret", "EVECallbackURL",
        "SkillPlansRepoURL",
    ]
}
