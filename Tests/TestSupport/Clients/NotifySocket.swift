import Glibc
import Synchronization

/// The service manager's end of sd_notify(3): a datagram socket and the notifications it received.
public final class NotifySocket: Sendable {
    /// As in `$NOTIFY_SOCKET`: a path, or @ and a name in the abstract namespace.
    public let name: String
    private let descriptor: Int32
    private let received = Mutex<[String]>([])

    public init(_ name: String) throws {
        self.name = name
        descriptor = socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        var path = Array(name.utf8)
        if path[0] == UInt8(ascii: "@") { path[0] = 0 }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path) }
        let length = MemoryLayout.offset(of: \sockaddr_un.sun_path)! + path.count
        let code = withUnsafePointer(to: &address) {
            $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { bind(descriptor, $0, socklen_t(length)) }
        }
        guard code == 0 else {
            defer { close(descriptor) }
            throw HarnessError("bind \(name): \(errorText())")
        }
    }

    deinit { close(descriptor) }

    /// Every datagram so far.
    public func messages() -> [String] {
        received.withLock { received in
            var buffer = [UInt8](repeating: 0, count: 4096)
            while case let count = recv(descriptor, &buffer, buffer.count, Int32(MSG_DONTWAIT)), count >= 0 {
                received.append(String(decoding: buffer[..<count], as: UTF8.self))
            }
            return received
        }
    }

    /// Waits for a datagram with this prefix, and returns how many came before it.
    @discardableResult
    public func message(_ beginning: String, after index: Int = -1, timeout: Double = 30) async throws -> Int {
        try await waitFor("'\(beginning)' at \(name), with \(messages())", timeout: timeout) {
            messages().indices.first { $0 > index && messages()[$0].hasPrefix(beginning) }
        }
    }
}
