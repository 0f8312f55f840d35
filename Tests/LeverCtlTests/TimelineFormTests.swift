import Core
import Foundation
import MIME
import Testing

@testable import Store
@testable import leverctl

/// The forms of a timeline, with mail that means to be more than text in them.
@Suite struct TimelineFormTests {
    static let hostile = [
        "<script>alert(1)</script>", "</div></article></body><h1>forged</h1>", "\" onmouseover=\"alert(1)", "' x='",
        "<img src=x onerror=alert(1)>", "</title><style>*{display:none}</style>", "<!-- ", "]]>", "&lt;script&gt;",
        "javascript:alert(1)", "<a href=//evil.example>x</a>", "# forged", "## 2026-01-01, inbound",
        "[x](//evil.example)",
        "![x](//evil.example/x.png)", "<//evil.example>", "https://evil.example/", "```\n<b>x</b>\n```", "~~~\nx\n~~~",
        "    code", "\t<b>x</b>", "- x\n\n\n<b>x</b>", "1. x", "> x", "***", "x\n===", "x\n---", "[x]: //evil.example",
        "`<b>x</b>`", "\\<b>x</b>", "&amp;&#60;b&#62;", "| a | b |\n|---|---|", "x  \n<b>y</b>", "\n\n\n# x",
        "\u{1b}[2J\u{1b}[31m", "\u{9b}31m", "\u{202e}gpj.exe", "a\r<b>x</b>", "\u{2028}# x", "\u{85}# x", "\u{c}# x",
        "\0<b>", "{{ x }}", "<?php x ?>", "<!DOCTYPE html>", "<meta http-equiv=refresh content=0>",
    ]

    private static let id = EntryID.make(at: Timestamp(milliseconds: 1_796_000_000_000))

    private func entry(labels: [MessageLabel] = []) -> TimelineEntry {
        TimelineEntry(
            entry: Self.id, company: CompanyID(rawValue: 1),
            candidate: CandidateID(rawValue: 5), thread: ThreadID(rawValue: 7), direction: .inbound,
            acceptedAt: Timestamp(milliseconds: 1_796_000_000_000),
            storedAt: Timestamp(milliseconds: 1_796_000_001_000),
            size: 1234, tailSize: 1300, host: "mx1.example", queueID: "4Q", keyIDs: [], hostKeyID: nil, signature: nil,
            removedAt: nil, isSecret: false, authentication: .pass, labels: labels, copyIndex: nil)
    }

    /// A message that says the text everywhere.
    private func message(_ text: String, labels: [MessageLabel] = []) -> ShownMessage {
        ShownMessage(
            entry: entry(labels: labels), time: "2026-11-30 01:53:20 +01:00", words: ["inbound"],
            hasWarning: labels.contains(.spoofedSender),
            fields: [
                .init(name: "From", value: text), .init(name: "Subject", value: text, isWarning: true),
            ],
            copies: ["2 copies differ", text], missing: nil, invitations: [["Invitation: \(text)", "Where: \(text)"]],
            text: [.text(text), .quoted(text, lines: 1)], attachments: [text], omitted: "1 more attachment")
    }

    private func heading(_ text: String) -> TimelineHeading {
        TimelineHeading(
            name: text, candidate: 5, company: text, extent: "1 message, searched for '\(text)'",
            writtenAt: "2026-11-30 02:00:00 +01:00")
    }

    private func written(_ form: some TimelineForm, _ texts: [String]) -> String {
        texts.map { form.beginning(heading($0)) + form.message(message($0)) + form.ending }.joined()
    }

    // MARK: HTML

    /// What Python's parser finds in a page: elements with their attributes, and the text.
    private struct Page: Decodable {
        let elements: [[String]]
        let others: [String]
        let text: String

        init(_ html: String) throws {
            let program = """
                import sys, json
                from html.parser import HTMLParser
                class Page(HTMLParser):
                    elements, others, text = [], [], ""
                    def handle_starttag(self, tag, attributes):
                        self.elements.append([tag] + ["%s=%s" % a for a in attributes])
                    def handle_data(self, data): self.text += data
                    def handle_comment(self, data): self.others.append("comment")
                    def handle_pi(self, data): self.others.append("pi")
                    def unknown_decl(self, data): self.others.append("declaration")
                page = Page(convert_charrefs=True)
                page.feed(sys.stdin.buffer.read().decode("utf-8"))
                page.close()
                json.dump({"elements": page.elements, "others": page.others, "text": page.text}, sys.stdout)
                """
            let python = Process()
            python.executableURL = URL(filePath: "/usr/bin/env")
            python.arguments = ["python3", "-c", program]
            let (input, output) = (Pipe(), Pipe())
            (python.standardInput, python.standardOutput) = (input, output)
            try python.run()
            try input.fileHandleForWriting.write(contentsOf: Data(html.utf8))
            try input.fileHandleForWriting.close()
            self = try JSONDecoder().decode(Page.self, from: output.fileHandleForReading.readToEnd() ?? Data())
            python.waitUntilExit()
        }
    }

    @Test(arguments: hostile)
    func `in HTML mail is text, whatever it says`(text: String) throws {
        let form = try TimelineHTML(showsQuotations: false)
        let (page, plain) = (try Page(written(form, [text])), try Page(written(form, ["plain"])))
        #expect(page.elements == plain.elements, "no element and no attribute more than with plain text")
        #expect(page.others == plain.others)
        // The heading, and each place of the message.
        let shown = text.printable(keepingLines: true)
        #expect(page.text.ranges(of: shown).count >= 2, "what is shown is what was written")
    }

    @Test func `a page runs nothing, loads nothing, and sends nothing`() throws {
        let page = written(try TimelineHTML(showsQuotations: false), ["x"])
        let elements = try Page(page).elements
        let policy = try #require(elements.first { $0.contains("http-equiv=Content-Security-Policy") }).last ?? ""
        #expect(policy.contains("default-src 'none'") && policy.contains("style-src 'sha256-"))
        #expect(!policy.contains("unsafe") && policy.contains("form-action 'none'"))
        for name in ["script", "link", "img", "a", "iframe", "object", "form", "base"] {
            #expect(!elements.contains { $0[0] == name })
        }
        #expect(!elements.joined().contains { $0.hasPrefix("href=") || $0.hasPrefix("src=") || $0.hasPrefix("on") })
        #expect(!page.contains("url(") && !page.contains("@import"))
    }

    @Test func `quoted text is folded in HTML, and open on request`() throws {
        #expect(written(try TimelineHTML(showsQuotations: false), ["x"]).contains("<details><summary>1 quoted line<"))
        #expect(written(try TimelineHTML(showsQuotations: true), ["x"]).contains("<details open><summary>"))
    }

    // MARK: Markdown

    @Test(arguments: hostile)
    func `in Markdown mail stands in indented code, and every other line is leverctl's`(text: String) {
        let own = [
            "# Timeline", "Written by leverctl, 2026-11-30 02:00:00 +01:00.", "## 2026-11-30 01:53:20 +01:00, inbound",
            "Invitation:", "Text:", "Quoted, 1 line:", "Attachments:", "Not shown: 1 more attachment.", "",
        ]
        let lines = written(TimelineMarkdown(), [text]).split(separator: "\n", omittingEmptySubsequences: false)
        for (place, line) in lines.enumerated() where !line.hasPrefix("    ") {
            #expect(own.contains(String(line)), "\(line)")
            // A line of code directly after one of these would be its continuation.
            if !line.isEmpty, place + 1 < lines.count { #expect(lines[place + 1].isEmpty) }
        }
        #expect(!lines.contains { $0.contains("\t") || $0.unicodeScalars.contains("\u{1b}") })
    }

    // MARK: Text

    @Test(arguments: hostile)
    func `on a terminal the only escape sequences are leverctl's colours`(text: String) {
        let screen = Screen(columns: 80, style: Style(isOn: true), clock: .utc)
        var shown = written(TimelineText(screen: screen, showsQuotations: true), [text])
        for code in ["1", "1;36", "1;32", "1;31", "2", "0"] { shown = shown.replacing("\u{1b}[\(code)m", with: "") }
        #expect(!shown.unicodeScalars.contains { $0.value < 0x20 && $0 != "\n" && $0 != "\t" || $0.value == 0x9b })
    }

    @Test(arguments: [60, 80, 120])
    func `lines fit the terminal, and say the same as without one`(columns: Int) {
        let text = "One two three four five six seven eight nine ten. " + String(repeating: "日本語のテキスト", count: 20)
        func lines(_ columns: Int?) -> [Substring] {
            let screen = Screen(columns: columns, style: Style(isOn: false), clock: .utc)
            return written(TimelineText(screen: screen, showsQuotations: true), [text]).split(separator: "\n")
        }
        #expect(lines(columns).allSatisfy { $0.columns <= columns })
        #expect(lines(nil).contains { $0.columns > 300 })
        func letters(_ lines: [Substring]) -> String { lines.joined().filter { $0 != " " && $0 != "─" } }
        #expect(letters(lines(columns)) == letters(lines(nil)))
    }

    @Test func `a warning is in words, and in red where there are colours`() {
        for isOn in [false, true] {
            let screen = Screen(columns: nil, style: Style(isOn: isOn), clock: .utc)
            let shown = TimelineText(screen: screen, showsQuotations: false)
                .message(message("NOT who it claims to be", labels: [.spoofedSender]))
            #expect(shown.contains("NOT who it claims to be"))
            #expect(shown.contains("\u{1b}[1;31m") == isOn)
        }
    }

    @Test(arguments: [
        (0, "0 bytes"), (1, "1 byte"), (9999, "9999 bytes"), (10_000, "10 kB"), (999_499, "999 kB"),
        (2_345_678, "2.3 MB"),
        (999_500, "1.0 MB"), (1_000_000, "1.0 MB"), (50_000_000, "50.0 MB"),
    ])
    func `sizes are counted for people`(bytes: Int, shown: String) { #expect(byteCount(bytes) == shown) }
}
