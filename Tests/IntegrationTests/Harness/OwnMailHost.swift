import Synchronization
import TestSupport

/// Another mail host on the shared database, or on its own: a lever-milter with a Postfix in front of it. It polls
/// often, so that tests need not wait.
final class OwnMailHost: Sendable {
    let name: String
    /// Between Postfix and the daemon, if requested.
    let proxy: MilterProxy?
    private let front: Front
    private let postgres: PostgresInstance
    private let directory: TemporaryDirectory
    private let daemons = Mutex<[DaemonProcess]>([])
    private let faults: FaultInjection?

    var postfix: PostfixInstance { front.postfix }
    let spool: String
    private var configuration: String { directory.file("lever-milter.yaml") }

    /// Starts both, and a proxy between them if requested. `signingKey` is its file; `postgres` has the database, if
    /// not the shared one; `spool` is the spool's directory; `pollInterval` is in seconds; `configuration` comes after
    /// what the others make of it. Without `faults`, none can be set later either.
    init(
        _ name: String, signingKey: String? = nil, postgres: PostgresInstance? = nil, spool: String? = nil,
        pollInterval: Int = 1, behindProxy: Bool = false, faults: [Fault]? = nil,
        configuration: String = ""
    ) throws {
        self.name = name
        self.postgres = try postgres ?? MailHost.shared.get().postgres
        directory = try TemporaryDirectory("ownhost")
        self.spool = spool ?? directory.file("spool")
        self.faults = try faults.map { _ in try FaultInjection() }
        front = try Front.take()
        let port = behindProxy ? try Loopback.freePort() : front.port
        proxy = behindProxy ? try MilterProxy(to: port, at: front.port) : nil
        let common = MailHost.configuration(
            socket: "inet:\(port)@127.0.0.1", spool: self.spool,
            database: self.postgres.connectionString(database: MailHost.database, user: MailHost.login))
        try directory.write(
            "lever-milter.yaml",
            common + "host_name: \(name)\nrouting_poll_interval: \(pollInterval)\n"
                + (signingKey.map { "signing_key: \($0)\n" } ?? "") + configuration)
        if let faults { try set(faults) }
        try start()
    }

    /// So that key rotations do not wait for this host after the test.
    deinit {
        for daemon in daemons.withLock({ $0 }) { _ = try? daemon.terminate() }
        _ = try? query("DELETE FROM lever.mail_host WHERE host = '\(name)'")
        proxy?.stop()
        front.giveBack()
    }

    var daemon: DaemonProcess { daemons.withLock { $0.last! } }

    func start() throws {
        let daemon = try DaemonProcess(configuration: configuration, faults: faults)
        daemons.withLock { $0.append(daemon) }
    }

    /// Starts the daemon with a database that does not answer.
    func startWithoutDatabase() throws {
        let text = String(decoding: try contents(of: configuration), as: UTF8.self)
        let away = "host=127.0.0.1 port=\(try Loopback.freePort()) dbname=lever user=\(MailHost.login)"
        try directory.write(
            "lever-milter.yaml",
            text.split(separator: "\n").map { $0.hasPrefix("database:") ? "database: \(away)" : String($0) }
                .joined(separator: "\n") + "\n")
        try start()
    }

    /// Sets the faults of the daemon. In paths, `{spool}` is its spool and `{filter}` its end of a connection of
    /// Postfix; in contents, `{host}` is its name.
    func set(_ faults: [Fault]) throws {
        try injection.set(
            faults.map {
                $0.replacing("{spool}", with: spool).replacing("{filter}", with: "local:\(front.port) ")
                    .replacing("{host}", with: name)
            })
    }

    /// Waits until a fault was hit.
    func hit(_ fault: String) async throws { try await injection.hit(fault) }

    /// The faults hit so far, in order.
    func hits() throws -> [String] { try injection.hits() }

    private var injection: FaultInjection { faults ?? { preconditionFailure("\(name) has no faults") }() }

    /// Flushes the spool, as an operator does.
    func flush() throws { try LeverCtl(configuration: configuration).check("queue", "flush") }

    /// Waits until rotations take this host into account.
    func isKnown() async throws {
        try await waitUntil("\(name) to say which routing it has") {
            try query("SELECT count(*) FROM lever.mail_host WHERE host = '\(name)'") == "1"
        }
    }

    func log() throws -> [String] {
        try daemons.withLock { $0 }.flatMap { try $0.lines() }
    }

    /// Sends a message in a session of its own and returns its queue ID.
    @discardableResult
    func send(_ letter: Letter, from: String = "anna@home.example", to: String...) throws -> String {
        let client = try SMTPClient(port: postfix.port())
        let id = try client.send(letter.bytes, from: from, to: to)
        try client.quit()
        return id
    }

    /// Sends a message in a session of its own and returns the reply to its end; 421 if the session was cut off.
    func transfer(_ letter: Letter, from: String = "anna@home.example") throws -> SMTPReply {
        try SMTPClient(port: postfix.port()).transfer(letter.bytes, from: from, to: ["rita@acme.example"])
    }

    // MARK: What there is

    private func query(_ sql: String) throws -> String { try postgres.query(sql, database: MailHost.database) }

    /// The complete entries in the database from this host.
    func stored() throws -> [String] {
        try query(
            """
            SELECT entry_id FROM lever.message AS m WHERE host = '\(name)' AND tail_size = (
                SELECT sum(octet_length(bytes)) FROM lever.message_part AS p
                WHERE p.company_id = m.company_id AND p.entry_id = m.entry_id)
            """
        ).split(separator: "\n").map(String.init)
    }

    /// The files in the directories of the spool, such as `new/ENTRY`, sorted.
    func files() throws -> [String] {
        try Command.check(["find", spool, "-mindepth", "2", "-type", "f", "-printf", "%P\\n"])
            .split(separator: "\n").map(String.init).sorted()
    }

    /// Waits for a message's outcome in the log.
    @discardableResult
    func story(of queueID: String) async throws -> MailHost.Story {
        try await waitFor("the outcome of \(queueID)") {
            try log().first { $0.hasPrefix("\(queueID): ") && $0.contains("outcome=") }.map(MailHost.Story.init)
        }
    }
}

/// A Postfix with its filter on a port of its own. It takes seconds to start, so tests share it one after the other.
final class Front: Sendable {
    let port: UInt16
    let postfix: PostfixInstance

    private static let free = Mutex<[Front]>([])

    static func take() throws -> Front {
        try free.withLock { $0.popLast() } ?? Front()
    }

    private init() throws {
        port = try Loopback.freePort()
        postfix = try PostfixInstance(
            settings: """
                smtpd_milters = inet:127.0.0.1:\(port)
                non_smtpd_milters = inet:127.0.0.1:\(port)
                """)
    }

    func giveBack() {
        guard postfix.isRunning else { return }
        Self.free.withLock { $0.append(self) }
    }
}
