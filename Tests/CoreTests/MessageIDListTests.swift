import Core
import Testing

@Suite struct MessageIDListTests {
    private func ids(_ values: String...) -> [String] {
        MessageIDList.ids(in: values.map { Array($0.utf8)[...] }).map { String(decoding: $0, as: UTF8.self) }
    }

    @Test(arguments: [
        (" <a@x> <b@x>", ["a@x", "b@x"]),
        ("<a@x><b@x>", ["a@x", "b@x"]),
        ("<a@x>,<b@x>;<c@x>", ["a@x", "b@x", "c@x"]),
        ("\r\n <a@x>\r\n\t<b@x>\r\n", ["a@x", "b@x"]),
        ("<a@x>\n <b@x>", ["a@x", "b@x"]),
        ("<a\r\n b@\r\n\tx>", ["ab@x"]),
        ("a@x b@x", ["a@x", "b@x"]),
        ("a@x,<b@x>", ["a@x", "b@x"]),
        ("<a@x> (see <hidden@x> (and <deeper@x>)) <b@x>", ["a@x", "b@x"]),
        ("(never closed <a@x>", ["a@x"]),
        ("<a@x> ) <b@x>", ["a@x", "b@x"]),
        ("(quoted \\) paren <hidden@x>) <a@x>", ["a@x"]),
        ("Your message of \"Tue, 3 Nov\" <a@x>", ["a@x"]),
        ("\"quoted\" words without at", []),
        ("<<a@x>", ["a@x"]),
        ("<broken <a@x>", ["a@x"]),
        ("<a@x", ["a@x"]),
        ("a@x>", ["a@x"]),
        ("", []),
        ("<>", []), ("< >", []), ("<> <a@x>", ["a@x"]),
    ])
    func `ids are found however they are written`(_ text: String, _ expected: [String]) {
        #expect(ids(text) == expected)
    }

    @Test(arguments: [
        ("=?utf-8?q?=3Ca=40x=2Eexample=3E?=", ["a@x.example"]),
        // Python's email package folds a long one into several words.
        ("=?utf-8?q?=3Clv1=2Eaeaa?=\r\n =?utf-8?q?bbbb=40x=2Eexample=3E?=", ["lv1.aeaabbbb@x.example"]),
        ("=?utf-8?q?=3Ca=40x=3E?= <b@x>", ["a@x", "b@x"]), ("<b@x> =?utf-8?q?=3Ca=40x=3E?=", ["b@x", "a@x"]),
        ("=?utf-8?q?=3Ca=40x=3E?=\n =?utf-8?q?=3Cb=40x=3E?=", ["a@x", "b@x"]),
        ("=?utf-8?q?=3Ca=40x=3E_=3Cb=40x=3E?=", ["a@x", "b@x"]),
        // K-9 leaves brackets as they are, and ends words in the middle of an id.
        ("=?us-ascii?Q?<a$=3D=3Dy@x.d?= =?us-ascii?Q?e>_<b?= =?us-ascii?Q?@x>?= <c@x>", ["a$==y@x.de", "b@x", "c@x"]),
        ("=?UTF-8?B?PGFAeD4=?=", ["a@x"]), ("=?UTF-8?B?PGFA?= =?UTF-8?B?eD4=?=", ["a@x"]),
        ("=?utf-8*en?q?=3Ca=40x=3E?=", ["a@x"]), ("=?unknown-8bit?q?=3Ca=40x=3E?=", ["a@x"]),
        ("<=?utf-8?q?a=40x?=>", ["a@x"]), ("=?utf-8?q?a=40x?=", ["a@x"]),
        ("=?utf-8?q?=3Ca=40\r\n x=3E?=", ["a@x"]),
        ("=?utf-8?q?=3Ca=40x=3E", ["=?utf-8?q?=3Ca@x"]), ("=?=?=?", []), ("=??q?=3Ca=40x=3E?=", ["a@x"]),
        ("(=?utf-8?q?=3Chidden=40x=3E?=) <a@x>", ["a@x"]),
    ])
    func `ids in encoded words are decoded`(_ text: String, _ expected: [String]) {
        #expect(ids(text) == expected)
    }

    @Test(arguments: [
        "&lt;a@x&gt;", "&LT;a@x&GT;", "&#60;a@x&#62;", "&#x3C;a@x&#x3E;", "&amp;lt;a@x&amp;gt;", "<&lt;a@x&gt;>",
        "%3Ca%40x%3E", "%3ca@x%3e", "a%40x", "<%3Ca@x%3E>", "=3Ca=40x=3E", "\\u003ca@x\\u003e",
        "<mailto:a@x>", "mailto:a@x", "<MAILTO:a@x>", "<<mailto:a@x>>", "<mid:a@x>",
        "\"<a@x>\"", "\"a@x\"", "'<a@x>'", "'a@x'", "<'a@x'>", "<\"a@x\">", "`a@x`", "[a@x]", "{a@x}", "[<a@x>]",
        "<<a@x>>", "<<<a@x>>>", "< <a@x> >", "<\r\n <a@x>", "\\<a@x\\>", "a@x.", "Message-ID: <a@x>", "(a) <a@x> (b)",
        "re: a@x", "<a@x", "a@x>", "<a@x;", "<a@x>;", "<a@x>,", ":<a@x>",
    ])
    func `an id that a program broke is read as what was meant`(_ text: String) {
        #expect(ids(text) == ["a@x"])
    }

    @Test(arguments: [
        ("<a@x <b@x>", ["a@x", "b@x"]), ("<a@x b@x>", ["a@x", "b@x"]), ("<a@x, b@x>", ["a@x", "b@x"]),
        ("<a@x,b@x,c@x>", ["a@x", "b@x", "c@x"]), ("<a@x><b@x", ["a@x", "b@x"]),
        ("&lt;a@x&gt;&lt;b@x&gt;", ["a@x", "b@x"]), ("&lt;a@x&gt; &lt;b@x&gt;", ["a@x", "b@x"]),
        ("%3Ca@x%3E %3Cb@x%3E", ["a@x", "b@x"]), ("<a@x<mailto:a@x>>", ["a@x", "a@x"]),
    ])
    func `brackets that are missing or too many leave no id out`(_ text: String, _ expected: [String]) {
        #expect(ids(text) == expected)
    }

    @Test(arguments: [
        "\"a b\"@x", "a%40b@x", "{6F9619FF}@x", "a&b@x", "it's@x", "a=3Db@x", "a:b@[192.0.2.1]", "no-at-sign", "a`b`@x",
    ])
    func `an id with unusual characters stays as it is`(_ id: String) {
        #expect(ids("<\(id)>") == [id.replacing(" ", with: "")])
    }

    @Test func `fields of the same name make one list`() {
        #expect(ids("<a@x>", "<b@x>", "") == ["a@x", "b@x"])
    }

    @Test func `of 10,000 ids the first 32 and the last 32 are kept`() {
        let all = (0..<10_000).map { "\($0)@x" }
        let found = ids(all.map { "<\($0)>" }.joined(separator: " "))
        #expect(found == Array(all.prefix(32) + all.suffix(32)))
    }

    @Test func `of 10,000 fields both ends are read as well`() {
        let all = (0..<10_000).map { "\($0)@x" }
        let found = MessageIDList.ids(in: all.map { Array("<\($0)>".utf8)[...] }).map {
            String(decoding: $0, as: UTF8.self)
        }
        #expect(found == Array(all.prefix(32) + all.suffix(32)))
    }

    @Test func `64 ids are all kept`() {
        let all = (0..<64).map { "\($0)@x" }
        #expect(ids(all.map { "<\($0)>" }.joined()) == all)
    }

    @Test func `work is bounded on hostile input`() {
        // Each of these would take minutes in a scan that starts over at every character.
        for text in [
            String(repeating: "(", count: 500_000), String(repeating: "<", count: 500_000),
            String(repeating: "(\\", count: 250_000), String(repeating: "a@", count: 250_000),
            String(repeating: "=?", count: 250_000), String(repeating: "<a@x ", count: 100_000),
            String(repeating: "=?u?q?<?=", count: 50_000), String(repeating: "%3c", count: 150_000) + "@",
            String(repeating: "<a@,", count: 100_000) + ">",
        ] {
            #expect(ids(text).count <= 64)
        }
    }
}
