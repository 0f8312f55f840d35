import Capture
import Core
import Inspection
import LibMilter
import Sealing

/// One message that a company on limited sync takes part in, from DATA to its end: the order of decisions, from the least
/// that must be seen to the most.
///
/// 1. Envelope: decided by the session. Of other mail not even a header is seen.
/// 2. Header: nothing in it that belongs to a thread of such a company, and the body is never sent to us.
/// 3. Body: sealed while it arrives. Of a message that is not to be stored, only its size is seen.
/// 4. End: durable in the spool first, then forwarded.
final class MessageInFlight {
    let queueID: String

    private let envelope: Envelope
    private let context: FilterContext
    private let options: Options
    private let routing: Routing
    private var header: BoundedHeader
    private var capture: CaptureWriter?
    /// Of a message that is not to be stored: what becomes of it, and its bytes so far.
    private var sizeOnly: (outcome: Outcome, size: Int)?
    private var forwarding = Forwarding.off
    /// Set when the message turns out to be too large: the bytes of it that were seen.
    private var oversize: Int?
    /// Set once the message is its company's business.
    private var match: MatchedMessage?
    /// Of a message whose company is known.
    private var messageIDIndex: BlindIndex?
    /// Safe in the spool, whatever becomes of it now.
    private(set) var isSpooled = false
    /// What is to be put in front of References.
    private var stamp: ReferencesStamp?
    /// What the mail server lets be changed.
    private let abilities: MilterAbilities
    private let isSubmitted: Bool

    /// `isSubmitted`: the client proved to be a user of the mail server.
    init(
        context: FilterContext, envelope: Envelope, routing: Routing, queueID: String, abilities: MilterAbilities,
        isSubmitted: Bool
    ) {
        self.context = context
        self.envelope = envelope
        self.routing = routing
        self.queueID = queueID
        self.abilities = abilities
        self.isSubmitted = isSubmitted
        options = context.options.current
        header = BoundedHeader(messageSizeLimit: options.messageSizeLimit)
        context.admission.messages.enter()
    }

    deinit { context.admission.messages.leave() }

    func header(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        header.append(name: name, value: value)
    }

    func endOfHeader() throws -> MilterVerdict {
        oversize = header.oversize
        let decision = try Decision(
            header: fields, envelope: envelope, isSubmitted: isSubmitted,
            rules: InspectionContext(
                routing: routing, markerDomains: options.markerDomains, authservIDs: options.authservIDs,
                learned: context.learned))
        switch decision {
        case .pass(.noMarker, _):
            context.counters.add(.unreadAtHeader)
            return .accept
        case .pass(let outcome, let found):
            // Of a false marker's company nothing is known.
            if outcome != .badSignature, outcome != .unknownKey, let found {
                messageIDIndex = try routing[found.company]?.messageIDIndex(of: fields)
            }
            context.report(Disposition(outcome, queueID: queueID, found: found, messageIDIndex: messageIDIndex))
            return .accept
        case .capture(let match), .forward(let match), .observe(let match):
            self.match = match
            messageIDIndex = try match.company.messageIDIndex(of: fields)
            guard oversize == nil else {
                reportTooLarge()
                return .accept
            }
            let verdict = try begin(match, decision)
            header = BoundedHeader(messageSizeLimit: options.messageSizeLimit)
            return verdict
        }
    }

    private func begin(_ match: MatchedMessage, _ decision: Decision) throws -> MilterVerdict {
        if case .observe = decision {
            sizeOnly = (.observeOnly, headerSize)
            return .proceed
        }
        try decideChanges(match)
        if case .capture = decision {
            capture = try Milter.whileBlocking {
                try CaptureWriter.begin(
                    match, fields: fields, envelope: envelope, forwarded: forwarding.result, queueID: queueID,
                    options: options, context: context)
            }
        } else if case .add = forwarding {
            sizeOnly = (.forwarded, headerSize)
        } else if stamp != nil {
            sizeOnly = (.alreadyForwarded, headerSize)
        } else {
            report(.alreadyForwarded)
            return .accept
        }
        return .proceed
    }

    private var fields: HeaderSection { header.fields }

    /// With the empty line that ends it.
    private var headerSize: Int { fields.raw.count + 2 }

    private func decideChanges(_ match: MatchedMessage) throws {
        forwarding = try Forwarding(header: fields, envelope: envelope, company: match.company)
        if case .add = forwarding, !(abilities.addsRecipients && abilities.addsHeaderFields) {
            throw ForwardFailure.notOffered
        }
        stamp = try ReferencesStamp(match, header: fields)
        if stamp != nil, !abilities.changesHeaderFields {
            stamp = nil
            context.log.notStamped(queueID: queueID)
        }
    }

    func body(_ chunk: UnsafeRawBufferPointer) throws {
        sizeOnly?.size += chunk.count
        if let sizeOnly, sizeOnly.outcome == .observeOnly, sizeOnly.size > options.messageSizeLimit {
            oversize = sizeOnly.size
        }
        // Taken out while it works: dropped, and with it its file, if it fails or the message grows too large.
        guard var capture = capture.take() else { return }
        guard capture.size + chunk.count <= options.messageSizeLimit else {
            oversize = capture.size + chunk.count
            return
        }
        try capture.body(chunk)
        self.capture = consume capture
    }

    func endOfMessage(_ changes: MilterChanges) throws -> MilterVerdict {
        if let capture = capture.take() {
            let header = capture.header
            let size = capture.size
            try capture.finish()
            isSpooled = true
            context.learned.learn(header)
            context.log.spooled(header, size: size)
            try change(changes)
        } else {
            try change(changes)
            if let sizeOnly, oversize == nil {
                report(sizeOnly.outcome, size: sizeOnly.size)
            } else {
                reportTooLarge()
            }
        }
        return .proceed
    }

    private func change(_ changes: MilterChanges) throws {
        try forward(changes)
        // A message without its stamp is no reason to keep it from going out.
        if let stamp, (try? changes.setHeaderField(name: ReferencesStamp.fieldName, value: " \(stamp.value)")) == nil {
            context.log.notStamped(queueID: queueID)
        }
    }

    /// The field first: without it, what is forwarded would not be known when it comes back.
    private func forward(_ changes: MilterChanges) throws {
        guard case .add(let address, let token) = forwarding else { return }
        do {
            try changes.addHeaderField(name: ForwardToken.fieldName, value: " \(token)")
            // Whatever becomes of the copy, the sender hears nothing of it (RFC 3461 section 4.1).
            try changes.addRecipient(path: "<\(address)>", parameters: "NOTIFY=NEVER")
        } catch {
            throw ForwardFailure.refused("\(error)")
        }
    }

    /// What is reported when a step of this message threw.
    func failureReport(_ error: any Error) -> Disposition {
        Disposition(
            error is ForwardFailure ? .forwardFailed : .spoolFailed, queueID: queueID, found: match?.found,
            direction: match?.direction, messageIDIndex: messageIDIndex)
    }

    private func reportTooLarge() { report(.tooLarge, size: oversize) }

    private func report(_ outcome: Outcome, size: Int? = nil) {
        context.report(
            Disposition(
                outcome, queueID: queueID, found: match?.found, direction: match?.direction, size: size,
                messageIDIndex: messageIDIndex, forwarded: forwarding.result))
    }
}
