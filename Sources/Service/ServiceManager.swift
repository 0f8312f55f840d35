public import Glibc
import Synchronization

/// The service manager that started the daemon, if one did: the sockets that it handed over, and the notifications that
/// it expects. The protocol is documented in sd_notify(3), sd_listen_fds(3) and sd_watchdog_enabled(3), so libsystemd
/// is not needed.
///
/// The service manager may be gone, so a notification never fails. Any thread.
public final class ServiceManager: Sendable {
    /// Descriptors of the sockets that were handed over to this process; nil if there are none.
    public let sockets: Range<Int32>?
    /// Seconds without a sign of life after which it ends the daemon; nil if there is no watchdog.
    public let watchdog: Double?
    private let notifySocket: String?
    /// `STOPPING=1` is the last notification, whatever another thread is about to send.
    private let isStopping = Mutex(false)

    /// `environment` is that of the process at its start.
    public init(environment: [String: String], process: pid_t = getpid()) {
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

    /// From the environment of this process, from which the variables are removed. Call it while there is one thread.
    public convenience init() {
        let names = ["NOTIFY_SOCKET", "WATCHDOG_PID", "WATCHDOG_USEC", "LISTEN_PID", "LISTEN_FDS", "LISTEN_FDNAMES"]
        var environment: [String: String] = [:]
        for name in names {
            environment[name] = getenv(name).map { String(cString: $0) }
            unsetenv(name)
        }
        self.init(environment: environment)
        for descriptor in sockets ?? 0..<0 { _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC) }
    }

    /// Extends the time-out of the start: the service manager waits a minute more, from now on.
    public func starting(_ status: String) { notify("EXTEND_TIMEOUT_USEC=60000000\nSTATUS=\(status)") }

    /// Connections are accepted, or accepted again after `reloading`.
    public func ready(_ status: String) { notify("READY=1\nSTATUS=\(status)") }

    /// The configuration is being read again.
    public func reloading() {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        notify(
            "RELOADING=1\nMONOTONIC_USEC=\(now.tv_sec * 1_000_000 + now.tv_nsec / 1000)\nSTATUS=Reading the configuration"
        )
    }

    /// The daemon is stopping. Nothing is sent after this.
    public func stopping(_ status: String) {
        notify("STOPPING=1\nSTATUS=\(status)")
        isStopping.withLock { $0 = true }
    }

    /// A sign of life.
    public func alive() { notify("WATCHDOG=1") }

    private func notify(_ message: String) {
        isStopping.withLock { isStopping in
            guard !isStopping, let notifySocket else { return }
            Self.send(message, to: notifySocket)
        }
    }

    /// Sends one datagram. A name that begins with @ is in the abstract namespace, with a zero byte in its place
    /// (unix(7)).
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
        // The length of the address delimits an abstract name.
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
