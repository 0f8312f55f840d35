import Core
import Filter
import Glibc
import LibMicrohttpd
import LibMilter
import Observability
import Service
import SettingsFile
import System

/// The whole of lever-milter: spool, routing, the milter, the delivery thread and the metrics, started and stopped in
/// order.
struct Daemon: Sendable {
    let settings: Settings
    let socket: SocketAddress
    let spoolDirectory: String
    let options: DaemonOptions
    let log: EventLog
    private let output: LogOutput

    /// Checks that the configuration has what the daemon needs. Changes nothing.
    init(settings: Settings) throws {
        self.settings = settings
        socket = try settings.require("socket", \.socket)
        spoolDirectory = try settings.require("spool", \.spool)
        options = try DaemonOptions(settings)
        output = LogOutput(options.log)
        log = EventLog(output: output)
    }

    /// Logs why `run` threw.
    func logFailure(_ error: any Error) { log.failed(error) }

    /// Serves until SIGTERM or SIGINT, then lets messages in flight finish, and returns. SIGHUP reads the configuration
    /// again. Call it on the main thread, before any other thread exists: the signals arrive there.
    func run() throws {
        let manager = ServiceManager()
        let signals = Signals()
        let parts = try assemble(manager)
        let server = try parts.metricsListener.map { listener in
            try HTTPServer(listener: listener.descriptor, answer: parts.metricsEndpoint.answer)
        }
        try start(parts)
        checkSyslog(options.log)
        log.started(
            socket: socket.description, companies: parts.routing.current.count, routingFrom: parts.routingSource)

        // From here on this thread must do nothing but wait for signals.
        let shutdown = ShutdownState()
        try PosixThread.start {
            shutdown.isFailure = !serve(parts)
            shutDown(parts)
            shutdown.isComplete = true
            signals.endWait()
        }
        while true {
            let signal = signals.wait()
            if shutdown.isComplete { break }
            parts.commands.send(signal == SIGHUP ? .reload : .stop)
        }
        parts.metricsListener?.close()
        _ = consume server
        // libmilter is not ended: it could only drop the sessions that GracefulShutdown gave up on.
        if shutdown.isFailure { throw StartError("libmilter ended; the log has the reason") }
    }

    /// Works until the command to stop. False if libmilter ended instead.
    private func serve(_ parts: Parts) -> Bool {
        while true {
            switch parts.commands.next() {
            case .reload:
                parts.manager.reloading()
                reload(parts)
                parts.manager.ready(parts.status())
            case .stop: return true
            case .milterEnded: return false
            case nil: continue
            }
        }
    }

    /// A configuration with a mistake changes nothing.
    private func reload(_ parts: Parts) {
        do {
            let new = try Settings.load(path: settings.path)
            let options = try DaemonOptions(new)
            output.form = options.log
            checkSyslog(options.log)
            parts.filter.options.replace(with: options.filter)
            parts.deliveryOptions.replace(with: options.delivery)
            parts.delivery.reloadSoon()
            let unchangeable = [
                ("socket", new.socket != settings.socket), ("socket_mode", new.socketMode != settings.socketMode),
                ("spool", new.spool != settings.spool), ("metrics", new.metrics != settings.metrics),
            ]
            log.reloaded(unchangeable: unchangeable.filter(\.1).map(\.0))
        } catch {
            log.reloadFailed(error)
        }
    }

    /// Says on standard error, which the service manager shows, that the log is being lost.
    private func checkSyslog(_ form: LogOutput.Form) {
        guard form.destination == .syslog, !Syslog.isReachable else { return }
        var other = form
        other.destination = .standardError
        EventLog(output: LogOutput(other)).syslogMissing()
    }

    private func shutDown(_ parts: Parts) {
        let admission = parts.filter.admission
        let (messages, sessions) = (admission.messages.count, admission.sessions.count)
        parts.manager.stopping("Stopping; messages under way: \(messages), sessions: \(sessions)")
        log.draining(messages: messages, sessions: sessions)
        admission.close()
        parts.milter.holdConnections()
        parts.listener.close()
        GracefulShutdown(
            sessions: admission.sessions, messages: admission.messages, commands: parts.commands,
            hangUp: admission.hangUp
        ).run()
        parts.delivery.stop()
        _ = parts.delivering.wait(seconds: 5)
        let unread = parts.filter.metrics.unread
        log.stopped(
            unreadAtEnvelope: unread[.atEnvelope], unreadAtHeader: unread[.atHeader],
            spooled: parts.filter.spool.count(), interrupted: admission.messages.count,
            sessions: admission.sessions.count)
    }
}
