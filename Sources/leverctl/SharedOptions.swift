import ArgumentParser
import Configuration
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

    /// The connection string of leverctl's own login.
    func database() throws -> String {
        try settings().require("admin_database", \.adminDatabase)
    }

    /// A connection for the commands that change something.
    func administration() throws -> Administration {
        try Administration(database())
    }

    /// A connection for the commands that read messages.
    func timeline() throws -> Timeline { try Timeline(database(\.readerDatabase)) }

    /// A connection for re-wrapping keys.
    func rekeying() throws -> Rekeying { try Rekeying(database(\.rekeyDatabase)) }

    /// A connection for erasing what is older than companies keep.
    func retention() throws -> Retention { try Retention(database(\.retentionDatabase)) }

    /// A connection for the audit.
    func audit() throws -> Audit { try Audit(database(\.auditorDatabase)) }

    /// A connection for the database's catalogue.
    func accessCatalog(asAuditor: Bool) throws -> AccessCatalog {
        try AccessCatalog(asAuditor ? database(\.auditorDatabase) : database(), asAuditor: asAuditor)
    }

    /// The connection string of a role, else that of leverctl's own login.
    private func database(_ role: KeyPath<Settings, String?>) throws -> String {
        let settings = try settings()
        return try settings[keyPath: role] ?? settings.require("admin_database", \.adminDatabase)
    }
}
