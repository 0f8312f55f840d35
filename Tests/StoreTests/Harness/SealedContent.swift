import Core
import Sealing

@testable import Store

/// A real sealing key without its private half.
struct PublicSealingKey {
    let key: SealingKey
    let publicKey: [UInt8]

    var id: [UInt8] { key.keyID }

    init() throws {
        publicKey = ECKey.subjectPublicKeyInfoPrefix + (try ECKey.generate().point)
        key = try SealingKey(subjectPublicKeyInfo: publicKey)
    }
}

extension SealedMessage {
    /// Really sealed, for keys that nobody has.
    static func sealed(to keys: [PublicSealingKey], size: Int = 100, for company: CompanyID) throws -> SealedMessage {
        let now = Timestamp.now()
        return try SealedMessage(
            sealing: [UInt8](repeating: 0x2e, count: size),
            binding: Binding(content: .profile, company: company, subject: 1, entry: .make(at: now), time: now),
            recipients: keys.map(\.key))
    }
}

extension [UInt8] {
    /// This head with other recipients, in the right form. It wraps another content key, so it opens nothing.
    func head(wronglyFor keys: [PublicSealingKey]) throws -> [UInt8] {
        var head = try SealedHead(self)
        head.recipients = try keys.map { try .wrapping(.random(count: 32), for: $0.key) }
        return head.encoded
    }
}
