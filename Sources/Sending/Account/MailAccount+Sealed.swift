public import Core
import Foundation
public import Reading
public import Sealing
public import Store

/// The form in which the database holds an account. Sealed content: the account as JSON and a signature, each after its
/// length (32-bit big-endian). The signature, by a private key of the company, covers the binding (44 bytes) | login |
/// JSON, the last two after their lengths: it counts for this row and this user alone.
extension MailAccount {
    /// The content to be sealed, signed with the first key.
    func signedContent(for binding: Binding, login: String, keys: KeyRing) throws -> [UInt8] {
        let content = Array(try JSONEncoder().encode(self))
        var writer = ByteWriter()
        writer.lengthPrefixed(content)
        writer.lengthPrefixed(try keys.sign(Self.statement(content, binding, login)))
        return writer.bytes
    }

    /// Reads sealed content. Throws `SendError.foreignAccount` unless one of the keys signed it for this row and login,
    /// `SendError.accountVersion` if the JSON is not of this version, and `SendError.unusableAccount` if it holds what
    /// must not reach a server.
    init(signedContent: [UInt8], for binding: Binding, login: String, keys: KeyRing) throws(SendError) {
        var reader = ByteReader(signedContent)
        guard let content = try? reader.lengthPrefixed(), let signature = try? reader.lengthPrefixed(), reader.isAtEnd,
            keys.confirms(signature, of: Self.statement(content, binding, login))
        else { throw .foreignAccount }
        guard let account = try? JSONDecoder().decode(MailAccount.self, from: Data(content)) else {
            throw .accountVersion
        }
        if let problem = account.problem { throw .unusableAccount(problem) }
        self = account
    }

    static func statement(_ content: [UInt8], _ binding: Binding, _ login: String) -> [UInt8] {
        var writer = ByteWriter()
        writer.raw(binding.bytes)
        writer.lengthPrefixed(login.utf8)
        writer.lengthPrefixed(content)
        return writer.bytes
    }

    /// Signs, seals and saves it as the account of the session's user, in place of the one before. Throws `StoreError`,
    /// `DatabaseError` and `CryptoError`.
    public func save(company: CompanyID, keys: KeyRing, _ session: ReaderSession) throws {
        let now = Timestamp.now()
        let binding = Binding(content: .account, company: company, subject: 0, entry: .make(at: now), time: now)
        let content = try signedContent(for: binding, login: session.login(), keys: keys)
        try session.setAccount(
            SealedMessage(sealing: content, binding: binding, recipients: session.recipients(of: company)),
            binding: binding)
    }

    /// The account of the session's user. Throws `SendError` if there is none or it is not the user's own,
    /// `OpeningError` if it does not open, and `DatabaseError`.
    public static func load(company: CompanyID, keys: KeyRing, _ session: ReaderSession) throws -> MailAccount {
        guard let (sealed, binding) = try session.account(of: company) else { throw SendError.noAccount }
        return try MailAccount(
            signedContent: keys.open(sealed, expecting: binding), for: binding, login: session.login(), keys: keys)
    }
}

extension ReaderSession {
    /// The keys that new content of the company is sealed to. Throws `StoreError.noSealingKey` if there is none.
    public func recipients(of company: CompanyID) throws -> [SealingKey] {
        let keys = try sealingRecipients(of: company)
        guard !keys.isEmpty else { throw StoreError.noSealingKey }
        return try keys.map { try SealingKey(subjectPublicKeyInfo: $0) }
    }
}
