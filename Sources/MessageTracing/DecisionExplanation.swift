import Capture
public import Core
public import Inspection
import Sealing
import Spool

/// What the filter would decide about a message, step by step, without doing it. The decision is the daemon's own.
public struct DecisionExplanation: Sendable {
    /// In the order in which the filter sees more of a message.
    public struct Step: Sendable {
        public enum Name: String, Sendable {
            case envelope, marker, mode, keys, size, forward
        }

        public let name: Name
        /// The message goes on to the next step.
        public let isPassed: Bool
        public let text: String
    }

    /// Captured: as far as the mail host decides. No marker: nothing is recorded.
    public private(set) var outcome: Outcome
    /// The thread that decided; nil where there is none.
    public private(set) var found: ThreadReference?
    public private(set) var direction: Direction?
    /// Everything that could belong to a thread, in the order in which they count. Empty where not even the header is seen.
    public private(set) var findings: [MarkerVerdict] = []
    public private(set) var steps: [Step] = []
    /// 20 bytes each.
    public private(set) var sealingKeyIDs: [[UInt8]] = []
    /// Bytes of the raw message.
    public let size: Int

    public init(_ message: MessageFile, envelope: Envelope, rules: InspectionContext, messageSizeLimit: Int) throws {
        outcome = .noMarker
        size = message.size
        guard passes(envelope, rules.routing) else { return }

        let fields = message.header.fields
        findings = try MarkerVerdict.all(header: fields, envelope: envelope, rules: rules)
        let decision = try Decision(header: fields, envelope: envelope, rules: rules)
        if case .pass(let refusal, let closest) = decision {
            (outcome, found) = (refusal, closest)
            step(
                .marker, false,
                closest.map { "none holds; the one in \($0.field.name) came closest (\(refusal.rawValue))" }
                    ?? "none where one counts: \(fields.count) fields")
            return
        }
        guard let match = decision.match else { return }
        let company = match.company
        (found, direction) = (match.found, match.direction)
        step(
            .marker, true,
            "\(match.found.text) holds: company \(company.id), thread \(match.found.thread), \(match.direction.rawValue)"
        )

        outcome = Self.outcome(of: company.capture)
        if company.capture != .store { step(.mode, true, "the company's capture mode is \(company.capture.rawValue)") }

        // As the daemon: a header that is too large comes before anything is begun.
        let headerFits = message.header.oversize == nil
        if headerFits, company.capture.stores {
            do {
                sealingKeyIDs = try SpoolHeader(
                    match, recipients: company.sealingKeys.map { try SealingKey(subjectPublicKeyInfo: $0) },
                    fields: fields, envelope: envelope, acceptedAt: .now(), queueID: "", host: ""
                ).sealingKeyIDs
                step(.keys, true, "sealed to \(sealingKeyIDs.map(\.hex).joined(separator: ", "))")
            } catch let error as Routing.Company.MissingKey {
                outcome = .spoolFailed
                step(.keys, false, "\(error); the sender is told to try again")
                return
            }
        }
        // The limit is for what is stored, or would be.
        if !headerFits || company.capture != .forward {
            let isWithin = headerFits && size <= messageSizeLimit
            if !isWithin { outcome = .tooLarge }
            step(
                .size, isWithin,
                !headerFits && size <= messageSizeLimit
                    ? "its header takes more than \(BoundedHeader.limit) bytes of memory"
                    : "\(size) bytes, and message_size_limit is \(messageSizeLimit)")
        }
        if headerFits { try explainForwarding(fields, envelope, company) }
    }

    private static func outcome(of mode: CaptureMode) -> Outcome {
        switch mode {
        case .store, .storeAndForward: .captured
        case .forward: .forwarded
        case .observe: .observeOnly
        }
    }

    private mutating func explainForwarding(
        _ fields: HeaderSection, _ envelope: Envelope, _ company: Routing.Company
    ) throws {
        guard let result = try Forwarding(header: fields, envelope: envelope, company: company).result else { return }
        if company.capture == .forward, result != .yes { outcome = .alreadyForwarded }
        let text =
            switch result {
            case .yes: "the forward address becomes a recipient"
            case .recipient: "the forward address is sender or recipient anyway"
            case .before: "it was forwarded before: \(ForwardToken.fieldName) says so"
            case .loop: "it was forwarded so often, changed each time, that it goes in a circle"
            }
        step(.forward, result == .yes, text)
    }

    private mutating func step(_ name: Step.Name, _ isPassed: Bool, _ text: String) {
        steps.append(Step(name: name, isPassed: isPassed, text: text))
    }

    private mutating func passes(_ envelope: Envelope, _ routing: Routing) -> Bool {
        let taking = Set(envelope.domains.compactMap { routing.company(domain: $0)?.id })
            .sorted { $0.rawValue < $1.rawValue }.compactMap { routing[$0] }
        let text = taking.map { "company \($0.id) takes part and is on sync \($0.sync.rawValue)" }
            .joined(separator: ", ")
        let isPassed = taking.contains { $0.sync == .limited }
        step(.envelope, isPassed, text.isEmpty ? "no domain of sender or recipients is a company's" : text)
        return isPassed
    }
}

extension ThreadReference {
    /// Of a line about it.
    public var text: String {
        switch evidence {
        case .marker: "the one in \(field.name)"
        case .learnedID: "a message seen before, named in \(field.name),"
        case .unsignedMarker: "the outside system's in \(field.name)"
        }
    }
}
