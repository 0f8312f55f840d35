import Foundation

/// A line of Postfix's log about a message. Of addresses it keeps the domains alone.
public enum PostfixEvent: Hashable, Sendable {
    /// Submitted by a client, or by a program on this host.
    case arrived(local: Bool)
    /// As in the header, with brackets.
    case messageID(String)
    /// Rejected by a filter: the stage of the session, and the code of the reply.
    case rejected(stage: String, code: String)
    /// In the queue. Nil is the null sender.
    case queued(senderDomain: String?)
    /// Delivery to one recipient: sent, deferred, bounced and so on.
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
