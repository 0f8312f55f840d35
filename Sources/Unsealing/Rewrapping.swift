public import Sealing

/// Changes who can open a sealed message by rewriting its head. The tail, and so the content, stays as it was sealed.
public enum Rewrapping {
    /// The head with exactly these recipients, each once. `key` must be a current recipient's; it unwraps the content
    /// key. Its own record is kept, since unwrapping proved it good. Every other recipient gets a new record with a
    /// fresh ephemeral key, even one that has a record already: only that recipient could tell whether it is good.
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

    /// The head without these recipients, which takes no private key; nil if none would be left. Unknown ids are
    /// ignored. Throws `damaged` for a head that is not in our encoding.
    ///
    /// This does not revoke access: a removed key still opens the tail with a copy of the old head.
    public static func removing(keyIDs: Set<[UInt8]>, from head: [UInt8]) throws(OpeningError) -> [UInt8]? {
        var parsed = try SealedHead.reading(head)
        parsed.recipients.removeAll { keyIDs.contains($0.keyID) }
        return parsed.recipients.isEmpty ? nil : parsed.encoded
    }
}
