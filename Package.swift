// swift-tools-version: 6.2
import PackageDescription

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")

/// Set by deploy/fuzz: builds the fuzz targets as a libFuzzer program and instruments every module for coverage.
let isFuzzing = Context.environment["LEVER_FUZZ"] != nil
let fuzzedModules: [Target.Dependency] = [
    "Core", "Sealing", "Unsealing", "Spool", "Inspection", "Capture", "Store", "SettingsFile", "MIME", "Mailboxes",
    "Calendars", "TNEF", "SMIME",
]

let package = Package(
    name: "lever-milter",
    products: [
        .executable(name: "lever-milter", targets: ["lever-milter"]),
        .executable(name: "leverctl", targets: ["leverctl"]),
        // Tests preload it into the daemon.
        .library(name: "FaultInjection", type: .dynamic, targets: ["FaultInjection"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.0"),
    ],
    targets: [
        // C libraries. The daemon links libmilter, libcrypto, libpq, libyaml and libmicrohttpd only. leverctl also links
        // libxml2, libical and libytnef, to show messages, and libcurl, to send them.
        .systemLibrary(name: "CLibmilter", pkgConfig: "milter", providers: [.apt(["libmilter-dev"])]),
        .systemLibrary(name: "CLibcrypto", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
        .systemLibrary(name: "CLibpq", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),
        .systemLibrary(name: "CLibyaml", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
        .systemLibrary(
            name: "CMicrohttpd", pkgConfig: "libmicrohttpd", providers: [.apt(["libmicrohttpd-dev"])]),
        .systemLibrary(name: "CLibidn2", pkgConfig: "libidn2", providers: [.apt(["libidn2-dev"])]),
        .systemLibrary(name: "CZlib", pkgConfig: "zlib", providers: [.apt(["zlib1g-dev"])]),
        .systemLibrary(name: "CLibcurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),
        .systemLibrary(name: "CLibxml2", pkgConfig: "libxml-2.0", providers: [.apt(["libxml2-dev"])]),

        // No pkg-config: its file would link the library's further parts, and Berkeley DB with them.
        .systemLibrary(name: "CLibical", providers: [.apt(["libical-dev"])]),
        .systemLibrary(name: "CLibytnef", pkgConfig: "libytnef", providers: [.apt(["libytnef0-dev"])]),

        // Parts of glibc that Swift's module does not export.
        .systemLibrary(name: "CLinux"),

        .target(name: "System", dependencies: ["CLinux"]),
        .target(name: "Gzip", dependencies: ["System", "CZlib"]),
        .target(name: "IDNA", dependencies: ["CLibidn2"]),
        .target(name: "Core", dependencies: ["System", "IDNA"]),
        .target(name: "Hardening", dependencies: ["CLinux"]),
        .target(name: "SettingsFile", dependencies: ["System", "Core", "CLibyaml"], resources: [.embedInCode("VERSION")]),
        .target(name: "LibMilter", dependencies: ["CLibmilter"]),
        .target(name: "LibMicrohttpd", dependencies: ["CMicrohttpd"]),
        .target(name: "DaemonMetrics", dependencies: ["System"]),
        .target(name: "Sealing", dependencies: ["Core", "CLibcrypto"]),
        // Where leverctl remembers passphrases, and which it takes for new keys.
        .target(name: "Passphrases", dependencies: ["System", "CLinux"], resources: [.embedInCode("common.txt")]),
        .target(name: "Unsealing", dependencies: ["Core", "Sealing", "CLibcrypto"]),
        .target(name: "Spool", dependencies: ["System", "Core", "Sealing"]),
        .target(
            name: "Store", dependencies: ["System", "Core", "CLibpq"], exclude: ["Schema/README.md"],
            resources: [.embedInCode("Schema")]),
        // Decides what happens to a message, from values alone.
        .target(name: "Inspection", dependencies: ["Core", "Sealing"]),
        // Seals an accepted message into the spool, and hands dispositions over to delivery. Knows no source of mail.
        .target(name: "Capture", dependencies: ["System", "Core", "Sealing", "Inspection", "Spool", "Store"]),
        // The log's events and lines, metrics and health. Knows the values that it logs, and not who logs them.
        .target(
            name: "Observability",
            dependencies: [
                "System", "Core", "SettingsFile", "Spool", "Store", "Capture", "DaemonMetrics", "LibMicrohttpd",
                logging,
            ]),
        // From the spool to the database. Knows nothing of the milter.
        .target(
            name: "Delivery",
            dependencies: ["System", "Core", "Inspection", "Spool", "Store", "Capture", "Observability"]),
        // The milter side: sessions and messages in flight, which execute Inspection's plans. Knows no database.
        .target(
            name: "Filter",
            dependencies: [
                "System", "Core", "LibMilter", "Sealing", "Inspection", "Spool", "Capture", "Observability",
            ]),
        // The process: signals, sockets, the service manager, graceful shutdown. Knows nothing of mail.
        .target(name: "Service", dependencies: ["System", "SettingsFile"]),
        // The checks of leverctl check.
        .target(name: "Diagnostics", dependencies: ["System", "Core", "SettingsFile", "Sealing", "Spool", "Store", "CLinux"]),
        .target(
            name: "MessageTracing",
            dependencies: ["System", "Gzip", "Core", "Sealing", "Spool", "Store", "Inspection"]),
        // leverctl setup: steps on this machine, and files for others.
        .target(name: "Setup", dependencies: ["System", "SettingsFile", "Store"]),
        .target(name: "Calendars", dependencies: ["CLibical"]),
        .target(name: "TNEF", dependencies: ["CLibytnef"]),
        .target(name: "SMIME", dependencies: ["CLibcrypto"]),
        .target(
            name: "MIME", dependencies: ["Core", "CLibxml2", "Calendars", "TNEF", "SMIME"],
            resources: [.embedInCode("Text/Quotation/phrases.tsv")]),
        .target(name: "Submission", dependencies: ["CLibcurl"]),
        .target(name: "Mailboxes", dependencies: ["System", "Gzip", "Core"]),
        .target(name: "Reading", dependencies: ["Core", "Sealing", "Unsealing", "Store", "MIME"]),
        .target(name: "Sending", dependencies: ["Core", "Sealing", "Store", "MIME", "Submission", "Reading"]),
        .target(
            name: "Replay",
            dependencies: ["Core", "Sealing", "Spool", "Store", "Inspection", "Capture", "Mailboxes", "MIME"]),

        // Puts the rooms together. Never links Unsealing.
        .executableTarget(
            name: "lever-milter",
            dependencies: [
                "System", "Core", "Sealing", "Inspection", "Spool", "Store", "Capture", "Filter", "Delivery",
                "Observability", "Service", "LibMilter", "LibMicrohttpd", "SettingsFile", "Hardening", argumentParser,
                logging,
            ]),
        .executableTarget(
            name: "leverctl",
            dependencies: [
                "System", "Core", "SettingsFile", "Hardening", "Sealing", "Unsealing", "Spool", "Store", "Inspection",
                "Capture", "Diagnostics", "MessageTracing", "MIME", "Mailboxes", "Submission", "Reading", "Sending",
                "Replay", "Calendars", "SMIME", "Setup", "Passphrases",
                argumentParser,
            ]),

        // No product: deploy/build-deb runs it.
        .executableTarget(name: "manual", dependencies: ["SettingsFile", argumentParser]),

        .target(name: "FaultInjection", path: "Tests/FaultInjection"),
        .target(name: "TestSupport", dependencies: [], path: "Tests/TestSupport"),
        .target(
            name: "DatabaseSupport",
            dependencies: ["Core", "Sealing", "Unsealing", "Store", "Mailboxes", "Reading", "Replay", "TestSupport"],
            path: "Tests/DatabaseSupport"),
        // No product: deploy/soak runs it.
        .executableTarget(name: "soak", dependencies: ["TestSupport", argumentParser], path: "Tests/Soak"),
        // No products: Benchmarks/run runs them.
        .executableTarget(
            name: "benchmarks",
            dependencies: [
                "Core", "Sealing", "Spool", "Store", "Inspection", "Capture", "TestSupport", "CLibpq", argumentParser,
            ],
            path: "Benchmarks/Sources"),
        .executableTarget(name: "milter-stub", dependencies: ["CLibmilter"], path: "Benchmarks/Stub"),
        .executableTarget(name: "native-stub", dependencies: ["LibMilter"], path: "Benchmarks/Native"),
        .testTarget(name: "SystemTests", dependencies: ["System", "TestSupport"]),
        .testTarget(
            name: "CoreTests", dependencies: ["Core", "Sealing", "TestSupport"], resources: [.copy("Vectors")]),
        .testTarget(name: "SettingsFileTests", dependencies: ["SettingsFile", "manual", "TestSupport"]),
        .testTarget(name: "DaemonMetricsTests", dependencies: ["DaemonMetrics"]),
        .testTarget(name: "DiagnosticsTests", dependencies: ["Core", "Diagnostics", "SettingsFile", "Store", "TestSupport"]),
        .testTarget(name: "SealingTests", dependencies: ["Sealing", "Unsealing", "Core", "CLibcrypto", "TestSupport"]),
        .testTarget(name: "SpoolTests", dependencies: ["Spool", "System", "Sealing", "Core", "TestSupport"]),
        .testTarget(
            name: "FilterTests",
            dependencies: [
                "Filter", "Delivery", "Observability", "Service", "Capture", "LibMilter", "SettingsFile", "Inspection",
                "Spool", "Sealing", "Unsealing", "Core", "Store", "System", "LibMicrohttpd", "DaemonMetrics",
                "TestSupport", logging,
            ]),
        .testTarget(name: "StoreTests", dependencies: ["Store", "Core", "Sealing", "TestSupport"]),
        .testTarget(
            name: "MessageTracingTests",
            dependencies: ["MessageTracing", "Inspection", "Spool", "Store", "Sealing", "Core", "TestSupport"]),
        .testTarget(name: "MailboxesTests", dependencies: ["Mailboxes", "TestSupport"]),
        .testTarget(
            name: "ReadingTests",
            dependencies: [
                "Reading", "Core", "Sealing", "Unsealing", "Store", "MIME", "Mailboxes", "DatabaseSupport", "TestSupport",
            ],
            // A program and a table beside the test that runs it.
            exclude: ["Referee"]),
        .testTarget(
            name: "SendingTests",
            dependencies: [
                "Sending", "Reading", "Core", "Sealing", "Unsealing", "Store", "MIME", "Submission", "DatabaseSupport",
                "TestSupport",
            ]),
        .testTarget(
            name: "ReplayTests", dependencies: ["Replay", "Core", "Store", "Mailboxes", "DatabaseSupport", "TestSupport"]),
        .testTarget(
            name: "LeverCtlTests",
            dependencies: [
                "leverctl", "System", "Core", "SettingsFile", "MIME", "Reading", "Store", "Unsealing", "DatabaseSupport",
                "TestSupport", argumentParser,
            ]),
        .testTarget(name: "SetupTests", dependencies: ["Setup", "System", "SettingsFile", "Store", "TestSupport"]),
        .testTarget(name: "PassphrasesTests", dependencies: ["Passphrases", "System", "CLinux", "TestSupport"]),
        .testTarget(name: "SubmissionTests", dependencies: ["Submission", "TestSupport"]),
        .testTarget(
            name: "MIMETests", dependencies: ["MIME", "Calendars", "TNEF", "SMIME"], resources: [.copy("Fixtures")]),
        .testTarget(
            name: "IntegrationTests",
            dependencies: ["Core", "Sealing", "Unsealing", "Store", "TestSupport"],
            resources: [.copy("Fixtures"), .copy("Miltertest"), .copy("Conversations"), .copy("Cases")]),
    ],
    swiftLanguageModes: [.v6]
)

// One directory, two uses: a test that replays the stored corpus, and the fuzzer that extends it.
package.targets.append(
    isFuzzing
        ? .executableTarget(
            name: "Fuzz", dependencies: fuzzedModules, path: "Tests/FuzzTests",
            exclude: ["CorpusTests.swift", "Corpus"],
            linkerSettings: [.unsafeFlags(["-sanitize=fuzzer,address", "-use-ld=lld"])])
        : .testTarget(
            name: "FuzzTests", dependencies: fuzzedModules + ["TestSupport"], exclude: ["LibFuzzer"],
            resources: [.copy("Corpus")]))

for target in package.targets where target.type != .system {
    var settings = target.swiftSettings ?? []
    settings.append(.treatAllWarnings(as: .error))
    settings.append(.enableUpcomingFeature("ExistentialAny"))
    settings.append(.enableUpcomingFeature("InternalImportsByDefault"))
    if isFuzzing { settings.append(.unsafeFlags(["-sanitize=fuzzer,address", "-parse-as-library"])) }
    target.swiftSettings = settings
    // The toolchain's own linker, which makes what relocation writes to read-only (RELRO). Of the system's, gold does on
    // Debian 12 and is gone from 13, whose other does not for programs of Swift.
    if target.type == .executable, !isFuzzing { target.linkerSettings = [.unsafeFlags(["-use-ld=lld"])] }
}
