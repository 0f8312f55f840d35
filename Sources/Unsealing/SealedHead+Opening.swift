import Sealing

/// Reading a head, as opening and re-wrapping need it.
extension SealedHead {
    /// Throws `damaged` for a head that is not in our encoding.
    static func reading(_ bytes: [UInt8]) throws(OpeningError) -> SealedHead {
        do { return try SealedHead(bytes) } catch { throw .damaged }
    }

    /// Unwraps the content key from the key's own recipient record. Throws `sealedToOthers` if there is none, and
    /// `damaged` if it does not unwrap.
    func contentKey(with key: PrivateKey) throws(OpeningError) -> SecretBytes {
        guard let recipient = recipients.first(where: { $0.keyID == key.keyID }) else {
            throw .sealedToOthers(key: key.keyID, recipients: recipients.map(\.keyID))
        }
        do { return try recipient.contentKey(with: key) } catch { throw .damaged }
    }
}
