import Core
import Sealing
import Unsealing

/// The private keys that a reader has at hand: during a rotation, the old one and the new.
struct KeyRing {
    private let keys: [PrivateKey]

    /// At least one.
    init(_ paths: [String], _ passphrase: PassphraseOptions) throws {
        keys = try paths.map(passphrase.privateKey)
    }

    /// Opens with whichever key the message is sealed to. Throws `OpeningError`.
    func open(_ sealed: SealedMessage, expecting binding: Binding) throws(OpeningError) -> [UInt8] {
        let recipients = try Opener.recipients(of: sealed.head)
        let key = keys.first { recipients.contains($0.keyID) } ?? keys[0]
        return try Opener.open(sealed, with: key, expecting: binding)
    }

    /// Signs with the first of them.
    func sign(_ message: [UInt8]) throws(CryptoError) -> [UInt8] { try keys[0].sign(message) }

    /// Whether one of them signed the message.
    func confirm(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        keys.contains { $0.confirms(signature, of: message) }
    }

    /// The key with which a head can be re-wrapped.
    func key(for head: [UInt8]) throws(OpeningError) -> PrivateKey? {
        let recipients = try Opener.recipients(of: head)
        return keys.first { recipients.contains($0.keyID) }
    }
}

extension OpeningError {
    /// For the audit: short, and without the ids of keys.
    var auditReason: String {
        switch self {
        case .sealedToOthers: "not sealed to the private key at hand"
        case .damaged: "damaged or tampered with"
        case .boundElsewhere: "bound to another row"
        }
    }
}
