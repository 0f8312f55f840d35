import Sealing

/// What opening and re-wrapping ask of a head.
extension SealedHead {
    /// Throws `damaged` for any head that we do not write.
    static func reading(_ bytes: [UInt8]) throws(OpeningError) -> SealedHead {
        do { return try SealedHead(bytes) } catch { throw .damaged }
    }

    /// The content key, from the record of the recipient that the key is. Throws `sealedToOthers` without one and
    /// `damaged` where it does not unwrap.
    func contentKey(with key: PrivateKey) throws(OpeningError) -> SecretBytes {
        guard let recipient = recipients.first(where: { $0.keyID == key.keyID }) else {
            throw .sealedToOthers(key: key.keyID, recipients: recipients.map(\.keyID))
        }
        do { return try recipient.contentKey(with: key) } catch { throw .damaged }
    }
}
