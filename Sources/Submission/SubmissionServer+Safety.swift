extension SubmissionServer {
    /// What is wrong with the server's name or the user's, in words; nil if nothing. A name becomes part of a URL, a
    /// user name part of the authentication.
    public func problem(user: String) -> String? {
        if !Self.isHost(host) || port == 0 { return "its server is no host name, address and port" }
        if !Self.isSafe(user) || user.isEmpty { return "its user name is empty or has control characters" }
        if let authorities, !Self.isSafe(authorities) { return "the name of its --ca-file has control characters" }
        return nil
    }

    /// The last check before libcurl, whoever calls: what follows an end of line would be a command of its own
    /// (CWE-93).
    func refuseUnsafe(
        _ message: [UInt8], from sender: String, to recipients: [String], as user: String,
        _ credential: SubmissionCredential
    ) throws(SubmissionError) {
        if let problem = problem(user: user) { throw SubmissionError(.unsafe, problem) }
        guard !recipients.isEmpty, ([sender] + recipients).allSatisfy(Self.isPath) else {
            throw SubmissionError(.unsafe, "an address has characters that no command may have")
        }
        let secret =
            switch credential {
            case .password(let password): password
            case .token(let token): token
            }
        guard Self.isSafe(secret) else {
            throw SubmissionError(.unsafe, "the password or token has control characters")
        }
        guard Self.hasWholeLines(message) else {
            throw SubmissionError(.unsafe, "the message has line ends other than CRLF, or NUL")
        }
    }

    /// A host name of letters, digits, hyphens, dots and underscores, or an IPv6 address.
    static func isHost(_ host: String) -> Bool {
        let isName = host.utf8.allSatisfy { isAlphanumeric($0) || "-._".utf8.contains($0) }
        let isIPv6 = host.contains(":") && host.utf8.allSatisfy { isHexadecimal($0) || ":.".utf8.contains($0) }
        return (1...253).contains(host.utf8.count) && (isName || isIPv6)
    }

    /// No angle brackets or control characters, 254 bytes at most; blanks only in a quoted local part (RFC 5321 section
    /// 4.1.2). A local part may be in UTF-8 (RFC 6531 section 3.3), a domain may not.
    static func isPath(_ address: String) -> Bool {
        guard let at = address.utf8.lastIndex(of: UInt8(ascii: "@")), at != address.startIndex,
            isHost(String(address[address.index(after: at)...])), address.utf8.count <= 254
        else { return false }
        let local = address[..<at]
        let isQuoted = local.utf8.count > 2 && local.hasPrefix("\"") && local.hasSuffix("\"")
        return local.unicodeScalars.allSatisfy { scalar in
            guard scalar.isASCII else {
                return ![.control, .lineSeparator, .paragraphSeparator, .spaceSeparator].contains(
                    scalar.properties.generalCategory)
            }
            return (isQuoted ? 0x20 : 0x21)...0x7e ~= scalar.value && scalar != "<" && scalar != ">"
        }
    }

    /// Whether a server must offer SMTPUTF8 to take the address.
    static func needsUTF8(_ address: String) -> Bool { !address.utf8.allSatisfy { $0 < 0x80 } }

    /// No control character: NUL would end a C string, and 0x01 a field of XOAUTH2.
    static func isSafe(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7f } }

    /// Whether every CR is followed by LF, every LF follows CR, and there is no NUL: a line that ends in another way
    /// may end the message for a server (SMTP smuggling).
    static func hasWholeLines(_ message: [UInt8]) -> Bool {
        var previous: UInt8 = 0x20
        for byte in message {
            guard byte != 0, (previous == 13) == (byte == 10) else { return false }
            previous = byte
        }
        return previous != 13
    }

    private static func isAlphanumeric(_ byte: UInt8) -> Bool {
        isHexadecimal(byte) || UInt8(ascii: "g")...UInt8(ascii: "z") ~= byte
            || UInt8(ascii: "G")...UInt8(ascii: "Z") ~= byte
    }

    private static func isHexadecimal(_ byte: UInt8) -> Bool {
        UInt8(ascii: "0")...UInt8(ascii: "9") ~= byte || UInt8(ascii: "a")...UInt8(ascii: "f") ~= byte
            || UInt8(ascii: "A")...UInt8(ascii: "F") ~= byte
    }
}
