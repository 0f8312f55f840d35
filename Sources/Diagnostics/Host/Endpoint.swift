import Glibc
import SettingsFile

/// An address that something listens at.
enum Endpoint: Hashable, Sendable, CustomStringConvertible {
    case unix(String)
    case tcp(host: String, port: UInt16)

    /// Nil for an inherited descriptor: only the running daemon knows its address.
    init?(_ address: SocketAddress) {
        switch address {
        case .unix(let path): self = .unix(path)
        case .internet(let host, let port, _): self = .tcp(host: host, port: port)
        case .descriptor: return nil
        }
    }

    var description: String {
        switch self {
        case .unix(let path): "unix:\(path)"
        case .tcp(let host, let port): "inet:\(host.contains(":") ? "[\(host)]" : host):\(port)"
        }
    }

    /// Whether only this host can reach it.
    var isLocal: Bool {
        guard case .tcp(let host, _) = self else { return true }
        let addresses = Self.addresses(of: host)
        return !addresses.isEmpty && addresses.allSatisfy { $0.hasPrefix("127.") || $0 == "::1" }
    }

    /// Whether a client that connects to `other` reaches this endpoint.
    func isReached(by other: Endpoint) -> Bool {
        switch (self, other) {
        case (.unix(let one), .unix(let other)):
            if realPath(one) == realPath(other) { return true }
            guard let one = FileStatus(one), let other = FileStatus(other) else { return false }
            return one.isSameFile(as: other)
        case (.tcp(let host, let port), .tcp(let otherHost, let otherPort)):
            guard port == otherPort else { return false }
            let addresses = Self.addresses(of: host)
            return host == otherHost || addresses.contains("0.0.0.0") || addresses.contains("::")
                || !addresses.isDisjoint(with: Self.addresses(of: otherHost))
        default: return false
        }
    }

    /// Connects within `seconds`. Throws the system's error number.
    func connect(seconds: Int) throws(SocketError) -> Int32 {
        switch self {
        case .unix(let path): return try Self.connectUnix(path, seconds: seconds)
        case .tcp(let host, let port):
            var failure = SocketError(EADDRNOTAVAIL)
            for address in Self.lookUp(host, port) {
                let descriptor = socket(address.family, Self.streamType, 0)
                Self.limit(descriptor, seconds)
                let code = address.bytes.withUnsafeBytes {
                    Glibc.connect(
                        descriptor, $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count))
                }
                if code == 0 { return descriptor }
                failure = SocketError(errno)
                close(descriptor)
            }
            throw failure
        }
    }

    /// Connects to a path as the calling thread sees it, with its root directory, working directory and rights.
    static func connectUnix(_ path: String, seconds: Int) throws(SocketError) -> Int32 {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else { throw SocketError(ENAMETOOLONG) }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let descriptor = socket(AF_UNIX, streamType, 0)
        guard descriptor >= 0 else { throw SocketError(errno) }
        limit(descriptor, seconds)
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0 else {
            let failure = SocketError(errno)
            close(descriptor)
            throw failure
        }
        return descriptor
    }

    private static let streamType = Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue)

    private static func limit(_ descriptor: Int32, _ seconds: Int) {
        var limit = timeval(tv_sec: seconds, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    private static func lookUp(_ host: String, _ port: UInt16) -> [(family: Int32, bytes: [UInt8])] {
        var hints = addrinfo()
        hints.ai_socktype = Int32(SOCK_STREAM.rawValue)
        var found: UnsafeMutablePointer<addrinfo>?
        guard getaddrinfo(host, "\(port)", &hints, &found) == 0 else { return [] }
        defer { freeaddrinfo(found) }
        return sequence(first: found!) { $0.pointee.ai_next }.map {
            (
                $0.pointee.ai_family,
                Array(UnsafeRawBufferPointer(start: $0.pointee.ai_addr, count: Int($0.pointee.ai_addrlen)))
            )
        }
    }

    private static func addresses(of host: String) -> Set<String> {
        Set(
            lookUp(host, 0).compactMap { address in
                var name = [CChar](repeating: 0, count: Int(NI_MAXHOST))
                let code = address.bytes.withUnsafeBytes {
                    getnameinfo(
                        $0.baseAddress!.assumingMemoryBound(to: sockaddr.self), socklen_t($0.count), &name,
                        socklen_t(name.count), nil, 0, NI_NUMERICHOST)
                }
                return code == 0
                    ? String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self) : nil
            })
    }
}
