/// The address that a company's mail is forwarded to: an RFC 5321 mailbox in ASCII, its local part a dot-string.
///
/// BUGS: a quoted local part and an address literal instead of a domain are mailboxes too, and are not taken.
public struct ForwardAddress: Hashable, Sendable {
    /// The domain in lower case.
    public let text: String

    /// Nil for what is not of this form.
    public init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, text.utf8.count <= 254, (1...64).contains(parts[0].utf8.count) else { return nil }
        let domain = parts[1].lowercased()
        let labels = domain.split(separator: ".", omittingEmptySubsequences: false)
        guard parts[0].split(separator: ".", omittingEmptySubsequences: false).allSatisfy(Self.isAtom),
            labels.count >= 2, labels.allSatisfy(Self.isLabel)
        else { return nil }
        self.text = "\(parts[0])@\(domain)"
    }

    private static func isAtom(_ atom: Substring) -> Bool {
        !atom.isEmpty && atom.utf8.allSatisfy { isAlphanumeric($0) || specials.contains($0) }
    }

    private static func isLabel(_ label: Substring) -> Bool {
        let hyphen = UInt8(ascii: "-")
        return (1...63).contains(label.utf8.count) && label.utf8.first != hyphen && label.utf8.last != hyphen
            && label.utf8.allSatisfy { isAlphanumeric($0) || $0 == hyphen }
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"):
            true
        default: false
        }
    }

    /// What `atext` has besides letters and digits (RFC 5322 section 3.2.3).
    private static let specials = Set("!#$%&'*+-/=?^_`{|}~".utf8)
}
