public import Core
public import Inspection
public import Sealing

extension MessageRecord {
    /// What is filed of a message that is its company's business: taken from its envelope and header alone.
    /// `recipients` are the company's sealing keys.
    ///
    /// Throws `Routing.Company.MissingKey` if the company cannot capture yet, `CryptoError` where OpenSSL fails.
    public init(
        _ match: MatchedMessage, recipients: [SealingKey], fields: HeaderSection, envelope: Envelope,
        acceptedAt: Timestamp,
        queueID: String, host: String
    ) throws {
        let company = match.company
        guard let indexKey = company.indexKey, !recipients.isEmpty else {
            throw Routing.Company.MissingKey.sealingKey(company.id)
        }
        self.init(
            company: company.id, thread: match.found.thread, entry: .make(at: acceptedAt), acceptedAt: acceptedAt,
            host: host, queueID: queueID)
        direction = match.direction
        matched = match.found.field
        indexVersion = indexKey.version
        messageIDIndex = try company.messageIDIndex(of: fields)?.bytes
        senderIndex = envelope.sender.isNull ? nil : try indexKey.addressIndex(envelope.sender)
        recipientIndices = try company.recipientIndices(of: envelope, key: indexKey)
        sealingKeyIDs = recipients.map(\.keyID)
        authentication = match.authentication
        labels = match.labels
        let senders = Set([match.author, envelope.sender].filter { !$0.isNull })
        correspondents = try Self.correspondents(match, senders: senders, envelope: envelope)
        learnedIDs = try Self.learnedIDs(match, senders: senders, fields: fields, key: indexKey)
        if case .unsignedMarker(let candidate) = match.found.evidence { externalCandidate = candidate }
    }

    /// Who is outside: the sender by either name, or the recipients. By every live index key, since the database may
    /// know the candidate by another than the one in use.
    private static func correspondents(
        _ match: MatchedMessage, senders: Set<Address>, envelope: Envelope
    ) throws -> [BlindIndex] {
        let company = match.company
        let addresses: [Address] =
            switch match.direction {
            case .inbound: Array(senders)
            case .outbound:
                Array(envelope.recipients.filter { !$0.isAt(company.domains) }.prefix(Routing.Company.recipientLimit))
            case .internal: []
            }
        return try company.indexKeys.flatMap { key in
            try addresses.map { BlindIndex(version: key.version, bytes: try key.addressIndex($0)) }
        }
    }

    /// What a reply is recognised by that names this message and nothing else. Of a message whose sender is not who it
    /// says, nothing.
    private static func learnedIDs(
        _ match: MatchedMessage, senders: Set<Address>, fields: HeaderSection, key: Routing.IndexKey
    ) throws -> [[UInt8]] {
        let ids = MarkerField.ownIDs.compactMap { MessageIDList.ids(in: fields.values($0.name)).first }
        let indices = try Set(ids).map { try key.messageIDIndex($0) }
        guard match.direction == .inbound else { return indices }
        guard match.authentication != .fail, !match.labels.contains(.spoofedSender) else { return [] }
        let senderIndices = try senders.map { try key.addressIndex($0) }
        return Array(
            Set(
                indices.flatMap { index in
                    senderIndices.map { Routing.IndexKey.learnedIndex(messageIDIndex: index, senderIndex: $0) }
                }))
    }
}
