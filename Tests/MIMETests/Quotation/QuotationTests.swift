import Foundation
import Testing

@testable import MIME

/// Attributions and copied headers as mail programs write them, with invented names: `Fixtures/quotations`.
@Suite struct QuotationTests {
    struct Sample: CustomTestStringConvertible {
        let program: String
        let language: String
        let text: String

        var testDescription: String { "\(program), \(language): \(text.prefix(40))" }
        var lines: [String] { text.split(separator: "\n").map { $0.trimmingCharacters(in: .whitespaces) } }
    }

    static let attributions = samples("attributions")
    static let headers = samples("headers")

    private static func file(_ name: String) -> String {
        // A missing fixture shows as an empty table, which the test of counts finds.
        (try? String(contentsOfFile: "\(Bundle.module.resourcePath!)/Fixtures/quotations/\(name)", encoding: .utf8))
            ?? ""
    }

    private static func samples(_ name: String) -> [Sample] {
        file("\(name).tsv").split(separator: "\n").filter { !$0.hasPrefix("#") }.map { line in
            let columns = line.split(separator: "\t").map(String.init)
            return Sample(
                program: columns[0], language: columns[1], text: columns[2].replacingOccurrences(of: "\\n", with: "\n"))
        }
    }

    @Test func `the tables have thirty languages and more`() {
        #expect(Set(Self.attributions.map(\.language)).count >= 50)
        #expect(Set(Self.headers.map(\.language)).count >= 35)
        #expect(QuotationPhrases.all.languages >= 75)
    }

    @Test(arguments: 0..<QuotationPhrases.all.languages)
    func `the labels of every language make a header`(_ language: Int) {
        func labels(_ field: QuotationPhrases.Fields) -> [String] {
            QuotationPhrases.all.labels.filter { $0.value.contains { $0.language == language && $0.field == field } }
                .keys.sorted()
        }
        let (from, date, to) = (labels(.from), labels(.date), labels(.to))
        for (index, subject) in labels(.subject).enumerated() {
            let header = [
                "\(from[index % from.count].capitalized): Rita Noor <rita@acme.example>",
                "\(date[index % date.count]): 23.11.2026 09:00",
                "\(to[index % to.count]): Joerg", "\(subject): Your application",
            ].joined(separator: "\n")
            #expect(Rendition(plain: "Yes.\n\n\(header)\n\nOld\n").blocks.count == 2, "\(header)")
        }
    }

    @Test func `Outlook's header is recognised by its rule, whatever its language`() {
        let lines = "Zu: Rita Noor <rita@acme.example>\nVu: 23.11.2026 09:00\nXo: Joerg\nZubject: X"
        let rule = String(repeating: "_", count: 32)
        #expect(Rendition(plain: "Yes.\n\(rule)\n\(lines)\n\nOld").blocks.count == 2)
        #expect(Rendition(plain: "Yes.\n\n\(lines)\n\nOld").blocks.count == 1)
        let html = lines.replacing("<", with: "&lt;").replacing("\n", with: "<br>")
        let style = "border:none;border-top:solid #E1E1E1 1.0pt;padding:3.0pt 0cm 0cm 0cm"
        let blocks = Rendition(html: "<p>Yes.</p><div><div style='\(style)'><p>\(html)</p></div></div><p>Old</p>")
            .blocks
        #expect(blocks.count == 2 && blocks.first == .text("Yes."), "\(blocks)")
    }

    @Test func `a letter that begins as a memo is text, and a forwarded message is not`() {
        let memo =
            "From: Joerg Mueller <joerg@home.example>\nTo: Rita Noor\nDate: 23 November 2026\nSubject: My papers\n\nDear Rita,"
        #expect(Rendition(plain: memo).blocks == [.text(memo)])
        let forward = memo.replacing("Date: 23 November 2026", with: "Sent: Monday, November 23, 2026 9:00 AM")
        #expect(Rendition(plain: forward).blocks.map(\.content) == [forward])
        #expect(Rendition(plain: forward).blocks != [.text(forward)])
    }

    @Test(arguments: attributions)
    func `an attribution above marked lines belongs to them, and answers around them stay text`(_ sample: Sample) {
        let blocks = Rendition(
            plain: "An answer.\n\n\(sample.text)\n> Wann?\n> Wo?\n\nAnother answer.\n\n> Und wie?\n\nThe last one.\n"
        ).blocks
        #expect(
            blocks == [
                .text("An answer."),
                .quoted("\(sample.text)\n> Wann?\n> Wo?", lines: sample.text.split(separator: "\n").count + 2),
                .text("Another answer."), .quoted("> Und wie?", lines: 1), .text("The last one."),
            ], "\(blocks)")
    }

    @Test(arguments: attributions)
    func `an attribution directly below the answer takes nothing of it`(_ sample: Sample) {
        let blocks = Rendition(plain: "Thursday suits me.\n\(sample.text)\n\n> Wann?\n").blocks
        #expect(blocks.first == .text("Thursday suits me."), "\(blocks)")
        #expect(blocks.count == 2, "\(blocks)")
    }

    @Test(arguments: headers)
    func `everything below a copied header is quoted, and the header is as well`(_ sample: Sample) {
        let blocks = Rendition(plain: "An answer.\n\n\(sample.text)\n\nThe original.\n\nAnd its end.\n").blocks
        #expect(blocks.count == 2 && blocks.first == .text("An answer."), "\(blocks)")
        #expect(blocks.last?.content.contains("And its end.") == true)
        for line in sample.lines { #expect(blocks.last?.content.contains(line) == true, "\(line) in \(blocks)") }
    }

    @Test(arguments: headers)
    func `a copied header in HTML is recognised as in plain text`(_ sample: Sample) {
        let lines = sample.text.split(separator: "\n").map { line in
            line.replacingOccurrences(of: "<", with: "&lt;").replacingOccurrences(of: ">", with: "&gt;")
        }
        let blocks = Rendition(
            html:
                "<div>An answer.</div><div><br></div><div>\(lines.joined(separator: "<br>"))</div><p>The original.</p>"
        ).blocks
        #expect(blocks.count == 2 && blocks.first == .text("An answer."), "\(blocks)")
        #expect(blocks.last?.content.contains("The original.") == true)
    }

    @Test(arguments: headers)
    func `below an original with marks of its own, an answer stays text`(_ sample: Sample) {
        let blocks = Rendition(plain: "An answer.\n\n\(sample.text)\n\n> The original.\n> Its end.\n\nBelow it.\n")
            .blocks
        #expect(blocks.count == 3, "\(blocks)")
        #expect(blocks.first == .text("An answer.") && blocks.last == .text("Below it."), "\(blocks)")
    }

    @Test(arguments: file("written.txt").components(separatedBy: "%%\n"))
    func `what writers write themselves stays text`(_ text: String) {
        let written = text.split(separator: "\n", omittingEmptySubsequences: false).filter { !$0.hasPrefix(">") }
            .joined(separator: "\n").trimmingCharacters(in: .newlines)
        let shown = Rendition(plain: "Dear Rita,\n\n\(text)\n\nJoerg").blocks.filter {
            if case .text = $0 { true } else { false }
        }.map(\.content).joined(separator: "\n")
        for line in written.split(separator: "\n") { #expect(shown.contains(line), "\(line) of \(shown)") }
        #expect(shown.hasSuffix("Joerg"))
    }

    @Test func `no text is lost, and none is moved`() {
        let all = Self.attributions.map(\.text) + Self.headers.map(\.text) + [Self.file("written.txt")]
        func letters(_ text: String) -> String { text.filter { !$0.isWhitespace && $0 != ">" } }
        for text in all {
            for plain in ["a\n\(text)\n> b\nc", "\(text)\nb", "\(text)\n\n\(text)\n> \n\(text)", text + text] {
                let shown = Rendition(plain: plain).blocks.map(\.content).joined()
                #expect(letters(shown) == letters(plain))
            }
        }
    }

    @Test func `an original that says where it ends leaves what is below as text`() {
        let blocks = Rendition(
            plain: """
                See below.

                -------- Пересылаемое сообщение --------
                23.11.2026, 09:00, "Rita Noor" <rita@acme.example>:

                The original.
                -------- Конец пересылаемого сообщения --------

                And my own word.
                """
        ).blocks
        #expect(blocks.count == 3 && blocks.last == .text("And my own word."), "\(blocks)")
    }

    @Test func `GroupWise marks its attribution alone`() {
        let blocks = Rendition(
            plain: "Yes.\n\n>>> Rita Noor <rita@acme.example> 23.11.2026 09:00 >>>\nThursday?\n\nRita\n"
        ).blocks
        #expect(blocks.count == 2 && blocks.first == .text("Yes."), "\(blocks)")
    }

    @Test func `signatures stay text`() {
        let blocks = Rendition(
            plain: """
                Yes.

                -- 
                Joerg Mueller, joerg@home.example
                Sent from my phone

                On Mon, 23 Nov 2026 at 09:00, Rita Noor <rita@acme.example> wrote:
                > Thursday?
                """
        ).blocks
        #expect(
            blocks.first == .text("Yes.\n\n-- \nJoerg Mueller, joerg@home.example\nSent from my phone"), "\(blocks)")
    }
}
