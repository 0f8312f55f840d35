import Core
import Sealing
import Store

/// Whether the mail host that a message names did store it.
enum OriginCheck {
    case verified(host: String)
    /// The host had no signing key.
    case unsigned
    /// Somebody else wrote the row, or changed it: why.
    case wrong(String)

    init(_ entry: TimelineEntry, tail: [UInt8], keys: [[UInt8]: (host: String, key: MailHostRecord.Key)]) throws {
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

    /// `verified`, `unsigned` or `wrong`.
    var name: String {
        switch self {
        case .verified: "verified"
        case .unsigned: "unsigned"
        case .wrong: "wrong"
        }
    }

    var text: String {
        switch self {
        case .verified(let host): "verified, stored by \(host)"
        case .unsigned: "unsigned"
        case .wrong(let reason): "wrong: \(reason)"
        }
    }
}
