public import Core
public import Sealing
public import Spool

extension SpoolHeader {
    /// What is filed of a message whose marker holds: taken from its envelope and header alone. `recipients` are the
    /// company's sealing keys.
    ///
    /// Throws `MissingKey` if the company cannot capture yet, `CryptoError` where OpenSSL fails.
    public init(
        _ found: FoundMarker, of company: Routing.Company, _ direction: Direction, recipients: [SealingKey],
        fields: HeaderSection, envelope: Envelope, acceptedAt: Timestamp, queueID: String, host: String
    ) throws {
        guard let indexKey = company.indexKey, !recipients.isEmpty else {
            throw MissingKey(description: "company \(company.id) has no sealing key; run 'leverctl key generate'")
        }
        self.init(
            company: company.id, thread: found.marker.thread, entry: .make(at: acceptedAt), acceptedAt: acceptedAt,
            direction: direction, indexVersion: indexKey.version,
            senderIndex: envelope.sender.text.isEmpty ? [] : try indexKey.addressIndex(envelope.sender.text),
            recipientIndices: try company.recipientIndices(of: envelope, key: indexKey),
            messageIDIndex: try company.messageIDIndex(of: fields)?.bytes ?? [],
            sealingKeyIDs: recipients.map(\.keyID),
            queueID: queueID, host: host, matched: found.field)
    }

    /// The company lacks a key. Its mail must not pass uncaptured.
    public struct MissingKey: Error, CustomStringConvertible {
        public let description: String
    }
}
