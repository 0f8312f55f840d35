import Core
import Testing

/// Who wrote a message, by its From.
@Suite struct AuthorTests {
    private func author(_ values: [UInt8]...) -> String? {
        var header = HeaderSection()
        for value in values { header.append(name: "From".utf8, value: [0x20] + value) }
        return header.author?.text
    }

    private func author(_ value: String) -> String? { author(Array(value.utf8)) }

    @Test(arguments: [
        ("eve@eve.example", "eve@eve.example"), ("Eve <eve@eve.example>", "eve@eve.example"),
        // What is in brackets wins over the words before it, whatever they look like.
        ("m3@home.example <eve@eve.example>", "eve@eve.example"),
        ("m3@home.example(x) <eve@eve.example>", "eve@eve.example"),
        ("m3@home.example\r\n <eve@eve.example>", "eve@eve.example"),
        ("\"m3@home.example\" <eve@eve.example>", "eve@eve.example"),
        ("\"m3@home.example via Jobs\" <eve@eve.example>", "eve@eve.example"),
        ("=?utf-8?q?m3=40home.example?= <eve@eve.example>", "eve@eve.example"),
        ("(m3@home.example) eve@eve.example", "eve@eve.example"),
        ("eve@eve.example (m3@home.example)", "eve@eve.example"),
        ("\"Berg, Anna; (x)\" <anna@home.example>", "anna@home.example"),
        ("Dr. Anna B. Berg <anna@home.example>", "anna@home.example"),
        ("Anna Ä <anna@home.example>", "anna@home.example"),
        ("=?iso-2022-jp?B?GyRCJDMkcyRLJEEkTxsoQg==?= <a@home.example>", "a@home.example"),
        ("=?iso-2022-jp?B?GyRCPDwbKEI=?= <a@home.example>", "a@home.example"),
        ("=?utf-8?b?w6Q?= <a@home.example>", "a@home.example"), ("\"anna\"@home.example", "anna@home.example"),
        ("<@relay.example,@b.example:anna@home.example>", "anna@home.example"),
        ("Anna <anna@büro.example>", "anna@xn--bro-hoa.example"), ("anna@home.example,", "anna@home.example"),
        ("anna berg \"x\" =?utf-8?q?y?= <anna@home.example> (z)", "anna@home.example"),
        ("b/c=d?e=f@home.example", "b/c=d?e=f@home.example"),
    ])
    func `one mailbox is the author`(_ value: String, _ expected: String) {
        #expect(author(value) == expected)
    }

    @Test(arguments: [
        // Several, or none.
        "a@x.example, b@y.example", "a@x.example b@y.example", "<a@x.example> <b@y.example>",
        "<a@x.example><b@y.example>", "a@x.example <b@y.example> c@z.example", "a@x.example; b@y.example",
        "undisclosed-recipients:;", "Team: a@x.example;", "", " ", "Anna", "<>", "Anna <>",
        // One before, one behind.
        "<a@x.example> b@y.example", "a@x.example, <b@y.example>", "\"a@x.example\" b@y.example",
        "\"a@x.example\"b@y.example", "a@x.example\"b\"@y.example", "a@x.example@y.example", "<a@x.example@y.example>",
        // Never closed, or closed too often.
        "\"a@x.example <b@y.example>", "a@x.example <b@y.example", "a@x.example (x <b@y.example>", "b@y.example>",
        "a@x.example> <b@y.example>", "a@x.example) <b@y.example>", "a@x.example] <b@y.example>",
        "[ <a@x.example>] <b@y.example>", "\\\"a@x.example\\\" <b@y.example>", "\\<a@x.example> <b@y.example>",
        "<<a@x.example>", "<a@x.example>>", "(a@x.example (b) <c@y.example>",
        // Brackets where a careless parser takes them for an address.
        "\"<a@x.example>\" <b@y.example>", "(<a@x.example>) b@y.example", "b@y.example (<a@x.example>)",
        "\"x\\\" <a@x.example>\" <b@y.example>",
        // Encoded words that hold what a header must not, or stand for an address.
        "=?utf-8?q?=3Ca=40x.example=3E?= <b@y.example>", "=?utf-8?b?PGFAeC5leGFtcGxlPg==?= <b@y.example>",
        "=?utf-8?q?a=40x.example=00?= <b@y.example>", "=?utf-8?q?a=0Ab?= <b@y.example>",
        "=?utf-8?b?YUB4LmV4YW1wbGU=?=@y.example", "=?utf-8?q?a=40x.example=00?=@y.example",
        "<=?utf-8?q?a=40x.example?=@y.example>", "=?utf-8?q?a=40x.example?=",
        "=?iso-2022-jp?b?PGFAeC5leGFtcGxlPg==?= <b@y.example>", "=?utf-8?q?x?y=3Ca=40x.example=3E?= <b@y.example>",
        "=?utf-8?b?eA==PGFAeC5leGFtcGxlPg==?= <b@y.example>",
        // Local parts that some cut in two.
        "\"a@x.example\"@y.example", "\"a@x.example>\"@y.example", "\"a,b\"@y.example", "\"a\\\"b\"@y.example",
        "\"a\\\\b\"@y.example",
        // Routes that are none.
        "<@x> a@x.example, <:b@y.example>", "<@x.example b@y.example>", "<@x.example\":b@y.example>",
        // Domains that are none.
        "a@[<b@y.example>]", "a@x..example", "a@-x.example", "a@x .example", "@x.example",
        // Bytes that are none of a header.
        "a@x.example\u{1}", "\u{1b}a@x.example", "a@x.example\u{7f}", "a\r@x.example", "a@x.example\r<b@y.example>",
    ])
    func `where nobody can say who wrote it, or programs disagree, nobody did`(_ value: String) {
        #expect(author(value) == nil)
    }

    @Test func `letters beyond ASCII are UTF-8 or no author is known`() {
        #expect(author([0xff] + Array(" <a@x.example>".utf8)) == nil)
        #expect(author(Array("J".utf8) + [0xf6] + Array("rg <a@x.example>".utf8)) == nil)
        #expect(author([0xc0, 0xbc] + Array("b@y.example> <a@x.example>".utf8)) == nil, "overlong")
    }

    @Test func `no From names nobody, nor do two`() {
        let from = Array("a@x.example".utf8)
        #expect(author() == nil && author(from) == "a@x.example" && author(from, from) == nil)
        #expect(author(Array("a@x.example, ".utf8) + Array(repeating: UInt8(ascii: " "), count: 70_000)) == nil)
    }
}
