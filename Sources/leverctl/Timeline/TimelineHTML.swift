import Core
import Foundation
import MIME
import Sealing

/// A timeline as a page that needs nothing beside it and fetches nothing: no scripts, no links, no pictures, and a
/// policy that forbids them to what might get in. All text is escaped. Quoted text is folded.
struct TimelineHTML: TimelineForm {
    /// Quoted text is open from the start.
    let showsQuotations: Bool
    private let policy: String

    init(showsQuotations: Bool) throws {
        self.showsQuotations = showsQuotations
        let digest = Data(try SHA256.digest(of: Array(Self.style.utf8))).base64EncodedString()
        policy = "default-src 'none'; style-src 'sha256-\(digest)'; base-uri 'none'; form-action 'none'"
    }

    func beginning(_ heading: TimelineHeading) -> String {
        """
        <!DOCTYPE html>
        <html lang="en">
        <head>
        <meta charset="utf-8">
        <meta http-equiv="Content-Security-Policy" content="\(policy)">
        <meta name="referrer" content="no-referrer">
        <meta name="robots" content="noindex">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>\(Self.line("\(heading.name), candidate \(heading.candidate) of \(heading.company)"))</title>
        <style>\(Self.style)</style>
        </head>
        <body>
        <h1><bdi>\(Self.line(heading.name))</bdi></h1>
        <p>Candidate \(heading.candidate) of <bdi>\(Self.line(heading.company))</bdi>: \(Self.line(heading.extent)). \
        Written by leverctl, \(Self.line(heading.writtenAt)).</p>

        """
    }

    let ending = "</body>\n</html>\n"

    func message(_ message: ShownMessage) -> String {
        let direction = message.entry.direction.rawValue
        let words = Self.line(message.words.joined(separator: ", "))
        var parts = [
            "<article class=\"\(direction)\" id=\"m\(message.entry.entry)\">",
            "<h2><time datetime=\"\(message.entry.acceptedAt)\">\(Self.line(message.time))</time> "
                + (message.hasWarning ? "<strong>\(words)</strong>" : "<span>\(words)</span>") + "</h2>",
            "<dl>",
        ]
        parts += message.fields.map(Self.field)
        if !message.copies.isEmpty {
            parts.append("<dt>Copies</dt><dd>\(message.copies.map(Self.line).joined(separator: "<br>"))</dd>")
        }
        parts.append("</dl>")
        if let missing = message.missing { parts.append("<p><strong>\(Self.line(missing))</strong></p>") }
        for invitation in message.invitations {
            let lines = invitation.map { "<li dir=\"auto\">\(Self.lines($0))</li>" }.joined()
            parts.append("<h3>Invitation</h3>\n<ul>\(lines)</ul>")
        }
        parts += message.text.map(block)
        if !message.attachments.isEmpty {
            let items = message.attachments.map { "<li><bdi>\(Self.line($0))</bdi></li>" }.joined()
            parts.append("<h3>Attachments</h3>\n<ol>\(items)</ol>")
        }
        if let omitted = message.omitted { parts.append("<p>Not shown: \(Self.line(omitted)).</p>") }
        return parts.joined(separator: "\n") + "\n</article>\n"
    }

    private static func field(_ field: ShownMessage.Field) -> String {
        let value = field.isWarning ? "<strong>\(line(field.value))</strong>" : line(field.value)
        return "<dt>\(field.name)</dt><dd dir=\"auto\">\(value)</dd>"
    }

    private func block(_ block: Message.Block) -> String {
        switch block {
        case .text(let text): "<div class=\"text\" dir=\"auto\">\(Self.lines(text))</div>"
        case .quoted(let text, let count):
            """
            <details\(showsQuotations ? " open" : "")><summary>\(counted(count, "quoted line"))</summary>
            <div class="text" dir="auto">\(Self.lines(text))</div></details>
            """
        }
    }

    private static func line(_ text: String) -> String { escaped(text.printable()) }
    private static func lines(_ text: String) -> String { escaped(text.printable(keepingLines: true)) }

    /// For text between tags and in quoted attributes.
    private static func escaped(_ text: String) -> String {
        var escaped = ""
        for character in text.unicodeScalars {
            switch character {
            case "&": escaped += "&amp;"
            case "<": escaped += "&lt;"
            case ">": escaped += "&gt;"
            case "\"": escaped += "&quot;"
            case "'": escaped += "&#39;"
            default: escaped.unicodeScalars.append(character)
            }
        }
        return escaped
    }

    private static let style = """

        :root { color-scheme: light dark; }
        body { font: 1rem/1.5 system-ui, sans-serif; max-width: 48rem; margin: 2rem auto; padding: 0 1rem; }
        h1 { font-size: 1.5rem; } h2 { font-size: 1rem; margin: 0 0 .5rem; } h3 { font-size: 1rem; margin-bottom: 0; }
        article { border-top: 1px solid; padding: 1rem 0 1rem 1rem; overflow-wrap: anywhere; }
        article.inbound { border-left: .3rem solid #0a7ea4; } article.outbound { border-left: .3rem solid #3a8f3a; }
        article.internal { border-left: .3rem solid #888; }
        dl { display: grid; grid-template-columns: max-content 1fr; gap: 0 1rem; margin: 0; font-size: .9rem; }
        dt { opacity: .7; } dd { margin: 0; } strong { color: #c22; }
        .text { white-space: pre-wrap; margin: 1rem 0; } summary { opacity: .7; } details .text { opacity: .8; }
        @media print { article { break-inside: avoid-page; } }

        """
}
