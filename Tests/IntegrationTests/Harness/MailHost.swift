import Core
import Synchronization
import TestSupport

/// A mail host and a database, set up as an operator would: PostgreSQL, a schema, companies with keys, a candidate and
/// a thread each; lever-milter, and Postfix in front of it, with a proxy between them that counts.
final class MailHost: Sendable {
    static let shared = Result { try MailHost() }

    /// A company with one candidate and one thread.
    struct Tenant: Sendable {
        let id: Int64
        let name: String
        let domain: String
        let candidate: Int64
        let thread: Int64
        /// The message id that marks the thread, with angle brackets.
        let marker: String
        let privateKey: String
        /// A super admin of the company.
        let ctl: LeverCtl
    }

    /// The database that holds everything of ours.
    static let database = "lever"
    /// The mail host's login, a member of lever_ingest and nothing else.
    static let login = "mx1"
    static let passphrase = "velvet otter saddles comet"

    let postgres: PostgresInstance
    let postfix: PostfixInstance
    let proxy: MilterProxy
    /// An administrator's leverctl; reads as a super admin of Acme.
    let ctl: LeverCtl
    /// On limited sync, acme.example.
    let acme: Tenant
    /// On limited sync, initech.example.
    let initech: Tenant
    /// On full sync, globex.example.
    let globex: Tenant
    /// Off, hooli.example.
    let hooli: Tenant
    /// Where miltertest finds the filter, past the proxy.
    let milterPort: UInt16
    let directory: TemporaryDirectory

    /// All daemons so far, the running one last.
    private let daemons = Mutex<[DaemonProcess]>([])

    /// Bytes; a message of 25 MiB fits.
    static let messageSizeLimit = 27_000_000

    var spool: String { directory.file("spool") }
    /// leverctl's configuration.
    var configuration: String { directory.file("leverctl.yaml") }

    private init() throws {
        directory = try TemporaryDirectory("mailhost")
        postgres = try PostgresInstance()
        milterPort = try Loopback.freePort()
        proxy = try MilterProxy(to: milterPort)
        try postgres.createDatabase(Self.database)
        try directory.write(
            "leverctl.yaml",
            """
            admin_database: \(postgres.connectionString(database: Self.database))
            reader_database: \(postgres.connectionString(database: Self.database, user: "super_acme"))
            spool: \(directory.file("spool"))

            """)
        ctl = LeverCtl(configuration: directory.file("leverctl.yaml"), passphrase: Self.passphrase)
        try ctl.check("init-db")
        try postgres.query("CREATE ROLE \(Self.login) LOGIN IN ROLE lever_ingest")
        acme = try Self.addTenant("Acme", "acme.example", sync: "limited", ctl, postgres, directory)
        initech = try Self.addTenant("Initech", "initech.example", sync: "limited", ctl, postgres, directory)
        globex = try Self.addTenant("Globex", "globex.example", sync: "full", ctl, postgres, directory)
        hooli = try Self.addTenant("Hooli", "hooli.example", sync: "off", ctl, postgres, directory)
        try directory.write(
            "lever-milter.yaml",
            Self.configuration(
                socket: "inet:\(milterPort)@127.0.0.1", spool: directory.file("spool"),
                database: postgres.connectionString(database: Self.database, user: Self.login)))
        postfix = try PostfixInstance(
            settings: """
                smtpd_milters = inet:127.0.0.1:\(proxy.port)
                non_smtpd_milters = inet:127.0.0.1:\(proxy.port)
                """)
        try startDaemon()
    }

    static func addTenant(
        _ name: String, _ domain: String, sync: String, _ ctl: LeverCtl, _ postgres: PostgresInstance,
        _ directory: TemporaryDirectory, database: String = database
    ) throws -> Tenant {
        let company: LeverCtlJSON.Added = try ctl.json(
            "company", "add", name, "--domain", domain, "--provider", "google", "--sync", sync)
        let key = directory.file("\(domain).pem")
        try ctl.check("key", "generate", "--company", name, "--private-key", key)
        let candidate: LeverCtlJSON.Added = try ctl.json(
            "candidate", "add", "--company", name, "--name", "Anna Berg", "--email", "anna@home.example")
        let thread: LeverCtlJSON.StartedThread = try ctl.json(
            "thread", "start", "--company", name, "--candidate", "\(candidate.id)")
        // Logins belong to the cluster, not to the database.
        let login = "super_\(name.lowercased())\(database == Self.database ? "" : "_\(database)")"
        try postgres.query("CREATE ROLE \(login) LOGIN IN ROLE lever_reader")
        try ctl.check(
            "user", "add", login, "--company", name, "--role", "super-admin", "--email", "super@\(domain)")
        let configuration = try directory.write(
            "\(login).yaml",
            "reader_database: \(postgres.connectionString(database: database, user: login))\n")
        return Tenant(
            id: company.id, name: name, domain: domain, candidate: candidate.id, thread: thread.thread,
            marker: thread.messageId, privateKey: key,
            ctl: LeverCtl(configuration: configuration, passphrase: Self.passphrase))
    }

    /// A daemon's configuration: quick to retry, so that tests need not wait.
    static func configuration(socket: String, spool: String, database: String) -> String {
        """
        socket: \(socket)
        spool: \(spool)
        database: \(database)
        message_size_limit: \(messageSizeLimit)
        retry_min: 1
        retry_max: 1

        """
    }

    // MARK: The daemon

    /// The daemon's connection string.
    var ingestDatabase: String { postgres.connectionString(database: Self.database, user: Self.login) }

    var daemon: DaemonProcess { daemons.withLock { $0.last! } }

    func startDaemon() throws {
        let daemon = try DaemonProcess(configuration: directory.file("lever-milter.yaml"))
        daemons.withLock { $0.append(daemon) }
    }

    /// All lines logged by the daemons so far.
    func log() throws -> [String] {
        try daemons.withLock { $0 }.flatMap { try $0.lines() }
    }

    /// The last line about a message.
    struct Story {
        let line: String
        /// The `name=value` pairs in it.
        let values: [String: String]

        init(_ line: String) {
            self.line = line
            values = Dictionary(
                line.split(separator: " ").compactMap { word in
                    word.firstIndex(of: "=").map { (String(word[..<$0]), String(word[word.index(after: $0)...])) }
                }, uniquingKeysWith: { first, _ in first })
        }

        var outcome: String? { values["outcome"] }
        var entry: String { values["entry"] ?? "" }
    }

    /// Waits for a message's outcome in the log.
    func story(of queueID: String, timeout: Double = 30) async throws -> Story {
        try await waitFor("the outcome of \(queueID)", timeout: timeout) { try stories(of: queueID).first }
    }

    /// A message's outcomes in the log so far: at most one.
    func stories(of queueID: String) throws -> [Story] {
        try log().filter { $0.hasPrefix("\(queueID): ") && $0.contains("outcome=") }.map(Story.init)
    }

    // MARK: Mail

    /// Sends a message in a session of its own and returns its queue ID.
    func send(
        _ letter: Letter, from: String = "anna@home.example", to: [String] = ["rita@acme.example"],
        by service: PostfixInstance.Service = .smtp
    ) throws -> String {
        let client = try SMTPClient(port: postfix.port(service))
        let id = try client.send(letter.bytes, from: from, to: to)
        try client.quit()
        return id
    }

    /// Waits until a message is in the mailbox, and returns the copies of it.
    func delivered(_ queueID: String, copies: Int = 1) async throws -> [Maildir.Message] {
        try await waitFor("delivery of \(queueID)") {
            let messages = try postfix.maildir.messages(queueID: queueID)
            return messages.count >= copies ? messages : nil
        }
    }

    // MARK: What was stored

    /// A stored message, opened: the raw bytes.
    func export(_ story: Story, of tenant: Tenant) throws -> [UInt8] {
        try tenant.ctl.check(
            "message", "export", story.entry, "--company", tenant.name, "--private-key", tenant.privateKey, "--out", "-"
        )
    }

    /// Runs SQL as the superuser in our database.
    @discardableResult
    func query(_ sql: String) throws -> String {
        try postgres.query(sql, database: Self.database)
    }

    /// Waits for a message's row in the delivery log, and returns its outcome.
    func recorded(_ queueID: String) async throws -> String {
        try await waitFor("the delivery record of \(queueID)") {
            let outcome = try query("SELECT outcome FROM lever.delivery WHERE queue_id = '\(queueID)'")
            return outcome.isEmpty ? nil : outcome
        }
    }
}
