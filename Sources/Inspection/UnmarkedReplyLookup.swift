import Core
import Sealing

/// Recognises a message without a marker of ours as part of a company's thread, by ids that the host has learned.
/// Decided from values alone; a message that names nothing known leaves no trace.
struct UnmarkedReplyLookup {
    let header: HeaderSection
    let fields: ThreadFields
    let envelope: Envelope
    /// Nil if there is no external system's marker.
    let evidence: AuthorEvidence?
    let company: Routing.Company
    let rules: InspectionContext

    /// Ids that are looked up in In-Reply-To and from the end of References; outside parties, and external addresses,
    /// that are compared.
    private static let idLimit = 16
    private static let addressLimit = 16

    /// The thread of a captured message that this one names, if an outside party of that message is one of this one too.
    /// An id that leads to two threads, or is contested, is worth nothing.
    func learnedThread() throws -> ThreadReference? {
        guard rules.learned.threads.count > 0 else { return nil }
        let ids =
            fields[.inReplyTo].prefix(Self.idLimit).map { (MarkerField.inReplyTo, $0) }
            + fields[.references].reversed().prefix(Self.idLimit).map { (.references, $0) }
        guard !ids.isEmpty else { return nil }
        let parties = outsideParties()
        guard !parties.isEmpty else { return nil }
        let keys = try company.indexKeys.map { key in
            (key: key, parties: try parties.map { BlindIndexTable.key(try key.addressIndex($0)) })
        }
        for (field, id) in ids {
            var claim: Int64?
            var isDisputed = false
            for (key, parties) in keys {
                let index = BlindIndexTable.key(try key.messageIDIndex(id))
                for party in parties {
                    guard let thread = rules.learned.threads[key: index ^ party] else { continue }
                    if thread != claim ?? thread || thread == LearnedThreads.contested { isDisputed = true }
                    claim = thread
                }
            }
            if let claim, !isDisputed { return found(claim, field) }
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

    /// The candidate who is author or recipient. An author who is unknown, or whose authentication failed, is nobody.
    private func knownCorrespondent() throws -> CandidateID? {
        guard let evidence else { return nil }
        let authorship = Authorship(evidence, of: company)
        let addresses: [Address]
        if authorship.isFromColleague {
            addresses = envelope.recipients.filter { !$0.isAt(company.domains) }
        } else {
            guard !authorship.author.isNull, authorship.authentication != .fail else { return nil }
            addresses = [authorship.author]
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

    /// The author and the recipients who are not the company's. The envelope sender is none of them: anybody can write
    /// it, and lists and forwarders write their own.
    private func outsideParties() -> [Address] {
        var parties: [Address] = []
        let author = header.author.map { [$0] } ?? []
        for address in author + envelope.recipients + header.addresses(in: ["To", "Cc"])
        where !address.isNull && !address.isAt(company.domains) && !parties.contains(address) {
            parties.append(address)
            if parties.count == Self.addressLimit { break }
        }
        return parties
    }
}
