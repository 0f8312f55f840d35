import Capture
import Core
import Inspection
import Observability
import Sealing

/// What is done with a message for one company: executes its `Plan`, from the end of the header to the message's end,
/// and reports how it ended. Belongs to the message, and is used as that is. Dropped before `finish`, nothing of the
/// message remains.
final class PlanExecution {
    let plan: Plan
    private let queueID: String
    private let context: FilterContext
    /// What is stored; nil if nothing is, or no more.
    private var writer: CaptureWriter?
    /// Bytes of the raw message so far: header section, empty line, body.
    private var size: Int
    /// Set once the message turns out to be too large: the bytes of it that were seen.
    private var oversize: Int?
    /// Durable in the spool, whatever becomes of the message now.
    private(set) var isSpooled = false

    /// The plan does not let the message pass unseen.
    init(_ plan: Plan, queueID: String, startSize: Int, context: FilterContext) {
        self.plan = plan
        self.queueID = queueID
        self.context = context
        size = startSize
    }

    /// The message is being stored.
    var isCapturing: Bool { writer != nil }

    /// Ends what needs neither the message's body nor its end, and says so.
    func endsAtHeader(isStamped: Bool) -> Bool {
        switch plan.action {
        case .tooLarge(let size): context.finish(disposition(.tooLarge, size: size))
        default:
            guard plan.outcome == .alreadyForwarded, !isStamped else { return false }
            context.finish(disposition(.alreadyForwarded, size: nil))
        }
        return true
    }

    /// Begins to store the message, if the plan says so: its header section is sealed at once.
    func begin(fields: HeaderSection, envelope: Envelope, options: FilterOptions) throws {
        guard case .store(let recipients) = plan.action, let match = plan.match else { return }
        var record = try MessageRecord(
            match, recipients: recipients, fields: fields, envelope: envelope, acceptedAt: .now(), queueID: queueID,
            host: options.host)
        record.forwarded = plan.forwarding.result
        let sealer = try CaptureSealer(
            record, of: match.company, recipients: recipients, fields: fields, signingKey: options.signingKey)
        writer = try CaptureWriter.begin(sealer, in: context.spool)
    }

    func body(_ chunk: UnsafeRawBufferPointer) throws {
        size += chunk.count
        let isTooLarge = plan.sizeLimit.map { size > $0 } ?? false
        // Taken out while it works: dropped, and with it its file, if it fails or the message grows too large.
        guard var writer = writer.take() else {
            // Of a message that was to be stored, what came after is not looked at.
            if isTooLarge, !plan.isStored { oversize = size }
            return
        }
        if isTooLarge {
            oversize = size
        } else {
            try writer.body(chunk)
            self.writer = consume writer
        }
    }

    /// Drops what is not durable.
    func discard() { writer = nil }

    /// Makes the message durable in the spool, if it is stored.
    func finish() throws {
        guard let writer = writer.take() else { return }
        let record = writer.record
        try writer.finish(sealed: context.metrics.sealing.observe)
        isSpooled = true
        context.learned.learn(record)
        context.metrics.spooledMessages.add()
        context.metrics.spooledBytes.add(size)
        context.log.spooled(record, size: size)
    }

    /// Reports how the message ended that was not stored; delivery reports the end of one that was.
    func report() {
        guard !isSpooled else { return }
        context.finish(disposition(oversize == nil ? plan.outcome : .tooLarge, size: oversize ?? size))
    }

    /// The disposition if the message failed.
    func failure(_ outcome: Outcome) -> Disposition {
        Disposition(
            outcome, queueID: queueID, found: plan.match?.found, direction: plan.match?.direction,
            messageIDIndex: plan.messageIDIndex)
    }

    private func disposition(_ outcome: Outcome, size: Int?) -> Disposition {
        Disposition(
            outcome, queueID: queueID, found: plan.match?.found, direction: plan.match?.direction, size: size,
            messageIDIndex: plan.messageIDIndex, forwarded: plan.forwarding.result)
    }
}

extension Plan {
    var isStored: Bool { if case .store = action { true } else { false } }
}
