import Core
import Testing

@Suite struct DirectionTests {
    private let domains: Set<String> = ["acme.example", "acme.test"]

    @Test(arguments: [
        ("<anna@home.example>", ["<rita@acme.example>"], Direction.inbound),
        ("<>", ["<rita@acme.example>"], .inbound),
        ("<anna@home.example>", ["<rita@acme.example>", "<ben@home.example>"], .inbound),
        ("<rita@acme.example>", ["<anna@home.example>"], .outbound),
        ("<rita@acme.example>", ["<sam@acme.example>", "<anna@home.example>"], .outbound),
        ("<rita@acme.example>", ["<sam@acme.example>"], .internal),
        ("<rita@acme.example>", ["<sam@ACME.TEST>"], .internal),
        ("<rita@ACME.Example.>", ["<sam@acme.example>"], .internal),
        ("<rita@sub.acme.example>", ["<sam@acme.example>"], .inbound),
        ("<rita@notacme.example>", ["<sam@acme.example>"], .inbound),
        ("<rita@acme.example>", ["<local>"], .outbound),
        ("<\"rita@home.example\"@acme.example>", ["<sam@acme.example>"], .internal),
        ("<@relay.example:rita@acme.example>", ["<sam@acme.example>"], .internal),
    ])
    func `the direction follows from the envelope and the company's domains`(
        _ sender: String, _ recipients: [String], _ expected: Direction
    ) {
        let envelope = Envelope(
            sender: Address(path: sender), recipients: recipients.map(Address.init(path:)))
        #expect(Direction(of: envelope, companyDomains: domains) == expected)
    }
}
