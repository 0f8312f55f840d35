import Testing

@testable import MIME

@Suite struct MailboxTextTests {
    @Test(arguments: [
        ("joerg@home.example", "joerg@home.example"),
        ("Jörg <joerg@home.example>, rita@acme.example", "Jörg <joerg@home.example>, rita@acme.example"),
        ("=?utf-8?B?TcO8bGxlciwgSg==?= =?utf-8?B?w7ZyZw==?= <j@home.example>", "Müller, Jörg <j@home.example>"),
        ("\"Müller, Jörg\" <j@home.example>", "Müller, Jörg <j@home.example>"),
        ("\"=?utf-8?Q?J=C3=B6rg?=\" <j@home.example>", "Jörg <j@home.example>"),
        ("j@home.example (=?utf-8?Q?J=C3=B6rg?=)", "Jörg <j@home.example>"),
        ("Jörg (HR) <j@home.example>", "Jörg (HR) <j@home.example>"),
        ("Jörg\r\n Müller\r\n\t<j@home.example>", "Jörg Müller <j@home.example>"),
        ("undisclosed-recipients:;", "undisclosed-recipients:;"),
        (
            "Team: a@home.example, Bo <b@home.example>;, c@home.example",
            "Team: a@home.example, Bo <b@home.example>;, c@home.example"
        ),
        ("J. Q. Public <j@home.example>", "J. Q. Public <j@home.example>"),
    ])
    func `addresses are shown with their names`(_ value: String, _ text: String) {
        #expect(Message(raw: Array("To: \(value)\r\n\r\n".utf8)).to == text)
    }

    @Test(arguments: [
        ("ceo@acme.example <m@evil.example>", "\"ceo@acme.example\" <m@evil.example>"),
        ("=?utf-8?Q?ceo=40acme.example_=3Cx?= <m@evil.example>", "\"ceo@acme.example <x\" <m@evil.example>"),
        ("\"a \\\"b\\\"\" <m@evil.example>", "\"a \\\"b\\\"\" <m@evil.example>"),
        ("<m@evil.example(ceo@acme.example)>", "m@evil.example"),
    ])
    func `no name reads as an address`(_ value: String, _ text: String) {
        #expect(Message(raw: Array("From: \(value)\r\n\r\n".utf8)).from == text)
    }

    @Test(arguments: [
        "Müller, Jörg <j@home.example>", "jörg at home", "a@b@c", "<>", "\"never closed <j@home.example>",
        "(never closed", "a:b:c:d", ";;", "j@home.example, <", "<j@home.example", "@",
    ])
    func `what is no list of addresses is shown as it stands`(_ value: String) {
        #expect(Message(raw: Array("From: \(value)\r\n\r\n".utf8)).from == value)
    }

    @Test func `a name of unlabelled bytes is in the charset of the text`() {
        let header = Array("Content-Type: text/plain; charset=koi8-r\r\nFrom: ".utf8)
        let raw = header + [0xe0, 0xcc, 0xd1] + Array(" <a@home.example>\r\n\r\n".utf8)
        #expect(Message(raw: raw).from == "Юля <a@home.example>")
    }
}
