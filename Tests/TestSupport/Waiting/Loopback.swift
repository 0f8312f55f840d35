import Glibc

/// Connections that do not leave the machine: TCP on 127.0.0.1, and UNIX sockets.
public enum Loopback {
    /// A port on which nothing listens now. Another program may take it before the caller does, but no outgoing
    /// connection will: those have ports from 32768 on (ip_local_port_range).
    public static func freePort() throws -> UInt16 {
        for _ in 0..<100 {
            let port = UInt16.random(in: 10_000..<32_768)
            guard let listener = try? listen(port: port) else { continue }
            close(listener)
            return port
        }
        throw HarnessError("no free port from 10000 to 32767")
    }

    /// True if something accepts connections there.
    public static func answers(port: UInt16) -> Bool {
        guard let descriptor = try? connect(port: port) else { return false }
        close(descriptor)
        return true
    }

    /// Two connected descriptors that children do not inherit; `pipe2` is not to be had in Swift.
    static func pipe() -> [Int32] {
        var ends: [Int32] = [0, 0]
        precondition(socketpair(AF_UNIX, streamType, 0, &ends) == 0, "socketpair: \(errorText())")
        return ends
    }

    /// A listening socket, which the caller closes; children do not inherit it.
    public static func listen(port: UInt16) throws -> Int32 {
        let descriptor = socket(AF_INET, streamType, 0)
        var on: Int32 = 1
        setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &on, socklen_t(MemoryLayout<Int32>.size))
        guard withAddress(port, { bind(descriptor, $0, $1) }) == 0, Glibc.listen(descriptor, 64) == 0 else {
            defer { close(descriptor) }
            throw HarnessError("listen on port \(port): \(errorText())")
        }
        return descriptor
    }

    static func connect(port: UInt16) throws -> Int32 {
        let descriptor = socket(AF_INET, streamType, 0)
        guard withAddress(port, { Glibc.connect(descriptor, $0, $1) }) == 0 else {
            defer { close(descriptor) }
            throw HarnessError("connect to port \(port): \(errorText())")
        }
        return descriptor
    }

    static func connect(path: String) throws -> Int32 {
        let descriptor = socket(AF_UNIX, streamType, 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard code == 0 else {
            defer { close(descriptor) }
            throw HarnessError("connect to \(path): \(errorText())")
        }
        return descriptor
    }

    private static let streamType = Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue)

    private static func withAddress(_ port: UInt16, _ body: (UnsafePointer<sockaddr>, socklen_t) -> Int32) -> Int32 {
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = port.bigEndian
        address.sin_addr.s_addr = in_addr_t(0x7f00_0001).bigEndian
        return withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { body($0, socklen_t(MemoryLayout<sockaddr_in>.size)) }
        }
    }
}
