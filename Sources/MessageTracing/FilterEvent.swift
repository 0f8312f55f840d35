public import Core
import Foundation

/// A line of lever-milter's log about a message, read from either form of the log.
public struct FilterEvent: Sendable {
    public enum Kind: Sendable {
        /// The message is durable in the spool.
        case spooled
        /// The outcome of the message, or of one attempt to deliver it.
        case ended
        /// Its files in the spool were removed because it was erased.
        case erased
        case other
    }

    public let kind: Kind
    /// By the keys that both forms use: outcome, company, thread, matched, entry, reason and so on.
    public let values: [String: String]

    /// Nil if the line has none, or one that this program does not know.
    public var outcome: Outcome? { values["outcome"].flatMap(Outcome.init) }

    /// The entry that the line names.
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
                // Quotation marks in a value are not escaped, so the last one of the line ends it.
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

    /// Reads a line of JSON; nil if it is not about a message.
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
