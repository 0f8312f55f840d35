import Foundation
import Synchronization
import TestSupport

/// A mail host in front of databases of its own: a primary and a standby that follows it. The daemon's connection
/// string names both.
final class FailoverHost: Sendable {
    let primary: PostgresInstance
    let standby: PostgresInstance
    let tenant: MailHost.Tenant
    private let front: Front
    private let directory: TemporaryDirectory
    private let daemons = Mutex<[DaemonProcess]>([])

    var spool: String { directory.file("spool") }
    var postfix: PostfixInstance { front.postfix }
    var daemon: DaemonProcess { daemons.withLock { $0.last! } }

    /// Starts all of it. `synchronous`: the primary waits for the standby at each commit.
    init(synchronous: Bool) async throws {
        directory = try TemporaryDirectory("failover")
        primary = try PostgresInstance()
        try primary.createDatabase(MailHost.database)
        let configuration = try directory.write(
            "leverctl.yaml", "admin_database: \(primary.connectionString(database: MailHost.database))\n")
        let ctl = LeverCtl(configuration: configuration, passphrase: MailHost.passphrase)
        try ctl.check("init-db")
        try primary.query("CREATE ROLE \(MailHost.login) LOGIN IN ROLE lever_ingest")
        tenant = try MailHost.addTenant("Acme", "acme.example", sync: "limited", ctl, primary, directory)
        standby = try PostgresInstance(standbyOf: primary)
        if synchronous {
            try primary.query("ALTER SYSTEM SET synchronous_standby_names = '*'; SELECT pg_reload_conf()")
        }
        front = try Front.take()
        let (primary, standby) = (primary, standby)
        try directory.write(
            "lever-milter.yaml",
            MailHost.configuration(
                socket: "inet:\(front.port)@127.0.0.1", spool: directory.file("spool"),
                database: "host=127.0.0.1,127.0.0.1 port=\(primary.port),\(standby.port) dbname=\(MailHost.database) "
                    + "user=\(MailHost.login) connect_timeout=2") + "database_timeout: 20\n")
        try await waitUntil("the standby to follow") {
            try primary.query("SELECT state, sync_state FROM pg_stat_replication")
                == "streaming|\(synchronous ? "sync" : "async")"
        }
        try start()
    }

    deinit {
        for daemon in daemons.withLock({ $0 }) { _ = try? daemon.terminate() }
        front.giveBack()
    }

    func start() throws {
        let daemon = try DaemonProcess(configuration: directory.file("lever-milter.yaml"))
        daemons.withLock { $0.append(daemon) }
    }

    /// Log lines with `outcome=` so far, by queue ID.
    func stories() throws -> [String: [String]] {
        let lines = try daemons.withLock { $0 }.flatMap { try $0.lines() }.filter { $0.contains("outcome=") }
        return Dictionary(grouping: lines) { String($0.prefix { $0 != ":" }) }
    }

    func letter(_ subject: String) -> Letter { Letter(subject).answering(tenant.marker) }

    /// Sends a marked message in a session of its own and returns its queue ID.
    func send(_ subject: String) throws -> String {
        let client = try SMTPClient(port: postfix.port())
        let id = try client.send(letter(subject).bytes, from: "anna@home.example", to: ["rita@acme.example"])
        try client.quit()
        return id
    }

    /// Waits until the mail is in the mailbox: mail flows whatever happens to the database.
    func flows(_ queueID: String) async throws {
        try await waitUntil("\(queueID) to flow") { try !postfix.maildir.messages(queueID: queueID).isEmpty }
    }

    func waiting(_ area: String = "new") throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: "\(spool)/\(area)")
    }

    /// Queue IDs of the stored messages, one a line.
    func stored(in postgres: PostgresInstance) throws -> [String] {
        try postgres.query("SELECT queue_id FROM lever.message ORDER BY queue_id", database: MailHost.database)
            .split(separator: "\n").map(String.init)
    }

    /// Waits until the spool is empty, and returns what is stored.
    func delivered(to postgres: PostgresInstance, timeout: Double = 60) async throws -> [String] {
        try await waitUntil("everything to be delivered", timeout: timeout) {
            try waiting("new").isEmpty && waiting("redeliver").isEmpty
        }
        return try stored(in: postgres)
    }
}
