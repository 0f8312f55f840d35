import Testing

@testable import Submission

@Suite struct ExtensionCheckTests {
    private static let clear = ["220-smtp.acme.example", "220 ESMTP", "250-hello", "250 SMTPUTF8", "220 go ahead"]

    @Test(
        arguments: [
            (["250-hello", "250-SMTPUTF8", "250 SIZE 1"], false), (["250-hello", "250 SMTPUTF8"], false),
            (["250 SMTPUTF8 x"], false), (["250-hello", "250 SIZE"], true), (["250 hello SMTPUTF8"], true),
            (["250-SMTPUTF8X", "250 8BITMIME"], true), (["250-hello", "250-SIZE"], false),
            (["502 no", "250 hello"], true),
            (["250 SMTPUTF8", "235 in", "250 2.1.0 ok"], false), (["250 ok", "250 SMTPUTF8"], true), ([], false),
        ] as [([String], Bool)])
    func `what a server offers is what it says to the EHLO under TLS`(lines: [String], isMissing: Bool) {
        var tls = ExtensionCheck("SMTPUTF8", security: .tls)
        for line in ["220 smtp.acme.example"] + lines { tls.take(Array("\(line)\r\n".utf8)) }
        #expect(tls.isMissing == isMissing)
        var starttls = ExtensionCheck("SMTPUTF8", security: .starttls)
        for line in Self.clear + lines { starttls.take(Array("\(line)\r\n".utf8)) }
        #expect(starttls.isMissing == isMissing)
    }
}
