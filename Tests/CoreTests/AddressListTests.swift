import Core
import Testing

@Suite struct AddressListTests {
    private func list(_ value: String) -> AddressList { AddressList(Array(value.utf8)[...]) }

    @Test(arguments: [
        ("anna@home.example", "anna@home.example"), ("Anna Berg <Anna@home.example>", "anna@home.example"),
        ("<anna@home.example>", "anna@home.example"), ("\r\n Anna\r\n\t<anna@home.example>\r\n", "anna@home.example"),
        // What is in brackets wins over the words before it, whatever they look like.
        ("rita@acme.example <anna@home.example>", "anna@home.example"),
        ("\"rita@acme.example\" <anna@home.example>", "anna@home.example"),
        ("=?utf-8?q?rita=40acme.example?= <anna@home.example>", "anna@home.example"),
        ("\"Berg, Anna; (x)\" <anna@home.example>", "anna@home.example"),
        // Comments, also inside each other.
        ("anna@home.example (rita@acme.example)", "anna@home.example"),
        ("(a (b@c.example) d) anna (e) @ (f) home.example (g)", "anna@home.example"),
        ("Anna (x) <anna@home.example> (y \\) z)", "anna@home.example"),
        ("Dr. B. <anna@home.example>", "anna@home.example"),
        ("<@relay.example:anna@home.example>", "anna@home.example"),
        ("anna@home.example,", "anna@home.example"),
    ])
    func `one well-formed address is the author`(_ value: String, _ expected: String) {
        #expect(list(value).only?.text == expected)
    }

    @Test(arguments: [
        // Several.
        ("anna@home.example, eve@home.example", ["anna@home.example", "eve@home.example"]),
        ("<anna@home.example> <eve@home.example>", ["anna@home.example", "eve@home.example"]),
        ("anna@home.example; eve@home.example", ["anna@home.example", "eve@home.example"]),
        // A group, also of one or of none.
        ("Team: anna@home.example;", ["anna@home.example"]), ("undisclosed-recipients:;", []),
        ("Team: anna@home.example", ["anna@home.example"]), ("a: b: anna@home.example;;", ["anna@home.example"]),
        // Malformed.
        ("Berg, Anna <anna@home.example>", ["anna@home.example"]), ("anna@home.example rita@acme.example", []),
        ("<anna@home.example> rita@acme.example", ["anna@home.example"]), ("<<anna@home.example>>", []),
        ("<anna@home.example", []), ("anna@home.example>", []), ("\"never closed anna@home.example", []),
        ("(never closed anna@home.example", []), ("anna@home.example (never closed", []), ("\"anna@home.example\"", []),
        ("<anna@home.example, eve@home.example>", []), ("Anna", []), ("", []), ("<>", []), ("@home.example", []),
        ("anna @home@example", []), ("anna@home .example", []), ("<@relay.example anna@home.example>", []),
    ])
    func `of several, a group or something malformed nobody is the author`(_ value: String, _ expected: [String]) {
        #expect(list(value).only == nil)
        #expect(list(value).addresses.map(\.text) == expected)
    }

    @Test(arguments: [
        "council @acme.example", "Council (x) <council(y)@acme.example>", "\"coun\\cil\"@acme.example",
        "rita@acme.example, x <coun\\cil@acme.example.>", "all: rita@acme.example, \"council\" @acme.example;",
        "<@relay.example:COUNCIL@Acme.Example>",
    ])
    func `an address in whatever spelling is mentioned`(_ value: String) {
        var header = HeaderSection()
        header.append(name: "Cc".utf8, value: value.utf8)
        #expect(header.mentionedAddresses.contains(Address(path: "council@acme.example")))
    }

    @Test func `work is bounded on hostile input`() {
        // Each of these would take minutes in a parser that starts over at every character.
        for text in ["(", "<", "\"", "(\\", "a@", "[", "@:", "a@b,", "<a@b>", ":;"] {
            let value = String(repeating: text, count: 500_000 / text.utf8.count)
            #expect(list(value).only == nil)
        }
    }
}
