import Foundation
import Glibc
import Synchronization
import TestSupport

/// A lever-milter of a test's own on the shared database, at a listening socket that outlives it, as a service manager
/// holds it. What connects while no daemon runs waits for the next one.
final class OwnDaemon: Sendable {
    let port: UInt16
    let directory: TemporaryDirectory
    private let host: MailHost
    private let listener: Int32
    private let daemons = Mutex<[DaemonProcess]>([])

    var spool: String { directory.file("spool") }

    private let faults: FaultInjection?

    /// Starts it with more lines of configuration. `under` is a command that runs it; `faults` befall it.
    init(_ settings: String = "", under command: [String] = [], faults: FaultInjection? = nil) throws {
        self.faults = faults
        host = try MailHost.shared.get()
        directory = try TemporaryDirectory("owndaemon")
        port = try Loopback.freePort()
        listener = try Loopback.listen(port: port)
        try configure(settings)
        try start(under: command)
    }

    deinit {
        for daemon in daemons.withLock({ $0 }) { try? daemon.kill() }
        close(listener)
    }

    /// Writes the configuration, which counts from the next start or reload: the usual one, with these lines besides or
    /// in place of its own.
    func configure(_ settings: String) throws {
        func key(_ line: Substring) -> Substring { line.prefix { $0 != ":" } }
        let own = settings.split(separator: "\n")
        let common = MailHost.configuration(socket: "fd:3", spool: spool, database: host.ingestDatabase)
            .split(separator: "\n").filter { line in !own.contains { key($0) == key(line) } }
        try directory.write("lever-milter.yaml", (common + own).joined(separator: "\n") + "\n")
    }

    func start(under command: [String] = []) throws {
        let daemon = try DaemonProcess(
            configuration: directory.file("lever-milter.yaml"), inherited: listener, under: command, faults: faults)
        daemons.withLock { $0.append(daemon) }
    }

    var current: DaemonProcess { daemons.withLock { $0.last! } }

    /// Every line that any of the daemons logged.
    func log() throws -> [String] { try daemons.withLock { $0 }.flatMap { try $0.lines() } }

    /// How many lines about a message tell its end.
    func stories(of queueID: String) throws -> [MailHost.Story] {
        try log().filter { $0.hasPrefix("\(queueID): ") && $0.contains("outcome=") }.map(MailHost.Story.init)
    }

    func story(of queueID: String) async throws -> MailHost.Story {
        try await waitFor("the outcome of \(queueID)") { try stories(of: queueID).first }
    }

    /// A connection as Postfix makes it, up to HELO.
    func connect() throws -> MilterClient {
        let client = try MilterClient(port: port)
        try client.negotiate()
        try client.connect(host: "client.example", address: "192.0.2.1")
        try client.hello("client.example")
        return client
    }
}

extension MilterClient {
    /// A message up to the reply to DATA. Nil recipients: one of Acme.
    func begin(_ queueID: String, to recipient: String = "rita@acme.example") throws -> Packet {
        macros = ["i": queueID]
        try mail("<anna@home.example>")
        try self.recipient("<\(recipient)>")
        return try data()
    }

    /// The header of a message, and the reply to its end.
    func header(of letter: Letter) throws -> Packet {
        for field in letter.fields { try header(field.name, " \(field.value)") }
        return try endOfHeader()
    }

    /// A whole message, and the verdict.
    func transfer(_ letter: Letter, queueID: String, to recipient: String = "rita@acme.example") throws -> Packet {
        let data = try begin(queueID, to: recipient)
        guard data == .proceed else { return data }
        let header = try header(of: letter)
        guard header == .proceed else { return header }
        try body(letter.body)
        try endMessage()
        return try reply()
    }
}

extension MilterClient.Packet {
    /// The text of an SMTP reply.
    var replyText: String? {
        command == "y" ? String(decoding: data.dropLast(), as: UTF8.self) : nil
    }
}
