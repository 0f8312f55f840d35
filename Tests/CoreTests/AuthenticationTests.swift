import Core
import Testing

@Suite struct AuthenticationTests {
    private func verdict(_ fields: [String], for domain: String, trusted: [String] = ["mx.acme.example"])
        -> Authentication
    {
        var header = HeaderSection()
        for field in fields { header.append(name: "Authentication-Results".utf8, value: " \(field)".utf8) }
        return AuthenticationResults(header, trusted: trusted).verdict(for: domain)
    }

    @Test(arguments: [
        (["mx.acme.example; dmarc=pass header.from=home.example"], Authentication.pass),
        (["mx.acme.example; dmarc=fail (p=reject dis=none) header.from=home.example"], .fail),
        // DMARC decides, whatever the others say.
        (["mx.acme.example; spf=pass smtp.mailfrom=a@home.example; dmarc=fail header.from=home.example"], .fail),
        (["mx.acme.example; dkim=fail header.d=home.example; dmarc=pass header.from=home.example"], .pass),
        (["mx.acme.example; dmarc=none header.from=home.example; dkim=pass header.d=home.example"], .pass),
        // Without it, a pass for the domain of the sender.
        (["mx.acme.example; dkim=pass (2048-bit key) header.d=home.example header.i=@home.example"], .pass),
        (["mx.acme.example; dkim=pass header.d=mail.home.example"], .pass),
        (["mx.acme.example; dkim=pass header.d=evil.example"], .none),
        (["mx.acme.example; dkim=pass header.d=nothome.example"], .none),
        (["mx.acme.example; spf=pass smtp.mailfrom=anna@home.example"], .pass),
        (["mx.acme.example; spf=pass smtp.mailfrom=list.example; dkim=fail header.d=home.example"], .fail),
        (["mx.acme.example; spf=fail smtp.mailfrom=home.example"], .fail),
        (["mx.acme.example; spf=softfail smtp.mailfrom=home.example"], .none),
        (["mx.acme.example; none"], .none),
        (["mx.acme.example 1; SPF = PASS smtp.mailfrom = \"anna@HOME.example\""], .pass),
        (["MX.ACME.example;\r\n\tdmarc=pass\r\n\theader.from=home.example"], .pass),
        // From a host that is not trusted, and from none.
        (["mx.evil.example; dmarc=pass header.from=home.example"], .none),
        ([], .none),
        // The topmost field of a method counts: the other came with the message.
        (
            [
                "mx.acme.example; dmarc=fail header.from=home.example",
                "mx.acme.example; dmarc=pass header.from=home.example",
            ], .fail
        ),
        // One field for each method.
        (
            [
                "mx.acme.example; dkim=pass header.d=home.example",
                "mx.acme.example; spf=fail smtp.mailfrom=home.example",
            ],
            .pass
        ),
        // Text in comments, quoted or unterminated, does not count.
        (["mx.acme.example (dmarc=pass; header.from=home.example)"], .none),
        (["mx.acme.example; x=\"dmarc=pass; dmarc=pass\""], .none),
        (["mx.acme.example; dmarc=pass header.from=home.example (unclosed"], .pass),
        (["mx.acme.example; ===;;; dmarc =pass= header.from=home.example"], .pass),
        (["; dmarc=pass header.from=home.example"], .none),
    ])
    func `the verdicts of trusted hosts decide`(_ fields: [String], _ expected: Authentication) {
        #expect(verdict(fields, for: "home.example") == expected, "\(fields)")
    }

    @Test func `a pass for another domain does not count`() {
        let fields = ["mx.acme.example; spf=fail smtp.mailfrom=rita@acme.example; dmarc=pass header.from=evil.example"]
        #expect(verdict(fields, for: "evil.example") == .pass)
        #expect(verdict(fields, for: "acme.example") == .fail)
    }

    @Test func `without a trusted host no verdict is read`() {
        #expect(verdict(["mx.acme.example; dmarc=pass"], for: "home.example", trusted: []) == .none)
    }
}
