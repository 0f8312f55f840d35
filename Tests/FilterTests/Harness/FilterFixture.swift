import Capture
import Core
import Delivery
import Glibc
import Inspection
import LibMilter
import Logging
import Observability
import Sealing
import Spool
import Synchronization
import System
import TestSupport
import Unsealing

@testable import Filter

/// Two companies, a real spool and real keys; the session is called as libmilter would call it.
final class FilterFixture {
    static let domains = ["hire.lever.co"]
    static let acme = CompanyID(rawValue: 1)
    static let globex = CompanyID(rawValue: 2)
    static let keyless = CompanyID(rawValue: 3)
    static let markerKeyBytes = [UInt8](repeating: 1, count: 32)
    static let markerKey = HMACKey(markerKeyBytes)
    static let indexKey = Routing.IndexKey(version: 1, key: Array(repeating: 2, count: 32))

    let directory = try! TemporaryDirectory("filter")
    let privateKey = try! PrivateKey.generate()
    let spool: Spool
    let context: FilterContext
    let routing: RoutingTable
    let lines = LogLines()

    private let mount: Mount?

    /// `spoolSize`: KiB of a file system of the spool's own.
    init(
        signingKey: SigningKey? = nil, further rows: [Routing.Row] = [], spoolSize: Int? = nil,
        change: (inout FilterOptions) -> Void = { _ in }
    ) throws {
        let directory = directory
        mount = try spoolSize.map { try Mount(at: directory.makeDirectory("spool"), "size=\($0)k") }
        spool = try Spool(directory: directory.file("spool")) { _ in }
        let routing = try Routing(rows: Self.rows(sealingKey: privateKey.subjectPublicKeyInfo) + rows)
        let log = lines
        self.routing = RoutingTable(routing, file: RoutingFile(path: directory.file("routing")))
        var options = FilterOptions(
            markerDomains: Self.domains, messageSizeLimit: 1_000_000, sessionLimit: 10, inFlightLimit: 10_000_000,
            host: "mx1.example", signingKey: signingKey)
        change(&options)
        context = FilterContext(
            options: Snapshot(options), routing: self.routing.snapshot, learned: LearnedThreads(), spool: spool,
            dispositions: DispositionQueue(), log: EventLog(logger: Logger(label: "test") { _ in log }),
            metrics: FilterMetrics())
    }

    /// For what is decided and not opened.
    static let sealingKey = try! PrivateKey.generate().subjectPublicKeyInfo

    static func rows(sealingKey: [UInt8] = sealingKey) -> [Routing.Row] {
        [
            Routing.Row(company: acme, item: .company, name: "limited"),
            Routing.Row(company: acme, item: .domain, name: "acme.example"),
            Routing.Row(company: acme, item: .sealingKey, value: sealingKey),
            Routing.Row(company: globex, item: .company, name: "full"),
            Routing.Row(company: globex, item: .domain, name: "globex.example"),
            Routing.Row(company: keyless, item: .company, name: "limited"),
            Routing.Row(company: keyless, item: .domain, name: "keyless.example"),
        ]
            + [acme, globex, keyless].flatMap {
                [
                    Routing.Row(company: $0, item: .markerKey, version: 1, value: markerKeyBytes),
                    Routing.Row(company: $0, item: .indexKey, version: 1, value: indexKey.key),
                ]
            }
    }

    static let forwardAddress = "acme@inbox.example"

    /// Acme's capture mode, with where it forwards to.
    static func capture(_ mode: CaptureMode) -> [Routing.Row] {
        [Routing.Row(company: acme, item: .capture, name: mode.rawValue)]
            + (mode.forwards ? [Routing.Row(company: acme, item: .forward, name: forwardAddress)] : [])
    }

    static func marker(_ company: CompanyID = acme, thread: Int64 = 77, key: HMACKey = markerKey) -> String {
        try! Marker.issue(
            company: company, thread: ThreadID(rawValue: thread), domain: domains[0], keyID: 1, key: key
        ).messageID
    }

    /// Sends one message through a session. Returns the step that ended it and how.
    func send(
        _ session: FilterSession, from sender: String = "<anna@home.example>",
        to recipients: [String] = ["<rita@acme.example>"], header: [(String, String)],
        body: [UInt8] = Array("Hi\r\n".utf8),
        chunk: Int = 65_535, changes: RecordedChanges = RecordedChanges(), isSubmitted: Bool = false
    ) throws -> ShutdownState {
        session.mail(path: sender)
        for recipient in recipients { session.recipient(path: recipient) }
        if case .accept = try session.data(
            MilterMacros { ["i": "4Queue1", "{auth_type}": isSubmitted ? "PLAIN" : nil][$0] ?? nil })
        {
            return .acceptedAtData
        }
        for (name, value) in header {
            Array(name.utf8).withUnsafeBytes { name in
                Array(value.utf8).withUnsafeBytes { session.header(name: name, value: $0) }
            }
        }
        if case .accept = try session.endOfHeader() { return .acceptedAtHeader }
        for start in stride(from: 0, to: body.count, by: chunk) {
            try body[start..<min(start + chunk, body.count)].withUnsafeBytes { try session.body($0) }
        }
        _ = try session.endOfMessage(changes.changes)
        return .wentThrough
    }

    enum ShutdownState { case acceptedAtData, acceptedAtHeader, wentThrough }

    /// The raw messages in the spool, opened.
    func openAll() throws -> [[UInt8]] {
        try spool.waiting().map { name in
            let message = try spool.open(name)
            return try Opener.open(
                SealedMessage(head: message.head, tail: message.readTail(0..<message.tailLength)), with: privateKey,
                expecting: message.record.binding)
        }
    }
}

/// Keeps what a session changed of a message; what comes after so many changes fails.
final class RecordedChanges {
    var made: [String] = []
    var takes = Int.max

    struct Failure: Error {}

    var changes: MilterChanges {
        MilterChanges(
            addRecipient: { try self.record("RCPT TO:\($0) \($1)") },
            addHeaderField: { try self.record("\($0):\($1)") },
            setHeaderField: { try self.record("= \($0):\($1)") })
    }

    private func record(_ change: String) throws {
        guard made.count < takes else { throw Failure() }
        made.append(change)
    }
}

/// Keeps the lines that were logged.
final class LogLines: LogHandler, Sendable {
    private let storage = Mutex<[String]>([])

    var all: [String] { storage.withLock { $0 } }
    /// Those that end a message's story.
    var final: [String] { all.filter { $0.contains("outcome=") } }

    var logLevel: Logger.Level {
        get { .debug }
        set {}
    }
    var metadata: Logger.Metadata {
        get { [:] }
        set {}
    }
    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { nil }
        set {}
    }

    func log(event: LogEvent) {
        let line = "\(event.message)"
        storage.withLock { $0.append(line) }
    }
}

extension FilterSession {
    func mail(path: String) { Array(path.utf8).withUnsafeBytes { mail(path: $0) } }
    func recipient(path: String) { Array(path.utf8).withUnsafeBytes { recipient(path: $0) } }
}
