import Foundation
import TestSupport

/// The daemon's surroundings: a PostgreSQL that keeps what it committed, a Postfix, and companies with candidates and
/// threads, set up by leverctl as an administrator does it.
final class Site: Sendable {
    struct Thread: Sendable {
        let candidate: Int64
        /// The message id that marks the thread, with angle brackets.
        let marker: String
    }

    struct Company: Sendable {
        let name: String
        let domain: String
        let privateKey: String
        let threads: [Thread]
        /// leverctl of a user who may read everything of the company.
        let reader: LeverCtl
    }

    let postgres: PostgresInstance
    let postfix: PostfixInstance
    /// On limited sync: their marked mail is to be stored.
    let companies: [Company]
    /// On full sync: none of its mail is to be stored.
    let fullSync: Company
    let directory: TemporaryDirectory

    private static let database = "lever"
    private static let passphrase = "velvet otter saddles comet"
    private static let threadsPerCompany = 6

    var spool: String { directory.file("spool") }
    /// The daemon's.
    var configuration: String { directory.file("lever-milter.yaml") }

    /// The daemon's socket is on this port, held by the supervisor, and the daemon's descriptor 3.
    init(milterPort: UInt16) throws {
        directory = try TemporaryDirectory("soak")
        // A crash of the server must not take back what it committed.
        postgres = try PostgresInstance(settings: ["synchronous_commit": "on", "autovacuum": "on"])
        try postgres.createDatabase(Self.database)
        let (postgres, directory) = (postgres, directory)
        func conninfo(_ user: String) -> String { postgres.connectionString(database: Self.database, user: user) }
        let ctl = LeverCtl(
            configuration: try directory.write(
                "leverctl.yaml",
                """
                admin_database: \(conninfo("postgres"))
                spool: \(directory.file("spool"))

                """), passphrase: Self.passphrase)
        try ctl.check("init-db")
        try postgres.query("CREATE ROLE mx1 LOGIN IN ROLE lever_ingest")
        companies = try ["acme", "initech", "umbrella"].map {
            try Self.add($0, sync: "limited", threads: Self.threadsPerCompany, ctl, postgres, directory)
        }
        fullSync = try Self.add("globex", sync: "full", threads: 1, ctl, postgres, directory)
        try ctl.check("host", "add", "mx1", "--signing-key", directory.file("mx1.key"))
        try directory.write(
            "lever-milter.yaml",
            """
            socket: fd:3
            database: \(conninfo("mx1"))
            spool: \(directory.file("spool"))
            host_name: mx1
            signing_key: \(directory.file("mx1.key"))
            routing_poll_interval: 5
            retry_max: 2

            """)
        // Broken-off messages make Postfix believe that more comes in than goes out, and delay each message by a
        // second.
        postfix = try PostfixInstance(
            settings: """
                virtual_transport = discard:
                enable_long_queue_ids = yes
                in_flow_delay = 0
                smtpd_milters = { inet:127.0.0.1:\(milterPort), command_timeout=30s, content_timeout=120s, \
                default_action=tempfail }
                """)
    }

    private static func add(
        _ name: String, sync: String, threads: Int, _ ctl: LeverCtl, _ postgres: PostgresInstance,
        _ directory: TemporaryDirectory
    ) throws -> Company {
        let domain = "\(name).example"
        let key = directory.file("\(name).pem")
        try ctl.check("company", "add", name, "--domain", domain, "--provider", "google", "--sync", sync)
        try ctl.check("key", "generate", "--company", name, "--private-key", key)
        // Every user has a login, and every login one company.
        let login = "reader_\(name)"
        try postgres.query("CREATE ROLE \(login) LOGIN IN ROLE lever_reader")
        try ctl.check("user", "add", login, "--company", name, "--role", "super-admin", "--email", "reader@\(domain)")
        let reader = LeverCtl(
            configuration: try directory.write(
                "\(login).yaml",
                "reader_database: \(postgres.connectionString(database: database, user: login))\n"),
            passphrase: passphrase)
        let started = try (1...threads).map { number in
            let candidate: LeverCtlJSON.Added = try ctl.json(
                "candidate", "add", "--company", name, "--name", "Anna", "--email", "anna\(number)@home.example")
            let thread: LeverCtlJSON.StartedThread = try ctl.json(
                "thread", "start", "--company", name, "--candidate", "\(candidate.id)")
            return Thread(candidate: candidate.id, marker: thread.messageId)
        }
        return Company(name: name, domain: domain, privateKey: key, threads: started, reader: reader)
    }

    // MARK: What is stored

    func timeline(_ company: Company, _ thread: Thread) throws -> [LeverCtlJSON.Timeline.Message] {
        let command = try company.reader.run(
            [
                "timeline", "--company", company.name, "--candidate", "\(thread.candidate)", "--private-key",
                company.privateKey, "--json",
            ], timeout: 1800)
        guard let timeline: LeverCtlJSON.Timeline = try? LeverCtl.decode(command.output) else {
            throw HarnessError("leverctl timeline: \(command.errors)")
        }
        return timeline.messages
    }

    /// Rows of `lever.message` in all threads.
    func storedCount() throws -> Int { Int(try query("SELECT count(*) FROM lever.message")) ?? 0 }

    /// Outcomes in the delivery log, by queue ID. A message may have several.
    func outcomes() throws -> [String: Set<String>] {
        var outcomes: [String: Set<String>] = [:]
        for line in try query("SELECT queue_id, outcome FROM lever.delivery").split(separator: "\n") {
            let columns = line.split(separator: "|")
            outcomes[String(columns[0]), default: []].insert(String(columns[1]))
        }
        return outcomes
    }

    /// Files in one of the spool's directories.
    func spooled(_ name: String) throws -> Int {
        try FileManager.default.contentsOfDirectory(atPath: "\(spool)/\(name)").count
    }

    private func query(_ sql: String) throws -> String { try postgres.query(sql, database: Self.database) }
}
