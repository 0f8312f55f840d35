import Foundation
import Synchronization
import TestSupport

/// Keeps a lever-milter running, as a service manager does: it holds the listening socket, so that while none runs
/// connections wait, and starts a new one when one ends. A thread checks it every second.
final class Supervisor: Sendable {
    /// One daemon from start to end.
    final class Life: Sendable {
        let daemon: DaemonProcess
        let start = now()
        /// One a second.
        let samples = Mutex<[Vitals]>([])

        init(_ daemon: DaemonProcess) { self.daemon = daemon }
    }

    /// An unexpected exit, or an expected one with the wrong status.
    struct Crash: Sendable {
        /// The exit status, or 128 plus the signal.
        let status: Int32
        /// Seconds since its start.
        let age: Double
        /// When, in seconds of the soak.
        let time: Double
        let lastLines: [String]
    }

    let port: UInt16
    private let listener: Int32
    private let configuration = Mutex("")
    private let start = now()
    /// Held while a daemon is restarted, so that the watch does not take that for a crash.
    private let lives = Mutex<[Life]>([])
    private let crashList = Mutex<[Crash]>([])
    private let stopping = Atomic(false)

    /// Opens the socket.
    init() throws {
        port = try Loopback.freePort()
        listener = try Loopback.listen(port: port)
    }

    /// Starts the first daemon and the watch.
    func run(configuration path: String) throws {
        configuration.withLock { $0 = path }
        try lives.withLock { $0.append(try startDaemon()) }
        Thread { [self] in
            while !stopping.load(ordering: .relaxed) {
                watch()
                usleep(1_000_000)
            }
        }.start()
    }

    var crashes: [Crash] { crashList.withLock { $0 } }
    var allLives: [Life] { lives.withLock { $0 } }
    var current: Life { lives.withLock { $0.last! } }

    /// Stops the daemon with SIGTERM or SIGKILL, and starts the next one.
    func restart(by signal: Int32) throws {
        try lives.withLock { lives in
            let life = lives.last!
            if life.daemon.isRunning {
                life.daemon.send(signal)
                try waitForEnd(of: life, status: signal == SIGKILL ? 128 + SIGKILL : 0)
            } else {
                record(life)
            }
            lives.append(try startDaemon())
        }
    }

    /// Sends SIGHUP. A daemon that stops on it instead of reloading is replaced. True if it reloaded.
    func hangUp() throws -> Bool {
        try lives.withLock { lives in
            let life = lives.last!
            let before = try life.daemon.lines().count
            life.daemon.send(SIGHUP)
            let limit = now() + 3
            while now() < limit {
                let stops = try life.daemon.lines().dropFirst(before).contains { $0.contains("stopping") }
                if stops || !life.daemon.isRunning {
                    try waitForEnd(of: life, status: 0)
                    lives.append(try startDaemon())
                    return false
                }
                usleep(50_000)
            }
            return true
        }
    }

    /// Stops the daemon and the watch.
    func stop() throws -> Int32 {
        stopping.store(true, ordering: .sequentiallyConsistent)
        return try lives.withLock { try $0.last!.daemon.terminate() }
    }

    private func startDaemon() throws -> Life {
        Life(try DaemonProcess(configuration: configuration.withLock { $0 }, inherited: listener))
    }

    /// Checks the status of an expected exit.
    private func waitForEnd(of life: Life, status expected: Int32) throws {
        let limit = now() + 60
        while now() < limit {
            if let status = life.daemon.exitStatus {
                if status != expected { record(life) }
                return
            }
            usleep(10_000)
        }
        throw HarnessError("lever-milter did not end within 60 s")
    }

    private func watch() {
        lives.withLock { lives in
            let life = lives.last!
            if !life.daemon.isRunning {
                record(life)
                if let next = try? startDaemon() { lives.append(next) }
            } else if let vitals = Vitals(of: life.daemon.pid) {
                life.samples.withLock { $0.append(vitals) }
            }
        }
    }

    private func record(_ life: Life) {
        let crash = Crash(
            status: life.daemon.exitStatus ?? -1, age: now() - life.start, time: now() - start,
            lastLines: (try? life.daemon.lines().suffix(5)) ?? [])
        crashList.withLock { $0.append(crash) }
        say("NOT ORDERED: the daemon ended with status \(crash.status), \(Int(crash.age)) s after its start")
    }
}
