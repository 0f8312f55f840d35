import Core
import Sealing

/// Recognises a message without a marker of ours as one of a company's thread, from what the host remembers. Decided from
/// values alone; of a message that names nothing known, nothing remains.
struct UnmarkedReplyLookup {
    let header: HeaderSection
    let fields: ThreadFields
    let envelope: Envelope
    let company: Routing.Company
    let rules: InspectionContext

    /// Ids looked at, of In-Reply-To and from the end of References; addresses of people outside that are compared.
    private static let idLimit = 16
    private static let addressLimit = 16

    /// The thread of a message that this one names.
    func learnedThread() throws -> ThreadReference? {
        let ids =
            fields[.inReplyTo].prefix(Self.idLimit).map { (MarkerField.inReplyTo, $0) }
            + fields[.references].reversed().prefix(Self.idLimit).map { (.references, $0) }
        guard !ids.isEmpty, rules.learned.threads.count > 0 else { return nil }
        let others = outsiders()
        for key in company.indexKeys {
            var senders: [[UInt8]]?
            for (field, id) in ids {
                let index = try key.messageIDIndex(id)
                // A mail of the company itself first, then one from outside, which counts for its sender alone.
                if let thread = rules.learned.threads[index] { return found(thread, field) }
                if senders == nil { senders = try others.map { try key.addressIndex($0.text) } }
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

    /// The thread of an outside system's marker. Without a candidate where the company does not take it.
    func externalThread(_ marker: UnsignedMarker) throws -> ThreadReference? {
        guard let key = company.indexKey else { return nil }
        let candidate = company.unsignedMarkers == .known ? try knownCorrespondent() : nil
        return ThreadReference(
            company: company.id, thread: try key.externalThread(marker.id, candidate: candidate), field: marker.field,
            evidence: .unsignedMarker(candidate))
    }

    /// The candidate who writes, or is written to. A sender who is known not to be who it says is not known.
    private func knownCorrespondent() throws -> CandidateID? {
        let addresses: [EnvelopeAddress]
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
                if let number = rules.learned.candidates[try key.addressIndex(address.text)] {
                    return CandidateID(rawValue: number)
                }
            }
        }
        return nil
    }

    /// Who takes part and is not the company's.
    private func outsiders() -> [EnvelopeAddress] {
        var seen: Set<EnvelopeAddress> = []
        let addresses =
            [envelope.sender] + header.mailboxes(in: ["From"]) + envelope.recipients
            + header.mailboxes(in: ["To", "Cc"])
        return Array(
            addresses.filter { !$0.text.isEmpty && !$0.isAt(company.domains) && seen.insert($0).inserted }
                .prefix(Self.addressLimit))
    }
}
