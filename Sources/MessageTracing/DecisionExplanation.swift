public import Core
public import Inspection
import Sealing

/// What the filter would do with a message for one company, step by step, without doing it: prints its `Plan`.
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

    /// Captured only as far as the mail host decides. With no marker nothing is recorded.
    public private(set) var outcome: Outcome
    /// The thread that decided, or came closest; nil if there is none.
    public private(set) var found: ThreadReference?
    public private(set) var direction: Direction?
    /// On everything that could belong to a thread, in the order in which they count. Empty if not even the header is
    /// seen.
    public private(set) var verdicts: [MarkerVerdict] = []
    public private(set) var steps: [Step] = []
    /// Of a message that passes: markers in it that do not count.
    public private(set) var uncounted: [UncountedMarker] = []
    /// 20 bytes each.
    public private(set) var sealingKeyIDs: [[UInt8]] = []
    /// Bytes of the raw message.
    public let size: Int

    /// One for each company that the message is of a thread of; one alone if it passes.
    public static func all(
        _ message: MessageFile, envelope: Envelope, rules: InspectionContext
    ) throws -> [DecisionExplanation] {
        var start = DecisionExplanation(size: message.size)
        guard start.explainEnvelope(envelope, message.header.fields, rules.routing) else {
            start.uncounted = try UncountedMarker.all(in: message, rules: rules)
            return [start]
        }
        return try Plan.all(header: message.header, envelope: envelope, rules: rules).map { plan in
            var explanation = start
            explanation.explain(plan, of: message)
            if case .pass = plan.action {
                explanation.uncounted = try UncountedMarker.all(in: message, rules: rules)
            }
            return explanation
        }
    }

    private init(size: Int) {
        outcome = .noMarker
        self.size = size
    }

    private mutating func explain(_ plan: Plan, of message: MessageFile) {
        (outcome, verdicts) = (plan.outcome, plan.verdicts)
        if case .pass(let closest) = plan.action {
            found = closest
            step(
                .marker, false,
                closest.map { "none holds; the one in \($0.field.name) came closest (\(outcome.rawValue))" }
                    ?? "none where one counts: \(message.header.fields.count) fields")
            return
        }
        guard let match = plan.match else { return }
        let company = match.company
        (found, direction) = (match.found, match.direction)
        step(
            .marker, true,
            "\(match.found.text) holds: company \(company.id), thread \(match.found.thread), \(match.direction.rawValue)"
        )
        if company.capture != .store { step(.mode, true, "the company's capture mode is \(company.capture.rawValue)") }
        explain(plan)
    }

    private mutating func explain(_ plan: Plan) {
        switch plan.action {
        case .store(let recipients):
            sealingKeyIDs = recipients.map(\.keyID)
            step(.keys, true, "sealed to \(sealingKeyIDs.map(\.hex).joined(separator: ", "))")
        case .fail(let error):
            step(.keys, false, "\(error); the sender is told to try again")
            return
        case .pass, .forward, .observe, .tooLarge: break
        }
        if let limit = plan.sizeLimit { explainSize(limit, isHeaderTooLarge: plan.outcome == .tooLarge) }
        if let result = plan.forwarding.result { explainForwarding(result) }
    }

    private mutating func explainSize(_ limit: Int, isHeaderTooLarge: Bool) {
        let isWithin = size <= limit && !isHeaderTooLarge
        if !isWithin { outcome = .tooLarge }
        step(
            .size, isWithin,
            isHeaderTooLarge && size <= limit
                ? "its header takes more than \(BoundedHeader.limit) bytes of memory"
                : "\(size) bytes, and message_size_limit is \(limit)")
    }

    private mutating func explainForwarding(_ result: Forwarded) {
        let text =
            switch result {
            case .yes: "the forward address becomes a recipient"
            case .recipient: "the forward address is sender or recipient anyway"
            case .before: "it was forwarded before: \(ForwardToken.fieldName) says so"
            case .loop: "it was forwarded so often, changed each time, that it is in a loop"
            }
        step(.forward, result == .yes, text)
    }

    private mutating func explainEnvelope(_ envelope: Envelope, _ header: HeaderSection, _ routing: Routing) -> Bool {
        let taking = Set(envelope.domains.compactMap { routing.company(domain: $0)?.id })
            .sorted { $0.rawValue < $1.rawValue }.compactMap { routing[$0] }
        let text = taking.map { "company \($0.id) takes part and is on sync \($0.sync.rawValue)" }
            .joined(separator: ", ")
        let isPassed = routing.inspects(envelope)
        guard text.isEmpty else {
            step(.envelope, isPassed, text)
            return isPassed
        }
        let reason = Self.suspicion(envelope, header, routing).map { ": \($0)" } ?? ""
        step(.envelope, isPassed, "no domain of sender or recipients is a company's\(reason)")
        return isPassed
    }

    /// Why a company's mail may have an envelope that names none.
    private static func suspicion(_ envelope: Envelope, _ header: HeaderSection, _ routing: Routing) -> String? {
        func company(_ address: Address) -> Routing.Company? {
            address.domain.flatMap(routing.company(domain:)).flatMap { $0.sync == .limited ? $0 : nil }
        }
        if let author = header.author.flatMap(company) {
            return envelope.sender.isNull
                ? "From is company \(author.id)'s, but automatic replies have no envelope sender, and this one goes "
                    + "outside"
                : "From is company \(author.id)'s, but the envelope's sender is not"
        }
        guard let named = header.addresses(in: ["To", "Cc"]).lazy.compactMap(company).first else { return nil }
        return "To or Cc has company \(named.id)'s domain, and the recipient does not, as where an alias is written to"
    }

    private mutating func step(_ name: Step.Name, _ isPassed: Bool, _ text: String) {
        steps.append(Step(name: name, isPassed: isPassed, text: text))
    }
}

extension ThreadReference {
    /// What was recognised, as the subject of a sentence.
    public var text: String {
        switch evidence {
        case .marker: "the one in \(field.name)"
        case .learnedID: "a message seen before, named in \(field.name),"
        case .unsignedMarker: "the external system's in \(field.name)"
        }
    }
}
