import Capture
public import SettingsFile
import Core
import Glibc
import Inspection
import LibMicrohttpd
import LibMilter
import Spool
import Store
import System

/// The whole of lever-milter: spool, routing, the milter and the delivery thread, started and stopped in order.
public struct Daemon: Sendable {
    private let settings: Settings
    private let socket: SocketAddress
    private let spoolDirectory: String
    private let options: Options
    private let output: LogOutput
    private let log: EventLog

    /// Seconds that a start waits for each answer of the database, before it takes the copy of routing.
    private static let startLimit = 10

    /// The daemon can't start. One line that says what to do.
    public struct StartError: Error, CustomStringConvertible {
        public let description: String
    }

    /// Checks that the configuration has what the daemon needs. Touches nothing.
    public init(settings: Settings) throws {
        self.settings = settings
        socket = try settings.require("socket", \.socket)
        spoolDirectory = try settings.require("spool", \.spool)
        let options = try Options(settings)
        let output = LogOutput(LogOutput.Form(options))
        log = EventLog(output: output)
        (self.options, self.output) = (options, output)
    }

    /// Tells in the log why `run` threw.
    public func logFailure(_ error: any Error) { log.failed(error) }

    /// Serves until SIGTERM or SIGINT, then lets messages in flight finish, and returns. SIGHUP reads the configuration
    /// again. Call it on the main thread, before any other thread exists: the signals are taken there.
    public func run() throws {
        let manager = ServiceManager()
        let signals = Signals()
        let listener = try ListeningSocket(socket, mode: settings.socketMode, handedOver: manager.sockets)
        let metricsListener = try settings.metrics.map { try ListeningSocket($0, mode: 0o666, key: "metrics") }
        let fsync = log.metrics.fsync
        let spool = try Spool(directory: spoolDirectory, alarm: log.spoolAlarm) { fsync.observe($0 / .seconds(1)) }
        let (routing, source, connection) = try loadRouting()
        let learned = LearnedThreads()
        let keeper = LearnedThreadsUpdater(learned: learned, spool: spool, log: log)
        keeper.progress = { manager.starting("Reading what replies without a marker are recognised by") }
        keeper.load()
        do {
            // Before mail comes: a reply that is not known yet would pass.
            if let connection { try keeper.refresh(connection, routing.current) }
        } catch {
            log.learnedIDsFailed(error)
        }
        keeper.progress = {}
        let context = FilterContext(
            options: Snapshot(options), routing: routing, learned: learned, spool: spool, log: log)
        let milter = try Milter(
            name: "lever-milter", listener: listener.descriptor,
            events: Milter.Events(refused: log.refusedServer, shortOfDescriptors: log.shortOfDescriptors)
        ) { FilterSession(context: context) }
        let server = try metricsListener.map { listener in
            let endpoint = MetricsEndpoint(context: context, version: Version.current, answers: milter.answers(within:))
            return try HTTPServer(listener: listener.descriptor, answer: endpoint.answer)
        }
        let delivery = Delivery(context: context, learned: keeper)
        let delivering = WaitGroup()
        delivering.enter()
        let orders = DaemonCommands()
        try PosixThread.start {
            delivery.run()
            delivering.leave()
        }
        try PosixThread.start { milter.watchWorkers() }
        try PosixThread.start {
            do { try milter.run() } catch { log.milterFailed(error) }
            orders.send(.milterEnded)
        }
        checkSyslog(options)
        let status: @Sendable () -> String = { "Accepting mail; companies: \(routing.current.count)" }
        let heartbeat = Heartbeat(manager: manager, answers: milter.answers(within:), status: status)
        try PosixThread.start { heartbeat.run() }
        log.started(socket: socket.description, companies: routing.current.count, routingFrom: source)

        // Everything from here on happens on another thread, since this one must do nothing but wait for signals.
        let ending = ShutdownState()
        try PosixThread.start {
            ending.isFailure = !serve(orders) {
                manager.reloading()
                reload(context, delivery)
                manager.ready(status())
            }
            let (messages, sessions) = (context.admission.messages.count, context.admission.sessions.count)
            manager.stopping("Stopping; messages under way: \(messages), sessions: \(sessions)")
            log.draining(messages: messages, sessions: sessions)
            context.admission.close()
            milter.holdConnections()
            listener.close()
            GracefulShutdown(admission: context.admission, orders: orders).run()
            delivery.stop()
            _ = delivering.wait(seconds: 5)
            log.stopped(context, waiting: (try? spool.waiting().count) ?? 0)
            ending.isReached = true
            signals.endWait()
        }
        while true {
            let signal = signals.wait()
            if ending.isReached { break }
            orders.send(signal == SIGHUP ? .reload : .stop)
        }
        metricsListener?.close()
        _ = consume server
        // libmilter is not ended: nothing is left for it to do but to drop what Drain gave up.
        if ending.isFailure { throw StartError(description: "libmilter ended; the log has the reason") }
    }

    /// Until the order to stop. False if that is since libmilter ended.
    private func serve(_ orders: DaemonCommands, reload: () -> Void) -> Bool {
        while true {
            switch orders.next() {
            case .reload: reload()
            case .stop: return true
            case .milterEnded: return false
            case nil: continue
            }
        }
    }

    /// A file with a mistake changes nothing.
    private func reload(_ context: FilterContext, _ delivery: Delivery) {
        do {
            let new = try Settings.load(path: settings.path)
            let options = try Options(new)
            output.form = LogOutput.Form(options)
            checkSyslog(options)
            context.options.replace(with: options)
            delivery.reloadSoon()
            let unchangeable = [
                ("socket", new.socket != settings.socket), ("socket_mode", new.socketMode != settings.socketMode),
                ("spool", new.spool != settings.spool), ("metrics", new.metrics != settings.metrics),
            ]
            log.reloaded(unchangeable: unchangeable.filter(\.1).map(\.0))
        } catch {
            log.reloadFailed(error)
        }
    }

    /// Says where it can be seen that the log is lost.
    private func checkSyslog(_ options: Options) {
        guard options.logDestination == .syslog, !Syslog.isReachable else { return }
        var form = LogOutput.Form(options)
        form.destination = .standardError
        EventLog(output: LogOutput(form)).syslogMissing()
    }

    /// From the database, and while it is down, the last good copy. Without either, starting would mean that marked
    /// mail passes uncaptured.
    private func loadRouting() throws -> (RoutingTable, source: String, IngestSession?) {
        let file = RoutingFile(path: "\(spoolDirectory)/routing")
        do {
            // A database that hangs must not hold up the start, during which no mail passes.
            let connection = try IngestSession(
                options.database, timeout: min(Self.startLimit, options.databaseTimeout))
            let rows = try connection.routing()
            let table = RoutingTable(try Routing(rows: rows), file: file)
            log.metrics.routingConfirmed()
            do { try file.save(rows) } catch { log.routingNotSaved(error) }
            return (table, "database", connection)
        } catch let error as DatabaseError {
            guard let rows = try file.load() else {
                throw StartError(
                    description: "\(error); the first start needs the database, since there is no copy of routing yet")
            }
            log.routingFailed(error)
            return (RoutingTable(try Routing(rows: rows), file: file), "copy", nil)
        }
    }
}
