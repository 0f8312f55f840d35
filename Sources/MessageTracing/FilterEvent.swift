public import Core
import Foundation

/// What a line of lever-milter's log says of a message, from either form of the log.
public struct FilterEvent: Sendable {
    public enum Kind: Sendable {
        /// Durable here.
        case spooled
        /// The end of its story, or that of one try to deliver it.
        case ended
        /// What the spool still had of it was removed, since it was erased.
        case erased
        case other
    }

    public let kind: Kind
    /// By the names that both forms have: outcome, company, thread, matched, entry, reason and so on.
    public let values: [String: String]

    /// Nil where this program does not know the outcome.
    public var outcome: Outcome? { values["outcome"].flatMap(Outcome.init) }

    /// The entry that it is about, as far as the line says.
    public var entry: EntryID? {
        let path = values["entry"] ?? values["kept"] ?? values["removed"]
        return path.flatMap { EntryID(String($0.split(separator: "/").last ?? "")) }
    }

    public var company: CompanyID? { values["company"].flatMap { Int64($0) }.map(CompanyID.init) }
    public var thread: ThreadID? { values["thread"].flatMap { Int64($0) }.map(ThreadID.init) }

    /// `[error: ]word key=value key="value with blanks"`
    init?(text: Substring) {
        var text = text
        for severity in ["error: ", "warning: "] where text.hasPrefix(severity) {
            text = text.dropFirst(severity.count)
        }
        var values: [String: String] = [:]
        var words: [Substring] = []
        while !text.isEmpty {
            let word = text.prefix { $0 != " " }
            if let equals = word.firstIndex(of: "="), equals > word.startIndex {
                let rest = text[text.index(after: equals)...]
                // Quotation marks inside are not escaped, so the last one of the line ends it.
                if rest.first == "\"", let end = rest.lastIndex(of: "\""), end > rest.startIndex {
                    values[String(word[..<equals])] = String(rest[rest.index(after: rest.startIndex)..<end])
                    text = rest[rest.index(after: end)...].drop { $0 == " " }
                    continue
                }
                values[String(word[..<equals])] = String(word[word.index(after: equals)...])
            } else {
                words.append(word)
            }
            text = text.dropFirst(word.count).drop { $0 == " " }
        }
        guard !words.isEmpty || !values.isEmpty else { return nil }
        self.init(name: values["outcome"] == nil ? words.first.map(String.init) ?? "" : "", values: values)
    }

    /// One object; nil if it is about no message.
    static func read(json text: Substring) -> (queueID: String, time: Timestamp?, event: FilterEvent)? {
        guard let object = try? JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any],
            let queueID = object["queue_id"] as? String, MailLogLine.isQueueID(queueID)
        else { return nil }
        var values: [String: String] = [:]
        for (key, value) in object where !["queue_id", "event", "time", "level", "message"].contains(key) {
            values[key] = (value as? String) ?? (value as? NSNumber)?.stringValue
        }
        return (
            queueID, (object["time"] as? String).flatMap { Timestamp($0) },
            FilterEvent(name: object["event"] as? String ?? "", values: values)
        )
    }

    private init(name: String, values: [String: String]) {
        self.values = values
        kind =
            switch name {
            case _ where values["outcome"] != nil: .ended
            case "spooled": .spooled
            case "erased": .erased
            default: .other
            }
    }
}
