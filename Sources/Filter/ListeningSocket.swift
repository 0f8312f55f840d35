import Configuration
import Glibc

/// What libmilter leaves to its user about a `unix:` socket: the leftover of an earlier run, and permissions.
/// It does nothing for the other kinds.
enum ListeningSocket {
    /// Removes the file of a daemon that is gone; refuses where one still answers.
    static func prepare(_ address: SocketAddress) throws {
        guard case .unix(let path) = address else { return }
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw Daemon.StartError(description: "\(path) is not a socket; remove it or name another path as 'socket'")
        }
        guard !answers(path) else {
            throw Daemon.StartError(
                description: "the socket \(path) is in use; stop the program that listens there or name another path")
        }
        unlink(path)
    }

    /// Lets Postfix connect, now that libmilter made the socket.
    static func open(_ address: SocketAddress, mode: UInt32) throws {
        guard case .unix(let path) = address else { return }
        guard chmod(path, mode) == 0 else {
            throw Daemon.StartError(
                description: "cannot set the mode of \(path): \(String(cString: strerror(errno)))")
        }
    }

    static func remove(_ address: SocketAddress) {
        guard case .unix(let path) = address else { return }
        unlink(path)
    }

    /// The settings have no path that does not fit.
    private static func answers(_ path: String) -> Bool {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
            }
        }
    }
}
