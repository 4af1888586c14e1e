// swift-tools-version: 6.2
import PackageDescription

// A program that keeps its documents with the library; to be copied. Outside of this repository,
// name where the package lies instead of `path`.
let package = Package(
    name: "accounts",
    dependencies: [.package(name: "canifly-store", path: "../..")],
    targets: [
        .executableTarget(
            name: "accounts",
            dependencies: [
                .product(name: "CanIFlyStore", package: "canifly-store"),
                .product(name: "CanIFlyStoreCodable", package: "canifly-store"),
            ])
    ]
)
