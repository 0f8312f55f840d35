import Capture
import Core
import SettingsFile
import Delivery
import Filter
import Inspection
import LibMilter
import Observability
import Service
import Spool
import Store
import System

extension Daemon {
    /// What the daemon is made of. `assemble` makes it, `start` starts its threads.
    struct Parts: Sendable {
        let manager: ServiceManager
        let listener: ListeningSocket
        let metricsListener: ListeningSocket?
        let routing: RoutingTable
        /// Where routing was loaded from, for the log.
        let routingSource: String
        let filter: FilterContext
        let milter: Milter
        let deliveryOptions: Snapshot<DeliveryOptions>
        let delivery: DeliveryThread
        /// Entered while the delivery thread runs.
        let delivering = WaitGroup()
        let commands = DaemonCommands()

        var status: @Sendable () -> String { { [routing] in "Accepting mail; companies: \(routing.current.count)" } }

        var metricsEndpoint: MetricsEndpoint {
            let (filter, milter) = (filter, milter)
            return MetricsEndpoint(
                report: MetricsReport(
                    version: Version.current, metrics: filter.metrics, log: filter.log,
                    spoolDirectory: filter.spool.directory, activity: { filter.activity }),
                health: Health(
                    spool: filter.spool, progress: filter.metrics.progress, activity: { filter.activity },
                    answers: milter.answers(within:)))
        }
    }

    /// Seconds to wait for each answer of the database at the start, before the copies on disk are used instead.
    private static let startTimeout = 10

    /// Opens sockets and spool, and loads routing and learned ids. Mail is not accepted yet.
    func assemble(_ manager: ServiceManager) throws -> Parts {
        let listener = try ListeningSocket(socket, mode: settings.socketMode, handedOver: manager.sockets)
        let metricsListener = try settings.metrics.map { try ListeningSocket($0, mode: 0o666, key: "metrics") }
        let (log, metrics) = (log, FilterMetrics())
        let spool = try Spool(directory: spoolDirectory, alarm: log.spoolAlarm) { [fsync = metrics.fsync] in
            fsync.observe($0 / .seconds(1))
        }
        let (routing, source, connection) = try loadRouting(metrics)
        let learned = LearnedThreads()
        let updater = loadLearned(learned, spool, routing.current, connection, manager)
        let dispositions = DispositionQueue()
        let filter = FilterContext(
            options: Snapshot(options.filter), routing: routing.snapshot, learned: learned, spool: spool,
            dispositions: dispositions, log: log, metrics: metrics)
        let deliveryOptions = Snapshot(options.delivery)
        let delivery = DeliveryThread(
            context: DeliveryContext(
                options: deliveryOptions, routing: routing, spool: spool, dispositions: dispositions, log: log,
                metrics: metrics),
            learned: updater)
        let milter = try Milter(
            name: "lever-milter", listener: listener.descriptor,
            events: Milter.Events(refused: log.refusedServer, shortOfDescriptors: log.shortOfDescriptors)
        ) { FilterSession(context: filter) }
        return Parts(
            manager: manager, listener: listener, metricsListener: metricsListener, routing: routing,
            routingSource: source, filter: filter, milter: milter, deliveryOptions: deliveryOptions,
            delivery: delivery)
    }

    /// Starts accepting and delivering mail.
    func start(_ parts: Parts) throws {
        parts.delivering.enter()
        try PosixThread.start {
            parts.delivery.run()
            parts.delivering.leave()
        }
        try PosixThread.start { parts.milter.watchWorkers() }
        try PosixThread.start { [log] in
            do { try parts.milter.run() } catch { log.milterFailed(error) }
            parts.commands.send(.milterEnded)
        }
        let heartbeat = Heartbeat(
            manager: parts.manager, answers: parts.milter.answers(within:), status: parts.status)
        try PosixThread.start { heartbeat.run() }
    }

    /// From the database, or from the last good copy if the database is down. Without either the daemon does not start:
    /// marked mail would pass uncaptured.
    private func loadRouting(
        _ metrics: FilterMetrics
    ) throws -> (RoutingTable, source: String, IngestSession?) {
        let file = RoutingFile(path: "\(spoolDirectory)/routing")
        do {
            // No mail passes during the start, so a database that hangs must not hold it up.
            let connection = try IngestSession(
                options.delivery.database, timeout: min(Self.startTimeout, options.delivery.databaseTimeout))
            let rows = try connection.routing()
            let table = RoutingTable(try Routing(rows: rows), file: file)
            metrics.routingConfirmed()
            do { try file.save(rows) } catch { log.routingNotSaved(error) }
            return (table, "database", connection)
        } catch let error as DatabaseError {
            guard let rows = try file.load() else {
                throw StartError(
                    "\(error); the first start needs the database, since there is no copy of routing yet")
            }
            log.routingFailed(error)
            return (RoutingTable(try Routing(rows: rows), file: file), "copy", nil)
        }
    }

    /// Before mail is accepted: a reply to what is not known yet would pass.
    private func loadLearned(
        _ learned: LearnedThreads, _ spool: Spool, _ routing: Routing, _ connection: IngestSession?,
        _ manager: ServiceManager
    ) -> LearnedThreadsUpdater {
        let updater = LearnedThreadsUpdater(learned: learned, spool: spool, log: log)
        updater.progress = { manager.starting("Reading learned ids") }
        updater.load()
        do {
            if let connection { try updater.refresh(connection, routing) }
        } catch {
            log.learnedIDsFailed(error)
        }
        updater.progress = {}
        return updater
    }
}
