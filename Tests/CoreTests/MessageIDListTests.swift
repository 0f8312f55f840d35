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
        ("<>", [""]),
    ])
    func `ids are found however they are written`(_ text: String, _ expected: [String]) {
        #expect(ids(text) == expected)
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
        ] {
            #expect(ids(text).count <= 64)
        }
    }
}
