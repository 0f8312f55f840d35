import Capture
import Core
import Inspection
import LibMilter
import Observability
import Sealing
import Spool

/// One message that a company on limited sync takes part in, from DATA to its end. Executes the message's `Plan`, which
/// is made in the order that exposes the least of the message.
///
/// 1. Envelope: the session has decided. Of other mail not even a header is seen.
/// 2. Header: the plan is made. If the message is of no company's thread, its body is never sent to us.
/// 3. Body: sealed while it arrives. If the message is not to be stored, only its size is seen.
/// 4. End: durable in the spool first, then changed.
///
/// Belongs to one session, whose callbacks come one after the other, on any thread. Everything thrown becomes a
/// tempfail.
final class MessageInFlight {
    let queueID: String

    private let envelope: Envelope
    private let context: FilterContext
    private let options: FilterOptions
    private let routing: Routing
    private var header: BoundedHeader
    private var capture: IncomingCapture?
    /// Of a message that is not to be stored: how it will end, and its bytes so far.
    private var sizeOnly: (outcome: Outcome, size: Int)?
    /// Of the plan.
    private var sizeLimit: Int?
    private var forwarding = Forwarding.off
    /// What will be put in front of References.
    private var stamp: ReferencesStamp?
    /// Set once the message turns out to be too large: the bytes of it that were seen.
    private var oversize: Int?
    /// Set once the message is known to be of a company's thread.
    private var match: MatchedMessage?
    /// Set if the message's company is known.
    private var messageIDIndex: BlindIndex?
    /// Durable in the spool, whatever becomes of the message now.
    private(set) var isSpooled = false
    /// What the mail server lets be changed.
    private let abilities: MilterAbilities
    private let client: Client

    init(
        context: FilterContext, envelope: Envelope, routing: Routing, queueID: String, abilities: MilterAbilities,
        client: Client
    ) {
        self.context = context
        self.envelope = envelope
        self.routing = routing
        self.queueID = queueID
        self.abilities = abilities
        self.client = client
        options = context.options.current
        header = BoundedHeader(messageSizeLimit: options.messageSizeLimit)
        context.admission.messages.enter()
    }

    deinit { context.admission.messages.leave() }

    func header(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        header.append(name: name, value: value)
    }

    func endOfHeader() throws -> MilterVerdict {
        let plan = try Plan(
            header: header, envelope: envelope, client: client,
            rules: InspectionContext(
                routing: routing, markerDomains: options.markerDomains, authservIDs: options.authservIDs,
                internalHosts: options.internalHosts, learned: context.learned, sealingKeys: context.sealingKeys))
        match = plan.match
        messageIDIndex = plan.messageIDIndex
        switch plan.action {
        case .pass where plan.outcome == .noMarker:
            context.metrics.unread.add(.atHeader)
            return .accept
        case .pass(let closest):
            context.finish(
                Disposition(plan.outcome, queueID: queueID, found: closest, messageIDIndex: messageIDIndex))
            return .accept
        case .tooLarge(let size):
            oversize = size
            reportTooLarge()
            return .accept
        case .fail(let error):
            throw error
        case .store, .forward, .observe:
            let verdict = try begin(plan)
            header = BoundedHeader(messageSizeLimit: options.messageSizeLimit)
            return verdict
        }
    }

    private func begin(_ plan: Plan) throws -> MilterVerdict {
        try takeChanges(plan)
        sizeLimit = plan.sizeLimit
        if case .store(let recipients) = plan.action, let match = plan.match {
            capture = try Milter.whileBlocking { try beginCapture(match, recipients: recipients) }
            return .proceed
        }
        if plan.outcome == .alreadyForwarded, stamp == nil {
            report(.alreadyForwarded)
            return .accept
        }
        sizeOnly = (plan.outcome, header.fields.raw.count + 2)
        return .proceed
    }

    private func beginCapture(_ match: MatchedMessage, recipients: [SealingKey]) throws -> IncomingCapture {
        let fields = header.fields
        var record = try MessageRecord(
            match, recipients: recipients, fields: fields, envelope: envelope, acceptedAt: .now(), queueID: queueID,
            host: options.host)
        record.forwarded = forwarding.result
        let sealer = try CaptureSealer(
            record, of: match.company, recipients: recipients, fields: fields, signingKey: options.signingKey)
        return try IncomingCapture.begin(sealer, limit: options.inFlightLimit, context: context)
    }

    /// Throws if the mail server does not let the message be forwarded. One that does not let it be stamped is no
    /// reason to keep the message from going out.
    private func takeChanges(_ plan: Plan) throws {
        forwarding = plan.forwarding
        if case .add = forwarding, !(abilities.addsRecipients && abilities.addsHeaderFields) {
            throw ForwardFailure.notOffered
        }
        stamp = plan.stamp
        if stamp != nil, !abilities.changesHeaderFields {
            stamp = nil
            context.log.notStamped(queueID: queueID)
        }
    }

    func body(_ chunk: UnsafeRawBufferPointer) throws {
        sizeOnly?.size += chunk.count
        if let sizeOnly, let sizeLimit, sizeOnly.size > sizeLimit { oversize = sizeOnly.size }
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
            let record = capture.record
            let size = capture.size
            try capture.finish(sealed: context.metrics.sealing.observe)
            isSpooled = true
            context.learned.learn(record)
            context.metrics.spooledMessages.add()
            context.metrics.spooledBytes.add(size)
            context.log.spooled(record, size: size)
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
        if let stamp, (try? changes.setHeaderField(name: ReferencesStamp.fieldName, value: " \(stamp.value)")) == nil {
            context.log.notStamped(queueID: queueID)
        }
    }

    /// The field first: without it, a forwarded message would not be recognised when it comes back.
    private func forward(_ changes: MilterChanges) throws {
        guard case .add(let address, let token) = forwarding else { return }
        do {
            try changes.addHeaderField(name: ForwardToken.fieldName, value: " \(token)")
            // The sender must not hear of the copy, whatever becomes of it (RFC 3461 section 4.1).
            try changes.addRecipient(path: "<\(address)>", parameters: "NOTIFY=NEVER")
        } catch {
            throw ForwardFailure.refused("\(error)")
        }
    }

    /// The disposition if a step of this message threw.
    func failure(_ error: any Error) -> Disposition {
        Disposition(
            error is ForwardFailure ? .forwardFailed : .spoolFailed, queueID: queueID, found: match?.found,
            direction: match?.direction, messageIDIndex: messageIDIndex)
    }

    private func reportTooLarge() { report(.tooLarge, size: oversize) }

    private func report(_ outcome: Outcome, size: Int? = nil) {
        context.finish(
            Disposition(
                outcome, queueID: queueID, found: match?.found, direction: match?.direction, size: size,
                messageIDIndex: messageIDIndex, forwarded: forwarding.result))
    }
}
