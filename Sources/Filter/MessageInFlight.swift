import Core
import Inspection
import LibMilter

/// One message from MAIL FROM to its end: the order of decisions, from the least that must be seen to the most.
///
/// 1. Envelope: no company on limited sync takes part, and not even a header is seen.
/// 2. Header: no true marker of such a company, and the body is never sent to us.
/// 3. Body: sealed while it arrives.
final class MessageInFlight {
    var envelope: Envelope
    private(set) var queueID = "NOQUEUE"

    private let context: FilterContext
    private let options: Options
    private var routing = Routing.empty
    private var header: HeaderIntake
    private var capture: Capture?
    /// Set when the message turns out to be too large: the bytes of it that were seen.
    private var oversize: Int?
    private var captured: (found: FoundMarker, direction: Direction)?
    /// Of a message whose marker is true.
    private var messageIDIndex: BlindIndex?
    private var isCounted = false

    init(context: FilterContext, sender: EnvelopeAddress) {
        self.context = context
        options = context.options.current
        envelope = Envelope(sender: sender)
        header = HeaderIntake(messageSizeLimit: options.messageSizeLimit)
    }

    deinit {
        if isCounted { context.admission.messages.leave() }
    }

    func endOfEnvelope(queueID: String) throws -> MilterVerdict {
        self.queueID = queueID
        try context.admission.checkOpen()
        routing = context.routing.current
        guard envelope.domains.contains(where: { routing.company(domain: $0)?.sync == .limited }) else {
            context.counters.count(.unreadAtEnvelope)
            return .accept
        }
        context.admission.messages.enter()
        isCounted = true
        return .proceed
    }

    func header(name: UnsafeRawBufferPointer, value: UnsafeRawBufferPointer) {
        header.append(name: name, value: value)
    }

    func endOfHeader() throws -> MilterVerdict {
        oversize = header.oversize
        let fields = header.fields
        let decision = try Decision(
            header: fields, envelope: envelope, routing: routing, markerDomains: options.markerDomains)
        switch decision {
        case .pass(.noMarker, _):
            context.counters.count(.unreadAtHeader)
            return .accept
        case .pass(let outcome, let found):
            // Of a false marker's company nothing is known.
            if outcome != .badSignature, outcome != .unknownKey, let found {
                messageIDIndex = try routing[found.marker.company]?.messageIDIndex(of: fields)
            }
            context.report(Report(outcome, queueID: queueID, found: found, messageIDIndex: messageIDIndex))
            return .accept
        case .capture(let found, let company, let direction) where oversize != nil:
            captured = (found, direction)
            messageIDIndex = try company.messageIDIndex(of: fields)
            reportTooLarge()
            return .accept
        case .capture(let found, let company, let direction):
            captured = (found, direction)
            messageIDIndex = try company.messageIDIndex(of: fields)
            capture = try Capture.begin(
                found, of: company, direction, fields: fields, envelope: envelope, queueID: queueID, options: options,
                context: context)
            header = HeaderIntake(messageSizeLimit: options.messageSizeLimit)
            return .proceed
        }
    }

    func body(_ chunk: UnsafeRawBufferPointer) throws {
        // Taken out while it works: dropped, and with it its file, if it fails or the message grows too large.
        guard var capture = capture.take() else { return }
        guard capture.size + chunk.count <= options.messageSizeLimit else {
            oversize = capture.size + chunk.count
            return
        }
        try capture.body(chunk)
        self.capture = consume capture
    }

    func endOfMessage() throws -> MilterVerdict {
        if let capture = capture.take() {
            let header = capture.header
            let size = capture.size
            try capture.finish()
            context.log.spooled(header, size: size)
        } else {
            reportTooLarge()
        }
        return .proceed
    }

    /// What is reported when a step of this message threw.
    var failureReport: Report {
        Report(
            .spoolFailed, queueID: queueID, found: captured?.found, direction: captured?.direction,
            messageIDIndex: messageIDIndex)
    }

    private func reportTooLarge() {
        context.report(
            Report(
                .tooLarge, queueID: queueID, found: captured?.found, direction: captured?.direction,
                size: oversize, messageIDIndex: messageIDIndex))
    }
}
