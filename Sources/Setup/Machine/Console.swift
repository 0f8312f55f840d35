/// Where a setup shows what it does, and asks.
public protocol Console: AnyObject {
    func say(_ text: String)
    /// The answer to a question, without its line feed; nil where there is nobody to ask.
    func ask(_ question: String) -> String?
}

extension Console {
    /// A question with a default, which an empty answer takes; nil where there is nobody to ask.
    func ask(_ question: String, else usual: String) -> String? {
        ask("\(question) [\(usual)]: ").map { answer in
            let answer = answer.trimmed
            return answer.isEmpty ? usual : answer
        }
    }

    /// Whether the answer is yes, which an empty one is too; nil where there is nobody to ask.
    func agrees(_ question: String) -> Bool? {
        ask("\(question) [Y/n] ").map { ["", "y", "yes"].contains($0.trimmed.lowercased()) }
    }
}

extension String {
    /// Without the white space around it.
    var trimmed: String {
        let start = drop { $0.isWhitespace }
        return String(
            start.prefix(upTo: start.lastIndex { !$0.isWhitespace }.map(start.index(after:)) ?? start.startIndex))
    }
}
