import Testing

@testable import MIME

/// How programs mark quotations in HTML.
@Suite struct QuotationMarkupTests {
    static let replies = [
        (
            "Gmail",
            """
            <div dir="ltr">Yes</div><br><div class="gmail_quote gmail_quote_container"><div dir="ltr" class="gmail_attr">On \
            Mon, Nov 23, 2026 at 9:00 AM Rita &lt;<a href="mailto:rita@acme.example">rita@acme.example</a>&gt; wrote:<br>\
            </div><blockquote class="gmail_quote" style="border-left:1px solid #ccc">Old</blockquote></div>
            """
        ),
        (
            "Gmail, quoted by Gmail again",
            "<div>Yes</div><div class='m_-1234567gmail_quote'><div class='m_-1234567gmail_attr'>x</div>Old</div>"
        ),
        (
            "Outlook",
            """
            <p class="MsoNormal">Yes</p><div><div style="border:none;border-top:solid #E1E1E1 1.0pt"><p class="MsoNormal">\
            <b>Von:</b> Rita &lt;rita@acme.example&gt;<br><b>Gesendet:</b> Montag, 23. November 2026 09:00<br><b>An:</b> \
            Joerg<br><b>Betreff:</b> X</p></div></div><p class="MsoNormal">Old</p>
            """
        ),
        (
            "Outlook on the web",
            "<div>Yes</div><div id='appendonsend'></div><hr><div id='divRplyFwdMsg'><b>Från:</b> Rita</div><div>Old</div>"
        ),
        (
            "Outlook Web App 2010",
            "<div>Yes</div><div id='divRpF123456'><b>Ab:</b> Rita</div><div>Old</div>"
        ),
        (
            "Outlook for phones",
            """
            <div>Yes</div><div id="mail-editor-reference-message-container" class="ms-outlook-mobile-reference-message">\
            <div>Rita</div><div>Old</div></div>
            """
        ),
        (
            "Hotmail",
            """
            <div>Yes</div><div><hr id="stopSpelling">Date: Mon, 23 Nov 2026 09:00:00 +0100<br>Subject: X<br>From: \
            rita@acme.example<br>To: joerg@home.example<br><br>Old</div>
            """
        ),
        (
            "Apple Mail",
            """
            <div>Yes<br><div><br><blockquote type="cite"><div>On 23 Nov 2026, at 09:00, Rita &lt;rita@acme.example&gt; \
            wrote:</div><br><div>Old</div></blockquote></div></div>
            """
        ),
        (
            "Yahoo",
            "<div>Yes</div><div id='yahoo_quoted_9' class='yahoo_quoted'><div>On Monday Rita:</div><div>Old</div></div>"
        ),
        (
            "Yahoo, quoted by Yahoo again",
            "<div>Yes</div><div id='ydp1ab2c3dyahoo_quoted_123' class='ydp1ab2c3dyahoo_quoted'><div>Old</div></div>"
        ),
        (
            "Thunderbird",
            """
            <p>Yes</p><div class="moz-cite-prefix">Am 23.11.26 um 09:00 schrieb Rita Noor:<br></div><blockquote type="cite" \
            cite="mid:1@acme.example">Old</blockquote>
            """
        ),
        (
            "Proton",
            "<div>Yes</div><div class='protonmail_quote'>On Monday, Rita wrote:<br><blockquote>Old</blockquote></div>"
        ),
        (
            "Tuta",
            "<div>Yes</div><div>23. Nov. 2026, 09:00 von rita@acme.example:<br></div><blockquote class='tutanota_quote'>Old</blockquote>"
        ),
        (
            "Zimbra",
            """
            <div>Yes</div><hr id="zwchr" data-marker="__DIVIDER__"><div data-marker="__HEADERS__"><b>From: </b>Rita</div>\
            <br><div data-marker="__QUOTED_TEXT__">Old</div>
            """
        ),
        (
            "GMX",
            "<div>Yes</div><div name='quote'><div>Gesendet: Montag</div><div name='quoted-content'>Old</div></div>"
        ),
        ("Spark", "<div>Yes</div><div name='messageReplySection'>On 23 Nov 2026, Rita wrote:<br>Old</div>"),
        (
            "Notes",
            """
            <font face="sans-serif">Yes</font><br><br><font size=1 color=#5f5f5f>From: &nbsp; </font><font size=1>Rita \
            Noor/ACME</font><br><font size=1>To: &nbsp; </font><font size=1>joerg@home.example</font><br><font size=1>Date: \
            &nbsp; </font><font size=1>23.11.2026 09:00</font><br><font size=1>Subject: &nbsp; X</font><br><hr><br>Old
            """
        ),
        (
            "Samsung",
            """
            <div>Yes</div><div><br></div><div style="font-size:100%"><div>-------- Original message --------</div><div>From: \
            Rita &lt;rita@acme.example&gt; </div><div>Date: 23/11/2026 09:00 (GMT+01:00) </div><div>To: joerg@home.example \
            </div><div>Subject: X </div></div><div>Old</div>
            """
        ),
        (
            "NetEase",
            """
            <div>Yes</div><div class="ntes-mailmaster-quote"><div>---- 回复的原邮件 ----</div><table><tr><td>发件人</td><td>Rita\
            </td></tr></table><div>Old</div></div>
            """
        ),
        (
            "NetEase in the browser",
            "<div>Yes</div><p>At 2026-11-23 09:00:00, \"Rita\" &lt;rita@acme.example&gt; wrote:</p><blockquote id='isReplyContent'>Old</blockquote>"
        ),
        (
            "QQ",
            """
            <div>Yes</div><div><includetail><div style="font-size:12px">------------------&nbsp;原始邮件&nbsp;------------------\
            </div><div><b>发件人:</b> "Rita" &lt;rita@acme.example&gt;;</div><div><b>发送时间:</b> 2026年11月23日(星期一) \
            上午9:00</div><div><b>收件人:</b> "Joerg"</div><div><b>主题:</b> X</div><div>Old</div></includetail></div>
            """
        ),
        (
            "mail.ru",
            """
            <div>Yes</div><blockquote style="border-left:1px solid #0857A6; margin:10px; padding:0 0 0 10px;">Понедельник, 23 \
            ноября 2026, 9:00 +03:00 от Rita:<div>Old</div></blockquote>
            """
        ),
        (
            "Word, quoting Gmail",
            """
            <p>Yes</p><blockquote style='border:none;border-left:solid #CCCCCC 1.0pt;padding:0cm 0cm 0cm 6.0pt;margin-left:\
            4.8pt'><p>Old</p></blockquote>
            """
        ),
        (
            "a program that marks nothing but the attribution",
            "<p>Yes</p><p>On 23 Nov 2026, at 09:00, Rita &lt;rita@acme.example&gt; wrote:</p><blockquote><p>Old</p></blockquote>"
        ),
    ]

    @Test(arguments: replies)
    func `the original is quoted, and the answer is text`(_ program: String, _ html: String) {
        let blocks = Rendition(html: html).blocks
        #expect(blocks.count == 2 && blocks.first == .text("Yes"), "\(program): \(blocks)")
        #expect(blocks.last?.content.contains("Old") == true, "\(program): \(blocks)")
    }

    @Test(
        arguments: replies.filter {
            !["Outlook", "Outlook on the web", "Outlook Web App 2010", "Notes", "Samsung", "QQ"].contains($0.0)
        })
    func `what is written below the container of the original is text`(_ program: String, _ html: String) {
        let blocks = Rendition(html: "<html><body>\(html)<div>And below</div></body></html>").blocks
        #expect(blocks.count == 3 && blocks.last == .text("And below"), "\(program): \(blocks)")
    }

    @Test(arguments: ["wrote:", "写道：", "&rlm;&lt;rita@acme.example&gt;:&#x202c;", "a écrit&nbsp;:"])
    func `answers between Gmail's quotations are text, however its attribution ends`(_ ending: String) {
        let html = """
            <div class=gmail_quote><div class=gmail_attr>23 Nov 2026, 09:00 Rita \(ending)<br></div><blockquote \
            class=gmail_quote>One?</blockquote><div>Yes.</div><blockquote class=gmail_quote>Two?</blockquote><div>No.</div>\
            </div>
            """
        let written = Rendition(html: html).blocks.compactMap { if case .text(let text) = $0 { text } else { nil } }
        #expect(written == ["Yes.", "No."])
    }

    @Test(arguments: [
        "<blockquote style='margin:0 0 0 40px;border:none;padding:0'>Mine</blockquote>",
        "<blockquote style='margin: 0px 0px 0px 40px; border: 0'>Mine</blockquote>",
        "<blockquote style='margin-left:40px'>Mine</blockquote>", "<blockquote>Mine</blockquote>",
        "<blockquote dir=ltr style='margin-right: 0px'>Mine</blockquote>", "<div class=quote-of-the-day>Mine</div>",
        "<div style='margin-left:40px'>Mine</div>", "<div data-marker='__SIG_POST__'>Mine</div>",
        "<blockquote style='border-left:0px'>Mine</blockquote>", "<ul><li>Mine</ul>",
    ])
    func `a writer's own indentation is text, and has no marks`(_ html: String) {
        let blocks = Rendition(html: "<p>Yes</p>\(html)<p>Bye</p>").blocks
        #expect(blocks.count == 1, "\(blocks)")
        #expect(
            blocks.first?.content.contains("Mine") == true && blocks.first?.content.contains(">") == false, "\(blocks)")
    }

    @Test func `indentation in mail that has an attribution is quotation, and has marks`() {
        let html = """
            <p>On 23 Nov 2026, at 09:00, Rita &lt;rita@acme.example&gt; wrote:</p><blockquote>One?<blockquote>Older\
            </blockquote></blockquote><p>Yes.</p><blockquote>Two?</blockquote><p>No.</p>
            """
        let blocks = Rendition(html: html).blocks
        #expect(blocks.map(\.content).suffix(3) == ["Yes.", "> Two?", "No."], "\(blocks)")
        #expect(blocks.first?.content.hasSuffix("> One?\n>\n>> Older") == true, "\(blocks)")
    }

    @Test(arguments: [
        ("&#128; &#x93;a&#x94; &#133;", "€ “a” …"), ("&#150;&#151", "–—"), ("a&#0;b &#xD800;", "a\u{FFFD}b \u{FFFD}"),
        ("&#8239;x&#x1F600;", "\u{202F}x😀"), ("&#;x &#x;y", "&#;x &#x;y"), ("&#256;", "Ā"),
        ("Gespr&aumlch&nbspam 26.", "Gespräch am 26."), ("a &LT; b &ampc", "a < b &c"), ("x&lt;y", "x<y"),
        ("rita&commat;acme&period;example", "rita@acme.example"), ("?a=1&lt=2&b=R&D;", "?a=1&lt=2&b=R&D;"),
    ])
    func `character references are read as browsers read them`(_ html: String, _ text: String) {
        #expect(HTMLText.lines("<p>\(html)</p>").map(\.text) == [text])
    }

    @Test(arguments: [
        ("a < b && c > d", "a < b && c > d"), ("a <- b, 3 <4", "a <- b, 3 <4"), ("x <_ y <é>", "x <_ y <é>"),
        ("<3", "<3"),
        ("Rita <rita@acme.example> wrote", "Rita <rita@acme.example> wrote"), ("a <!-- hidden -->b", "a b"),
        ("a <!--> b <!-- c --!> d", "a b d"), ("a <!-- b > c", "a c"), ("1<2", "1<2"), ("a <", "a <"),
    ])
    func `a bracket that begins no tag is text`(_ html: String, _ text: String) {
        #expect(HTMLText.lines("<p>\(html)</p>").map(\.text) == [text])
    }
}
