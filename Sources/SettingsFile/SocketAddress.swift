import Glibc

/// An address to listen on, in libmilter's form or Postfix's.
public enum SocketAddress: Hashable, Sendable, CustomStringConvertible {
    /// `unix:/path`
    case unix(path: String)
    /// `inet:8891@127.0.0.1`, or as Postfix writes it, `inet:127.0.0.1:8891`; `inet6:` likewise.
    case internet(host: String, port: UInt16, isIPv6: Bool)
    /// `fd:3`: a listening socket inherited from the service manager.
    case descriptor(Int32)

    /// Length of a `unix:` path in bytes, at most (unix(7)), without the terminating NUL.
    static let pathLimit = MemoryLayout.size(ofValue: sockaddr_un().sun_path) - 1

    /// Nil if the text has none of these forms.
    public init?(_ text: String) {
        guard let colon = text.firstIndex(of: ":") else { return nil }
        let rest = text[text.index(after: colon)...]
        switch text[..<colon] {
        case "unix", "local":
            guard rest.first == "/" else { return nil }
            self = .unix(path: String(rest))
        case "fd":
            guard let number = Int32(rest), number >= 0 else { return nil }
            self = .descriptor(number)
        case let family where family == "inet" || family == "inet6":
            let host: Substring
            let port: Substring
            if let at = rest.firstIndex(of: "@") {
                (port, host) = (rest[..<at], rest[rest.index(after: at)...])
            } else if let last = rest.lastIndex(of: ":") {
                (host, port) = (rest[..<last], rest[rest.index(after: last)...])
            } else {
                return nil
            }
            let bare = host.hasPrefix("[") && host.hasSuffix("]") ? host.dropFirst().dropLast() : host
            guard let number = UInt16(port), number > 0, !bare.isEmpty else { return nil }
            self = .internet(host: String(bare), port: number, isIPv6: family == "inet6")
        default:
            return nil
        }
    }

    /// Whether only this host can reach the address: a file, or an address of the loopback interface. No name but
    /// `localhost` counts; none is looked up.
    public var isLocal: Bool {
        switch self {
        case .unix: return true
        case .descriptor: return false
        case .internet(let host, _, let isIPv6):
            if host == "localhost" { return true }
            if isIPv6 {
                var address = in6_addr()
                return inet_pton(AF_INET6, host, &address) == 1
                    && withUnsafeBytes(of: &address) { $0.elementsEqual([UInt8](repeating: 0, count: 15) + [1]) }
            }
            var address = in_addr()
            return inet_pton(AF_INET, host, &address) == 1 && UInt32(bigEndian: address.s_addr) >> 24 == 127
        }
    }

    /// In libmilter's form.
    public var description: String {
        switch self {
        case .unix(let path): "unix:\(path)"
        case .internet(let host, let port, let isIPv6): "\(isIPv6 ? "inet6" : "inet"):\(port)@\(host)"
        case .descriptor(let number): "fd:\(number)"
        }
    }
}
