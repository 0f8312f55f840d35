public import Core
public import Sealing
public import Unsealing

/// The private keys that a reader holds: one, or during a rotation the old and the new. A plain value, whose keys live
/// as long as it does.
public struct KeyRing: Sendable {
    private let keys: [PrivateKey]

    /// At least one key; the first one signs.
    public init(_ keys: [PrivateKey]) {
        precondition(!keys.isEmpty)
        self.keys = keys
    }

    /// The content, opened with the key that it is sealed to. Throws `OpeningError`: `sealedToOthers` names the first
    /// key where none fits.
    public func open(_ sealed: SealedMessage, expecting binding: Binding) throws(OpeningError) -> [UInt8] {
        let recipients = try Opener.recipients(of: sealed.head)
        let key = keys.first { recipients.contains($0.keyID) } ?? keys[0]
        return try Opener.open(sealed, with: key, expecting: binding)
    }

    /// Signs with the first key.
    public func sign(_ message: [UInt8]) throws(CryptoError) -> [UInt8] { try keys[0].sign(message) }

    /// Whether one of the keys made this signature of the message.
    public func confirms(_ signature: [UInt8], of message: [UInt8]) -> Bool {
        keys.contains { $0.confirms(signature, of: message) }
    }
}

extension OpeningError {
    /// The reason as the audit keeps it: short, and without key ids.
    public var auditReason: String {
        switch self {
        case .sealedToOthers: "not sealed to the private key at hand"
        case .damaged: "damaged or tampered with"
        case .boundElsewhere: "bound to another row"
        case .unusable: "no name and address"
        }
    }
}
