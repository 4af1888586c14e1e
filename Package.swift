// swift-tools-version: 6.2
import PackageDescription

/// Every target is held to the same rules: language mode 6, warnings are errors.
let swiftSettings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .treatAllWarnings(as: .error),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
]

let package = Package(
    name: "canifly-store",
    // The first with `Mutex`.
    platforms: [.macOS(.v15)],
    products: [
        .library(name: "CanIFlyStore", targets: ["CanIFlyStore"]),
        .library(name: "CanIFlyStoreCodable", targets: ["CanIFlyStoreCodable"]),
        .executable(name: "canifly-store", targets: ["canifly-store"]),
    ],
    targets: [
        .systemLibrary(
            name: "CZlib", pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(
            name: "CLibcrypto", pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),
        .target(name: "CPlatform"),
        .target(name: "CProfiles"),

        .target(name: "LosslessJSON", swiftSettings: swiftSettings),
        .target(name: "JSONSchema", dependencies: ["LosslessJSON"], swiftSettings: swiftSettings),
        .target(
            name: "StoreCodecs", dependencies: ["CZlib", "CLibcrypto"],
            swiftSettings: swiftSettings),
        .target(name: "StoreFiles", dependencies: ["CPlatform"], swiftSettings: swiftSettings),
        .target(
            name: "CanIFlyStore",
            dependencies: [
                "CProfiles", "LosslessJSON", "JSONSchema", "StoreCodecs", "StoreFiles",
            ],
            // Embedded by CProfiles.
            exclude: ["Layouts/Profiles"],
            swiftSettings: swiftSettings),
        .target(
            name: "CanIFlyStoreCodable",
            dependencies: ["CanIFlyStore", "LosslessJSON", "StoreCodecs", "StoreFiles"],
            swiftSettings: swiftSettings),
        .target(
            name: "StoreCommands",
            dependencies: ["CanIFlyStore", "LosslessJSON", "StoreCodecs", "StoreFiles"],
            swiftSettings: swiftSettings),
        .executableTarget(
            name: "canifly-store", dependencies: ["StoreCommands"], swiftSettings: swiftSettings),

        .target(
            name: "StoreTestSupport",
            dependencies: ["CanIFlyStore", "LosslessJSON", "StoreCodecs", "StoreFiles"],
            path: "Tests/StoreTestSupport", swiftSettings: swiftSettings),
        .executableTarget(
            name: "crash-test", dependencies: ["StoreTestSupport"],
            path: "Tests/CrashTestProgram", swiftSettings: swiftSettings),
        .executableTarget(
            name: "contend", dependencies: ["StoreFiles"], path: "Tests/ContendProgram",
            swiftSettings: swiftSettings),
        .target(
            name: "FuzzSupport",
            dependencies: [
                "CanIFlyStore", "JSONSchema", "LosslessJSON", "StoreCodecs", "StoreCommands",
                "StoreFiles", "StoreTestSupport",
            ],
            path: "Tests/FuzzSupport", swiftSettings: swiftSettings),
        .executableTarget(
            name: "fuzz", dependencies: ["FuzzSupport", "StoreTestSupport"],
            path: "Tests/FuzzProgram", swiftSettings: swiftSettings),
        .testTarget(
            name: "LosslessJSONTests", dependencies: ["LosslessJSON", "StoreTestSupport"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "JSONSchemaTests", dependencies: ["JSONSchema", "StoreTestSupport"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "StoreCodecsTests", dependencies: ["StoreCodecs", "StoreTestSupport"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "StoreFilesTests", dependencies: ["StoreFiles", "StoreTestSupport"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "CanIFlyStoreTests",
            dependencies: ["CanIFlyStore", "FuzzSupport", "StoreCommands", "StoreTestSupport"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "CanIFlyStoreCodableTests",
            dependencies: ["CanIFlyStoreCodable", "StoreTestSupport"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "StoreCommandsTests", dependencies: ["StoreCommands", "StoreTestSupport"],
            swiftSettings: swiftSettings),
        .testTarget(
            name: "CrashTests",
            dependencies: ["CanIFlyStore", "StoreCommands", "StoreTestSupport", "contend"],
            swiftSettings: swiftSettings),
    ]
)

// libFuzzer brings its own `main`, so that this target links with `--sanitize fuzzer` alone.
if Context.environment["CANIFLY_STORE_FUZZ_GUIDED"] != nil {
    package.targets.append(
        .executableTarget(
            name: "fuzz-guided", dependencies: ["FuzzSupport"], path: "Tests/GuidedFuzzProgram",
            swiftSettings: swiftSettings + [.unsafeFlags(["-parse-as-library"])]))
}
