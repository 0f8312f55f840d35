/// A mail host's signature that it stored a sealed message in the row that holds it. Whoever can write to the database
/// can seal to a company's public key, but cannot sign. A plain value, stored beside the message.
public struct OriginSignature: Hashable, Sendable {
    /// The id of the verifying key, 20 bytes.
    public var keyID: [UInt8]
    /// 64 bytes.
    public var signature: [UInt8]

    public init(keyID: [UInt8], signature: [UInt8]) {
        self.keyID = keyID
        self.signature = signature
    }
}
