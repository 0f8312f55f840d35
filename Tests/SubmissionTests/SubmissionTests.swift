import Foundation
import TestSupport
import Testing

@testable import Submission

/// Messages submitted to a real Postfix, whose users Dovecot knows by password and by access token.
@Suite struct SubmissionTests {
    /// Started once for all of them; ends with the process.
    private final class Site: Sendable {
        static let shared = Result { try Site() }
        static let password = "s3cret with spaces"

        let directory: TemporaryDirectory
        let certificates: CertificateAuthority
        let provider: TokenService
        let postfix: PostfixInstance
        private let dovecot: DovecotInstance

        private init() throws {
            directory = try TemporaryDirectory("submission")
            certificates = try CertificateAuthority(in: directory)
            provider = try TokenService()
            postfix = try PostfixInstance(
                settings: """
                    smtpd_tls_cert_file = \(certificates.certificate)
                    smtpd_tls_key_file = \(certificates.key)
                    smtpd_sasl_type = dovecot
                    smtpd_sasl_path = private/auth
                    smtpd_sasl_security_options = noanonymous
                    smtpd_reject_unlisted_recipient = no
                    smtpd_sender_restrictions = check_recipient_access inline:{ { gone@home.example = 550 5.1.1 <gone@home.example> unknown }, { busy@home.example = 451 4.3.0 busy@home.example later } }
                    """, services: [.smtp, .submission, .submissions, .asciiSubmission, .asciiSubmissions])
            dovecot = try DovecotInstance(
                users: ["rita": Self.password], introspection: provider.introspectionURL,
                socketDirectory: "\(postfix.queueDirectory)/private")
        }

        func server(
            _ security: SubmissionServer.Security = .starttls, withUTF8: Bool = true
        ) -> SubmissionServer {
            let services: [PostfixInstance.Service] =
                withUTF8 ? [.submission, .submissions] : [.asciiSubmission, .asciiSubmissions]
            return SubmissionServer(
                host: "localhost", port: postfix.port(services[security == .tls ? 1 : 0]), security: security,
                authorities: certificates.authority)
        }

        /// Submits as rita, and returns the subject, by which the mail can be found.
        @discardableResult
        func submit(
            _ body: String = "Hello\r\n", to recipients: [String] = ["anna@home.example"],
            by server: SubmissionServer? = nil,
            with credential: SubmissionCredential = .password(password), subject: String = UUID().uuidString
        ) throws(SubmissionError) -> String {
            try (server ?? self.server()).submit(
                Array("From: rita@acme.example\r\nSubject: \(subject)\r\n\r\n\(body)".utf8),
                from: "rita@acme.example", to: recipients, as: "rita", credential)
            return subject
        }

        func delivered(_ subject: String) throws -> [Maildir.Message] {
            try postfix.maildir.messages(with: "Subject: \(subject)\n")
        }
    }

    @Test(arguments: SubmissionServer.Security.allCases)
    func `a message reaches each recipient as it was written`(_ security: SubmissionServer.Security) async throws {
        let site = try Site.shared.get()
        // A line that begins with a dot, the end of data, bytes that are not ASCII, and the last line without an end.
        let body = ".\r\n..two\r\n\r\nGrüße\r\n" + String(repeating: "x", count: 900) + "\r\n.end"
        let subject = try site.submit(
            body, to: ["anna@home.example", "bert@home.example"], by: site.server(security))
        let copies = try await waitFor("delivery") {
            let copies = try site.delivered(subject)
            return copies.count == 2 ? copies : nil
        }
        #expect(
            Set(copies.map { $0.trace("Delivered-To") ?? "" }) == ["anna@home.example", "bert@home.example"])
        for copy in copies {
            #expect(copy.trace("Return-Path") == "<rita@acme.example>")
            let text = String(decoding: copy.untraced, as: UTF8.self)
            #expect(text.hasSuffix("\n\n" + body.replacing("\r\n", with: "\n") + "\n"), "\(text)")
        }
    }

    @Test(arguments: SubmissionServer.Security.allCases)
    func `an address in UTF-8 goes to a server that offers SMTPUTF8, and one that does not hears nothing of it`(
        _ security: SubmissionServer.Security
    ) async throws {
        let site = try Site.shared.get()
        let word = UUID().uuidString
        let error = #expect(throws: SubmissionError.self) {
            try site.submit(
                to: ["anna@home.example", "jörg-\(word)@home.example"], by: site.server(security, withUTF8: false))
        }
        #expect(error?.kind == .noSMTPUTF8)
        #expect(throws: Never.self) { try site.submit(by: site.server(security, withUTF8: false)) }

        let subject = try site.submit(to: ["jörg-\(word)@home.example"], by: site.server(security))
        try await waitUntil("delivery") {
            try site.delivered(subject).map { $0.trace("Delivered-To") } == ["jörg-\(word)@home.example"]
        }
        // In one of its sessions neither a login nor an envelope was begun.
        try await waitUntil("the session's line in the log") {
            try site.postfix.mailLog().split(separator: "\n").contains {
                $0.contains("postfix/ascii") && $0.contains("disconnect from") && !$0.contains("auth=")
                    && !$0.contains("mail=")
            }
        }
    }

    @Test func `an access token signs in, and one that is unknown does not`() async throws {
        let site = try Site.shared.get()
        let token = "token-\(UUID().uuidString)"
        site.provider.grant(token, to: "rita")
        let subject = try site.submit(with: .token(token))
        try await waitUntil("delivery") { try site.delivered(subject).count == 1 }
        let error = #expect(throws: SubmissionError.self) { try site.submit(with: .token("unknown")) }
        #expect(error?.kind == .login)
    }

    @Test func `a wrong password is reported with the server's code`() throws {
        let error = #expect(throws: SubmissionError.self) { try Site.shared.get().submit(with: .password("wrong")) }
        #expect(error?.kind == .login && error?.code == 535)
        #expect(error?.description == "the server refused the user name with the password or token (535 5.7.8)")
    }

    @Test(arguments: [
        ("gone@home.example", 550, "the server refused the message permanently (550 5.1.1)"),
        ("busy@home.example", 451, "the server refused the message temporarily (451 4.3.0); try again later"),
    ])
    func `a refusal has the server's codes and not its words, and nobody gets the message`(
        recipient: String, code: Int, description: String
    ) async throws {
        let site = try Site.shared.get()
        let subject = UUID().uuidString
        let error = #expect(throws: SubmissionError.self) {
            try site.submit(to: ["anna@home.example", recipient], subject: subject)
        }
        #expect(error?.kind == .refused && error?.code == code && error?.description == description)
        // A later message is there: the refused one would be, too.
        let later = try site.submit()
        try await waitUntil("delivery of a later message") { try site.delivered(later).count == 1 }
        #expect(try site.delivered(subject).isEmpty)
    }

    @Test func `a certificate by another authority is not trusted, and a missing file of authorities is reported`()
        throws
    {
        let site = try Site.shared.get()
        let directory = try TemporaryDirectory("authority")
        var server = site.server()
        server.authorities = try CertificateAuthority(in: directory).authority
        let untrusted = #expect(throws: SubmissionError.self) { try site.submit(by: server) }
        #expect(untrusted?.kind == .certificate)
        server.authorities = directory.file("missing.pem")
        let missing = #expect(throws: SubmissionError.self) { try site.submit(by: server) }
        #expect(missing?.kind == .authorities)
    }

    @Test func `nothing is sent to a server that offers no STARTTLS`() throws {
        let site = try Site.shared.get()
        var server = site.server()
        server.port = site.postfix.port(.smtp)
        let error = #expect(throws: SubmissionError.self) { try site.submit(by: server) }
        #expect(error?.kind == .noSTARTTLS)
    }

    @Test(
        arguments: [
            ("554 5.3.2 acme.example closes\r\n", .refused, "the server refused the message permanently (554 5.3.2)"),
            ("421 busy\r\n", .refused, "the server refused the message temporarily (421); try again later"),
            ("220 hello\r\n", .broken, nil),
            ("", .broken, nil),
        ] as [(String, SubmissionError.Kind, String?)])
    func `a server that refuses the connection or hangs up is told apart`(
        greeting: String, kind: SubmissionError.Kind, description: String?
    ) throws {
        let server = SubmissionServer(host: "127.0.0.1", port: try CannedServer(greeting).port, security: .starttls)
        let error = #expect(throws: SubmissionError.self) { try submit(by: server) }
        #expect(error?.kind == kind)
        if let description { #expect(error?.description == description) }
    }

    @Test func `a port at which nobody answers is reported as such`() throws {
        let server = SubmissionServer(host: "127.0.0.1", port: try Loopback.freePort(), security: .tls)
        let error = #expect(throws: SubmissionError.self) { try submit(by: server) }
        #expect(error?.kind == .noAnswer)
    }

    private func submit(by server: SubmissionServer) throws(SubmissionError) {
        try server.submit(
            Array("Subject: x\r\n\r\n".utf8), from: "rita@acme.example", to: ["anna@home.example"], as: "rita",
            .password("x"))
    }
}
