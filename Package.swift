// swift-tools-version: 6.1
// Targets stand in the order of the layers: a target imports only targets above it in this file.
import PackageDescription

/// Where `make native` puts libctorch, built against whichever libtorch is at hand.
let nativeLibraries = "\(Context.packageDirectory)/.native/lib"

#if os(macOS)
    let portAudio: String? = "portaudio-2.0"
#else
    let portAudio: String? = nil  // its header is where all are, and its flags hold one that the package manager warns of
#endif

let strict: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
]

/// A library target with the project's settings.
func library(_ name: String, _ dependencies: [Target.Dependency] = [], resources: [Resource] = []) -> Target {
    .target(name: name, dependencies: dependencies, resources: resources, swiftSettings: strict)
}

/// The tests of one target.
func tests(_ name: String, _ dependencies: [Target.Dependency] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: [.byName(name: name), "MynaTestSupport"] + dependencies, swiftSettings: strict)
}

let package = Package(
    name: "myna",
    platforms: [.macOS(.v15)],
    products: [
        .executable(name: "myna", targets: ["myna"]),
        .library(name: "Torch", targets: ["Torch", "TorchNN", "TorchTrain"]),
        .library(
            name: "Myna",
            targets: [
                "MynaStages", "MynaAudio", "MynaText", "MynaHub", "MynaRecognition", "MynaLanguage", "MynaVoice", "MynaAssistant",
                "MynaSession",
            ]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
        .package(url: "https://github.com/swhitty/FlyingFox", from: "0.27.1"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: [
        // System libraries.
        .systemLibrary(name: "CTorch"),  // our C shim over libtorch, see Sources/CTorch/README.md
        .systemLibrary(name: "CSndfile", pkgConfig: "sndfile", providers: [.apt(["libsndfile1-dev"]), .brew(["libsndfile"])]),
        .systemLibrary(name: "CSoxr", pkgConfig: "soxr", providers: [.apt(["libsoxr-dev"]), .brew(["libsoxr"])]),
        .systemLibrary(
            name: "CPortAudio", pkgConfig: portAudio, providers: [.apt(["portaudio19-dev"]), .brew(["portaudio"])]),
        .systemLibrary(name: "CEspeak", pkgConfig: "espeak-ng", providers: [.apt(["libespeak-ng-dev"]), .brew(["espeak-ng"])]),
        .systemLibrary(name: "COpenSSL", pkgConfig: "openssl", providers: [.apt(["libssl-dev"]), .brew(["openssl@3"])]),

        // Deep learning; these know nothing of speech.
        .target(
            name: "Torch", dependencies: ["CTorch"], swiftSettings: strict,
            linkerSettings: [
                .unsafeFlags(["-L\(nativeLibraries)", "-Xlinker", "-rpath", "-Xlinker", nativeLibraries]),
                .unsafeFlags(["-Xlinker", "-rpath", "-Xlinker", "$ORIGIN/../lib"], .when(platforms: [.linux])),
            ]),
        library("TorchNN", ["Torch"]),
        library("TorchTrain", ["TorchNN", "Torch"]),

        // What all stages share; no torch.
        library("MynaStages"),
        library("MynaAudio", ["MynaStages", "MynaText", "CSndfile", "CSoxr"]),
        library("MynaText", ["MynaStages"]),
        library("MynaDevices", ["MynaStages", "CPortAudio"]),
        library("MynaHub", ["MynaText"]),

        // Many sessions on one device; no torch.
        library("MynaEngine"),

        // Models.
        library(
            "MynaRecognition", ["MynaStages", "MynaAudio", "MynaText", "MynaEngine", "TorchTrain", "TorchNN", "Torch"]),
        library("MynaLanguage", ["MynaStages", "MynaText", "TorchTrain", "TorchNN", "Torch"]),
        library("MynaVoice", ["MynaStages", "MynaAudio", "CEspeak"]),

        // The product; no torch.
        library("MynaAssistant", ["MynaStages", "MynaText", .product(name: "Yams", package: "Yams")]),
        library(
            "MynaHomeAssistant",
            ["MynaStages", "MynaHub", "MynaAssistant", .product(name: "FlyingSocks", package: "FlyingFox")]),
        library("MynaStore", ["MynaStages", "MynaAssistant", .product(name: "GRDB", package: "GRDB.swift")]),
        library("MynaSession", ["MynaStages", "MynaText"]),
        library(
            "MynaServer",
            [
                "MynaStages", "MynaAudio", "MynaText", "COpenSSL", .product(name: "FlyingFox", package: "FlyingFox"),
                .product(name: "FlyingSocks", package: "FlyingFox"), .product(name: "Yams", package: "Yams"),
            ],
            resources: [.copy("Resources/index.html")]),

        // The one place that joins models to the product.
        .executableTarget(
            name: "myna",
            dependencies: [
                "MynaStages", "MynaAudio", "MynaText", "MynaDevices", "MynaHub", "MynaEngine", "MynaRecognition", "MynaLanguage",
                "MynaVoice", "MynaAssistant", "MynaHomeAssistant", "MynaStore", "MynaSession",
                "MynaServer",
                "TorchTrain", "TorchNN", "Torch", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            swiftSettings: strict),
        // Our half of `make bench`; Tools/bench.py runs it beside its peer in Python.
        .executableTarget(
            name: "bench", dependencies: ["MynaRecognition", "MynaLanguage", "TorchTrain", "TorchNN", "Torch"],
            swiftSettings: strict),

        // Tests.
        library("MynaTestSupport", ["MynaStages"]),
        // Damaged files; `make fuzz` builds it with AddressSanitizer.
        .executableTarget(name: "fuzz", dependencies: ["MynaTestSupport", "Torch"], swiftSettings: strict),
        // Keeps things until it is killed, for the tests of the store.
        .executableTarget(name: "keep", dependencies: ["MynaStore", "MynaAssistant", "MynaStages"], swiftSettings: strict),
        tests("Torch"),
        tests("TorchNN", ["TorchTrain", "Torch"]),
        tests("TorchTrain", ["TorchNN", "Torch"]),
        tests("MynaStages"),
        tests("MynaAudio", ["MynaStages"]),
        tests("MynaText", ["MynaStages"]),
        tests("MynaDevices", ["MynaStages"]),
        tests("MynaHub", ["MynaText"]),
        tests("MynaEngine", ["MynaStages"]),
        tests("MynaRecognition", ["MynaEngine", "MynaStages", "MynaAudio", "MynaText", "TorchTrain", "TorchNN", "Torch"]),
        tests("MynaLanguage", ["MynaAssistant", "MynaStages", "MynaText", "TorchTrain", "TorchNN", "Torch"]),
        tests("MynaVoice", ["MynaStages", "MynaAudio"]),
        tests("MynaAssistant", ["MynaStages", "MynaText"]),
        tests(
            "MynaHomeAssistant", ["MynaAssistant", "MynaStages", .product(name: "FlyingFox", package: "FlyingFox")]),
        tests("MynaStore", ["MynaAssistant", "MynaStages"]),
        tests("MynaSession", ["MynaStages"]),
        tests(
            "MynaServer",
            [
                "MynaStages", "MynaAudio", .product(name: "FlyingFox", package: "FlyingFox"),
                .product(name: "FlyingSocks", package: "FlyingFox"),
            ]),
        tests("myna", ["MynaAudio", "MynaStages", "MynaStore"]),  // runs the built program
    ],
    swiftLanguageModes: [.v6]
)
