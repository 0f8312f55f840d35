public import Core

/// Names a message's timeline entry in a header field. A message that was stored when it was sent is then not stored
/// again when a mail host sees it, even if its Message-ID and body changed on the way.
///
/// `lve1.` and lowercase base32 of: version of the company's index key (1 byte), the entry (16), and the first 16 bytes
/// of HMAC-SHA256(that key, "entry" | company (8, big-endian) | the 17 bytes before).
///
/// Counts only on mail that the company itself sends: everyone who receives the message can copy its token.
public struct EntryToken: Hashable, Sendable {
    public static let fieldName = "X-Lever-Entry"

    private let keyVersion: UInt8
    private let entry: EntryID
    private let mac: [UInt8]

    private static let prefix = Array("lve1.".utf8)
    private static let macLength = 16

    /// `code`: the HMAC-SHA256 of `signedBytes` under the index key of that version.
    public init(entry: EntryID, keyVersion: UInt8, code: [UInt8]) {
        self.keyVersion = keyVersion
        self.entry = entry
        mac = Array(code.prefix(Self.macLength))
    }

    /// Nil if the value does not have the form of a token.
    init?(value: [UInt8]) {
        guard value.count == Self.prefix.count + 53, value.starts(with: Self.prefix),
            let bytes = Base32.decode(value.dropFirst(Self.prefix.count)), bytes.count == 33,
            let entry = EntryID(bytes: Array(bytes[1..<17]))
        else { return nil }
        keyVersion = bytes[0]
        self.entry = entry
        mac = Array(bytes[17...])
    }

    /// The field's value.
    public var text: String {
        String(decoding: Self.prefix, as: UTF8.self) + Base32.encode([keyVersion] + entry.bytes + mac)
    }

    /// An additional dedupe key, 32 bytes, for a message that the company sends; nil if the message has no valid token
    /// of the company.
    public static func dedupeKey(of header: HeaderSection, company: Routing.Company) throws(CryptoError) -> [UInt8]? {
        guard let token = header.unfolded(fieldName).first.flatMap(EntryToken.init(value:)),
            let key = company.indexKeys.first(where: { $0.version == token.keyVersion })
        else { return nil }
        let hmac = HMACKey(key.key)
        let code = try hmac.authenticationCode(
            for: signedBytes(entry: token.entry, company: company.id, keyVersion: key.version))
        guard constantTimeEqual(token.mac, Array(code.prefix(macLength))) else { return nil }
        return try hmac.authenticationCode(for: dedupeBytes(of: token.entry))
    }

    /// The HMAC input of the additional dedupe key.
    public static func dedupeBytes(of entry: EntryID) -> [UInt8] { Array("sent".utf8) + entry.bytes }

    /// The HMAC input of the token's MAC.
    public static func signedBytes(entry: EntryID, company: CompanyID, keyVersion: UInt8) -> [UInt8] {
        var writer = ByteWriter()
        writer.raw("entry".utf8)
        writer.integer(company.rawValue)
        writer.integer(keyVersion)
        writer.raw(entry.bytes)
        return writer.bytes
    }
}
