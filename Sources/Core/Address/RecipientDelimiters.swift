/// The characters that begin an address extension: Postfix's `recipient_delimiter`. `rita+jobs@acme.example` is then
/// delivered to `rita@acme.example`.
///
/// A plain value. What applies to which domains is the company's business (`Routing.Company.base`).
public struct RecipientDelimiters: Hashable, Sendable, CustomStringConvertible {
    /// Each character once, in the order given.
    public let text: String

    public var description: String { text }

    /// Takes up to eight characters of local parts that are neither letters nor digits. Nil for anything else.
    public init?(_ text: String) {
        guard (1...8).contains(text.utf8.count), Set(text.utf8).count == text.utf8.count,
            text.utf8.allSatisfy({ Address.isAtomByte($0) && !Self.isAlphanumeric($0) })
        else { return nil }
        self.text = text
    }

    /// The address without its extension, split as Postfix's `split_addr(3)` splits it: at the first delimiter, but
    /// never before the first character. The addresses of mail systems are not split, nor are `owner-…` and `…-request`
    /// if the hyphen is a delimiter (`owner_request_special`, on by default).
    public func base(of address: Address) -> Address {
        guard let domain = address.domain else { return address }
        let local = address.text.utf8.dropLast(domain.utf8.count + 1)
        guard let delimiter = local.firstIndex(where: text.utf8.contains), delimiter != local.startIndex,
            !isReserved(local)
        else { return address }
        return Address(text: "\(Substring(local[..<delimiter]))@\(domain)", domain: domain)
    }

    private func isReserved(_ local: Substring.UTF8View) -> Bool {
        if Self.systemAddresses.contains(where: local.elementsEqual) { return true }
        guard text.utf8.contains(UInt8(ascii: "-")) else { return false }
        return local.starts(with: "owner-".utf8)
            || local.count > "-request".utf8.count && local.suffix(8).elementsEqual("-request".utf8)
    }

    private static let systemAddresses = ["postmaster", "mailer-daemon", "double-bounce"].map(\.utf8)

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }
}
