import TestSupport

/// A filter that can be stopped gracefully, so that a tool it runs under can report.
protocol Stoppable {
    func stop() throws
}

/// lever-milter as its package configures it: signing, with metrics.
final class LeverMilter: MilterServer, Stoppable {
    let name = "lever-milter"
    let socket: String
    /// Keeps its database running.
    private let site: Site
    private let daemon: DaemonProcess
    private let directory: TemporaryDirectory
    var pid: Int32 { daemon.pid }

    /// `database`: nil for the site's. `settings`: additional lines of configuration. `under`: a command to run it
    /// with.
    init(
        site: Site, spool: String? = nil, database: String? = nil, settings: String = "", under command: [String] = [],
        faults: FaultInjection? = nil
    ) throws {
        self.site = site
        directory = try TemporaryDirectory("lever-milter")
        socket = directory.file("socket")
        let metrics = try Loopback.freePort()
        daemon = try DaemonProcess(
            configuration: directory.write(
                "lever-milter.yaml",
                """
                socket: unix:\(socket)
                socket_mode: "0666"
                metrics: inet:\(metrics)@127.0.0.1
                database: \(database ?? site.ingestDatabase)
                spool: \(spool ?? site.spool)
                host_name: mx1
                signing_key: \(site.directory.file("mx1.key"))
                \(settings)

                """), under: command, faults: faults)
    }

    func stop() throws { try daemon.terminate() }
}

/// The minimal filter.
final class Stub: MilterServer, Stoppable {
    enum Engine {
        case libmilter
        /// The prototype in Benchmarks/Native.
        case native
    }

    let name: String
    let socket: String
    private let process: ChildProcess
    private let directory: TemporaryDirectory
    var pid: Int32 { process.pid }

    /// Accepts every message at that stage. `under`: a command to run it with.
    init(endingAt stage: MilterDialogue.Stage, on engine: Engine = .libmilter, under command: [String] = []) throws {
        directory = try TemporaryDirectory("stub")
        socket = directory.file("socket")
        let end =
            switch stage {
            case .data: "data"
            case .endOfHeader: "eoh"
            default: "eom"
            }
        let program =
            switch engine {
            case .libmilter: [Products.path("milter-stub"), "unix:\(socket)", end]
            case .native: [Products.path("native-stub"), socket, end]
            }
        name = engine == .libmilter ? "stub" : "stub without libmilter"
        process = try ChildProcess(command + program, output: directory.file("log"), stopSignal: .quit)
        try awaitMilter(at: socket, process)
    }

    func stop() throws { try process.stop() }
}

/// Returns when a milter answers at a UNIX socket.
func awaitMilter(at socket: String, _ process: ChildProcess) throws {
    try poll("a milter at \(socket)", timeout: 30) { () -> Void? in
        guard process.isRunning else { throw HarnessError("a milter ended with status \(process.exitStatus ?? -1)") }
        guard let client = try? MilterClient(path: socket) else { return nil }
        try client.negotiate()
        return ()
    }
}
