import Core
import Inspection
import Sealing
import Testing

/// Whether a message is forwarded, from values alone.
@Suite struct ForwardingTests {
    typealias Fields = [(String, String)]

    private static let message: Fields = [
        ("From", "Anna <anna@home.example>"), ("To", "rita@acme.example"),
        ("Date", "Mon, 23 Nov 2026 09:12:44 +0100"), ("Message-ID", "<r1@home.example>"),
        ("In-Reply-To", "<o1@acme.example>"),
    ]

    private func company(_ mode: CaptureMode = .storeAndForward, further rows: [Routing.Row] = []) throws
        -> Routing.Company
    {
        try Routing(rows: FilterFixture.rows(sealingKey: [1]) + FilterFixture.capture(mode) + rows)[FilterFixture.acme]!
    }

    private func forwarding(
        _ fields: Fields, from sender: String = "anna@home.example", to recipients: [String] = ["rita@acme.example"],
        company: Routing.Company? = nil
    ) throws -> Forwarding {
        var header = HeaderSection()
        for (name, value) in fields { header.append(name: Array(name.utf8), value: Array(" \(value)".utf8)) }
        return try Forwarding(
            header: header,
            envelope: Envelope(
                sender: Address(path: sender), recipients: recipients.map(Address.init(path:))),
            company: company ?? self.company())
    }

    /// The header after a host forwarded it.
    private func forwarded(_ fields: Fields, by company: Routing.Company? = nil) throws -> Fields {
        guard case .add(let address, let token) = try forwarding(fields, company: company) else {
            Issue.record("not forwarded")
            return fields
        }
        #expect(address == FilterFixture.forwardAddress)
        return fields + [(ForwardToken.fieldName, token)]
    }

    private func with(_ name: String, _ value: String?, in fields: Fields) -> Fields {
        fields.filter { $0.0 != name } + (value.map { [(name, $0)] } ?? [])
    }

    @Test(arguments: CaptureMode.allCases)
    func `a message is forwarded in the modes that forward`(mode: CaptureMode) throws {
        let result = try forwarding(Self.message, company: company(mode)).result
        #expect(result == (mode.forwards ? .yes : nil))
    }

    @Test func `what was forwarded is not forwarded again, by whatever way it comes back`() throws {
        let copy = try forwarded(Self.message)
        let ways: [(String, Fields, String, [String])] = [
            ("a second host", [("Received", "from mx1")] + copy, "anna@home.example", ["rita@acme.example"]),
            (
                "a mailing list that rewrites",
                with("From", "Anna via List <list@acme.example>", in: with("Subject", "[list] Hi", in: copy)),
                "list-bounces@acme.example", ["rita@acme.example", "paul@acme.example"]
            ),
            ("a mailbox rule", copy, "rita@acme.example", ["paul@acme.example"]),
            (
                "sent on by hand, with its header", [("Resent-To", "paul@acme.example")] + copy, "",
                ["paul@acme.example"]
            ),
            (
                "a header that was folded",
                with(
                    ForwardToken.fieldName, "\n\t\(copy.last!.1)", in: copy), "anna@home.example", ["rita@acme.example"]
            ),
        ]
        for (way, fields, sender, recipients) in ways {
            #expect(try forwarding(fields, from: sender, to: recipients).result == .before, "\(way)")
        }
    }

    @Test(
        arguments: [
            ("acme@inbox.example", ["rita@acme.example"]), ("anna@home.example", ["acme@inbox.example"]),
            ("rita@acme.example", ["anna@home.example", "ACME@Inbox.Example."]),
            ("<ACME@INBOX.EXAMPLE>", ["rita@acme.example"]),
        ] as [(String, [String])])
    func `a message that the forward address has, or sent, is not forwarded to it`(sender: String, to: [String]) throws
    {
        #expect(try forwarding(Self.message, from: sender, to: to).result == .recipient)
    }

    @Test(arguments: ["", "anna@home.example", "other@inbox.example"])
    func `who else sent it makes no difference, nor that nobody did`(sender: String) throws {
        #expect(try forwarding(Self.message, from: sender).result == .yes)
    }

    @Test func `a token does not count on another message, nor one that nobody made with the company's key`() throws {
        let token = try #require(forwarded(Self.message).last?.1)
        func result(_ fields: Fields, _ company: Routing.Company? = nil) throws -> Forwarded? {
            try forwarding(fields, company: company).result
        }
        let field = (ForwardToken.fieldName, token)
        #expect(try result(with("Message-ID", "<r2@home.example>", in: Self.message) + [field]) == .yes)
        #expect(try result(with("Date", "Tue, 24 Nov 2026 09:12:44 +0100", in: Self.message) + [field]) == .yes)
        // Of every byte.
        for index in token.indices.dropFirst(5) {
            var forged = token
            forged.replaceSubrange(index...index, with: token[index] == "a" ? "b" : "a")
            #expect(try result(Self.message + [(ForwardToken.fieldName, forged)]) == .yes)
        }
        for junk in ["", "lvf1.", "yes", token + "a", String(token.dropLast()), "lvf2" + token.dropFirst(4)] {
            #expect(try result(Self.message + [(ForwardToken.fieldName, junk)]) == .yes, "\(junk)")
        }
        // Another company's, though under the same key.
        let rows =
            FilterFixture.rows(sealingKey: [1]) + [
                Routing.Row(company: FilterFixture.keyless, item: .capture, name: "forward"),
                Routing.Row(company: FilterFixture.keyless, item: .forward, name: "keyless@inbox.example"),
            ]
        let other = try Routing(rows: rows)[FilterFixture.keyless]
        #expect(try result(Self.message + [field], other) == .yes)
    }

    @Test func `a token counts under each key that is live`() throws {
        let copy = try forwarded(Self.message)
        let rotated = [
            Routing.Row(company: FilterFixture.acme, item: .indexKey, version: 2, value: Array(repeating: 8, count: 32))
        ]
        let further = Routing.Row(
            company: FilterFixture.acme, item: .furtherIndexKey, version: 1, value: FilterFixture.indexKey.key)
        #expect(try forwarding(copy, company: company(further: rotated + [further])).result == .before)
        #expect(try forwarding(copy, company: company(further: rotated)).result == .yes)
    }

    @Test func `a server that adds the Message-ID which was missing does not make it another message`() throws {
        let nameless = with("Message-ID", nil, in: Self.message)
        let copy = try forwarded(nameless)
        #expect(try forwarding(copy).result == .before)
        #expect(try forwarding(copy + [("Message-ID", "<added@mx.example>")]).result == .before)
        #expect(try forwarding(with("Date", "Tue, 24 Nov 2026", in: copy)).result == .yes)
    }

    @Test func `what is made a new message each time that it passes is forwarded eight times and no more`() throws {
        var fields = Self.message
        for round in 0..<8 { fields = try forwarded(with("Message-ID", "<round-\(round)@list.example>", in: fields)) }
        fields = with("Message-ID", "<round-8@list.example>", in: fields)
        #expect(try forwarding(fields).result == .loop)
        // Copies of one token are one.
        let token = (ForwardToken.fieldName, fields.last { $0.0 == ForwardToken.fieldName }!.1)
        #expect(try forwarding(Self.message + Array(repeating: token, count: 20)).result == .yes)
    }

    @Test func `fields that others put before ours do not hide it`() throws {
        let junk = (0..<5000).map { (ForwardToken.fieldName, "lvf1.\(String(repeating: "a", count: 48))\($0)") }
        #expect(try forwarding(junk + (try forwarded(Self.message))).result == .before)
    }
}
