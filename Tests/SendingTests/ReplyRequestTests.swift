import Core
import Testing

@testable import Sending

@Suite struct ReplyRequestTests {
    private func request(
        _ fields: String, direction: Direction = .inbound, authentication: Authentication = .pass
    ) -> ReplyRequest? {
        ReplyRequest(
            RawMessage(Array("From: Zoë <zoe@home.example>\r\n\(fields)\r\n\r\n".utf8)).header, direction: direction,
            authentication: authentication, candidate: Address("zoe@home.example")!, domains: ["acme.example"])
    }

    @Test(
        arguments: [
            ("Reply-To: zoe@work.example", "zoe@work.example", nil),
            ("Reply-To: \"Zoe, at work\" <Zoe@Büro.example>", "zoe@xn--bro-hoa.example", nil),
            ("Reply-To: rita@acme.example", "rita@acme.example", .company),
            ("Reply-To: \"rita@acme.example\"@relay.example", "\"rita@acme.example\"@relay.example", .company),
            ("Reply-To: rita%acme.example@relay.example", "rita%acme.example@relay.example", .company),
            ("Reply-To: a@x.example, b@x.example", "a@x.example", .unclear),
            ("Reply-To: zoe@home.example, b@x.example", "b@x.example", .unclear),
            ("Reply-To: a@x.example\r\nReply-To: zoe@home.example", "a@x.example", .unclear),
            ("Reply-To: us: a@x.example;", "a@x.example", .unclear),
            ("Reply-To: <a@x.example> (<zoe@home.example>)", "a@x.example", .unclear),
            ("Sender: x\r\nReply-To: a@x.example\r\nFrom: eve@evil.example", "a@x.example", .otherAuthor),
        ] as [(String, String, ReplyRequest.Refusal?)])
    func `Reply-To is used if it is clear, from the candidate and not the company's`(
        fields: String, address: String, refusal: ReplyRequest.Refusal?
    ) throws {
        let found = try #require(request(fields))
        #expect(found.address == address && found.refusal == refusal)
    }

    @Test(arguments: ["", "Reply-To: Zoe <ZOE@home.example>", "Reply-To:", "Reply-To: nobody", "Reply-To: <>"])
    func `a message that names no other address asks for nothing`(fields: String) {
        #expect(request(fields) == nil)
    }

    @Test func `what is found forged asks in vain, and the company's own mail does not ask`() throws {
        #expect(request("Reply-To: a@x.example", authentication: .fail)?.refusal == .forged)
        let unchecked = try #require(request("Reply-To: a@x.example", authentication: .none))
        #expect(unchecked.refusal == nil && unchecked.authentication == .none)
        for direction in Direction.allCases where direction != .inbound {
            #expect(request("Reply-To: a@x.example", direction: direction) == nil)
        }
    }
}
