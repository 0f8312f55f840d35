/// One result of a method in an Authentication-Results field (RFC 8601 `resinfo`). Keywords are in lower case.
struct AuthenticationResult: Sendable {
    struct Property: Sendable {
        /// `header.from`, `smtp.mailfrom` and so on.
        let name: String
        /// As it stands; of an address, local part and `@` too.
        let value: [UInt8]
    }

    let method: String
    let value: String
    let properties: [Property]

    /// It names the client by what that called itself (HELO).
    var namesClient: Bool { properties.contains { $0.name == "smtp.helo" } }

    var isPass: Bool { value == "pass" }

    /// The method's word for what did not come from whom it says. A softfail is one that its domain is not sure of
    /// (RFC 7208 section 2.6.5).
    var isFail: Bool { value == "fail" || value == "hardfail" }
    var isDoubt: Bool { isFail || value == "softfail" }

    /// The domains of a property, internationalised ones as A-labels; nil where a value has none.
    func domains(_ property: String) -> [String?] {
        properties.filter { $0.name == property }.map { property in
            let start = property.value.lastIndex(of: UInt8(ascii: "@")).map { $0 + 1 } ?? 0
            return Domain.normalForm(property.value[start...])
        }
    }

    /// What the method is about: the author's domain, the envelope sender's, or the signer's.
    private var subject: String? {
        switch method {
        case "dmarc": "header.from"
        case "spf": "smtp.mailfrom"
        case "dkim": "header.d"
        default: nil
        }
    }

    /// It passed, for that domain alone.
    func passes(_ domain: String) -> Bool {
        guard isPass, let subject else { return false }
        let domains = domains(subject)
        return !domains.isEmpty && domains.allSatisfy { $0 == domain }
    }

    /// It did not pass, and is or may be about that domain: DMARC and SPF results that do not say whose they are may be
    /// anybody's. SPF is of the envelope's sender or, named so, of the client's name.
    func mayRefuse(_ domain: String) -> Bool {
        guard !isPass, let subject else { return false }
        let domains = domains(subject)
        guard domains.isEmpty else { return domains.contains { $0 == nil || $0 == domain } }
        return method == "dmarc" || method == "spf" && !namesClient
    }
}
