import Glibc
import Testing

@testable import MIME

/// Messages that are made to take time, memory or pages. Each would take minutes, or show as hundreds of megabytes,
/// where the work or the text grows faster than the message.
@Suite struct HostileMessageTests {
    struct Sample: Sendable, CustomTestStringConvertible {
        let testDescription: String
        let header: String
        let body: String
    }

    private static func page(_ name: String, _ unit: String, _ count: Int, end: String = "") -> Sample {
        Sample(
            testDescription: name, header: "Content-Type: text/html; charset=utf-8\r\n",
            body: String(repeating: unit, count: count) + end)
    }

    private static func plain(_ name: String, _ body: String, parameters: String = "") -> Sample {
        Sample(
            testDescription: name, header: "Content-Type: text/plain; charset=utf-8\(parameters)\r\n", body: body)
    }

    private static func nested(_ depth: Int, type: String, field: String = "") -> String {
        let boundaries = 0..<depth
        return boundaries.map { "\(field)Content-Type: \(type); boundary=b\($0)\r\n\r\n--b\($0)\r\n" }.joined()
            + "Content-Type: text/plain\r\n\r\nx\r\n" + boundaries.reversed().map { "--b\($0)--\r\n" }.joined()
    }

    static let samples = [
        page("nested lists", "<ul><li>a\n", 20_000), page("nested quotations", "<blockquote>a\n", 20_000),
        page("nested tables", "<table><tr><td>a\n", 20_000), page("nested boxes", "<div><span><font>a\n", 20_000),
        page("nested links", "<a href=x>a\n", 20_000), page("numbered lists", "<ol start=9999999><li>\n", 20_000),
        page("nested boxes that close", "<div>a", 20_000, end: String(repeating: "</div>", count: 20_000)),
        page("what closes nothing", "<div>", 300, end: String(repeating: "</b></i></p>", count: 40_000)),
        page("line breaks", "<br>", 60_000), page("paragraphs", "<p>a", 30_000), page("rules", "<hr>", 30_000),
        page("character references", "&amp;&#8203;&bogus;", 20_000), page("unclosed comments", "<!-- a ", 50_000),
        page("bogus comments", "<!a ", 50_000), page("unclosed tags", "<a ", 80_000), page("bare <", "<", 150_000),
        page("conditional comments", "<![if x]>", 30_000), page("half of them", "<![if x]", 30_000),
        page("scripts", "<script><style>", 50_000), page("preformatted", "<pre>  a  \n", 50_000),
        page("quoted containers", "<div class=\"gmail_quote\"><div class=x_x_x_gmail_attr>a:", 5_000),
        page("a long class", "<p class=\"\(String(repeating: "x_", count: 300_000))\">a</p>", 1),
        page("a tag of many attributes", "<p ", 1, end: (0..<100_000).map { "a\($0)=b " }.joined() + ">a</p>"),
        page("attributes that touch", "<p ", 1, end: (0..<100_000).map { "a\($0)='b'" }.joined() + ">a</p>"),
        page("a huge link", "<a href=\"", 1, end: String(repeating: "x", count: 400_000) + "\">a</a>"),
        page("a link around all", "<a href=x>", 1, end: String(repeating: "a ", count: 150_000)),
        plain("one line", String(repeating: "a", count: 500_000)),
        plain("short lines", String(repeating: "\r\n>a\r\na", count: 40_000)),
        plain("quote marks", String(repeating: ">", count: 300_000) + "\r\n\r\na\r\n\r\n> b"),
        plain(
            "quote marks on every line", String(repeating: String(repeating: ">", count: 1000) + "a\r\n", count: 300)),
        plain("attributions", String(repeating: "On 1 Jan, a@b wrote:\r\n> a\r\n", count: 8_000)),
        plain(
            "long lines before quotations",
            String(repeating: String(repeating: "a ", count: 10_000) + ":\r\n> a\r\n", count: 20)),
        plain("copied headers", String(repeating: "From: a\r\n", count: 40_000)),
        plain("separators", String(repeating: "---- ", count: 80_000)),
        plain(
            "flowing quotations", (0..<2_000).map { String(repeating: ">", count: $0 % 700) + " a \r\n" }.joined(),
            parameters: "; format=flowed"),
        plain("flowing lines", String(repeating: "a \r\n", count: 80_000), parameters: "; format=flowed; delsp=yes"),
        plain("controls", String(repeating: "\u{1b}", count: 300_000)),
        Sample(testDescription: "nested multiparts", header: "", body: ""),
        Sample(
            testDescription: "many boundaries", header: "Content-Type: multipart/mixed; boundary=b\r\n",
            body: String(repeating: "--b\r\n\r\na\r\n", count: 50_000)),
        Sample(
            testDescription: "many attachments in an alternative",
            header: "Content-Type: multipart/alternative; boundary=b\r\n",
            body: (0..<20_000).map { "--b\r\nContent-Type: a/b; name=n\($0)\r\n\r\na\r\n" }.joined()),
        Sample(
            testDescription: "attached messages", header: "Content-Type: multipart/mixed; boundary=b\r\n",
            body: String(repeating: "--b\r\nContent-Type: message/rfc822\r\n\r\nSubject: s\r\n\r\na\r\n", count: 10_000)
        ),
        Sample(
            testDescription: "messages inside messages", header: "Content-Type: message/rfc822\r\n",
            body: String(repeating: "Content-Type: message/rfc822\r\n\r\n", count: 5_000)),
        Sample(
            testDescription: "many fields of one name",
            header: String(repeating: "To: Anna <anna@home.example>\r\n", count: 50_000), body: "a"),
        Sample(
            testDescription: "many fields", header: (0..<50_000).map { "X-\($0): a\r\n" }.joined(), body: "a"),
        Sample(testDescription: "stray lines", header: "", body: ""),
        Sample(
            testDescription: "carriage returns", header: "Content-Type: multipart/mixed; boundary=b\r\n",
            body: "--b\r\n\r\n" + String(repeating: "\r", count: 300_000)),
        Sample(
            testDescription: "multiparts whose boundaries never come",
            header: "Content-Type: multipart/mixed; boundary=b\r\n",
            body: String(
                repeating: "--b\r\nContent-Type: multipart/mixed\r\n\r\n--x\r\nContent-A: b\r\n", count: 10_000)),
        Sample(
            testDescription: "encoded multiparts in encoded multiparts",
            header: "Content-Transfer-Encoding: quoted-printable\r\n"
                + nested(40, type: "multipart/mixed", field: "Content-Transfer-Encoding: quoted-printable; x=3D\r\n"),
            body: String(repeating: "=3D=3D3D", count: 20_000)),
        Sample(
            testDescription: "many short alternatives",
            header: "Content-Type: multipart/alternative; boundary=b\r\n",
            body: (0..<10_000).map { "--b\r\n\r\nhtml \($0)\r\n" }.joined()),
        Sample(
            testDescription: "many related parts",
            header: "Content-Type: multipart/related; boundary=b; start=\"<9999>\"\r\n",
            body: (0..<10_000).map { "--b\r\nContent-ID: <\($0)>\r\n\r\na\r\n" }.joined()),
        Sample(
            testDescription: "reports", header: "Content-Type: message/delivery-status\r\n",
            body: String(repeating: "Action: failed\r\n\r\n", count: 20_000)),
        Sample(
            testDescription: "enriched text", header: "Content-Type: text/enriched\r\n",
            body: String(repeating: "<excerpt>\n\n<", count: 40_000)),
        Sample(
            testDescription: "beginnings of copied headers", header: "",
            body: String(repeating: "From: a\nSubject: b\nx\n", count: 20_000)),
        Sample(
            testDescription: "ends of attributions", header: "",
            body: String(repeating: "Rita <a@b.example> 1.1.2026 x:\n", count: 20_000)),
        Sample(
            testDescription: "attributions above quotations", header: "",
            body: String(repeating: "On 1.1.26, 10:00 Rita <a@b.example>\nwrote:\n> x\n", count: 15_000)),
        Sample(
            testDescription: "separators of no language", header: "",
            body: String(repeating: "----- a b c 1 -----\nFrom: a@b.example\n", count: 20_000)),
        Sample(
            testDescription: "numbers and colons", header: "",
            body: String(repeating: "1:", count: 200_000) + String(repeating: "\n1.1.26 10:00 @<:", count: 20_000)),
        page("indentation", "<blockquote>a</blockquote>Rita Noor wrote:", 20_000),
        page(
            "classes", "<p class='\(String(repeating: "x_", count: 500)) \(String(repeating: "a ", count: 500))'>a", 200
        ),
        page("references to windows-1252", "&#128;&#x80&#", 60_000),
        page("comments without an end", "<!-- a>", 100_000),
        Sample(
            testDescription: "encoded words",
            header: "Subject: " + String(repeating: "=?utf-8?q?=F0=9F?=\r\n =?iso-2022-jp?b?GyRC?= ", count: 10_000)
                + "\r\n",
            body: "a"),
        Sample(
            testDescription: "an address of encoded words",
            header: "From: " + String(repeating: "=?utf-8?b?YQ?= ", count: 10_000) + "<a@b.example>\r\n", body: "a"),
        Sample(
            testDescription: "recipients", header: "To: " + String(repeating: "a@b.example, ", count: 50_000) + "\r\n",
            body: "a"),
        Sample(
            testDescription: "comments", header: "To: " + String(repeating: "(", count: 200_000) + "\r\n", body: "a"),
        Sample(
            testDescription: "closed comments", header: "To: a " + String(repeating: "(a)", count: 60_000) + "\r\n",
            body: "a"),
        Sample(testDescription: "groups", header: "To: " + String(repeating: "a:", count: 100_000) + "\r\n", body: "a"),
        Sample(
            testDescription: "elements", header: "To: " + String(repeating: "a,", count: 100_000) + "\r\n", body: "a"),
        Sample(
            testDescription: "quoted elements",
            header: String(repeating: "Cc: " + String(repeating: "\"@\",", count: 500) + "\r\n", count: 100), body: "a"),
        Sample(
            testDescription: "fields of attached messages", header: "Content-Type: message/rfc822\r\n",
            body: "To: " + String(repeating: "a:", count: 100_000) + "\r\nfrom : "
                + String(repeating: "a,", count: 100_000) + "\r\n\r\na"),
        Sample(
            testDescription: "hyphens in nested multiparts", header: "",
            body: ""),
        Sample(
            testDescription: "brackets", header: "To: " + String(repeating: "<", count: 200_000) + "\r\n", body: "a"),
        Sample(
            testDescription: "marks of quotation", header: "To: " + String(repeating: "\"", count: 200_001) + "\r\n",
            body: "a"),
        Sample(
            testDescription: "continued parameters",
            header: "Content-Type: text/plain" + (0..<5_000).map { ";\r\n name*\($0)*=%41" }.joined() + "\r\n",
            body: "a"),
        Sample(
            testDescription: "continued parameters from the end",
            header: "Content-Type: text/plain" + (0..<5_000).reversed().map { ";\r\n name*\($0)=a" }.joined() + "\r\n",
            body: "a"),
        Sample(
            testDescription: "parameters",
            header: "Content-Type: text/plain" + (0..<20_000).map { "; a\($0)=b" }.joined() + "\r\n",
            body: "a"),
    ]

    private static func raw(_ sample: Sample) -> [UInt8] {
        let text =
            switch sample.testDescription {
            case "nested multiparts": "From: a@b.example\r\n" + nested(2_000, type: "multipart/mixed")
            case "hyphens in nested multiparts":
                "From: a@b.example\r\n" + nested(1_000, type: "multipart/mixed")
                    + String(repeating: "--\r\n", count: 200_000)
            case "stray lines":
                "Content-Type: multipart/mixed; boundary=b\r\n\r\n--b\r\n"
                    + String(repeating: "no field\r\n", count: 100_000)
            default: "From: a@b.example\r\n\(sample.header)\r\n\(sample.body)"
            }
        return Array(text.utf8)
    }

    /// Of the thread, so that it does not count how busy the machine is.
    private static func cpuTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }

    @Test(.timeLimit(.minutes(10)), arguments: samples)
    func `what is shown of a message is bounded, and the work grows with the message alone`(_ sample: Sample) {
        let raw = Self.raw(sample)
        let start = Self.cpuTime()
        let message = Message(raw: raw)
        // Seconds; without optimization each takes one or two.
        #expect(Self.cpuTime() - start < 15)
        let length = message.text.reduce(0) { $0 + $1.content.utf8.count }
        #expect(length <= ReadingLimits.text + 2 * ReadingLimits.blocks && message.text.count <= ReadingLimits.blocks)
        #expect(message.attachments.count <= ReadingLimits.attachments)
        #expect(message.attachments.allSatisfy { $0.name.utf8.count <= ReadingLimits.name + 3 })
        let fields = [message.from, message.to, message.cc, message.replyTo, message.subject, message.date]
        for field in fields + [message.messageID] {
            #expect(field.utf8.count <= ReadingLimits.field + 3)
        }
    }

    @Test func `indentation and quotation are shown to a depth, and nothing is lost below it`() {
        let lists = HTMLText.lines(String(repeating: "<ul><li>a", count: 100) + "innermost")
        #expect(lists.allSatisfy { $0.text.utf8.count <= ReadingLimits.indent + 20 })
        #expect(lists.count == 100 && lists.last?.text.hasSuffix("- ainnermost") == true)
        let quoted = HTMLText.lines(String(repeating: "<blockquote type=cite>a", count: 100) + "innermost")
        #expect(quoted.last?.text == String(repeating: ">", count: ReadingLimits.quoteDepth) + " ainnermost")
        #expect(quoted.last?.isQuoted == true)
    }

    @Test func `what is nested deeper than the limit shows as text`() {
        let depth = ReadingLimits.elements + 100
        let text = HTMLText.lines(
            (0..<depth).map { "<div>level \($0)" }.joined() + "<b title='a>b'>the</b> end"
                + String(repeating: "</div>", count: depth)
        ).map(\.text)
        #expect(text.filter { $0.hasPrefix("level ") } == (0..<depth).map { "level \($0)" })
        #expect(text.suffix(2) == ["the", "end"])
        #expect(!text.contains { $0.contains("<") || $0.contains(">") })
    }

    @Test func `a tag keeps its first attributes, and text around it stays`() {
        let many = (0..<500).map { "a\($0)='>'" }.joined(separator: " ")
        let page = "one <a href='http://x.example/' \(many) b=\">\">two</a> three <p title=it's>four</p> five"
        #expect(HTMLText.lines(page).map(\.text) == ["one two <http://x.example/> three", "", "four", "", "five"])
        let words = String(repeating: "word ", count: 300)
        #expect(HTMLText.lines("<!-- a <b \(words) -->shown").map(\.text) == ["shown"])
        #expect(HTMLText.lines("<script>if (a <b \(words)) </script>shown").map(\.text) == ["shown"])
        #expect(HTMLText.lines("a < b \(words)").map(\.text).joined().hasPrefix("a < b word"))
    }

    @Test(arguments: [("utf-8", "ü"), ("utf-8", "字"), ("iso-2022-jp", "\u{1b}$B;z\u{1b}(B"), ("utf-8", "a")])
    func `the rest of a long text is counted, and no character is cut in two`(_ charset: String, _ unit: String) throws
    {
        let line = String(repeating: unit, count: 10) + "\n"
        let body = String(repeating: line, count: 3_000_000 / line.utf8.count)
        let message = Message(raw: Array("Content-Type: text/plain; charset=\(charset)\n\n\(body)".utf8))
        #expect(message.text.count == 1)
        let text = try #require(message.text.first).content
        let lines = Set(text.split(separator: "\n"))
        #expect(lines.count == 1 && lines.first?.count == 10, "\(lines.prefix(3))")
        #expect(text.utf8.count <= ReadingLimits.text && message.omitted.textBytes > 1_000_000)
        #expect(message.omitted.attachments == 0 && message.omitted.fields == 0)
    }

    @Test func `a field that is no list of addresses shows as text, and mail of usual depth is parsed as before`() {
        let groups = Message(raw: Array("To: \(String(repeating: "a:", count: 50))x\nFrom: b@c.example\n\na\n".utf8))
        #expect(groups.to == String(repeating: "a:", count: 50) + "x" && groups.from == "b@c.example")
        let recipients = (0..<1_000).map { "Person \($0) <p\($0)@home.example>" }.joined(separator: ",\n ")
        #expect(
            Message(raw: Array("Cc: \(recipients)\n\na\n".utf8)).cc.hasPrefix("Person 0 <p0@home.example>, Person 1 <"))
        // Siblings, each closed or not, are not nested.
        let siblings = (0..<200).map {
            "--b\nContent-Type: multipart/mixed; boundary=\"s\($0)\"\n\n--s\($0)\n\npart \($0)\n--s\($0)--\n"
        }
        let message = Message(
            raw: Array("Content-Type: multipart/mixed; boundary=b\n\n\(siblings.joined())--b--\n".utf8))
        #expect(message.text == (0..<200).map { .text("part \($0)") })
    }

    @Test func `attachments and fields that are not shown are counted`() {
        let parts = (0..<1_234).map { "--b\nContent-Type: a/b; name=n\($0)\n\na\n" }.joined()
        let subject = String(repeating: "long ", count: 10_000)
        let message = Message(
            raw: Array("Subject: \(subject)\nContent-Type: multipart/mixed; boundary=b\n\n\(parts)".utf8))
        #expect(message.attachments.count == ReadingLimits.attachments && message.attachments.last?.name == "n199")
        #expect(message.omitted == Message.Omitted(textBytes: 0, attachments: 1_034, fields: 1))
        #expect(message.subject.hasPrefix("long long") && message.subject.hasSuffix("…"))
        #expect(Message(raw: Array("Subject: short\n\na\n".utf8)).omitted.isNothing)
    }
}
