import CLibidn2

/// Internationalised domain names (RFC 5890) by libidn2: the ASCII form under which a domain is stored and compared.
public enum IDNA {
    /// The domain with its labels as A-labels (`xn--…`) in lower case, after the mapping of UTS #46, non-transitional:
    /// case, width and composition of the characters make no difference. Nil where it is not a domain name.
    ///
    /// Any thread. Only what has bytes outside ASCII needs it.
    public static func ascii(_ domain: String) -> String? {
        guard !domain.utf8.contains(0) else { return nil }
        var output: UnsafeMutablePointer<CChar>?
        let flags = Int32(bitPattern: IDN2_NFC_INPUT.rawValue | IDN2_NONTRANSITIONAL.rawValue)
        guard idn2_to_ascii_8z(domain, &output, flags) == IDN2_OK.rawValue, let output else { return nil }
        defer { idn2_free(output) }
        return String(cString: output)
    }
}
