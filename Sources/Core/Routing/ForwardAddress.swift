/// The address that a company's mail is forwarded to: an RFC 5321 mailbox in ASCII, its local part a dot-string.
///
/// BUGS: a quoted local part and an address literal instead of a domain are mailboxes too, and are not accepted.
public struct ForwardAddress: Hashable, Sendable {
    /// The local part as it was given, since the server that has it may know it by its case; the domain in its normal form.
    public let text: String

    /// Nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: "@", omittingEmptySubsequences: false)
        guard parts.count == 2, (1...64).contains(parts[0].utf8.count), let domain = Domain(parts[1]),
            domain.text == parts[1].lowercased(),
            parts[0].split(separator: ".", omittingEmptySubsequences: false).allSatisfy(Self.isAtom)
        else { return nil }
        let address = "\(parts[0])@\(domain)"
        guard address.utf8.count <= 254 else { return nil }
        self.text = address
    }

    private static func isAtom(_ atom: Substring) -> Bool {
        !atom.isEmpty && atom.utf8.allSatisfy(Address.isAtomByte) && !atom.contains(".")
    }
}
