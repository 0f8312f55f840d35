import Capture
import Core
import Inspection
import LibMilter
import Observability
import Sealing

/// One message that a company on limited sync takes part in, from DATA to its end. Executes the message's plans, one
/// for each company that it is of a thread of; they are made in the order that exposes the least of the message.
///
/// 1. Envelope: the session has decided. Of other mail not even a header is seen.
/// 2. Header: the plans are made. If the message is of no company's thread, its body is never sent to us.
/// 3. Body: sealed while it arrives. If the message is not to be stored, only its size is seen.
/// 4. End: durable in the spool first, for every company that stores it, then changed. If one fails, the sender tries
///    again: what was stored already is then a duplicate.
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
    /// Empty until the end of the header.
    private var executions: [PlanExecution] = []
    /// Of a message that is stored, counted once, for however many companies.
    private var bytesInFlight: BytesInFlight?
    /// What will be put in front of References.
    private var stamp: ReferencesStamp?
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

    /// Durable in the spool for a company, whatever becomes of the message now.
    var isSpooled: Bool { executions.contains(where: \.isSpooled) }

    func header(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        header.append(name: name, value: value)
    }

    func endOfHeader() throws -> MilterVerdict {
        let plans = try Plan.all(
            header: header, envelope: envelope, client: client,
            rules: InspectionContext(
                routing: routing, markerDomains: options.markerDomains, authservIDs: options.authservIDs,
                internalHosts: options.internalHosts, learned: context.learned, sealingKeys: context.sealingKeys))
        if case .pass(let closest) = plans[0].action {
            pass(plans[0], closest)
            return .accept
        }
        let startSize = header.fields.raw.count + 2
        executions = plans.map { PlanExecution($0, queueID: queueID, startSize: startSize, context: context) }
        for plan in plans {
            if case .fail(let error) = plan.action { throw error }
        }
        try takeChanges(plans)
        executions.removeAll { $0.endsAtHeader(isStamped: stamp != nil) }
        guard !executions.isEmpty else { return .accept }
        try begin(startSize: startSize)
        header = BoundedHeader(messageSizeLimit: options.messageSizeLimit)
        return .proceed
    }

    private func pass(_ plan: Plan, _ closest: ThreadReference?) {
        if plan.outcome == .noMarker {
            context.metrics.unread.add(.atHeader)
        } else {
            context.finish(
                Disposition(plan.outcome, queueID: queueID, found: closest, messageIDIndex: plan.messageIDIndex))
        }
    }

    private func begin(startSize: Int) throws {
        guard executions.contains(where: \.plan.isStored) else { return }
        var bytes = BytesInFlight(context.admission, limit: options.inFlightLimit)
        try bytes.add(startSize)
        bytesInFlight = consume bytes
        try Milter.whileBlocking {
            for execution in executions {
                try execution.begin(fields: header.fields, envelope: envelope, options: options)
            }
        }
    }

    /// Throws if the mail server does not let the message be forwarded. One that does not let it be stamped is no
    /// reason to keep the message from going out.
    private func takeChanges(_ plans: [Plan]) throws {
        let forwards = plans.contains { if case .add = $0.forwarding { true } else { false } }
        if forwards, !(abilities.addsRecipients && abilities.addsHeaderFields) { throw ForwardFailure.notOffered }
        // At most one company sent it.
        stamp = plans.lazy.compactMap(\.stamp).first
        if stamp != nil, !abilities.changesHeaderFields {
            stamp = nil
            context.log.notStamped(queueID: queueID)
        }
    }

    func body(_ chunk: UnsafeRawBufferPointer) throws {
        if var bytes = bytesInFlight.take() {
            try bytes.add(chunk.count)
            bytesInFlight = consume bytes
        }
        for execution in executions { try execution.body(chunk) }
        if !executions.contains(where: \.isCapturing) { bytesInFlight = nil }
    }

    func endOfMessage(_ changes: MilterChanges) throws -> MilterVerdict {
        for execution in executions { try execution.finish() }
        bytesInFlight = nil
        try change(changes)
        for execution in executions { execution.report() }
        return .proceed
    }

    private func change(_ changes: MilterChanges) throws {
        for execution in executions { try forward(execution.plan, changes) }
        if let stamp, (try? changes.setHeaderField(name: ReferencesStamp.fieldName, value: " \(stamp.value)")) == nil {
            context.log.notStamped(queueID: queueID)
        }
    }

    /// The field first: without it, a forwarded message would not be recognised when it comes back.
    private func forward(_ plan: Plan, _ changes: MilterChanges) throws {
        guard case .add(let address, let token) = plan.forwarding else { return }
        do {
            try changes.addHeaderField(name: ForwardToken.fieldName, value: " \(token)")
            // The sender must not hear of the copy, whatever becomes of it (RFC 3461 section 4.1).
            try changes.addRecipient(path: "<\(address)>", parameters: "NOTIFY=NEVER")
        } catch {
            throw ForwardFailure.refused("\(error)")
        }
    }

    /// Gives up what is not durable, after a step of this message threw. Returns a disposition for each company that it
    /// is not stored for; one that names no company if none is known.
    func fail(_ error: any Error) -> [Disposition] {
        bytesInFlight = nil
        for execution in executions { execution.discard() }
        let outcome = error is ForwardFailure ? Outcome.forwardFailed : .spoolFailed
        guard !executions.isEmpty else { return [Disposition(outcome, queueID: queueID, found: nil)] }
        return executions.filter { !$0.isSpooled }.map { $0.failure(outcome) }
    }
}
