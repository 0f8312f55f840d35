public import Configuration
import Core
import Glibc
import LibMilter
import Logging
import Sealing
import Spool
import Store
import Synchronization

/// The whole of lever-milter: spool, routing, the milter and the delivery thread, started and stopped in order.
public struct Daemon: Sendable {
    private let settings: Settings
    private let socket: SocketAddress
    private let database: String
    private let spoolDirectory: String
    private let log: EventLog
    private let signingKey: SigningKey?

    /// Seconds that a stop waits for messages in flight. Postfix's own limits on a filter are longer.
    private static let drainLimit = 30

    /// The daemon can't start. One line that says what to do.
    public struct StartError: Error, CustomStringConvertible {
        public let description: String
    }

    /// Checks that the configuration has what the daemon needs. Touches nothing.
    public init(settings: Settings) throws {
        self.settings = settings
        socket = try settings.require("socket", \.socket)
        database = try settings.require("database", \.database)
        try IngestConnection.check(conninfo: database)
        spoolDirectory = try settings.require("spool", \.spool)
        signingKey = try settings.signingKey.map(Self.readSigningKey)
        let level = Logger.Level(rawValue: settings.logLevel) ?? .info
        log = EventLog(logger: Logger(label: "lever-milter") { _ in LineLogHandler(level: level) })
    }

    /// Serves until SIGTERM, SIGINT or SIGHUP, then lets messages in flight finish, and returns. Call it on the main
    /// thread, before any other thread exists: the signals are taken there.
    public func run() throws {
        let signals = StopSignals()
        try ListeningSocket.prepare(socket)
        let spool = try Spool(directory: spoolDirectory, alarm: log.spoolAlarm)
        let (routing, connection, source) = try loadRouting()
        let context = FilterContext(
            routing: routing, spool: spool, log: log, counters: Counters(), inFlight: WaitGroup(),
            reports: ReportQueue(), markerDomains: settings.markerDomains,
            messageSizeLimit: settings.messageSizeLimit, host: settings.hostName ?? systemHostName(),
            signingKey: signingKey)

        let milter = try Milter(
            name: "lever-milter", makeSession: { FilterSession(context: context) }, refused: log.refusedServer)
        try milter.listen(at: socket.description)
        try ListeningSocket.open(socket, mode: settings.socketMode)

        let delivery = Delivery(
            context: context, database: database, batchLimit: settings.deliveryBatch,
            pollInterval: settings.routingPollInterval, retry: settings.retryMinimum...settings.retryMaximum,
            connection: connection)
        let delivering = WaitGroup()
        delivering.enter()
        try PosixThread.start {
            delivery.run()
            delivering.leave()
        }
        let failure = Mutex<(any Error)?>(nil)
        try PosixThread.start {
            do {
                try milter.run()
            } catch {
                log.milterFailed(error)
                failure.withLock { $0 = error }
            }
            StopSignals.raise()
        }
        log.started(socket: socket.description, companies: routing.current.count, routingFrom: source)

        signals.wait()
        log.draining(messages: context.inFlight.wait(seconds: 0))
        let interrupted = context.inFlight.wait(seconds: Self.drainLimit)
        delivery.stop()
        _ = delivering.wait(seconds: 5)
        log.stopped(context.counters, waiting: (try? spool.waiting().count) ?? 0, interrupted: interrupted)
        // libmilter would take up to five seconds more to notice smfi_stop; nothing is left for it to do.
        ListeningSocket.remove(socket)
        if let failure = failure.withLock({ $0 }) { throw failure }
    }

    /// From the database, and while it is down, the last good copy. Without either, starting would mean that marked
    /// mail passes uncaptured.
    private func loadRouting() throws -> (RoutingTable, IngestConnection?, source: String) {
        let file = RoutingFile(path: "\(spoolDirectory)/routing")
        do {
            let connection = try IngestConnection(database)
            let rows = try connection.routing()
            let table = RoutingTable(try Routing(rows: rows), file: file)
            try file.save(rows)
            return (table, connection, "database")
        } catch let error as DatabaseError {
            guard let rows = try file.load() else {
                throw StartError(
                    description: "\(error); the first start needs the database, since there is no copy of routing yet")
            }
            log.routingFailed(error)
            return (RoutingTable(try Routing(rows: rows), file: file), nil, "copy")
        }
    }

    private static func readSigningKey(_ path: String) throws -> SigningKey {
        guard let pem = try contents(ofFile: path) else {
            throw StartError(
                description:
                    "\(path): no such file; make the signing key with leverctl host add, or remove 'signing_key'")
        }
        do {
            return try SigningKey(pem: pem)
        } catch {
            throw StartError(description: "\(path): \(error)")
        }
    }

    private func systemHostName() -> String {
        var name = [CChar](repeating: 0, count: 256)
        gethostname(&name, name.count - 1)
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}
