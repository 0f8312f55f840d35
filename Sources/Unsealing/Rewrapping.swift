public import Sealing

/// Changes who can open a sealed message, in its head alone: the tail, and so the content, stays as it was sealed.
///
public enum Rewrapping {
    /// The head with exactly these recipients, each once. `key` is a present recipient's and unwraps the content key.
    /// The key's own record is kept, since it was just seen to be good; any other recipient gets one with a fresh
    /// ephemeral key, also one that is already there: whether its record is good, that recipient alone could tell.
    public static func rewrap(
        _ head: [UInt8], with key: PrivateKey, to recipients: [SealingKey]
    ) throws(RewrappingError) -> [UInt8] {
        guard !recipients.isEmpty else { throw .noRecipient }
        var parsed: SealedHead
        let contentKey: SecretBytes
        do throws(OpeningError) {
            parsed = try SealedHead.reading(head)
            contentKey = try parsed.contentKey(with: key)
        } catch {
            throw .notOpened(error)
        }

        var records: [[UInt8]: Recipient] = [:]
        for recipient in recipients where records[recipient.keyID] == nil {
            if recipient.keyID == key.keyID {
                records[recipient.keyID] = parsed.recipients.first { $0.keyID == key.keyID }
                continue
            }
            do throws(CryptoError) {
                records[recipient.keyID] = try .wrapping(contentKey, for: recipient)
            } catch {
                throw .notWrapped(error)
            }
        }
        parsed.recipients = Array(records.values)
        return parsed.encoded
    }

    /// The head without these recipients, for which no private key is needed; nil if none would be left. Ids that it
    /// does not have are passed over. Throws `damaged` for a head that we do not write.
    ///
    /// Whoever kept the old head still opens the tail with a removed key: this forgets, it does not revoke.
    public static func removing(keyIDs: Set<[UInt8]>, from head: [UInt8]) throws(OpeningError) -> [UInt8]? {
        var parsed = try SealedHead.reading(head)
        parsed.recipients.removeAll { keyIDs.contains($0.keyID) }
        return parsed.recipients.isEmpty ? nil : parsed.encoded
    }
}
