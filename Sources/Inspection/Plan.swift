public import Core
public import Sealing

/// What is to be done with a message for one company, planned at the end of its header from values alone. The filter
/// executes it, `leverctl replay` executes it on past mail, and `leverctl trace` prints it: the order of decisions
/// stands here alone.
///
/// 1. A verdict on everything in the header that could belong to a thread. The first that holds decides, for each
///    company by itself; if none holds, the message passes.
/// 2. A header that is too large to be stored.
/// 3. The company's capture mode.
/// 4. Changes to the message: forwarding, and the stamp in References.
/// 5. The keys to seal to.
///
/// Before it comes the envelope (`Routing.inspects`), after it the size of the body (`sizeLimit`).
public struct Plan: Sendable {
    public enum Action: Sendable {
        /// Let it pass; the company has no part in it. With the thread that came closest, if there is any.
        case pass(ThreadReference?)
        /// Seal it to these keys and store it, with the planned changes.
        case store(recipients: [SealingKey])
        /// Let it pass with the planned changes, of which there may be none.
        case forward
        /// Let it pass, and record it.
        case observe
        /// Let it pass, and record that it was too large, from the bytes of its header that were seen.
        case tooLarge(Int)
        /// Defer it.
        case fail(Routing.Company.MissingKey)
    }

    public let action: Action
    /// How the message ends if the action succeeds and the message keeps within the size limit.
    public let outcome: Outcome
    /// In the order in which they count.
    public let verdicts: [MarkerVerdict]
    /// Set if a verdict holds.
    public let match: MatchedMessage?
    /// Of the message's id. Nil if the company is unknown or the marker is false.
    public let messageIDIndex: BlindIndex?
    public let forwarding: Forwarding
    public let stamp: ReferencesStamp?
    /// Bytes of the raw message above which it is too large instead. Nil if its size does not matter.
    public let sizeLimit: Int?

    /// The plans of every company that the message is of a thread of, in the order in which their verdicts count; one
    /// that lets it pass if there is none. Never empty.
    ///
    /// Throws `CryptoError` if OpenSSL fails.
    public static func all(
        header: BoundedHeader, envelope: Envelope, client: Client = .forgotten, rules: InspectionContext
    ) throws -> [Plan] {
        let fields = ThreadFields(header.fields)
        let markers = Marker.scan(fields, domains: rules.markerDomains)
        let unsigned = UnsignedMarker(fields, domains: rules.markerDomains)
        guard !markers.isEmpty || unsigned != nil || rules.learned.threads.count > 0 else { return unseen }
        let message = InspectedMessage(
            header: header.fields, fields: fields, envelope: envelope, client: client, rules: rules)
        let verdicts = try MarkerVerdict.all(markers, unsigned, message)
        var plans: [Plan] = []
        for verdict in verdicts {
            guard case .holds(let company) = verdict.verdict,
                !plans.contains(where: { $0.match?.company.id == company.id })
            else { continue }
            plans.append(try Plan(verdict.found, of: company, message, header, verdicts))
        }
        return plans.isEmpty ? [try Plan(passing: message, verdicts)] : plans
    }

    /// Of a message that shows nothing that could belong to a thread, which is most mail.
    private static let unseen = [Plan()]

    private init() {
        (action, outcome, verdicts) = (.pass(nil), .noMarker, [])
        (match, messageIDIndex, forwarding, stamp, sizeLimit) = (nil, nil, .off, nil, nil)
    }

    private init(passing message: InspectedMessage, _ verdicts: [MarkerVerdict]) throws {
        let closest = verdicts.closest
        self.verdicts = verdicts
        action = .pass(closest?.found)
        outcome = closest?.refusal ?? .noMarker
        messageIDIndex = try closest.flatMap {
            try $0.knownCompany(message.rules.routing)?.messageIDIndex(of: message.header)
        }
        (match, forwarding, stamp, sizeLimit) = (nil, .off, nil, nil)
    }

    private init(
        _ found: ThreadReference, of company: Routing.Company, _ message: InspectedMessage, _ header: BoundedHeader,
        _ verdicts: [MarkerVerdict]
    ) throws {
        let fields = message.header
        let match = MatchedMessage(found, of: company, evidence: message.evidence)
        self.verdicts = verdicts
        self.match = match
        messageIDIndex = try company.messageIDIndex(of: fields)
        if let size = header.oversize {
            (action, outcome) = (.tooLarge(size), .tooLarge)
            (forwarding, stamp, sizeLimit) = (.off, nil, header.messageSizeLimit)
            return
        }
        // The limit is for what is stored, or would be.
        sizeLimit = company.capture == .forward ? nil : header.messageSizeLimit
        guard company.capture != .observe else {
            (action, outcome, forwarding, stamp) = (.observe, .observeOnly, .off, nil)
            return
        }
        let steps: (Action, Forwarding, ReferencesStamp?)
        do {
            let forwarding = try Forwarding(header: fields, envelope: message.envelope, company: company)
            let stamp = try ReferencesStamp(match, header: fields)
            let action =
                company.capture.stores
                ? Action.store(recipients: try company.recipients(message.rules.sealingKeys)) : .forward
            steps = (action, forwarding, stamp)
        } catch let error as Routing.Company.MissingKey {
            steps = (.fail(error), .off, nil)
        }
        (action, forwarding, stamp) = steps
        outcome =
            switch (action, forwarding) {
            case (.fail, _): .spoolFailed
            case (.store, _): .captured
            case (_, .add): .forwarded
            default: .alreadyForwarded
            }
    }
}

extension Routing.Company {
    /// The keys that a message is sealed to.
    fileprivate func recipients(_ cache: SealingKeyCache) throws -> [SealingKey] {
        guard indexKey != nil, !sealingKeys.isEmpty else { throw MissingKey.sealingKey(id) }
        return try sealingKeys.map { try cache.key(subjectPublicKeyInfo: $0) }
    }
}
