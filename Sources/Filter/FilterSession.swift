import Core
import LibMilter

/// One connection of Postfix. Holds nothing of a message beyond its end, and nothing of a message that is not a
/// company's business beyond its envelope.
final class FilterSession: MilterSession {
    private let context: FilterContext
    private var message: MessageInFlight?

    init(context: FilterContext) { self.context = context }

    func mail(path: String) {
        message = MessageInFlight(context: context, sender: EnvelopeAddress(path: path))
    }

    func recipient(path: String) {
        message?.envelope.recipients.append(EnvelopeAddress(path: path))
    }

    func data(_ macros: MilterMacros) throws -> MilterVerdict {
        try step { try $0.endOfEnvelope(queueID: macros["i"] ?? "NOQUEUE") }
    }

    func header(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        message?.header(name: name, value: value)
    }

    func endOfHeader() throws -> MilterVerdict {
        try step { try $0.endOfHeader() }
    }

    func body(_ chunk: UnsafeRawBufferPointer) throws {
        try message?.body(chunk)
    }

    func endOfMessage() throws -> MilterVerdict {
        try step { try $0.endOfMessage() }
        message = nil
        return .proceed
    }

    func abort() {
        message = nil
    }

    func failed(_ error: any Error) -> MilterReply {
        let report = message?.failureReport ?? Report(.spoolFailed, queueID: "NOQUEUE", marker: nil)
        context.log.tempfailed(report, error)
        context.reports.add(report)
        return MilterReply(status: "4.7.1", text: "Message could not be archived, please try again later")
    }

    /// A step of the message; one that was let through is forgotten at once.
    @discardableResult
    private func step(_ body: (MessageInFlight) throws -> MilterVerdict) throws -> MilterVerdict {
        guard let message else { return .accept }
        let verdict = try body(message)
        if case .accept = verdict { self.message = nil }
        return verdict
    }
}
