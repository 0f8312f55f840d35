import Core
import Sealing

/// Recognises a message without a marker of a company's as part of one of its threads: by ids that the host has
/// learned, or by an external system's marker. Decided from values alone; a message that names nothing known leaves no
/// trace.
struct UnmarkedReplyLookup {
    let message: InspectedMessage
    let unsignedMarker: UnsignedMarker?

    /// Outside parties, and candidates' addresses, that are compared for a company.
    private static let addressLimit = 16

    func thread(of company: Routing.Company) throws -> ThreadReference? {
        try learnedThread(of: company) ?? unsignedMarker.flatMap { try externalThread($0, of: company) }
    }

    /// The thread of a captured message that this one names, if an outside party of that message is one of this one
    /// too. An id that leads to two threads, or is contested, is worth nothing.
    private func learnedThread(of company: Routing.Company) throws -> ThreadReference? {
        let learned = message.rules.learned.threads
        guard learned.count > 0, !message.answeredIDs.isEmpty else { return nil }
        var parties = Array(message.parties.lazy.filter { !$0.isAt(company.domains) }.prefix(Self.addressLimit))
        if message.isBounce {
            // It names nobody outside. It counts for whoever sent the message that came back, to whom it goes.
            parties += message.envelope.recipients.lazy.filter { $0.isAt(company.domains) }
                .prefix(Self.addressLimit).map(company.base)
        }
        guard !parties.isEmpty else { return nil }
        let keys = try company.indexKeys.map { key in
            (key: key, parties: try parties.map { BlindIndexTable.key(try key.addressIndex($0)) })
        }
        for (field, id) in message.answeredIDs {
            var claim: Int64?
            var isDisputed = false
            for (key, parties) in keys {
                let index = BlindIndexTable.key(try key.messageIDIndex(id))
                for party in parties {
                    guard let thread = learned[key: index ^ party] else { continue }
                    if thread != claim ?? thread || thread == LearnedThreads.contested { isDisputed = true }
                    claim = thread
                }
            }
            if let claim, !isDisputed {
                return ThreadReference(
                    company: company.id, thread: ThreadID(rawValue: claim), field: field, evidence: .learnedID)
            }
        }
        return nil
    }

    /// The thread of an external system's marker; without a candidate if the company does not accept the marker.
    private func externalThread(_ marker: UnsignedMarker, of company: Routing.Company) throws -> ThreadReference? {
        guard let key = company.indexKey else { return nil }
        let candidate = company.unsignedMarkers == .known ? try knownCorrespondent(of: company) : nil
        return ThreadReference(
            company: company.id, thread: try key.externalThread(marker.id, candidate: candidate), field: marker.field,
            evidence: .unsignedMarker(candidate))
    }

    /// The candidate who is author or recipient. An author who is unknown, or whose authentication failed, is nobody.
    private func knownCorrespondent(of company: Routing.Company) throws -> CandidateID? {
        let authorship = Authorship(message.evidence, of: company)
        let addresses: [Address]
        if authorship.isFromColleague {
            addresses = message.envelope.recipients.filter { !$0.isAt(company.domains) }
        } else {
            guard !authorship.author.isNull, authorship.authentication != .fail else { return nil }
            addresses = [authorship.author]
        }
        for key in company.indexKeys {
            for address in addresses.prefix(Self.addressLimit) {
                if let number = message.rules.learned.candidates[try key.addressIndex(address)] {
                    return CandidateID(rawValue: number)
                }
            }
        }
        return nil
    }
}
