import Capture
import Core
import LibMilter
import Spool

/// One connection of Postfix. Holds nothing of a message beyond its end, and nothing of a message that is not a
/// company's business beyond its envelope.
final class FilterSession: MilterSession {
    private let context: FilterContext
    /// One too many when it began. The limit looked at is that of the options in force.
    private var isSurplus: Bool
    /// Of the message that began, up to DATA.
    private var envelope: Envelope?
    /// From DATA on, if a company on limited sync takes part.
    private var message: MessageInFlight?
    private var abilities = MilterAbilities(addsRecipients: true, addsHeaderFields: true, changesHeaderFields: true)
    /// Of a message that was refused before it was anybody's.
    private var queueID: String?

    init(context: FilterContext) {
        self.context = context
        isSurplus = context.admission.sessions.enter() > context.options.current.sessionLimit
    }

    deinit { context.admission.sessions.leave() }

    func negotiated(_ abilities: MilterAbilities) {
        self.abilities = abilities
    }

    func mail(path: UnsafeRawBufferPointer) {
        message = nil
        queueID = nil
        envelope = Envelope(sender: EnvelopeAddress(path: path))
    }

    func recipient(path: UnsafeRawBufferPointer) {
        envelope?.recipients.append(EnvelopeAddress(path: path))
    }

    func data(_ macros: MilterMacros) throws -> MilterVerdict {
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

    /// Most mail ends here, so the less is done the better.
    private func endOfEnvelope(_ envelope: Envelope, _ macros: MilterMacros) throws -> MilterVerdict {
        try context.admission.checkOpen()
        let routing = context.routing.current
        guard envelope.hasDomain(where: { routing.company(domain: $0)?.sync == .limited }) else {
            context.counters.add(.unreadAtEnvelope)
            return .accept
        }
        if isSurplus {
            try context.admission.checkSessions(limit: context.options.current.sessionLimit)
            isSurplus = false
        }
        message = MessageInFlight(
            context: context, envelope: envelope, routing: routing, queueID: macros["i"] ?? noQueueID,
            abilities: abilities, isSubmitted: macros["{auth_type}"] != nil)
        return .proceed
    }

    func header(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        message?.header(name: name, value: value)
    }

    func endOfHeader() throws -> MilterVerdict {
        try step(.eoh) { try $0.endOfHeader() }
    }

    func body(_ chunk: UnsafeRawBufferPointer) throws {
        guard let message else { return }
        try context.metrics.time(.body) { try message.body(chunk) }
    }

    func endOfMessage(_ changes: MilterChanges) throws -> MilterVerdict {
        try step(.eom) { try $0.endOfMessage(changes) }
        message = nil
        return .proceed
    }

    func abort() {
        envelope = nil
        message = nil
    }

    func failed(_ error: any Error) -> MilterReply {
        let reply = (error as? Admission.Refusal)?.reply ?? .notArchived
        if let message, message.isSpooled {
            // The spool's line will end its story. The next try is a duplicate of it.
            context.log.notForwarded(queueID: message.queueID, reply: reply, error)
            return reply
        }
        let report =
            message?.failureReport(error) ?? Disposition(.spoolFailed, queueID: queueID ?? noQueueID, found: nil)
        context.log.tempfailed(report, reply: reply, error)
        context.reports.add(report)
        context.spool.wake()
        if (error as? SpoolError)?.isFull == true { context.spool.requestRoom() }
        return reply
    }

    /// A step of the message; one that was let through is forgotten at once.
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

/// As Postfix calls a message that has none.
private let noQueueID = "NOQUEUE"
