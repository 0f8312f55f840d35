public import Core
import Foundation

/// A line of a mail log about one message: lever-milter's or Postfix's. Nothing of it is shown as it stands, since
/// Postfix's lines have addresses.
public struct MailLogLine: Sendable {
    public enum Content: Sendable {
        case own(FilterEvent)
        case postfix(PostfixEvent)
    }

    public let queueID: String
    /// Nil where the line has none, as what the daemon writes to standard error.
    public let time: Timestamp?
    public let content: Content

    /// Nil for a line that is about no message, or says nothing of use.
    public init?(_ line: String, now: Timestamp = .now()) {
        var text = Substring(line)
        // sd-daemon(3)
        if text.first == "<", let end = text.firstIndex(of: ">"),
            Int(text[text.index(after: text.startIndex)..<end]) != nil
        {
            text = text[text.index(after: end)...]
        }
        let prefix = SyslogPrefix(text, now: now)
        if let prefix { text = prefix.message }
        let program = prefix?.program

        if program == nil || program == "lever-milter", text.first == "{" {
            guard let event = FilterEvent.read(json: text) else { return nil }
            (queueID, time, content) = (event.queueID, event.time ?? prefix?.time, .own(event.event))
            return
        }
        guard let colon = text.firstIndex(of: ":"), case let id = text[..<colon], Self.isQueueID(id), id != "NOQUEUE"
        else {
            return nil
        }
        let rest = text[text.index(after: colon)...].drop { $0 == " " }
        queueID = String(id)
        time = prefix?.time
        if program == nil || program == "lever-milter" {
            guard let event = FilterEvent(text: rest) else { return nil }
            content = .own(event)
        } else if let service = program?.split(separator: "/").last, program?.contains("/") == true,
            let event = PostfixEvent(service: service, rest)
        {
            content = .postfix(event)
        } else {
            return nil
        }
    }

    /// Postfix's short ids are hexadecimal, its long ones have letters of both cases.
    public static func isQueueID(_ text: some StringProtocol) -> Bool {
        (1...255).contains(text.utf8.count)
            && text.utf8.allSatisfy { 0x30...0x39 ~= $0 || 0x41...0x5a ~= $0 || 0x61...0x7a ~= $0 }
    }
}

/// What syslog and journald put before a message: `Nov 24 09:30:00 mx1 postfix/smtpd[123]: `, or the time in the form
/// of RFC 3339.
struct SyslogPrefix {
    let time: Timestamp
    let program: String
    let message: Substring

    init?(_ line: Substring, now: Timestamp) {
        let words = line.split(separator: " ", maxSplits: 5)
        let count: Int
        if let first = words.first, let time = Timestamp(first) {
            (self.time, count) = (time, 1)
        } else if words.count > 4, let time = Timestamp(syslog: line[..<words[2].endIndex], now: now) {
            (self.time, count) = (time, 3)
        } else {
            return nil
        }
        // The host, and the program with its process id.
        guard words.count > count + 2 else { return nil }
        let tag = words[count + 1]
        guard tag.last == ":" else { return nil }
        program = String(tag.dropLast().prefix { $0 != "[" })
        message = line[tag.endIndex...].drop { $0 == " " }
    }
}
