import Glibc
import Synchronization

/// The service manager that started the daemon, if one did: what it handed over, and what it wants to hear. This is the
/// protocol that sd_notify(3), sd_listen_fds(3) and sd_watchdog_enabled(3) describe; their library is not needed for it.
///
/// Whoever is to hear it may be gone: nothing that is told can fail. Any thread.
final class ServiceManager: Sendable {
    /// Descriptors of the sockets that were handed over. Nil if none was, or to another process.
    let sockets: Range<Int32>?
    /// Seconds that it waits for a sign of life before it ends the daemon. Nil if it does not wait for any.
    let watchdog: Double?
    private let notifySocket: String?
    /// An order to stop is the last word, whatever another thread is about to say.
    private let isStopping = Mutex(false)

    /// `environment` is what the process was started with.
    init(environment: [String: String], process: pid_t = getpid()) {
        notifySocket = environment["NOTIFY_SOCKET"]
        let isForOther = environment["WATCHDOG_PID"].map { pid_t($0) != process } ?? false
        let microseconds = environment["WATCHDOG_USEC"].flatMap(UInt64.init) ?? 0
        watchdog = microseconds == 0 || isForOther ? nil : Double(microseconds) / 1e6
        if environment["LISTEN_PID"].flatMap(pid_t.init) == process,
            let count = environment["LISTEN_FDS"].flatMap(Int32.init), (1...1024).contains(count)
        {
            sockets = 3..<3 + count
        } else {
            sockets = nil
        }
    }

    /// The one of this process, whose environment is cleared of it. Call it while there is one thread.
    convenience init() {
        let names = ["NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]
        var environment: [String: String] = [:]
        for name in names {
            environment[name] = getenv(name).map { String(cString: $0) }
            unsetenv(name)
        }
        self.init(environment: environment)
        for descriptor in sockets ?? 0..<0 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    }

    /// The start takes longer than the service manager may wait for it: it is to wait a minute more from now on.
    func starting(_ status: String) { tell("EXTEND_TIMEOUT_USEC=60000000\nSTATUS=\(status)") }

    /// Connections are accepted, or accepted again after `reloading`.
    func ready(_ status: String) { tell("READY=1\nSTATUS=\(status)") }

    /// The configuration is being read again.
    func reloading() {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        tell(
            "RELOADING=1\nMONOTONIC_USEC=\(now.tv_sec * 1_000_000 + now.tv_nsec / 1000)\nSTATUS=Reading the configuration"
        )
    }

    /// The end has begun. Nothing is told after that.
    func stopping(_ status: String) {
        tell("STOPPING=1\nSTATUS=\(status)")
        isStopping.withLock { $0 = true }
    }

    /// A sign of life.
    func alive() { tell("WATCHDOG=1") }

    private func tell(_ message: String) {
        isStopping.withLock { isStopping in
            guard !isStopping, let notifySocket else { return }
            Self.send(message, to: notifySocket)
        }
    }

    /// One datagram. A name that begins with @ is of the abstract namespace, and has a zero byte there (unix(7)).
    private static func send(_ message: String, to name: String) {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var path = Array(name.utf8)
        let isAbstract = path.first == UInt8(ascii: "@")
        guard isAbstract || path.first == UInt8(ascii: "/"), path.count < MemoryLayout.size(ofValue: address.sun_path)
        else {
            return
        }
        if isAbstract { path[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        // An abstract name is as long as the address says.
        let length = MemoryLayout.offset(of: \sockaddr_un.sun_path)! + path.count + (isAbstract ? 0 : 1)

        let descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return }
        defer { close(descriptor) }
        let bytes = Array(message.utf8)
        _ = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                sendto(descriptor, bytes, bytes.count, Int32(MSG_NOSIGNAL), $0, socklen_t(length))
            }
        }
    }
}
