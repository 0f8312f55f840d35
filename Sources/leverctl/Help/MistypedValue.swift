import Core

/// A value of an option that is none of its words.
enum MistypedValue {
    /// The parser's message about it, with the word that is likely meant; any other message is unchanged. The parser
    /// has no hook for this, and its message names both the value and the words.
    static func explained(_ message: String) -> String {
        guard let found = message.firstMatch(of: #/The value '(.*)' is invalid for '[^']*'\. Please provide one of/#)
        else { return message }
        let list = message[found.range.upperBound...]
        let words = list.matches(of: #/'([^']*)'|\n  - (.*)/#).map { String($0.output.1 ?? $0.output.2 ?? "") }
        let likely = Spelling.closest(to: String(found.output.1), among: words)
        guard !likely.isEmpty else { return message }
        return message + (list.contains("\n") ? "\n" : " ") + "Did you mean \(Spelling.alternatives(likely))?"
    }
}
