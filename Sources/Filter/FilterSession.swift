import Core
import LibMilter
import Spool

/// One connection of Postfix. Holds nothing of a message beyond its end, and nothing of a message that is not a
/// company's business beyond its envelope.
final class FilterSession: MilterSession {
    private let context: FilterContext
    /// One too many when it began. The limit looked at is that of the options in force.
    private var isSurplus: Bool
    private var message: MessageInFlight?
    private var canForward = true

    init(context: FilterContext) {
        self.context = context
        isSurplus = context.admission.sessions.enter() > context.options.current.sessionLimit
    }

    deinit { context.admission.sessions.leave() }

    func negotiated(_ abilities: MilterAbilities) {
        canForward = abilities.addsRecipients && abilities.addsHeaderFields
    }

    func mail(path: String) {
        message = MessageInFlight(context: context, sender: EnvelopeAddress(path: path), canForward: canForward)
    }

    func recipient(path: String) {
        message?.envelope.recipients.append(EnvelopeAddress(path: path))
    }

    func data(_ macros: MilterMacros) throws -> MilterVerdict {
        try step(.data) { message in
            let verdict = try message.endOfEnvelope(queueID: macros["i"] ?? "NOQUEUE")
            if case .proceed = verdict, isSurplus {
                try context.admission.checkSessions(limit: context.options.current.sessionLimit)
                isSurplus = false
            }
            return verdict
        }
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
        message = nil
    }

    func failed(_ error: any Error) -> MilterReply {
        let reply = (error as? Admission.Refusal)?.reply ?? .notArchived
        if let message, message.isSpooled {
            // The spool's line will end its story. The next try is a duplicate of it.
            context.log.notForwarded(queueID: message.queueID, reply: reply, error)
            return reply
        }
        let report = message?.failureReport(error) ?? Report(.spoolFailed, queueID: "NOQUEUE", found: nil)
        context.log.tempfailed(report, reply: reply, error)
        context.reports.add(report)
        context.spool.wake()
        if (error as? SpoolError)?.isFull == true { context.spool.requestRoom() }
        return reply
    }

    /// A step of the message; one that was let through is forgotten at once.
    @discardableResult
    private func step(
        _ callback: DaemonMetrics.Callback, _ body: (MessageInFlight) throws -> MilterVerdict
    ) throws -> MilterVerdict {
        guard let message else { return .accept }
        let verdict = try context.metrics.time(callback) { try body(message) }
        if case .accept = verdict { self.message = nil }
        return verdict
    }
}
