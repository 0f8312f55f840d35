import Foundation

/// What a line of Postfix's log says of a message, without addresses: of those, the domains.
public enum PostfixEvent: Hashable, Sendable {
    /// A client, or a program of this machine, brought it.
    case arrived(local: Bool)
    /// As the header has it, with its brackets.
    case messageID(String)
    /// Refused on a filter's word: at what point of the session, and the reply's code.
    case rejected(stage: String, code: String)
    /// In the queue. Nil: the null sender.
    case queued(senderDomain: String?)
    /// To one recipient: sent, deferred, bounced and so on.
    case delivery(status: String, recipientDomain: String?)
    case removed

    /// Nil for a line that is none of these.
    init?(service: Substring, _ text: Substring) {
        func value(_ key: String) -> Substring? {
            guard let range = text.range(of: key) else { return nil }
            return text[range.upperBound...].prefix { $0 != "," && $0 != " " }
        }
        func domain(_ address: Substring) -> String? {
            let bare = address.drop { $0 == "<" }.prefix { $0 != ">" }
            return bare.lastIndex(of: "@").map { bare[bare.index(after: $0)...].lowercased() }
        }
        if text.hasPrefix("client=") {
            self = .arrived(local: false)
        } else if text.hasPrefix("uid=") {
            self = .arrived(local: true)
        } else if text.hasPrefix("message-id=") || text.hasPrefix("resent-message-id=") {
            guard text.hasPrefix("m") else { return nil }
            self = .messageID(String(text.dropFirst("message-id=".count)))
        } else if text.hasPrefix("milter-reject: ") || text.hasPrefix("reject: ") {
            let words = text.split(separator: " ")
            guard words.count > 2 else { return nil }
            // `milter-reject: END-OF-MESSAGE from client[address]: 4.7.1 text; from=…`
            let code = text.range(of: "]: ").map { text[$0.upperBound...].prefix { $0 != " " && $0 != ";" } } ?? ""
            self = .rejected(stage: String(words[1]), code: String(code.filter { $0.isNumber || $0 == "." }))
        } else if text == "removed" {
            self = .removed
        } else if service == "qmgr", let from = value("from=") {
            self = .queued(senderDomain: domain(from))
        } else if let to = value("to="), let status = value(" status=") {
            self = .delivery(status: String(status.filter { $0.isLetter }), recipientDomain: domain(to))
        } else {
            return nil
        }
    }
}
