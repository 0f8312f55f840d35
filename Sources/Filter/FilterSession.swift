import Capture
import Core
import Inspection
public import LibMilter
import Observability
import Spool

/// One connection of Postfix, which brings message after message. Of a message that is no company's business it sees
/// the envelope alone, or the header; it keeps nothing of a message beyond its end. libmilter calls it on any thread of
/// its pool, one call at a time.
public final class FilterSession: MilterSession {
    private let context: FilterContext
    /// There were too many sessions when this one began. It is checked against the limit in force when it matters.
    private var isSurplus: Bool
    /// Of the message that began, up to DATA.
    private var envelope: Envelope?
    /// From DATA on, if a company on limited sync takes part.
    private var message: MessageInFlight?
    private var abilities = MilterAbilities(addsRecipients: true, addsHeaderFields: true, changesHeaderFields: true)
    /// Of a message that failed before `message` was set.
    private var queueID: String?

    public init(context: FilterContext) {
        self.context = context
        isSurplus = context.admission.sessions.enter() > context.options.current.sessionLimit
    }

    deinit { context.admission.sessions.leave() }

    public func negotiated(_ abilities: MilterAbilities) {
        self.abilities = abilities
    }

    public func mail(path: UnsafeRawBufferPointer) {
        message = nil
        queueID = nil
        envelope = Envelope(sender: Address(path: path))
    }

    public func recipient(path: UnsafeRawBufferPointer) {
        envelope?.recipients.append(Address(path: path))
    }

    public func data(_ macros: MilterMacros) throws -> MilterVerdict {
        guard let envelope = envelope.take() else { return .accept }
        return try context.metrics.time(.data) {
            do {
                return try endOfEnvelope(envelope, macros)
            } catch {
                queueID = macros["i"]
                throw error
            }
        }
    }

    /// The fast path: most mail ends here.
    private func endOfEnvelope(_ envelope: Envelope, _ macros: MilterMacros) throws -> MilterVerdict {
        try context.admission.checkOpen()
        let routing = context.routing.current
        guard routing.inspects(envelope) else {
            context.metrics.unread.add(.atEnvelope)
            return .accept
        }
        if isSurplus {
            try context.admission.checkSessions(limit: context.options.current.sessionLimit)
            isSurplus = false
        }
        message = MessageInFlight(
            context: context, envelope: envelope, routing: routing, queueID: macros["i"] ?? noQueueID,
            abilities: abilities,
            client: Client(authenticationType: macros["{auth_type}"], address: macros["{client_addr}"]))
        return .proceed
    }

    public func header(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        message?.header(name: name, value: value)
    }

    public func endOfHeader() throws -> MilterVerdict {
        try step(.eoh) { try $0.endOfHeader() }
    }

    public func body(_ chunk: UnsafeRawBufferPointer) throws {
        guard let message else { return }
        try context.metrics.time(.body) { try message.body(chunk) }
    }

    public func endOfMessage(_ changes: MilterChanges) throws -> MilterVerdict {
        try step(.eom) { try $0.endOfMessage(changes) }
        message = nil
        return .proceed
    }

    public func abort() {
        envelope = nil
        message = nil
    }

    public func failed(_ error: any Error) -> MilterReply {
        let reply = (error as? Admission.Refusal)?.reply ?? .notArchived
        if (error as? SpoolError)?.isFull == true { context.spool.requestRoom() }
        if let message, message.isSpooled, error is ForwardFailure {
            // The line of its delivery will end it. The sender's next attempt becomes a duplicate.
            context.log.notForwarded(queueID: message.queueID, code: reply.code, status: reply.status, error)
        }
        let dispositions =
            message?.fail(error) ?? [Disposition(.spoolFailed, queueID: queueID ?? noQueueID, found: nil)]
        context.tempfail(dispositions, reply, error)
        return reply
    }

    /// A step of the message. A message that is accepted is forgotten at once.
    @discardableResult
    private func step(
        _ callback: FilterMetrics.Callback, _ body: (MessageInFlight) throws -> MilterVerdict
    ) throws -> MilterVerdict {
        guard let message else { return .accept }
        let verdict = try context.metrics.time(callback) { try body(message) }
        if case .accept = verdict { self.message = nil }
        return verdict
    }
}

/// Postfix's name for a message without a queue ID.
private let noQueueID = "NOQUEUE"
