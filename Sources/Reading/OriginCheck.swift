import Core
import Sealing
public import Store

/// Whether the mail host that a row names did store its message.
public enum OriginCheck: Hashable, Sendable {
    case verified(host: String)
    /// The row has no signature: the host had no signing key, or leverctl sent the message.
    case unsigned
    /// The row was written or changed by somebody else; how that shows.
    case wrong(String)

    /// Checks the signature of a row over its binding and the SHA-256 of `tail`, the sealed message's ciphertext.
    /// `keys` are all keys that mail hosts have or had, by key id. Throws `CryptoError`.
    public init(
        _ entry: TimelineEntry, tail: [UInt8], keys: [[UInt8]: (host: String, key: MailHostRecord.Key)]
    ) throws {
        guard let keyID = entry.hostKeyID, let signature = entry.signature else {
            self = .unsigned
            return
        }
        guard let (host, key) = keys[keyID], let verifying = VerifyingKey(bytes: key.publicKey),
            verifying.keyID == keyID
        else {
            self = .wrong("signed with a key that no mail host has")
            return
        }
        let origin = OriginSignature(keyID: keyID, signature: signature)
        if !verifying.confirms(origin, of: entry.binding, tailDigest: try SHA256.digest(of: tail)) {
            self = .wrong("the signature is not of this message")
        } else if host != entry.host {
            self = .wrong("signed by \(host), and the row says \(entry.host)")
        } else if let revokedAt = key.revokedAt, entry.storedAt >= revokedAt {
            self = .wrong("signed with a revoked key of \(host)")
        } else {
            self = .verified(host: host)
        }
    }
}
