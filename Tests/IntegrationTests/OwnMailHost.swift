import Synchronization
import TestSupport

/// One more mail host on the shared database: a lever-milter of its own with a Postfix in front of it. It is quick to
/// poll, so that tests need not wait.
final class OwnMailHost: Sendable {
    let name: String
    private let front: Front
    private let host: MailHost
    private let directory: TemporaryDirectory
    private let daemons = Mutex<[DaemonProcess]>([])

    var postfix: PostfixInstance { front.postfix }
    var spool: String { directory.file("spool") }
    private var configuration: String { directory.file("lever-milter.yaml") }

    /// Starts both. `signingKey` is the file of one.
    init(_ name: String, signingKey: String? = nil) throws {
        self.name = name
        host = try MailHost.shared.get()
        directory = try TemporaryDirectory("ownhost")
        front = try Front.take()
        let common = MailHost.configuration(
            socket: "inet:\(front.port)@127.0.0.1", spool: directory.file("spool"), database: host.ingestDatabase)
        try directory.write(
            "lever-milter.yaml",
            common + "host_name: \(name)\nrouting_poll_interval: 1\n"
                + (signingKey.map { "signing_key: \($0)\n" } ?? ""))
        try start()
    }

    /// No rotation waits for it after the test.
    deinit {
        for daemon in daemons.withLock({ $0 }) { _ = try? daemon.terminate() }
        _ = try? host.query("DELETE FROM lever.mail_host WHERE host = '\(name)'")
        front.giveBack()
    }

    var daemon: DaemonProcess { daemons.withLock { $0.last! } }

    func start() throws {
        let daemon = try DaemonProcess(configuration: configuration)
        daemons.withLock { $0.append(daemon) }
    }

    /// Waits until rotations wait for it.
    func isKnown() async throws {
        try await waitUntil("\(name) to say which routing it has") {
            try host.query("SELECT count(*) FROM lever.mail_host WHERE host = '\(name)'") == "1"
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

    /// Waits for the end of a message's story.
    @discardableResult
    func story(of queueID: String) async throws -> MailHost.Story {
        try await waitFor("the outcome of \(queueID)") {
            try log().first { $0.hasPrefix("\(queueID): ") && $0.contains("outcome=") }.map(MailHost.Story.init)
        }
    }
}

/// A Postfix that has its filter at a port of its own. It takes seconds to start, so one test takes it after another.
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
        Self.free.withLock { $0.append(self) }
    }
}
