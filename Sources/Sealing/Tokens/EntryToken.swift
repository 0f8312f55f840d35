public import Core

/// Names a message's timeline entry in a header field. A message that was stored when it was sent is then not stored
/// again when a mail host sees it, even if its Message-ID and body changed on the way.
///
/// An `IndexToken` with the prefix `lve1.` and the purpose "entry"; its subject is the entry's id.
///
/// Counts only on mail that the company itself sends: everyone who receives the message can copy its token.
public struct EntryToken: Hashable, Sendable {
    public static let fieldName = "X-Lever-Entry"

    private static let kind = IndexToken.Kind(prefix: "lve1.", purpose: "entry")

    private let token: IndexToken

    /// `code`: the HMAC-SHA256 of `signedBytes` under the index key of that version.
    public init(entry: EntryID, keyVersion: UInt8, code: [UInt8]) {
        token = IndexToken(subject: entry.bytes, keyVersion: keyVersion, code: code)
    }

    /// The field's value.
    public var text: String { token.text(Self.kind) }

    /// An additional dedupe key, 32 bytes, for a message that the company sends; nil if the message has no valid token
    /// of the company.
    public static func dedupeKey(of header: HeaderSection, company: Routing.Company) throws(CryptoError) -> [UInt8]? {
        guard let value = header.unfolded(fieldName).first, let token = IndexToken(kind, value: value),
            let entry = EntryID(bytes: token.subject), let key = try token.key(kind, of: company)
        else { return nil }
        return try HMACKey(key.key).authenticationCode(for: dedupeBytes(of: entry))
    }

    /// The HMAC input of the additional dedupe key.
    public static func dedupeBytes(of entry: EntryID) -> [UInt8] { Array("sent".utf8) + entry.bytes }

    /// The HMAC input of the token's MAC.
    public static func signedBytes(entry: EntryID, company: CompanyID, keyVersion: UInt8) -> [UInt8] {
        kind.signedBytes(subject: entry.bytes, company: company, keyVersion: keyVersion)
    }
}
