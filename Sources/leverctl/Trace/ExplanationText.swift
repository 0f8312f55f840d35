import Core
import Inspection
import MessageTracing

/// The filter's decision about a message for one company, for a terminal.
func explanationText(_ explanation: DecisionExplanation) -> String {
    var lines = ["\(explanation.outcome.rawValue): \(explanationMeaning(explanation))"]
    for (number, step) in explanation.steps.enumerated() {
        lines.append("  \(number + 1). \(step.name): \(step.text)")
        guard step.name == .marker else { continue }
        for (number, verdict) in explanation.verdicts.enumerated() {
            let found = verdict.found
            lines.append(
                "     \(number + 1)) \(found.field.name)\(found.kind == "marker" ? "" : " (\(found.kind))"): "
                    + "company \(found.company), thread \(found.thread): \(verdictText(verdict))")
        }
    }
    if !explanation.verdicts.isEmpty, explanation.steps.last?.isPassed == false {
        lines.append("  To do: \(explanation.outcome.advice).")
    }
    for marker in explanation.uncounted {
        lines.append("  Does not count: \(marker.text).")
        lines.append("    To do: \(marker.advice).")
    }
    return lines.map { $0.printable() }.joined(separator: "\n")
}

func explanationMeaning(_ explanation: DecisionExplanation) -> String {
    switch explanation.outcome {
    case .captured:
        "It would be captured. The database may still answer duplicate, unknown_thread, expired_marker or erased."
    case .noMarker where explanation.steps.last?.name == .envelope:
        "It would pass unread: its envelope names no company on limited sync, so not even its header is seen."
    default: explanation.outcome.sentence
    }
}

func verdictText(_ verdict: MarkerVerdict) -> String {
    switch verdict.verdict {
    case .holds: "holds"
    case .refused(let outcome): "\(outcome.rawValue)"
    }
}

/// The output of `leverctl trace --file --json`: the decision of the company whose marker counts first, and in
/// `further` those of others.
struct ExplanationRecord: Encodable {
    struct Marker: Encodable {
        let field: String
        /// How the thread was recognised: `marker`, `learned_id` or `unsigned_marker`.
        let kind: String
        let company: Int64
        let thread: Int64
        /// `holds`, or the outcome that says why not.
        let verdict: String
    }

    struct Step: Encodable {
        let name: String
        /// False for the last step, which decided.
        let passed: Bool
        let text: String
    }

    /// A marker in the message that does not count.
    struct Uncounted: Encodable {
        /// The name of a header field, or `body`.
        let place: String
        let text: String
        let advice: String
    }

    let outcome: String
    let meaning: String
    let company: Int64?
    let thread: Int64?
    let matched: String?
    let direction: String?
    let size: Int
    let sealedTo: [String]
    let markers: [Marker]
    let steps: [Step]
    let uncounted: [Uncounted]
    let further: [ExplanationRecord]

    /// There is at least one.
    init(_ explanations: [DecisionExplanation]) {
        let explanation = explanations[0]
        further = explanations.dropFirst().map { ExplanationRecord([$0]) }
        outcome = explanation.outcome.rawValue
        meaning = explanationMeaning(explanation)
        company = explanation.found?.company.rawValue
        thread = explanation.found?.thread.rawValue
        matched = explanation.found?.field.rawValue
        direction = explanation.direction?.rawValue
        size = explanation.size
        sealedTo = explanation.sealingKeyIDs.map(\.hex)
        markers = explanation.verdicts.map {
            Marker(
                field: $0.found.field.rawValue, kind: $0.found.kind, company: $0.found.company.rawValue,
                thread: $0.found.thread.rawValue, verdict: verdictText($0))
        }
        steps = explanation.steps.map { Step(name: $0.name.rawValue, passed: $0.isPassed, text: $0.text) }
        uncounted = explanation.uncounted.map { Uncounted(place: $0.place, text: $0.text, advice: $0.advice) }
    }
}

extension ThreadReference {
    fileprivate var kind: String {
        switch evidence {
        case .marker: "marker"
        case .learnedID: MessageLabel.learnedID.rawValue
        case .unsignedMarker: MessageLabel.unsignedMarker.rawValue
        }
    }
}
