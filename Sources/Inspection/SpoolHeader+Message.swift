public import Core
import Sealing
public import Spool

extension SpoolHeader {
    /// What is filed of a message whose marker holds: taken from its envelope and header alone.
    ///
    /// Throws `MissingKey` if the company cannot capture yet, `CryptoError` where OpenSSL fails.
    public init(
        _ marker: Marker, of company: Routing.Company, _ direction: Direction, fields: HeaderSection,
        envelope: Envelope, acceptedAt: Timestamp, queueID: String, host: String
    ) throws {
        guard let indexKey = company.indexKey, !company.sealingKeys.isEmpty else {
            throw MissingKey(description: "company \(company.id) has no sealing key; run 'leverctl key generate'")
        }
        self.init(
            company: company.id, thread: marker.thread, entry: .make(at: acceptedAt), acceptedAt: acceptedAt,
            direction: direction, indexVersion: indexKey.version,
            senderIndex: envelope.sender.text.isEmpty ? [] : try indexKey.addressIndex(envelope.sender.text),
            recipientIndices: try company.recipientIndices(of: envelope, key: indexKey),
            messageIDIndex: try MessageIDList.ids(in: fields.values("Message-ID")).first
                .map { try indexKey.messageIDIndex($0) } ?? [],
            sealingKeyIDs: try company.sealingKeys.map { try SealingKey(subjectPublicKeyInfo: $0).keyID },
            queueID: queueID, host: host)
    }

    /// The company lacks a key. Its mail must not pass uncaptured.
    public struct MissingKey: Error, CustomStringConvertible {
        public let description: String
    }
}
