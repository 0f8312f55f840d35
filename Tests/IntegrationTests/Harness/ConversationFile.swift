import Foundation
import TestSupport

/// A conversation as seen on the wire, in a file: comments, and messages, each after a line `== SENDER -> RECIPIENT |
/// OUTCOME DIRECTION MATCHED | LABELS`. Words in braces stand for what differs from run to run.
struct ConversationFile {
    struct Message {
        let sender: String
        let recipient: String
        let outcome: String
        let direction: String
        let matched: String
        /// In the order in which the timeline has them.
        let labels: [String]
        /// Lines end in CRLF.
        let bytes: [UInt8]
    }

    let messages: [Message]

    static let names = [
        "amazon-ses", "microsoft-365", "gmail-api", "exchange", "cut-references", "forwards", "programs",
    ]

    init(_ name: String, replacing words: [String: String]) throws {
        let path = Bundle.module.path(forResource: name, ofType: "txt", inDirectory: "Conversations")
        guard let path else { throw HarnessError("no conversation \(name)") }
        var text = String(decoding: try contents(of: path), as: UTF8.self)
        for (word, value) in words { text = text.replacing("{\(word)}", with: value) }
        messages = try text.split(separator: "\n== ").dropFirst().map { part in
            let lineEnd = part.firstIndex(of: "\n")!
            let line = try Self.heading
            guard let found = part[..<lineEnd].wholeMatch(of: line) else {
                throw HarnessError("\(name): \(part[..<lineEnd])")
            }
            let body = Array(part[part.index(after: lineEnd)...].utf8) + [10]
            return Message(
                sender: found.1 == "<>" ? "" : String(found.1), recipient: String(found.2), outcome: String(found.3),
                direction: String(found.4), matched: String(found.5),
                labels: found.6.split(separator: ",").map(String.init),
                bytes: body.withCRLF)
        }
    }

    private static var heading: Regex<(Substring, Substring, Substring, Substring, Substring, Substring, Substring)> {
        get throws { /(\S+) -> (\S+) \| (\w+) (\w+) (\w+) \|\s?(\S*)/ }
    }
}
