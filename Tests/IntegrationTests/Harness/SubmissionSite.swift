import TestSupport

/// A company whose users send mail: its own submission server, a Postfix whose users Dovecot authenticates by password
/// and access token, with the shared filter behind `submission` and none behind `submissions`.
final class SubmissionSite: Sendable {
    static let shared = Result { try SubmissionSite() }

    let postfix: PostfixInstance
    let dovecot: DovecotInstance
    let provider: TokenService
    let certificates: CertificateAuthority
    let directory: TemporaryDirectory

    /// The password of every user at the server.
    static let password = "s3cret with spaces"

    private init() throws {
        let host = try MailHost.shared.get()
        directory = try TemporaryDirectory("submission")
        certificates = try CertificateAuthority(in: directory)
        provider = try TokenService()
        postfix = try PostfixInstance(
            settings: """
                smtpd_milters = inet:127.0.0.1:\(host.milterPort)
                smtpd_tls_cert_file = \(certificates.certificate)
                smtpd_tls_key_file = \(certificates.key)
                smtpd_sasl_type = dovecot
                smtpd_sasl_path = private/auth
                smtpd_sasl_security_options = noanonymous
                smtpd_reject_unlisted_recipient = no
                smtpd_sender_restrictions = check_recipient_access inline:{ { nobody@home.example = 550 5.1.1 <nobody@home.example> unknown } }
                """, services: [.smtp, .submission, .submissions, .asciiSubmission])
        dovecot = try DovecotInstance(
            users: ["rita": Self.password], introspection: provider.introspectionURL,
            socketDirectory: "\(postfix.queueDirectory)/private")
    }

    /// The mails that the server delivered with this subject.
    func delivered(_ subject: String) throws -> [Maildir.Message] {
        try postfix.maildir.messages(with: "Subject: \(subject)\n")
    }
}

/// A user of a company who sends.
struct Recruiter {
    let site: SubmissionSite
    let company: OwnCompany
    let login: String
    let ctl: LeverCtl

    /// Returns when the user has opted in.
    init(of company: OwnCompany, role: String = "admin") throws {
        site = try SubmissionSite.shared.get()
        self.company = company
        login = "rita_\(company.word)"
        ctl = try company.addUser("rita", role: role, email: company.address)
        try ctl.check("user", "opt-in", "--company", company.name)
    }

    /// Sets the user's mail account, with a password by default.
    func setAccount(
        _ service: PostfixInstance.Service = .submission, server: String = "localhost", authority: String? = nil,
        secret: [String]? = nil, privateKey: String? = nil
    ) throws {
        let password = try company.directory.write("password", "\(SubmissionSite.password)\n")
        _ = try ctl.text(
            [
                "account", "set", "--company", company.name, "--address", company.address, "--name", "Rita Nóor",
                "--server", server, "--port", "\(site.postfix.port(service))", "--security",
                service == .submissions ? "tls" : "starttls", "--user", "rita", "--ca-file",
                authority ?? site.certificates.authority, "--private-key", privateKey ?? company.privateKey,
            ] + (secret ?? ["--password-file", password]))
    }

    /// Runs `send`, which must succeed.
    func send(_ arguments: [String]) throws -> LeverCtlJSON.Sent {
        let command = try ctl.run(arguments + ["--json"], timeout: 60)
        guard command.status == 0 else { throw HarnessError("send: \(command.errors)") }
        return try LeverCtl.decode(command.output)
    }

    func outbox() throws -> [LeverCtlJSON.OutboxMessage] {
        try ctl.json("outbox", "list", "--company", company.name)
    }

    /// The arguments of `send` for a message to a candidate.
    func arguments(
        _ subject: String, to candidate: Int64, text: String = "Guten Tag,\n\n.dots, ümlauts\n", replyTo: String? = nil,
        attach: [String] = []
    ) throws -> [String] {
        let body = try company.directory.write("body-\(Letter.unique())", text)
        return [
            "send", "--company", company.name, "--candidate", "\(candidate)", "--from", login, "--subject", subject,
            "--body-file", body, "--private-key", company.privateKey,
        ] + (replyTo.map { ["--reply-to", $0] } ?? []) + attach.flatMap { ["--attach", $0] }
    }
}
