// SettingsFile: the configuration file of both programs, and the table of its keys. May use System, Core and libyaml.

public import Core
import Glibc
import System

/// The settings of lever-milter and leverctl, read from one YAML file. An unknown key is an error, so that a misspelt
/// one does not go unnoticed. `SettingsKey.all` says what each key means, how it is read, and what its default is; a
/// property is nil if its key has no default and the file does not set it. A plain value.
public struct Settings: Sendable {
    /// The file that these were read from.
    public let path: String

    public internal(set) var socket: SocketAddress?
    /// Permission bits.
    public internal(set) var socketMode: UInt32 = 0o660
    public internal(set) var metrics: SocketAddress?
    public internal(set) var database: String?
    /// A server on another host need not prove that it is the database.
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

    /// Reads a file. Every error names the file and, if there is one, the line.
    public static func load(path: String) throws(ConfigurationError) -> Settings {
        let text: [UInt8]
        do {
            text = try FileDescriptor(path, O_RDONLY).readToEnd()
        } catch {
            let advice = error.action == "open" ? "; give the file's path with --config" : ""
            throw ConfigurationError(path: path, error.reason + advice)
        }
        return try Settings(text, path: path)
    }

    init(_ text: [UInt8], path: String, credentials: CredentialStore = .system) throws(ConfigurationError) {
        self.path = path
        let document: YAMLDocument
        do {
            document = try YAMLDocument(text)
        } catch {
            throw ConfigurationError(path: path, line: error.line, error.problem)
        }
        var seen: Set<String> = []
        for entry in document.entries {
            let line = SettingsLine(entry: entry, path: path, credentials: credentials)
            guard seen.insert(entry.key).inserted else { throw line.error("is given twice; remove one") }
            guard let key = SettingsKey.all.first(where: { $0.name == entry.key }) else {
                let likely = SettingsKey.closest(to: entry.key).map { "'\($0)'" }.joined(separator: " or ")
                throw line.error(
                    "is not a known key; "
                        + (likely.isEmpty ? "lever-milter.yaml(5) lists the known ones" : "did you mean \(likely)?"))
            }
            try key.apply(line, &self)
        }
        guard retryMinimum <= retryMaximum else {
            throw ConfigurationError(path: path, "'retry_min' is larger than 'retry_max'; swap them")
        }
        guard messageSizeLimit <= inFlightLimit else {
            throw ConfigurationError(
                path: path, "'in_flight_limit' is smaller than 'message_size_limit'; raise it, or lower that one")
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

    /// The value of a key that the calling program cannot do without. Throws if the file does not have it.
    public func require<Value>(_ key: String, _ value: KeyPath<Settings, Value?>) throws(ConfigurationError) -> Value {
        guard let value = self[keyPath: value] else {
            throw ConfigurationError(path: path, "'\(key)' is missing; add it")
        }
        return value
    }
}
