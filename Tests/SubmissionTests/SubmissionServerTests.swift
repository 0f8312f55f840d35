import Testing

@testable import Submission

@Suite struct SubmissionServerTests {
    @Test(
        arguments: [
            (.starttls, "smtp.acme.example", 587, "smtp://smtp.acme.example:587/"),
            (.tls, "smtp.acme.example", 465, "smtps://smtp.acme.example:465/"),
            (.tls, "2001:db8::1", 465, "smtps://[2001:db8::1]:465/"),
        ] as [(SubmissionServer.Security, String, UInt16, String)])
    func `a server's URL says how TLS begins, and brackets an IPv6 address`(
        security: SubmissionServer.Security, host: String, port: UInt16, url: String
    ) {
        #expect(security.port == port)
        #expect(SubmissionServer(host: host, port: security.port, security: security).url == url)
    }

    @Test(
        arguments: [
            ("550 5.1.1 <anna@home.example> unknown\r\n", "5.1.1"), ("550-5.7.1 first of two\r\n", "5.7.1"),
            ("451 4.10.123\r\n", "4.10.123"), ("550 anna@home.example\r\n", nil), ("550\r\n", nil), ("", nil),
            ("550 5.1 short", nil), ("550 5.1.1.1 long", nil), ("550 5.1.1234 long", nil), ("550 5.x.1 letters", nil),
            ("550 5..1 empty", nil),
        ] as [(String, String?)])
    func `an enhanced status code is read from a reply, and nothing else is`(line: String, status: String?) {
        #expect(SubmissionServer.status(in: Array(line.utf8)) == status)
    }

    @Test(arguments: [
        (SubmissionError(.refused, code: 550), "the server refused the message permanently (550)"),
        (SubmissionError(.refused, code: 451), "the server refused the message temporarily (451); try again later"),
        (SubmissionError(.token, code: 200), "no access token"),
        (SubmissionError(.broken, "timeout"), "the connection to the server broke: timeout"),
    ])
    func `an error is one line that says whether to try again`(error: SubmissionError, description: String) {
        #expect(error.description == description)
        #expect(!error.description.contains("\n"))
    }
}
