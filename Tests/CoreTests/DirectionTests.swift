import Core
import Testing

@Suite struct DirectionTests {
    private let domains: Set<String> = ["acme.example", "acme.test"]

    @Test(arguments: [
        ([], Direction.internal), (["<rita@acme.example>"], .internal), (["<sam@ACME.TEST.>"], .internal),
        (["<@relay.example:sam@acme.example>"], .internal), (["<\"anna@home.example\"@acme.example>"], .internal),
        (["<rita@acme.example>", "<ben@home.example>"], .outbound), (["<anna@home.example>"], .outbound),
        (["<sam@sub.acme.example>"], .outbound), (["<sam@notacme.example>"], .outbound), (["<local>"], .outbound),
    ])
    func `the direction of a colleague's message follows from its recipients; others come in`(
        _ recipients: [String], _ expected: Direction
    ) {
        let recipients = recipients.map(Address.init(path:))
        #expect(Direction(isFromColleague: true, to: recipients, companyDomains: domains) == expected)
        #expect(Direction(isFromColleague: false, to: recipients, companyDomains: domains) == .inbound)
    }
}
