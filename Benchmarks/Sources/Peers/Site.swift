import TestSupport

/// The daemon's surroundings: a private PostgreSQL that waits for its disk as in production, and a company on limited
/// sync with a candidate and a thread, set up by leverctl as an administrator does it.
final class Site {
    let postgres: PostgresInstance
    let directory: TemporaryDirectory
    let ctl: LeverCtl
    /// The message id that marks the thread, with angle brackets.
    let marker: String
    let company: Int64
    let thread: Int64

    static let database = "lever"

    var spool: String { directory.file("spool") }
    /// The mail host's login.
    var ingestDatabase: String { postgres.connectionString(database: Self.database, user: "mx1") }

    /// `settings`: of PostgreSQL, besides those of a production server.
    init(settings: [String: String] = [:]) throws {
        directory = try TemporaryDirectory("benchmark")
        let usual = [
            "fsync": "on", "synchronous_commit": "on", "full_page_writes": "on", "autovacuum": "on",
            "shared_buffers": "512MB", "max_wal_size": "4GB",
        ]
        postgres = try PostgresInstance(settings: usual.merging(settings) { $1 })
        try postgres.createDatabase(Self.database)
        ctl = LeverCtl(
            configuration: try directory.write(
                "leverctl.yaml",
                "admin_database: \(postgres.connectionString(database: Self.database))\nspool: \(directory.file("spool"))\n"
            ),
            passphrase: "velvet otter saddles comet")
        try ctl.check("init-db")
        try postgres.query("CREATE ROLE mx1 LOGIN IN ROLE lever_ingest")
        let added: LeverCtlJSON.Added = try ctl.json(
            "company", "add", "Acme", "--domain", "acme.example", "--provider", "google", "--sync", "limited")
        company = added.id
        try ctl.check("key", "generate", "--company", "Acme", "--private-key", directory.file("acme.pem"))
        let candidate: LeverCtlJSON.Added = try ctl.json(
            "candidate", "add", "--company", "Acme", "--name", "Anna", "--email", "anna@home.example")
        let started: LeverCtlJSON.StartedThread = try ctl.json(
            "thread", "start", "--company", "Acme", "--candidate", "\(candidate.id)")
        (thread, marker) = (started.thread, started.messageId)
        try ctl.check("host", "add", "mx1", "--signing-key", directory.file("mx1.key"))
    }

    /// Runs SQL as the administrator.
    @discardableResult
    func query(_ sql: String) throws -> String { try postgres.query(sql, database: Self.database) }
}
