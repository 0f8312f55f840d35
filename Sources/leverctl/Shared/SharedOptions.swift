import ArgumentParser
import SettingsFile
import Store

/// The options of every command: the configuration file and the form of the output.
struct SharedOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The one configuration file; else $LEVER_CONFIG, else those that leverctl settings lists.",
            valueName: "file"), completion: .file())
    var config: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    /// Refuses a connection string that is not secure, unless its file allows those.
    func settings() throws -> Settings {
        let settings = try loadedSettings()
        for (key, conninfo) in settings.databases where !settings.allowsInsecureDatabase(in: key) {
            do throws(UnverifiedServer) {
                try UnverifiedServer.check(conninfo)
            } catch {
                throw CommandError("'\(key)' in \(settings.place(of: key)): \(error)")
            }
        }
        return settings
    }

    /// For commands that connect to nothing before they have looked.
    func loadedSettings() throws(ConfigurationError) -> Settings { try Settings(SettingsPlaces(named: config)) }

    /// Shows a result: as one JSON document, or as text.
    func show(_ record: some Encodable, _ text: String) throws {
        if json { try printJSON(record) } else { print(text) }
    }

    /// The connection string of the administrator's login.
    func ownerDatabase() throws -> String { try settings().require("admin_database", \.adminDatabase) }

    /// For commands of administrators.
    func ownerSession() throws -> OwnerSession { try OwnerSession(ownerDatabase()) }

    /// For commands that open messages, and those of users.
    func readerSession() throws -> ReaderSession {
        try ReaderSession(settings().require("reader_database", \.readerDatabase))
    }

    /// For re-wrapping.
    func rekeySession() throws -> RekeySession {
        try RekeySession(settings().require("rekey_database", \.rekeyDatabase))
    }

    /// For erasing expired messages.
    func retentionSession() throws -> RetentionSession {
        try RetentionSession(settings().require("retention_database", \.retentionDatabase))
    }

    /// For reading the audit.
    func auditorSession() throws -> AuditorSession { try AuditorSession(auditorDatabase()) }

    /// For the database's catalogue of rights.
    func accessCatalog(asAuditor: Bool) throws -> AccessCatalog {
        try AccessCatalog(asAuditor ? auditorDatabase() : ownerDatabase(), asAuditor: asAuditor)
    }

    private func auditorDatabase() throws -> String {
        try settings().require("auditor_database", \.auditorDatabase)
    }
}
