internal import CanIFlyStore
internal import StoreFiles

/// Where the store is: the option, else the environment, else the application's own place.
func storeLocation(
    option: String?, environment: ProgramEnvironment
) throws(StoreError) -> String {
    if let option {
        guard !option.isEmpty else {
            throw StoreError(
                .usage, code: "invalid-value", "--store is empty",
                hint: "name the directory, or leave --store out")
        }
        return option
    }
    if let given = try environment.text(EnvironmentVariable.store) { return given }
    // A relative path there is to be ignored (XDG Base Directory Specification).
    if OperatingSystem.followsXDG,
        let configuration = try environment.text(EnvironmentVariable.configurationHome),
        configuration.utf8.first == UInt8(ascii: "/")
    {
        return configuration + "/canifly"
    }
    guard let home = try environment.text(EnvironmentVariable.home) else {
        throw StoreError(
            .configuration, code: "store-unknown",
            "where the store is cannot be told: $HOME is not set",
            hint: "name it with --store DIR or $CANIFLY_STORE")
    }
    return "\(home)/\(OperatingSystem.dataFolder)/canifly"
}
