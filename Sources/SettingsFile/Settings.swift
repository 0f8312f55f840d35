// SettingsFile: the configuration files of both programs, and the table of their keys. May use System, Core and libyaml.

public import Core
import Glibc
import System

/// The settings of lever-milter and leverctl, read from YAML files: the daemon's from one, leverctl's also from several
/// and from the environment. An unknown key is an error, so that a misspelt one does not go unnoticed. `SettingsKey.all`
/// says what each key means, how it is read, and what its default is; a property is nil if its key has no default and
/// nothing sets it. A plain value.
public struct Settings: Sendable {
    /// The files that were looked for, in the order of reading.
    public internal(set) var files: [SettingsFile]
    /// The values that were set, by key.
    public internal(set) var given: [String: GivenSetting] = [:]
    /// The files in which `insecure_database` is `yes`.
    private var insecureFiles: Set<String> = []

    public internal(set) var socket: SocketAddress?
    /// Permission bits.
    public internal(set) var socketMode: UInt32 = 0o660
    public internal(set) var metrics: SocketAddress?
    public internal(set) var database: String?
    /// A server on another host need not prove that it is the database. In leverctl, see
    /// `allowsInsecureDatabase(in:)`.
    public internal(set) var allowsInsecureDatabase = false
    /// Seconds.
    public internal(set) var databaseTimeout = 90
    public internal(set) var hostName: String?
    /// A file's path, also if the setting names a credential.
    public internal(set) var signingKey: String?
    public internal(set) var adminDatabase: String?
    public internal(set) var readerDatabase: String?
    public internal(set) var rekeyDatabase: String?
    public internal(set) var retentionDatabase: String?
    public internal(set) var auditorDatabase: String?
    public internal(set) var operatorDatabase: String?
    public internal(set) var unconfirmedAddresses = UnconfirmedAddresses.send
    public internal(set) var smimeAuthorities: String?
    /// By name or id.
    public internal(set) var company: String?
    /// Paths, absolute unless they are from the environment.
    public internal(set) var privateKeys: [String] = []
    /// A login.
    public internal(set) var from: String?
    public internal(set) var passphraseStore = PassphraseStoreKind.none
    /// Seconds.
    public internal(set) var passphraseTimeout = 3600
    public internal(set) var spool: String?
    /// In lower case.
    public internal(set) var markerDomains = ["hire.lever.co", "hire.eu.lever.co"]
    /// In lower case.
    public internal(set) var authservIDs: [String] = []
    public internal(set) var internalHosts = IPNetwork.loopback
    /// Bytes.
    public internal(set) var messageSizeLimit = 52_428_800
    public internal(set) var sessionLimit = 1000
    /// Bytes.
    public internal(set) var inFlightLimit = 1_073_741_824
    /// Seconds.
    public internal(set) var routingPollInterval = 60
    public internal(set) var deliveryBatch = 64
    /// Seconds.
    public internal(set) var retryMinimum = 1
    /// Seconds.
    public internal(set) var retryMaximum = 300
    /// Seconds.
    public internal(set) var doneRetention = 3600
    /// Bytes.
    public internal(set) var doneLimit = 1_073_741_824
    public internal(set) var logLevel = "info"
    public internal(set) var logFormat = LogFormat.text
    public internal(set) var logDestination = LogDestination.standardError

    /// Reads one file. Every error names the file and, if there is one, the line.
    public static func load(path: String) throws(ConfigurationError) -> Settings {
        try Settings(SettingsPlaces([SettingsFile(path, .named)]))
    }

    /// Reads the files that are there and that this user may read, and then the environment. Every error names the file
    /// and line, or the variable.
    public init(_ places: SettingsPlaces) throws(ConfigurationError) {
        files = places.files
        for index in files.indices {
            if let text = try files[index].contents() { try read(text, from: files[index], .system) }
        }
        try read(places.variables)
        try checkTogether()
    }

    init(_ text: [UInt8], path: String, credentials: CredentialStore = .system) throws(ConfigurationError) {
        var file = SettingsFile(path, .named)
        file.state = .read
        files = [file]
        try read(text, from: file, credentials)
        try checkTogether()
    }

    private mutating func read(
        _ text: [UInt8], from file: SettingsFile, _ credentials: CredentialStore
    ) throws(ConfigurationError) {
        let document: YAMLDocument
        do {
            document = try YAMLDocument(text)
        } catch {
            throw ConfigurationError(path: file.path, line: error.line, error.problem)
        }
        var seen: Set<String> = []
        for entry in document.entries {
            let line = SettingsLine(
                entry: entry, origin: .file(path: file.path, line: entry.line), credentials: credentials)
            guard seen.insert(entry.key).inserted else { throw line.error("is given twice; remove one") }
            guard let key = SettingsKey.all.first(where: { $0.name == entry.key }) else {
                let likely = SettingsKey.closest(to: entry.key).map { "'\($0)'" }.joined(separator: " or ")
                throw line.error(
                    "is not a known key; "
                        + (likely.isEmpty ? "lever-milter.yaml(5) lists the known ones" : "did you mean \(likely)?"))
            }
            guard !file.kind.isOfLeverctl || key.program != .daemon else {
                throw line.error("is a key of lever-milter and means nothing here; set it in \(SettingsPlaces.daemonFile)")
            }
            try take(line, as: key)
        }
        if seen.contains("insecure_database"), allowsInsecureDatabase { insecureFiles.insert(file.path) }
    }

    private mutating func read(_ variables: [String: String]) throws(ConfigurationError) {
        for key in SettingsKey.all {
            guard let variable = key.variable, let text = variables[variable.name] else { continue }
            let entry = YAMLDocument.Entry(key: key.name, value: variable.value(text), line: 0)
            try take(
                SettingsLine(entry: entry, origin: .variable(variable.name), credentials: .system), as: key)
        }
    }

    private mutating func take(_ line: SettingsLine, as key: SettingsKey) throws(ConfigurationError) {
        try key.apply(line, &self)
        given[key.name] = GivenSetting(values: line.list(), origin: line.origin)
    }

    /// Throws if values contradict each other.
    private func checkTogether() throws(ConfigurationError) {
        guard retryMinimum <= retryMaximum else {
            throw ConfigurationError(path: place(of: "retry_min"), "'retry_min' is larger than 'retry_max'; swap them")
        }
        guard messageSizeLimit <= inFlightLimit else {
            throw ConfigurationError(
                path: place(of: "in_flight_limit"),
                "'in_flight_limit' is smaller than 'message_size_limit'; raise it, or lower that one")
        }
    }

    /// The connection strings that are set, with their keys.
    public var databases: [(key: String, conninfo: String)] {
        let all = [
            ("database", database), ("admin_database", adminDatabase), ("reader_database", readerDatabase),
            ("rekey_database", rekeyDatabase), ("retention_database", retentionDatabase),
            ("auditor_database", auditorDatabase), ("operator_database", operatorDatabase),
        ]
        return all.compactMap { key, value in value.map { (key, $0) } }
    }

    /// Whether the file that sets a key allows connection strings that are not secure. A file speaks for itself alone.
    public func allowsInsecureDatabase(in key: String) -> Bool {
        guard case .file(let path, _) = given[key]?.origin else { return false }
        return insecureFiles.contains(path)
    }
}
