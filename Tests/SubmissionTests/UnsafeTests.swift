import Testing

@testable import Submission

/// The last check before libcurl: what could end a command or a URL is refused before a connection is made.
@Suite struct UnsafeTests {
    /// Nobody listens there: what passes the check fails with another error.
    private static let server = SubmissionServer(host: "127.0.0.1", port: 1, security: .tls)

    private func kind(
        _ server: SubmissionServer = server, message: String = "Subject: x\r\n\r\ny\r\n", from: String = "a@b.example",
        to: [String] = ["c@d.example"], user: String = "u", with credential: SubmissionCredential = .password("p")
    ) -> SubmissionError.Kind? {
        do throws(SubmissionError) {
            try server.submit(Array(message.utf8), from: from, to: to, as: user, credential)
            return nil
        } catch {
            return error.kind
        }
    }

    @Test func `what is harmless reaches libcurl`() {
        #expect(kind() == .noAnswer)
        #expect(
            kind(from: "\"a b\"@b.example", to: ["C+d=e@f_g.example", "c@d.example"], user: "Ünüser x") == .noAnswer)
        #expect(kind(SubmissionServer(host: "::1", port: 1, security: .starttls)) == .noAnswer)
        #expect(kind(message: "") == .noAnswer)
        #expect(kind(from: "jörg@b.example", to: ["\"jörg x\"@d.example", "用户@d.example"]) == .noAnswer)
    }

    @Test(arguments: [
        "joerg@home.example>\r\nDATA\r\nforged\r\n.\r\nNOOP <", "a@b.example\r", "a@b.example\n", "a\u{0}@b.example",
        "a@b.example>", "<a@b.example", "a b@c.example", "a@b.example SIZE=1", "", "a", "@b.example", "a@",
        "a@b..c\u{7f}",
        "jörg\u{85}@home.example", "jörg\u{2028}@b.example", "j\u{a0}x@b.example", "a@büro.example", "a\t@b.example",
        "a@b.example/x",
        "\(String(repeating: "a", count: 260))@b.example",
    ])
    func `an address that could end a command is refused`(address: String) {
        #expect(kind(from: address) == .unsafe)
        #expect(kind(to: ["c@d.example", address]) == .unsafe)
    }

    @Test func `there is a recipient`() {
        #expect(kind(to: []) == .unsafe)
    }

    @Test(arguments: [
        "", "mail.example/../x", "user@mail.example", "mail.example:25", "mail.example?x", "mail.example#x", "a b",
        "mail.example\r\nX", "mail\u{0}.example", "[::1]", "büro.example", "mail.example%00",
    ])
    func `a server that is more than a name is refused`(host: String) {
        #expect(kind(SubmissionServer(host: host, port: 1, security: .tls)) == .unsafe)
    }

    @Test(arguments: ["a\u{0}b", "a\r\nb", "a\nb", "a\u{1}auth=Bearer b", "a\u{7f}"])
    func `control characters in names and secrets are refused`(text: String) {
        #expect(kind(user: text) == .unsafe)
        #expect(kind(with: .password(text)) == .unsafe)
        #expect(kind(with: .token(text)) == .unsafe)
        #expect(kind(SubmissionServer(host: "::1", port: 1, security: .tls, authorities: text)) == .unsafe)
    }

    @Test(arguments: ["a\nb\r\n", "a\r\n.\n", "a\rb\r\n", "a\u{0}\r\n", "a\r", "\n.\r\n"])
    func `a message whose lines a server may end elsewhere is refused`(message: String) {
        #expect(kind(message: message) == .unsafe)
    }
}
