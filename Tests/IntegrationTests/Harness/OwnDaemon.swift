import Foundation
import Glibc
import Synchronization
import TestSupport

/// A private lever-milter on the shared database, on a listening socket that outlives it, as a service manager keeps
/// it. Clients that connect while no daemon runs wait for the next one.
final class OwnDaemon: Sendable {
    let port: UInt16
    let directory: TemporaryDirectory
    private let host: MailHost
    private let listener: Int32
    private let daemons = Mutex<[DaemonProcess]>([])

    var spool: String { directory.file("spool") }

    private let faults: FaultInjection?

    /// Starts it with additional lines of configuration. `under` is a command to run it with; `faults` are injected.
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

    /// Writes the configuration for the next start or reload: the usual one, with these lines added or replaced.
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

    /// All lines logged by the daemons so far.
    func log() throws -> [String] { try daemons.withLock { $0 }.flatMap { try $0.lines() } }

    /// A message's outcomes in the log.
    func stories(of queueID: String) throws -> [MailHost.Story] {
        try log().filter { $0.hasPrefix("\(queueID): ") && $0.contains("outcome=") }.map(MailHost.Story.init)
    }

    func story(of queueID: String) async throws -> MailHost.Story {
        try await waitFor("the outcome of \(queueID)") { try stories(of: queueID).first }
    }

    /// A connection as Postfix opens it, up to HELO.
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
