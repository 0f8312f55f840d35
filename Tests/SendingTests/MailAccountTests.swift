import Core
import Reading
import Submission
import TestSupport
import Testing
import Unsealing

@testable import Sending

@Suite struct MailAccountTests {
    private let key: PrivateKey
    private let keys: KeyRing
    private let binding = Self.binding(company: 1)

    init() throws {
        key = try .generate()
        keys = KeyRing([key])
    }

    private static func binding(company: Int64) -> Binding {
        Binding(
            content: .account, company: CompanyID(rawValue: company), subject: 0, entry: .make(at: .now()), time: .now()
        )
    }

    private func account(_ secret: MailAccount.Secret = .password("p")) -> MailAccount {
        MailAccount(
            name: "Rita Nóor", address: "rita@acme.example", host: "mail.acme.example", port: 587, security: .starttls,
            user: "rita", authorities: nil, secret: secret)
    }

    private func read(
        _ content: [UInt8], _ binding: Binding? = nil, login: String = "rita", _ keys: KeyRing? = nil
    ) throws -> MailAccount {
        try MailAccount(
            signedContent: content, for: binding ?? self.binding, login: login, keys: keys ?? self.keys)
    }

    // MARK: The sealed form

    @Test(arguments: [
        MailAccount.Secret.password("pässword"), .tokenCommand("pass show mail"), .tokenFile("/run/token"),
        .refreshToken(
            RefreshToken(
                endpoint: "https://idp.example/token", clientID: "c", clientSecret: nil, token: "r", scope: "s")),
    ])
    func `an account reads back as it was signed`(secret: MailAccount.Secret) throws {
        let account = account(secret)
        #expect(try read(account.signedContent(for: binding, login: "rita", keys: keys)) == account)
    }

    @Test func `a signature counts for one row, one user and one company's key`() throws {
        let content = try account().signedContent(for: binding, login: "rita", keys: keys)
        #expect(throws: SendError.foreignAccount) { try read(content, Self.binding(company: 1)) }
        #expect(throws: SendError.foreignAccount) { try read(content, Self.binding(company: 2)) }
        #expect(throws: SendError.foreignAccount) { try read(content, login: "tom") }
        let stranger = KeyRing([try .generate()])
        #expect(throws: SendError.foreignAccount) { try read(content, nil, stranger) }
    }

    @Test func `during a rotation, either key confirms`() throws {
        let content = try account().signedContent(for: binding, login: "rita", keys: keys)
        #expect(try read(content, nil, KeyRing([.generate(), key])) == account())
    }

    @Test func `no changed, cut or extended content is accepted`() throws {
        let content = try account().signedContent(for: binding, login: "rita", keys: keys)
        for position in stride(from: 0, to: content.count, by: 7) {
            var changed = content
            changed[position] ^= 1
            #expect(throws: SendError.foreignAccount) { try read(changed) }
            #expect(throws: SendError.foreignAccount) { try read(Array(content.prefix(position))) }
        }
        #expect(throws: SendError.foreignAccount) { try read(content + [0]) }
    }

    @Test func `signed content of another form is of another version`() throws {
        let json = Array(#"{"name":"Rita"}"#.utf8)
        var writer = ByteWriter()
        writer.lengthPrefixed(json)
        writer.lengthPrefixed(try keys.sign(MailAccount.statement(json, binding, "rita")))
        let content = writer.bytes
        #expect(throws: SendError.accountVersion) { try read(content) }
    }

    @Test(arguments: [
        ("address", "rita@acme.example>\r\nDATA"), ("name", "Rita\r\nBcc: eve@evil.example"), ("host", "evil/"),
        ("user", "rita\u{1}auth=Bearer x"), ("authorities", "a\u{0}b"),
    ])
    func `an account is validated when it is opened, though it is signed`(property: String, value: String) throws {
        var account = account()
        switch property {
        case "address": account.address = value
        case "name": account.name = value
        case "host": account.host = value
        case "user": account.user = value
        default: account.authorities = value
        }
        let content = try account.signedContent(for: binding, login: "rita", keys: keys)
        #expect(throws: SendError.self) { try read(content) }
    }

    // MARK: Credentials

    @Test(arguments: [
        ("abc.def~x\n", "abc.def~x"), ("one\r\ntwo\n", "one"), ("token", "token"), ("", nil), ("\n", nil),
        ("a b\n", nil),
        ("tök\n", nil), ("a\tb", nil),
    ])
    func `a token is the first line, of visible ASCII`(text: String, token: String?) {
        #expect((try? MailAccount.token(in: Array(text.utf8), of: "x")) == token)
    }

    @Test func `a token comes from a file or a command, each time anew`() throws {
        let directory = try TemporaryDirectory()
        let file = directory.file("token")
        for token in ["one", "two"] {
            _ = try directory.write("token", "\(token)\n")
            for secret in [MailAccount.Secret.tokenFile(file), .tokenCommand("cat '\(file)'")] {
                let (credential, replacement) = try account(secret).credential()
                guard case .token(token) = credential else { throw HarnessError("\(credential)") }
                #expect(replacement == nil)
            }
        }
    }

    @Test(arguments: [
        (MailAccount.Secret.tokenFile("/nonexistent"), "/nonexistent: No such file or directory"),
        (.tokenCommand("exit 3"), "the token command failed (status 3); run it by hand to see why"),
        (.tokenCommand("true"), "the token command gives no access token: one line of visible ASCII"),
        (.tokenFile("/dev/zero"), "/dev/zero gives no access token: one line of visible ASCII"),
    ])
    func `without a token, the error says what to look at`(secret: MailAccount.Secret, problem: String) {
        #expect(throws: SendError.noToken(problem)) { try account(secret).credential() }
    }
}
