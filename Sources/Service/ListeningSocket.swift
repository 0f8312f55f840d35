import Glibc
public import SettingsFile

/// A socket that the daemon listens on. The milter's is opened here and not by libmilter, so that it has its
/// permissions from the first moment, and so that connections can be held back (`AcceptGate`).
public struct ListeningSocket: Sendable {
    public let descriptor: Int32
    /// The file of a `unix:` socket.
    private let path: String?

    /// Opens it, or takes the one that was handed over. Call it while the process has one thread: it sets the umask.
    ///
    /// `handedOver`: the descriptors that the service manager opened. `key`: the configuration's key for the address.
    /// The file of a `unix:` socket is replaced if nothing answers there.
    ///
    /// Throws `StartError`, which says what to do.
    public init(_ address: SocketAddress, mode: UInt32, key: String = "socket", handedOver: Range<Int32>? = nil) throws
    {
        try handedOver.map { try Self.check(address, isAmong: $0) }
        switch address {
        case .descriptor(let number):
            var isListening: Int32 = 0
            var length = socklen_t(MemoryLayout<Int32>.size)
            errno = 0
            guard getsockopt(number, SOL_SOCKET, SO_ACCEPTCONN, &isListening, &length) == 0, isListening == 1 else {
                throw Self.failure(address, errno == 0 ? ENOTSOCK : errno)
            }
            try Self.checkReach(of: number)
            (descriptor, path) = (number, nil)
        case .unix(let path):
            try Self.removeLeftover(path, key)
            let mask = umask(mode_t(~mode & 0o777))
            defer { umask(mask) }
            descriptor = try Self.unix(path) { Self.listen($0, $1, family: AF_UNIX) }.orThrow(address)
            self.path = path
        case .internet(let host, let port, let isIPv6):
            descriptor = try Self.internet(host, port, isIPv6).orThrow(address)
            path = nil
        }
    }

    /// Closes the socket and removes its file. One that was handed over stays open at the service manager, with the
    /// connections in its queue.
    public func close() {
        Glibc.close(descriptor)
        if let path { unlink(path) }
    }

    /// A socket that is open but not served would let Postfix wait until its time-outs.
    private static func check(_ address: SocketAddress, isAmong handedOver: Range<Int32>) throws {
        guard handedOver.count == 1 else {
            throw StartError(
                """
                the service manager handed over \(handedOver.count) sockets, and lever-milter serves one; keep one \
                ListenStream= in the .socket unit
                """)
        }
        guard case .descriptor(handedOver.lowerBound) = address else {
            throw StartError(
                """
                the service manager handed over the socket fd:\(handedOver.lowerBound), and 'socket' is \(address); write \
                'socket: fd:\(handedOver.lowerBound)', and set the address with ListenStream= in the .socket unit
                """)
        }
    }

    /// The daemon connects to its own socket, to see that it answers and to keep libmilter going. If it cannot, only
    /// the program that opened the socket can mend that.
    private static func checkReach(of descriptor: Int32) throws {
        var address = sockaddr_un()
        var length = socklen_t(MemoryLayout<sockaddr_un>.size)
        let code = withUnsafeMutablePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { getsockname(descriptor, $0, &length) }
        }
        guard code == 0, address.sun_family == sa_family_t(AF_UNIX) else { return }
        let path = withUnsafeBytes(of: address.sun_path) { String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self) }
        guard !path.isEmpty, access(path, W_OK) != 0 else { return }
        let advice =
            errno == EACCES
            ? "make this daemon's user its owner, with SocketUser= in the .socket unit"
            : "restart the .socket unit, so that it creates the file again"
        throw StartError(
            "cannot connect to the socket \(path): \(String(cString: strerror(errno))); \(advice)")
    }

    private static func removeLeftover(_ path: String, _ key: String) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw StartError("\(path) is not a socket; remove it or name another path as '\(key)'")
        }
        let probe = unix(path) { address, length in
            let descriptor = socket(AF_UNIX, streamType, 0)
            defer { Glibc.close(descriptor) }
            return connect(descriptor, address, length)
        }
        guard probe != 0 else {
            throw StartError(
                "the socket \(path) is in use; stop the program that listens there or name another path")
        }
        unlink(path)
    }

    // MARK: The system

    private static let streamType = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)

    /// A descriptor, or -1 and `errno`.
    private static func listen(_ address: UnsafePointer<sockaddr>, _ length: socklen_t, family: Int32) -> Int32 {
        let descriptor = socket(family, streamType, 0)
        guard descriptor >= 0 else { return -1 }
        var on: Int32 = 1
        if family != AF_UNIX {
            setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        }
        guard bind(descriptor, address, length) == 0, Glibc.listen(descriptor, SOMAXCONN) == 0 else {
            let code = errno
            Glibc.close(descriptor)
            errno = code
            return -1
        }
        return descriptor
    }

    /// The settings have no path that does not fit.
    private static func unix(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    /// Numbers, or a name that has an address of this host.
    private static func internet(_ host: String, _ port: UInt16, _ isIPv6: Bool) -> Int32 {
        var hints = addrinfo()
        hints.ai_family = isIPv6 ? AF_INET6 : AF_INET
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        hints.ai_flags = AI_PASSIVE
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, "\(port)", &hints, &found) == 0, let found else {
            errno = EADDRNOTAVAIL
            return -1
        }
        defer { freeaddrinfo(found) }
        return listen(found.pointee.ai_addr, found.pointee.ai_addrlen, family: found.pointee.ai_family)
    }

    fileprivate static func failure(_ address: SocketAddress, _ code: Int32) -> StartError {
        let advice =
            switch code {
            case EADDRINUSE: "stop the program that listens there or choose another address"
            case EADDRNOTAVAIL: "choose an address of this host"
            case ENOENT, ENOTDIR: "create the directory of the socket"
            case EACCES, EPERM, EROFS: "the user that runs this must be allowed to create a socket there"
            case EBADF, ENOTSOCK: "it must be a listening socket that the service manager opened"
            default: "check the address"
            }
        return StartError(
            "cannot listen at \(address): \(String(cString: strerror(code))); \(advice)")
    }
}

extension Int32 {
    /// A descriptor, or the error that `errno` has.
    fileprivate func orThrow(_ address: SocketAddress) throws -> Int32 {
        guard self >= 0 else { throw ListeningSocket.failure(address, errno) }
        return self
    }
}
