/// A mail address in the one normal form in which addresses are compared, indexed and listed: local part unquoted and
/// without quoted pairs, domain in ASCII without a final dot, all in lower case.
///
/// Some mail servers tell local parts apart by their case (RFC 5321 section 2.4); few do, and people do not.
///
/// BUGS: characters outside ASCII in a local part are put in lower case, but not composed (NFC): two spellings of one
/// letter are two addresses.
public struct Address: Hashable, Sendable {
    /// Local part, `@` and domain. Empty for the null sender; in lower case for what is no address.
    public let text: String
    /// After the last `@`, without a final dot; nil where there is none.
    public let domain: String?

    /// The sender of bounces, `<>`.
    public static let null = Address(text: "", domain: nil)

    public var isNull: Bool { text.isEmpty }

    /// Takes an address alone (RFC 5322 section 3.4.1), as people and header fields write it. Nil for anything else.
    public init?(_ text: some StringProtocol) {
        var parser = AddressParser(Array(text.utf8)[...])
        guard let address = parser.list().only, parser.isBare else { return nil }
        self = address
    }

    /// Takes what MAIL FROM or RCPT TO carried (RFC 5321 section 4.1.2), with or without angle brackets. Never fails,
    /// since a mail server may take what is no address; that is read as Postfix rewrites it.
    public init(path: UnsafeRawBufferPointer) {
        // Rebased: most mail is decided by its envelope alone, and a slice would check its bounds at every byte.
        var path = path
        if path.first == UInt8(ascii: "<"), path.last == UInt8(ascii: ">") {
            path = UnsafeRawBufferPointer(rebasing: path[1..<path.count - 1])
        }
        if path.first == UInt8(ascii: "@"), let colon = path.firstIndex(of: UInt8(ascii: ":")) {
            path = UnsafeRawBufferPointer(rebasing: path[(colon + 1)...])
        }
        self.init(lenient: path)
    }

    public init(path: String) {
        var path = path
        self = path.withUTF8 { Address(path: UnsafeRawBufferPointer($0)) }
    }

    /// Takes an address without brackets, or whatever stands where one should.
    init(lenient bytes: some BidirectionalCollection<UInt8>) {
        if let at = Self.normalSeparator(bytes) {
            // Most are in the normal form already.
            self.init(
                text: String(decoding: bytes, as: UTF8.self),
                domain: String(decoding: bytes[bytes.index(after: at)...], as: UTF8.self))
            return
        }
        let bytes = Array(bytes)
        var parser = AddressParser(bytes[...])
        if let address = parser.list().only, parser.isBare {
            self = address
            return
        }
        let (local, domain) = RewrittenPath.parts(bytes)
        let text = String(decoding: local.map(\.asciiLowercased), as: UTF8.self).lowercased()
        guard let domain else {
            self.init(text: text, domain: nil)
            return
        }
        let name = Domain.normalForm(domain) ?? String(decoding: domain.map(\.asciiLowercased), as: UTF8.self)
        self.init(text: "\(text)@\(name)", domain: name.isEmpty ? nil : name)
    }

    /// From the parts of an address; nil where one of them is none. `local` is unquoted.
    init?(local: [UInt8], domain: String) {
        guard !local.isEmpty, local.allSatisfy({ $0 >= 0x20 && $0 != 0x7f && $0 != 0x3c && $0 != 0x3e }),
            let text = String(validating: local, as: UTF8.self), !text.unicodeScalars.contains(where: Self.isControl)
        else { return nil }
        self.init(text: "\(text.lowercased())@\(domain)", domain: domain)
    }

    /// C1, which terminals obey, and the line and paragraph separators.
    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        (0x80...0x9f).contains(scalar.value) || scalar == "\u{2028}" || scalar == "\u{2029}"
    }

    init(text: String, domain: String?) {
        self.text = text
        self.domain = domain
    }

    /// Where the `@` is of an address that is in the normal form and needs no quotes; nil where it may not be.
    private static func normalSeparator<Bytes: BidirectionalCollection<UInt8>>(_ bytes: Bytes) -> Bytes.Index? {
        guard let at = bytes.lastIndex(of: UInt8(ascii: "@")), at != bytes.startIndex,
            bytes[..<at].allSatisfy({ isAtomByte($0) && !(UInt8(ascii: "A")...UInt8(ascii: "Z") ~= $0) }),
            Domain.isNormal(bytes[bytes.index(after: at)...])
        else { return nil }
        return at
    }

    /// `atext` and the dot (RFC 5322 section 3.2.3).
    static func isAtomByte(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        case UInt8(ascii: "!"), UInt8(ascii: "#")...UInt8(ascii: "'"), UInt8(ascii: "*"), UInt8(ascii: "+"),
            UInt8(ascii: "-")...UInt8(ascii: "/"), UInt8(ascii: "="), UInt8(ascii: "?"),
            UInt8(ascii: "^")...UInt8(ascii: "`"), UInt8(ascii: "{")...UInt8(ascii: "~"):
            true
        default: false
        }
    }

    /// Everything before the domain's `@`; all of it where there is no domain.
    private var local: Substring {
        Substring(domain.map { text.utf8.dropLast($0.utf8.count + 1) } ?? text.utf8[...])
    }

    /// The address that its local part names, if a mail server takes that for one, as it may where the domain is its
    /// own: `council%acme.example@mx.example` (`allow_percent_hack`), `acme.example!council@mx.example`.
    public var routed: Address? {
        guard
            local.utf8.contains(where: { $0 == UInt8(ascii: "@") || $0 == UInt8(ascii: "%") || $0 == UInt8(ascii: "!") }
            )
        else { return nil }
        let inner = Address(lenient: local.utf8)
        return inner.domain == nil || inner == self ? nil : inner
    }

    /// The same local part at another domain, which is in the normal form.
    public func moved(to domain: String) -> Address { Address(text: "\(local)@\(domain)", domain: domain) }

    /// Whether its domain is one of those, which are in the normal form.
    public func isAt(_ domains: Set<String>) -> Bool { domain.map(domains.contains) ?? false }

    /// As mail has it (RFC 5321 `Mailbox`): the local part quoted where it must be.
    public var mailbox: String {
        guard let domain, let at = text.utf8.lastIndex(of: UInt8(ascii: "@")) else { return text }
        let local = text[..<at]
        let isDotString = local.split(separator: ".", omittingEmptySubsequences: false).allSatisfy {
            !$0.isEmpty && $0.utf8.allSatisfy { $0 >= 0x80 || Self.isAtomByte($0) }
        }
        if isDotString { return text }
        let escaped = local.flatMap { $0 == "\"" || $0 == "\\" ? ["\\", $0] : [$0] }
        return "\"\(String(escaped))\"@\(domain)"
    }
}
