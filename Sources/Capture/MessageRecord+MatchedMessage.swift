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
        copyIndex = try indexKey.copyIndex(header: fields)
        senderIndex = envelope.sender.isNull ? nil : try indexKey.addressIndex(company.base(envelope.sender))
        recipientIndices = try company.recipientIndices(of: envelope, key: indexKey)
        sealingKeyIDs = recipients.map(\.keyID)
        authentication = match.authentication
        labels = match.labels
        correspondents = try Self.correspondents(match, envelope: envelope)
        learnedIDs = try Self.learnedIDs(match, fields: fields, envelope: envelope, key: indexKey)
        if case .unsignedMarker(let candidate) = match.found.evidence { externalCandidate = candidate }
    }

    /// Who is outside: the author, or the recipients; the envelope sender alone proves nothing. By every live index
    /// key, since the database may know the candidate by another than the one in use.
    private static func correspondents(_ match: MatchedMessage, envelope: Envelope) throws -> [BlindIndex] {
        let company = match.company
        let addresses: [Address] =
            switch match.direction {
            case .inbound: match.author.isNull ? [] : [match.author]
            case .outbound:
                Array(envelope.recipients.filter { !$0.isAt(company.domains) }.prefix(Routing.Company.recipientLimit))
            case .internal: []
            }
        return try company.indexKeys.flatMap { key in
            try addresses.map { BlindIndex(version: key.version, bytes: try key.addressIndex($0)) }
        }
    }

    /// Outside recipients that a message's ids are bound to.
    private static let partyLimit = 16

    /// What a reply is recognised by that names this message and nothing else: each of its ids, bound to each outside
    /// party; of one that goes out, also to its sender, for bounces. Of a message that is not known to be of whom it says,
    /// and of one between colleagues, nothing.
    private static func learnedIDs(
        _ match: MatchedMessage, fields: HeaderSection, envelope: Envelope, key: Routing.IndexKey
    ) throws -> [[UInt8]] {
        guard match.teachesIDs else { return [] }
        let outside: [Address] =
            switch match.direction {
            case .inbound: [match.author]
            case .outbound: envelope.recipients
            case .internal: []
            }
        var parties: [Address] = []
        for party in outside where !party.isNull && !party.isAt(match.company.domains) && !parties.contains(party) {
            parties.append(party)
            if parties.count == partyLimit { break }
        }
        guard !parties.isEmpty else { return [] }
        if match.direction == .outbound, envelope.sender.isAt(match.company.domains) {
            parties.append(match.company.base(envelope.sender))
        }
        // Anybody can write the original-id fields; a server of the company's writes them into its own users' mail.
        let fieldsOfIDs = match.isSubmitted ? MarkerField.ownIDs : [.messageID]
        let ids = Set(fieldsOfIDs.compactMap { MessageIDList.ids(in: fields.values($0.name)).first })
        let partyIndices = try parties.map { try key.addressIndex($0) }
        return try ids.map { try key.messageIDIndex($0) }.flatMap { index in
            partyIndices.map { Routing.IndexKey.learnedIndex(messageIDIndex: index, partyIndex: $0) }
        }
    }
}
