import Foundation
import Glibc
import Synchronization
import TestSupport

/// A mail host on which everything is right: a durable PostgreSQL, Postfix in its chroot, a lever-milter on a unix
/// socket below it, a company with keys, a registered signing key. Tests break it in one place, and repair it.
final class CheckedHost: Sendable {
    static let shared = Result { try CheckedHost() }

    static let name = "checked.example"

    let postgres: PostgresInstance
    let postfix: PostfixInstance
    /// leverctl of an administrator, on another machine.
    let admin: LeverCtl
    private let directory: TemporaryDirectory
    private let daemons = Mutex<[DaemonProcess]>([])

    var configuration: String { directory.file("host/lever-milter.yaml") }
    var signingKey: String { directory.file("host/signing.key") }
    /// leverctl of a company, on another machine.
    var privateKey: String { directory.file("admin/acme.pem") }
    var spool: String { directory.file("spool") }
    var socket: String { "\(postfix.queueDirectory)/lever-milter/milter.sock" }
    var daemon: DaemonProcess { daemons.withLock { $0.last! } }

    static let filter =
        "{ unix:lever-milter/milter.sock, connect_timeout=10s, command_timeout=30s, content_timeout=120s, "
        + "default_action=tempfail }"

    private init() throws {
        directory = try TemporaryDirectory("checked")
        try directory.makeDirectory("host")
        try directory.makeDirectory("admin")
        postgres = try PostgresInstance(settings: ["fsync": "on", "full_page_writes": "on", "synchronous_commit": "on"])
        try postgres.createDatabase("lever")
        try directory.write("admin/leverctl.yaml", "admin_database: \(postgres.connectionString(database: "lever"))\n")
        admin = LeverCtl(configuration: directory.file("admin/leverctl.yaml"), passphrase: MailHost.passphrase)
        try admin.check("init-db")
        try postgres.query(
            "CREATE ROLE mx LOGIN IN ROLE lever_ingest; CREATE ROLE watcher LOGIN IN ROLE lever_auditor")
        try admin.check(
            "company", "add", "Acme", "--domain", "acme.example", "--provider", "google", "--sync", "limited")
        try admin.check("key", "generate", "--company", "Acme", "--private-key", directory.file("admin/acme.pem"))
        try admin.check("access", "grant", "watcher", "--company", "Acme")
        try admin.check("host", "add", Self.name, "--signing-key", directory.file("host/signing.key"))
        postfix = try PostfixInstance(
            settings: """
                smtpd_milters = \(Self.filter)
                non_smtpd_milters = \(Self.filter)
                smtpd_forbid_bare_newline = normalize
                enable_threaded_bounces = yes
                internal_mail_filter_classes = bounce
                message_size_limit = 27000000
                """, chroot: true, services: [.smtp, .withoutChunking])
        try Command.check(["install", "-d", "-g", "postfix", "-m", "2750", "\(postfix.queueDirectory)/lever-milter"])
        try configure()
        try start()
    }

    /// Writes the daemon's configuration, with lines added or replaced, and `mode`. The daemon does not reload it
    /// again.
    func configure(_ settings: String = "", mode: UInt32 = 0o644) throws {
        func key(_ line: Substring) -> Substring { line.prefix { $0 != ":" } }
        let own = settings.split(separator: "\n")
        let usual = """
            socket: unix:\(socket)
            spool: \(spool)
            database: \(postgres.connectionString(database: "lever", user: "mx"))
            auditor_database: \(postgres.connectionString(database: "lever", user: "watcher"))
            host_name: \(Self.name)
            signing_key: \(signingKey)
            message_size_limit: 27000000
            in_flight_limit: 30000000
            done_limit: 30000000
            session_limit: 100
            retry_max: 1
            """.split(separator: "\n").filter { line in !own.contains { key($0) == key(line) } }
        try directory.write(
            "host/lever-milter.yaml", (usual + own).joined(separator: "\n") + "\n", mode: mode)
    }

    func start() throws {
        let daemon = try DaemonProcess(configuration: configuration)
        daemons.withLock { $0.append(daemon) }
    }

    func restart() throws {
        try daemon.terminate()
        try start()
    }

    func query(_ sql: String) throws { try postgres.query(sql, database: "lever") }

    func postconf(_ arguments: String...) throws {
        try Command.check(["postconf", "-c", postfix.configuration] + arguments)
        try age()
    }

    /// Postfix's programs wait until a newly written file is two seconds old.
    private func age() throws {
        try Command.check([
            "touch", "-d", "10 seconds ago", "\(postfix.configuration)/main.cf", "\(postfix.configuration)/master.cf",
        ])
    }

    // MARK: Looking

    /// Findings of the surroundings: tests run as root, on machines without a time server, and on a mail host whose
    /// senders nobody checks.
    private static let surroundings: Set = ["daemon.user", "clock.synchronised", "configuration.authserv_ids"]

    /// Runs the check, and drops findings of the surroundings.
    func check(as ctl: LeverCtl? = nil) throws -> (report: LeverCtlJSON.CheckReport, status: Int32) {
        let command = try (ctl ?? LeverCtl(configuration: configuration)).run(
            ["check", "--postfix-config", postfix.configuration, "--json"], timeout: 60)
        guard var report: LeverCtlJSON.CheckReport = try? LeverCtl.decode(command.output) else {
            throw HarnessError("leverctl check: \(command.status): \(command.text)\(command.errors)")
        }
        report.findings.removeAll { Self.surroundings.contains($0.id) }
        return (report, command.status)
    }

    /// Runs the shell command that an advice begins with, on this private Postfix.
    func follow(_ advice: String) throws {
        var command = String(advice.prefix { $0 != ";" })
        command = command.replacing("postconf -", with: "postconf -c \(postfix.configuration) -")
            .replacing(" && postfix reload", with: "")
        try Command.check(["bash", "-c", command])
        try age()
    }
}
