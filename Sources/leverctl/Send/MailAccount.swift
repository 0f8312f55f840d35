import Core
import Foundation
import Glibc
import MIME
import Sealing
import Store
import Submission

/// How a user's own mail account is reached. The database has it sealed to the company's keys, and signed with one: whoever can
/// write to the database can seal to a public key, and must not say where mail is sent, or what runs for a token.
struct MailAccount: Codable {
    /// The access token comes from somewhere else each time, or is made with a refresh token.
    enum Secret: Codable {
        case password(String)
        /// A shell command that prints an access token.
        case tokenCommand(String)
        /// A file that somebody keeps an access token in.
        case tokenFile(String)
        case refreshToken(RefreshToken)
    }

    /// The display name; empty for none.
    var name: String
    var address: String
    var host: String
    var port: UInt16
    var security: SubmissionServer.Security
    /// What the server knows the user as.
    var user: String
    /// A PEM file of authorities.
    var authorities: String?
    var secret: Secret

    var server: SubmissionServer {
        SubmissionServer(host: host, port: port, security: security, authorities: authorities)
    }

    var mailbox: OutgoingMessage.Mailbox { OutgoingMessage.Mailbox(name: name, address: address) }

    /// Longest access token, in bytes.
    private static let tokenLimit = 1 << 16

    /// What proves who the user is, now; and the account with its new refresh token, if the provider gave one.
    func credential() throws -> (SubmissionCredential, replacement: MailAccount?) {
        switch secret {
        case .password(let password): return (.password(password), nil)
        case .tokenFile(let path):
            return (.token(try Self.accessToken(in: readFile(path, limit: Self.tokenLimit), of: path)), nil)
        case .tokenCommand(let command): return (.token(try Self.output(of: command)), nil)
        case .refreshToken(let token):
            let (access, new) = try token.accessToken(authorities: authorities)
            return (
                .token(access),
                new.map {
                    var account = self
                    account.secret = .refreshToken($0)
                    return account
                }
            )
        }
    }

    private static func output(of command: String) throws -> String {
        fflush(nil)
        guard let pipe = popen(command, "re") else { throw CommandError("the token command: \(CommandError.system())") }
        var bytes = [UInt8](repeating: 0, count: tokenLimit + 1)
        let count = fread(&bytes, 1, bytes.count, pipe)
        let status = pclose(pipe)
        guard status == 0 else {
            throw CommandError("the token command failed (status \(status >> 8)); run it by hand to see why")
        }
        return try accessToken(in: Array(bytes[..<count]), of: "the token command")
    }

    private static func accessToken(in bytes: [UInt8], of source: String) throws -> String {
        let line = firstLine(of: bytes)
        guard !line.isEmpty, line.count <= tokenLimit, line.allSatisfy({ $0 > 0x20 && $0 < 0x7f }) else {
            throw CommandError("\(source) gives no access token: one line of visible ASCII")
        }
        return String(decoding: line, as: UTF8.self)
    }

    // MARK: In the database

    /// Signs and seals it, and keeps it for the session's user.
    func save(company: CompanyID, keys: KeyRing, _ timeline: ReaderSession) throws {
        let now = Timestamp.now()
        let binding = Binding(content: .account, company: company, subject: 0, entry: .make(at: now), time: now)
        let content = Array(try JSONEncoder().encode(self))
        var writer = ByteWriter()
        writer.lengthPrefixed(content)
        writer.lengthPrefixed(try keys.sign(Self.signedBytes(content, binding, login: timeline.login())))
        try timeline.setAccount(
            SealedMessage(sealing: writer.bytes, binding: binding, recipients: timeline.recipients(of: company)),
            binding: binding)
    }

    private static func signedBytes(_ content: [UInt8], _ binding: Binding, login: String) -> [UInt8] {
        var writer = ByteWriter()
        writer.raw(binding.bytes)
        writer.lengthPrefixed(login.utf8)
        writer.lengthPrefixed(content)
        return writer.bytes
    }

    /// The session's user's. Throws where there is none.
    static func load(company: CompanyID, keys: KeyRing, _ timeline: ReaderSession) throws -> MailAccount {
        guard let (sealed, binding) = try timeline.account(of: company) else {
            throw CommandError("no mail account is kept for this user; leverctl account set keeps one")
        }
        var reader = ByteReader(try keys.open(sealed, expecting: binding))
        guard let content = try? reader.lengthPrefixed(), let signature = try? reader.lengthPrefixed(), reader.isAtEnd,
            keys.confirm(signature, of: Self.signedBytes(content, binding, login: try timeline.login()))
        else {
            throw CommandError(
                "the mail account was not kept with this private key: by somebody else, or before the key was replaced; "
                    + "leverctl account set keeps it anew")
        }
        do {
            return try JSONDecoder().decode(MailAccount.self, from: Data(content))
        } catch {
            throw CommandError("the mail account is of another version of leverctl; leverctl account set keeps it anew")
        }
    }
}

extension ReaderSession {
    /// The keys that everything new is sealed to. Throws `StoreError.noSealingKey`.
    func recipients(of company: CompanyID) throws -> [SealingKey] {
        let keys = try sealingRecipients(of: company)
        guard !keys.isEmpty else { throw StoreError.noSealingKey }
        return try keys.map { try SealingKey(subjectPublicKeyInfo: $0) }
    }
}
