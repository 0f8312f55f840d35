import Glibc

/// A syslog service: a datagram socket in place of /dev/log for one program, which runs with a /dev of its own. Needs
/// root.
public final class SyslogService: Sendable {
    private let directory: TemporaryDirectory
    private let descriptor: Int32

    public init() throws {
        directory = try TemporaryDirectory("syslog")
        try directory.makeDirectory("dev")
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: directory.file("log").utf8) }
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                bind(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0 else { throw HarnessError("bind \(directory.file("log")): \(errorText())") }
    }

    deinit { close(descriptor) }

    /// A prefix for a command that runs it in its own mount namespace, with just what it needs in /dev; nothing outside
    /// changes. If the service does not run, there is no /dev/log.
    public func namespace(isRunning: Bool = true) -> [String] {
        let script = """
            set -e
            mount --rbind /dev "$0/dev"
            mount -t tmpfs tmpfs /dev
            touch /dev/null
            mount --bind "$0/dev/null" /dev/null
            umount -l "$0/dev"
            \(isRunning ? "ln -s \"$0/log\" /dev/log" : "")
            exec "$@"
            """
        return ["unshare", "--mount", "--propagation", "private", "sh", "-c", script, directory.path]
    }

    /// The next line as it was sent, or nil if there is none yet.
    public func receive() -> String? {
        var bytes = [UInt8](repeating: 0, count: 65_536)
        let count = recv(descriptor, &bytes, bytes.count, 0)
        return count < 0 ? nil : String(decoding: bytes[..<count], as: UTF8.self)
    }
}
