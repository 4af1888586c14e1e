/// What differs between the systems that the program runs on, apart from their system calls, which
/// CPlatform makes alike. Nothing else asks which system it is built for.
package enum OperatingSystem {
    #if os(macOS)
        /// The name by which the application calls the system in its lock.
        package static let name = "darwin"
        /// Where, below the home directory, the applications of a user keep their data.
        package static let dataFolder = "Library/Application Support"
        /// Whether `XDG_CONFIG_HOME` names that folder.
        package static let followsXDG = false
    #else
        /// The name by which the application calls the system in its lock.
        package static let name = "linux"
        /// Where, below the home directory, the applications of a user keep their data.
        package static let dataFolder = ".config"
        /// Whether `XDG_CONFIG_HOME` names that folder.
        package static let followsXDG = true
    #endif
}
