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
    /// the local part as it is. Nil for what is no address, could end the command, or needs SMTPUTF8 (RFC 6531).
    public static func command(_ text: String) -> String? {
        guard isAcceptable(text), let address = Address(text) else { return nil }
        let isPlain = text.utf8.allSatisfy { isAtomByte($0) || $0 == UInt8(ascii: "@") } && !text.hasSuffix(".")
        let path = isPlain ? text : address.mailbox
        guard path.utf8.count <= lengthLimit, path.utf8.allSatisfy({ 0x20...0x7e ~= $0 }) else { return nil }
        return path
    }
}
