import Glibc

/// An IP address, or a network of them (RFC 4632 section 3.1, RFC 4291 section 2.3). A plain value.
public struct IPNetwork: Hashable, Sendable {
    /// 4 or 16, in network byte order.
    private let bytes: [UInt8]
    /// Bits.
    private let prefix: Int

    /// The addresses of the host itself.
    public static let loopback = [IPNetwork("127.0.0.0/8")!, IPNetwork("::1")!]

    /// `192.0.2.1`, `192.0.2.0/24`, `2001:db8::1`, `[2001:db8::]/32`. Nil for anything else, and where bits behind the
    /// prefix are set: then one of the two is a mistake.
    public init?(_ text: some StringProtocol) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let first = parts.first, let (bytes, isMapped) = Self.bytes(of: first) else { return nil }
        var prefix = bytes.count * 8
        if parts.count == 2 {
            guard let given = Int(parts[1]), parts[1].utf8.allSatisfy({ UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0 })
            else { return nil }
            prefix = isMapped ? given - 96 : given
        }
        guard 0...bytes.count * 8 ~= prefix else { return nil }
        let masked = Self.masked(bytes, prefix)
        guard masked == bytes else { return nil }
        (self.bytes, self.prefix) = (bytes, prefix)
    }

    /// Whether an address as Postfix writes it (`{client_addr}`) is in it.
    public func contains(_ address: String) -> Bool {
        guard let (other, _) = Self.bytes(of: address), other.count == bytes.count else { return false }
        return Self.masked(other, prefix) == bytes
    }

    private static func masked(_ bytes: [UInt8], _ prefix: Int) -> [UInt8] {
        bytes.enumerated().map { index, byte in
            let bits = min(max(prefix - index * 8, 0), 8)
            return byte & ~UInt8(truncatingIfNeeded: 0xff >> bits)
        }
    }

    /// An IPv4 address that is mapped into IPv6 is that address. Sendmail writes `IPv6:` in front; an interface's name may
    /// stand behind.
    private static func bytes(of text: some StringProtocol) -> (bytes: [UInt8], isMapped: Bool)? {
        var text = String(text)
        if text.hasPrefix("["), text.hasSuffix("]") { text = String(text.dropFirst().dropLast()) }
        if text.lowercased().hasPrefix("ipv6:") { text.removeFirst(5) }
        if let zone = text.firstIndex(of: "%") { text = String(text[..<zone]) }
        var bytes = [UInt8](repeating: 0, count: 16)
        if inet_pton(AF_INET, text, &bytes) == 1 { return (Array(bytes[..<4]), false) }
        guard inet_pton(AF_INET6, text, &bytes) == 1 else { return nil }
        let isMapped = bytes.prefix(10).allSatisfy { $0 == 0 } && bytes[10] == 0xff && bytes[11] == 0xff
        return isMapped ? (Array(bytes[12...]), true) : (bytes, false)
    }
}
