public import Core

/// Names a message's timeline entry in a header field. A message that was stored when it was sent is then not stored
/// again when a mail host sees it, even if its Message-ID and body changed on the way.
///
/// An `IndexToken` with the prefix `lve1.` and the purpose "entry"; its subject is the entry's id. The database makes
/// it, with the message's marker (lever.take_send).
///
/// Counts only on mail that the company itself sends, and in the thread of that mail: everyone who receives the message
/// can copy its token.
public enum EntryToken {
    public static let fieldName = "X-Lever-Entry"

    private static let kind = IndexToken.Kind(prefix: "lve1.", purpose: "entry")

    /// An additional dedupe key, 32 bytes, for a message that the company sends in the thread; nil if the message has
    /// no valid token of the company.
    ///
    /// HMAC(the token's index key, "sent" | thread (8, big-endian) | entry (16)).
    public static func dedupeKey(
        of header: HeaderSection, in thread: ThreadID, company: Routing.Company
    ) throws(CryptoError) -> [UInt8]? {
        guard let value = header.unfolded(fieldName).first, let token = IndexToken(kind, value: value),
            let key = try token.key(kind, of: company)
        else { return nil }
        var writer = ByteWriter()
        writer.raw("sent".utf8)
        writer.integer(thread.rawValue)
        writer.raw(token.subject)
        return try HMACKey(key.key).authenticationCode(for: writer.bytes)
    }
}
