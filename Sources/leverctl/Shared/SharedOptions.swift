import ArgumentParser
import SettingsFile
import Glibc
import Store

/// What every command takes: where the configuration is, and the form of the output.
struct SharedOptions: ParsableArguments {
    @Option(help: ArgumentHelp("The configuration file; else $LEVER_CONFIG, else \(defaultPath).", valueName: "file"))
    var config: String?

    @Flag(help: "Print one JSON document.")
    var json = false

    private static let defaultPath = "/etc/lever-milter/lever-milter.yaml"

    func settings() throws -> Settings {
        let environment = getenv("LEVER_CONFIG").map { String(cString: $0) }
        return try .load(path: config ?? environment ?? Self.defaultPath)
    }

    /// Tells what was done: a record as JSON, or a text for people.
    func show(_ record: some Encodable, _ text: String) throws {
        if json { try printJSON(record) } else { print(text) }
    }

    /// The connection string of leverctl's own login.
    func database() throws -> String {
        try settings().require("admin_database", \.adminDatabase)
    }

    /// A connection for the commands that change something.
    func administration() throws -> OwnerSession {
        try OwnerSession(database())
    }

    /// A connection for the commands that read messages.
    func timeline() throws -> ReaderSession { try ReaderSession(database("reader_database", \.readerDatabase)) }

    /// A connection for re-wrapping keys.
    func rekeying() throws -> RekeySession { try RekeySession(database("rekey_database", \.rekeyDatabase)) }

    /// A connection for erasing what is older than companies keep.
    func retention() throws -> RetentionSession {
        try RetentionSession(database("retention_database", \.retentionDatabase))
    }

    /// A connection for the audit.
    func audit() throws -> AuditorSession { try AuditorSession(database("auditor_database", \.auditorDatabase)) }

    /// A connection for the database's catalogue.
    func accessCatalog(asAuditor: Bool) throws -> AccessCatalog {
        try AccessCatalog(
            asAuditor ? database("auditor_database", \.auditorDatabase) : database(), asAuditor: asAuditor)
    }

    /// The connection string of a login that works as another role than an administrator's may.
    private func database(_ key: String, _ role: KeyPath<Settings, String?>) throws -> String {
        try settings().require(key, role)
    }
}
