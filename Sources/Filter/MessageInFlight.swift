import Core
import Inspection
import LibMilter
import Sealing

/// One message that a company on limited sync takes part in, from DATA to its end: the order of decisions, from the least
/// that must be seen to the most.
///
/// 1. Envelope: decided by the session. Of other mail not even a header is seen.
/// 2. Header: no true marker of such a company, and the body is never sent to us.
/// 3. Body: sealed while it arrives. Of a message that is not to be stored, only its size is seen.
/// 4. End: durable in the spool first, then forwarded.
final class MessageInFlight {
    let queueID: String

    private let envelope: Envelope
    private let context: FilterContext
    private let options: Options
    private let routing: Routing
    private var header: HeaderIntake
    private var capture: Capture?
    /// Of a message that is not to be stored: what becomes of it, and its bytes so far.
    private var unkept: (outcome: Outcome, size: Int)?
    private var forwarding = Forwarding.off
    /// Set when the message turns out to be too large: the bytes of it that were seen.
    private var oversize: Int?
    private var captured: (found: FoundMarker, direction: Direction)?
    /// Of a message whose marker is true.
    private var messageIDIndex: BlindIndex?
    /// Safe in the spool, whatever becomes of it now.
    private(set) var isSpooled = false
    /// The mail server lets messages be changed.
    private let canForward: Bool

    init(context: FilterContext, envelope: Envelope, routing: Routing, queueID: String, canForward: Bool) {
        self.context = context
        self.envelope = envelope
        self.routing = routing
        self.queueID = queueID
        self.canForward = canForward
        options = context.options.current
        header = HeaderIntake(messageSizeLimit: options.messageSizeLimit)
        context.admission.messages.enter()
    }

    deinit { context.admission.messages.leave() }

    func header(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        header.append(name: name, value: value)
    }

    func endOfHeader() throws -> MilterVerdict {
        oversize = header.oversize
        let decision = try Decision(
            header: fields, envelope: envelope, routing: routing, markerDomains: options.markerDomains)
        switch decision {
        case .pass(.noMarker, _):
            context.counters.add(.unreadAtHeader)
            return .accept
        case .pass(let outcome, let found):
            // Of a false marker's company nothing is known.
            if outcome != .badSignature, outcome != .unknownKey, let found {
                messageIDIndex = try routing[found.marker.company]?.messageIDIndex(of: fields)
            }
            context.report(Report(outcome, queueID: queueID, found: found, messageIDIndex: messageIDIndex))
            return .accept
        case .capture(let found, let company, let direction) where oversize != nil,
            .forward(let found, let company, let direction) where oversize != nil,
            .observe(let found, let company, let direction) where oversize != nil:
            try note(found, company, direction)
            reportTooLarge()
            return .accept
        case .capture(let found, let company, let direction):
            try note(found, company, direction)
            try decideForwarding(company)
            capture = try Milter.whileBlocking {
                try Capture.begin(
                    found, of: company, direction, fields: fields, envelope: envelope, forwarded: forwarding.result,
                    queueID: queueID, options: options, context: context)
            }
        case .forward(let found, let company, let direction):
            try note(found, company, direction)
            try decideForwarding(company)
            guard case .add = forwarding else {
                report(.alreadyForwarded)
                return .accept
            }
            unkept = (.forwarded, headerSize)
        case .observe(let found, let company, let direction):
            try note(found, company, direction)
            unkept = (.observeOnly, headerSize)
        }
        header = HeaderIntake(messageSizeLimit: options.messageSizeLimit)
        return .proceed
    }

    private var fields: HeaderSection { header.fields }

    private func note(_ found: FoundMarker, _ company: Routing.Company, _ direction: Direction) throws {
        captured = (found, direction)
        messageIDIndex = try company.messageIDIndex(of: fields)
    }

    /// With the empty line that ends it.
    private var headerSize: Int { fields.raw.count + 2 }

    private func decideForwarding(_ company: Routing.Company) throws {
        forwarding = try Forwarding(header: fields, envelope: envelope, company: company)
        if case .add = forwarding, !canForward { throw ForwardFailure.notOffered }
    }

    func body(_ chunk: UnsafeRawBufferPointer) throws {
        unkept?.size += chunk.count
        if let unkept, unkept.outcome == .observeOnly, unkept.size > options.messageSizeLimit {
            oversize = unkept.size
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
            context.log.spooled(header, size: size)
            try forward(changes)
        } else {
            try forward(changes)
            if let unkept, oversize == nil {
                report(unkept.outcome, size: unkept.size)
            } else {
                reportTooLarge()
            }
        }
        return .proceed
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
    func failureReport(_ error: any Error) -> Report {
        Report(
            error is ForwardFailure ? .forwardFailed : .spoolFailed, queueID: queueID, found: captured?.found,
            direction: captured?.direction, messageIDIndex: messageIDIndex)
    }

    private func reportTooLarge() { report(.tooLarge, size: oversize) }

    private func report(_ outcome: Outcome, size: Int? = nil) {
        context.report(
            Report(
                outcome, queueID: queueID, found: captured?.found, direction: captured?.direction, size: size,
                messageIDIndex: messageIDIndex, forwarded: forwarding.result))
    }
}
