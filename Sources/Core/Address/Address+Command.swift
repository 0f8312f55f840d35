extension Address {
    /// Longest address in bytes (RFC 5321 section 4.5.3.1.3, less the brackets of a path).
    public static let lengthLimit = 254

    /// Whether a text that was opened can be an address that somebody typed in: checked when it is opened and not only
    /// when it was made, since whoever writes to the database can seal anything to a public key.
    public static func isAcceptable(_ text: String) -> Bool {
        text.utf8.count <= lengthLimit && Address(text) != nil
            && text.unicodeScalars.allSatisfy {
                $0 != "<" && $0 != ">"
                    && ![.control, .lineSeparator, .paragraphSeparator].contains(
                        $0.properties.generalCategory)
            }
    }

    /// What MAIL FROM and RCPT TO have between their brackets for an address as somebody typed it: the domain in ASCII,
    /// the local part as it is. One beyond ASCII has no other form, and needs a server that offers SMTPUTF8 (RFC 6531).
    /// Nil for what is no address or could end the command.
    public static func command(_ text: String) -> String? {
        guard isAcceptable(text), let address = Address(text), let domain = address.domain,
            let at = text.utf8.lastIndex(of: UInt8(ascii: "@"))
        else { return nil }
        let typed = text[text.index(after: at)...]
        let isPlain = text[..<at].utf8.allSatisfy { isAtomByte($0) || $0 >= 0x80 }
        let name = Domain.isNormal(typed.utf8.map(\.asciiLowercased)) ? String(typed) : domain
        let path = isPlain ? "\(text[..<at])@\(name)" : address.mailbox
        return path.utf8.count <= lengthLimit ? path : nil
    }
}
