import Core
import Testing

@Suite struct HeaderSectionTests {
    private func header(_ fields: (String, String)...) -> HeaderSection {
        var header = HeaderSection()
        for (name, value) in fields { header.append(name: Array(name.utf8), value: Array(value.utf8)) }
        return header
    }

    @Test func `the raw section is what was sent, with folds as CRLF`() {
        let raw = header(("Subject", " one\n two\r\n\tthree"), ("X-Empty", ""), ("x-lower", "no space")).raw
        #expect(
            String(decoding: raw, as: UTF8.self)
                == "Subject: one\r\n two\r\n\tthree\r\nX-Empty:\r\nx-lower:no space\r\n")
    }

    @Test func `bytes that are not UTF-8 are kept`() {
        var header = HeaderSection()
        header.append(name: [0x58], value: [0x20, 0xff, 0x80, 0x0d, 0x41])
        #expect(header.raw == [0x58, 0x3a, 0x20, 0xff, 0x80, 0x0d, 0x41, 0x0d, 0x0a])
    }

    @Test func `fields are found by name in any case, all of them, in order`() {
        let header = header(("References", "1"), ("Referencesx", "2"), ("REFERENCES", "3"), ("Reference", "4"))
        #expect(header.values("references").map { Array($0) } == [Array("1".utf8), Array("3".utf8)])
    }

    @Test func `an unfolded value does not depend on where it was folded`() {
        let one = header(("From", " A\n <a@x.example>")).unfolded("From")
        let two = header(("from", "A <a@x.example> ")).unfolded("From")
        #expect(one == two)
        #expect(one == [Array("A <a@x.example>".utf8)])
    }

    @Test(arguments: [
        ("From", "Ann <ann@x.example>", ["ann@x.example"]),
        ("to", "a@x.example,b@x.example;\r\n c@x.example", ["a@x.example", "b@x.example", "c@x.example"]),
        ("Cc", "team: d@x.example, \"E, e\" <e@x.example>;", ["d@x.example", "e@x.example"]),
        ("Reply-To", "o'neil@x.example (f@x.example)", ["o'neil@x.example", "f@x.example"]),
        ("Sender", "<@relay.example:g@x.example>", ["@relay.example", "g@x.example"]),
        ("Bcc", "\"h@x.example\" <other@x.example>", ["h@x.example", "other@x.example"]),
        ("Subject", "i@x.example", []),
        ("From", "nobody", []),
    ])
    func `addresses are read leniently from the fields that name people`(
        _ name: String, _ value: String, _ expected: [String]
    ) {
        #expect(header((name, value)).mentionedAddresses.map(\.text) == expected)
    }

    @Test(arguments: [
        ("anna@home.example", ["anna@home.example"]), ("Anna Berg <anna@home.example>", ["anna@home.example"]),
        ("<a@b.example>,<c@d.example>", ["a@b.example", "c@d.example"]), ("a@b.example (c@d.example)", ["a@b.example"]),
        ("\"rita@acme.example\" <a@b.example>", ["a@b.example"]), ("\"rita@acme.example\"", []),
        ("\"Berg, Anna\" <a@b.example>, \"x\\\"y@z\" <c@d.example>", ["a@b.example", "c@d.example"]),
        ("\"anna berg\"@home.example", ["anna berg@home.example"]),
        ("(a (b@c.example) d@e.example) f@g.example", ["f@g.example"]), ("(never closed a@b.example", []),
        ("\"never closed a@b.example", []), ("Group: a@b.example, c@d.example;", ["a@b.example", "c@d.example"]),
        ("Anna\r\n <a@b.example>", ["a@b.example"]), ("nobody", []), ("", []),
    ])
    func `mailboxes are addresses, and neither names nor comments`(_ value: String, _ expected: [String]) {
        var header = HeaderSection()
        header.append(name: Array("To".utf8), value: Array(value.utf8))
        header.append(name: Array("Subject".utf8), value: Array("no@subject.example".utf8))
        #expect(header.addresses(in: ["To"]).map(\.text) == expected)
    }
}
