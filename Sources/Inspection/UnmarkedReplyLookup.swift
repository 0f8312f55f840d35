import Core
import Sealing

/// Recognises a message without a marker of ours as part of a company's thread, by ids that the host has learned.
/// Decided from values alone; a message that names nothing known leaves no trace.
struct UnmarkedReplyLookup {
    let header: HeaderSection
    let fields: ThreadFields
    let envelope: Envelope
    let company: Routing.Company
    let rules: InspectionContext

    /// Ids that are looked up in In-Reply-To and from the end of References, and external addresses that are compared.
    private static let idLimit = 16
    private static let addressLimit = 16

    /// The thread of a captured message that this one names.
    func learnedThread() throws -> ThreadReference? {
        let ids =
            fields[.inReplyTo].prefix(Self.idLimit).map { (MarkerField.inReplyTo, $0) }
            + fields[.references].reversed().prefix(Self.idLimit).map { (.references, $0) }
        guard !ids.isEmpty, rules.learned.threads.count > 0 else { return nil }
        let others = externalParties()
        for key in company.indexKeys {
            var senders: [[UInt8]]?
            for (field, id) in ids {
                let index = try key.messageIDIndex(id)
                // First as an id of the company's own mail, then of mail from outside, which counts for its sender
                // alone.
                if let thread = rules.learned.threads[index] { return found(thread, field) }
                if senders == nil { senders = try others.map { try key.addressIndex($0) } }
                for sender in senders! {
                    let bound = Routing.IndexKey.learnedIndex(messageIDIndex: index, senderIndex: sender)
                    if let thread = rules.learned.threads[bound] { return found(thread, field) }
                }
            }
        }
        return nil
    }

    private func found(_ thread: Int64, _ field: MarkerField) -> ThreadReference {
        ThreadReference(company: company.id, thread: ThreadID(rawValue: thread), field: field, evidence: .learnedID)
    }

    /// The thread of an external system's marker; without a candidate if the company does not accept the marker.
    func externalThread(_ marker: UnsignedMarker) throws -> ThreadReference? {
        guard let key = company.indexKey else { return nil }
        let candidate = company.unsignedMarkers == .known ? try knownCorrespondent() : nil
        return ThreadReference(
            company: company.id, thread: try key.externalThread(marker.id, candidate: candidate), field: marker.field,
            evidence: .unsignedMarker(candidate))
    }

    /// The candidate who is author or recipient. An author whose authentication failed is nobody.
    private func knownCorrespondent() throws -> CandidateID? {
        let addresses: [Address]
        if envelope.sender.isAt(company.domains) {
            addresses = envelope.recipients.filter { !$0.isAt(company.domains) }
        } else {
            let author = header.author(of: envelope)
            let results = AuthenticationResults(header, trusted: rules.authservIDs)
            guard author.domain.map(results.verdict(for:)) != .fail else { return nil }
            addresses = [author]
        }
        for key in company.indexKeys {
            for address in addresses.prefix(Self.addressLimit) {
                if let number = rules.learned.candidates[try key.addressIndex(address)] {
                    return CandidateID(rawValue: number)
                }
            }
        }
        return nil
    }

    /// Authors and recipients who are not the company's.
    private func externalParties() -> [Address] {
        var seen: Set<Address> = []
        let addresses =
            [envelope.sender] + header.addresses(in: ["From"]) + envelope.recipients
            + header.addresses(in: ["To", "Cc"])
        return Array(
            addresses.filter { !$0.isNull && !$0.isAt(company.domains) && seen.insert($0).inserted }
                .prefix(Self.addressLimit))
    }
}
