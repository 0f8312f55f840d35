import Core
import Inspection
import Testing

/// Whose message it is: the author of From, checked against client, envelope and trusted results.
@Suite struct AuthorshipTests {
    private static let loopback = Client.host("127.0.0.1")
    private static let outside = Client.host("203.0.113.9")
    private static let hub = Client.host("192.0.2.25")

    private func match(
        _ fields: [(String, String)], from sender: String, to recipients: [String] = ["sam@acme.example"],
        by client: Client, results: String? = nil, isChecked: Bool = true, rows: [Routing.Row] = []
    ) throws -> MatchedMessage {
        var header = BoundedHeader(messageSizeLimit: 1_000_000)
        let given = results.map { [("Authentication-Results", "mx.acme.example; \($0)")] } ?? []
        for (name, value) in given + fields + [("References", FilterFixture.marker())] {
            header.append(name: name.utf8, value: " \(value)".utf8)
        }
        let plan = try Plan(
            header: header,
            envelope: Envelope(sender: Address(path: sender), recipients: recipients.map(Address.init(path:))),
            client: client,
            rules: InspectionContext(
                routing: Routing(rows: FilterFixture.rows() + rows), markerDomains: FilterFixture.domains,
                authservIDs: isChecked ? ["mx.acme.example"] : [],
                internalHosts: IPNetwork.loopback + [IPNetwork("192.0.2.0/24")!]))
        return try #require(plan.match)
    }

    private static let rita = [("From", "Rita <rita@acme.example>")]
    private static let anna = [("From", "Anna <anna@home.example>")]

    // MARK: Colleagues

    @Test(
        arguments: [
            (Client.user, nil), (.user, "dmarc=fail header.from=acme.example"), (loopback, nil), (hub, nil),
            (.host("::1"), nil), (.host("IPv6:::1"), nil), (outside, "dmarc=pass header.from=acme.example"),
            (outside, "spf=pass smtp.mailfrom=rita@acme.example"), (outside, "spf=pass smtp.mailfrom=acme.example"),
            (loopback, "spf=softfail smtp.mailfrom=acme.example; dmarc=pass header.from=acme.example"),
            (loopback, "spf=fail smtp.mailfrom=evil.example; dkim=none"),
            // Mail that was delivered long ago: nobody knows who brought it.
            (.forgotten, nil),
        ] as [(Client, String?)])
    func `an author of the company is a colleague where that is proved`(_ client: Client, _ results: String?) throws {
        let inside = try match(Self.rita, from: "rita@acme.example", by: client, results: results)
        #expect(inside.direction == .internal && inside.labels == [] && inside.teachesIDs)
        #expect(inside.author.text == "rita@acme.example")
        let out = try match(
            Self.rita, from: "bounces@esp.example", to: ["sam@acme.example", "anna@home.example"], by: client,
            results: results)
        #expect(out.direction == .outbound && out.labels == [] && out.teachesIDs)
    }

    @Test(
        arguments: [
            (outside, nil), (.host(""), nil), (.host("unknown"), nil), (outside, "none"),
            (outside, "dkim=pass header.d=acme.example"), (outside, "dmarc=pass"),
            (outside, "dmarc=pass header.d=acme.example"),
            (outside, "spf=pass smtp.mailfrom=evil.example"), (outside, "spf=softfail smtp.mailfrom=acme.example"),
            (outside, "dmarc=fail header.from=acme.example; spf=pass smtp.mailfrom=acme.example"),
            (outside, "dmarc=none header.from=acme.example"), (outside, "dmarc=pass header.from=acme.example; ;"),
            // Content filters bring back from loopback what came from outside.
            (loopback, "dmarc=fail header.from=acme.example"), (loopback, "dmarc=none header.from=acme.example"),
            (loopback, "dmarc=temperror header.from=acme.example"), (loopback, "spf=fail smtp.mailfrom=acme.example"),
            (loopback, "spf=softfail smtp.mailfrom=rita@acme.example"),
            (loopback, "spf=neutral smtp.mailfrom=acme.example"),
            (loopback, "dkim=fail header.d=acme.example"), (hub, "dmarc=fail header.from=acme.example"),
            // What cannot be read may be a refusal: a sender chose the words in it.
            (loopback, "spf=fail smtp.mailfrom=<rita;@acme.example>"), (loopback, "dmarc=fail"),
            (.forgotten, "dmarc=fail header.from=acme.example"),
        ] as [(Client, String?)])
    func `an author of the company who is not proved is no colleague, and teaches no ids`(
        _ client: Client, _ results: String?
    ) throws {
        for sender in ["rita@acme.example", "x@evil.example", "<>"] {
            let match = try match(
                Self.rita, from: sender, to: ["anna@home.example", "sam@acme.example"], by: client, results: results)
            #expect(match.direction == .inbound && match.labels.contains(.spoofedSender), "\(sender)")
            #expect(!match.teachesIDs && !match.isSubmitted)
        }
    }

    @Test func `where nobody checks, a claim that nothing refutes is believed`() throws {
        for client in [Self.outside, Self.loopback, .user, .forgotten] {
            let match = try match(
                Self.rita, from: "rita@acme.example", by: client, results: "dmarc=fail header.from=acme.example",
                isChecked: false)
            #expect(match.direction == .internal && match.labels == [] && match.teachesIDs)
        }
    }

    @Test func `a domain below the company's is not the company's`() throws {
        let match = try match(
            [("From", "rita@sub.acme.example")], from: "rita@acme.example", by: Self.loopback,
            results: "dmarc=pass header.from=acme.example")
        #expect(match.direction == .inbound)
    }

    @Test func `SMTP AUTH of another company's user makes no colleague`() throws {
        let match = try match(Self.rita, from: "gus@globex.example", by: .user)
        #expect(match.direction == .inbound && match.labels == [.spoofedSender] && !match.teachesIDs)
        let unknown = try self.match([("From", "a@x, b@y")], from: "gus@globex.example", by: .user)
        #expect(unknown.direction == .inbound && !unknown.isSubmitted)
    }

    @Test func `submitted is what a colleague's client sends with SMTP AUTH`() throws {
        for isChecked in [true, false] {
            #expect(try match(Self.rita, from: "rita@acme.example", by: .user, isChecked: isChecked).isSubmitted)
            #expect(
                try !match(Self.rita, from: "rita@acme.example", by: Self.loopback, isChecked: isChecked).isSubmitted)
            // A redirect.
            #expect(try !match(Self.anna, from: "paul@acme.example", by: .user, isChecked: isChecked).isSubmitted)
        }
        let pass = "dmarc=pass header.from=acme.example"
        #expect(try !match(Self.rita, from: "rita@acme.example", by: Self.outside, results: pass).isSubmitted)
        #expect(try !match(Self.rita, from: "rita@acme.example", by: Self.outside, isChecked: false).isSubmitted)
    }

    // MARK: Authors outside

    @Test(arguments: [
        "jobs+bncBA1@acme.example", "jobs-bounces@acme.example", "SRS0=abcd=XY=home.example=anna@acme.example",
        "paul@acme.example", "anna@home.example", "bounces@list.example", "<>",
    ])
    func `mail that the company sends again belongs to its author outside, and comes in`(_ sender: String) throws {
        for client in [Self.loopback, Self.outside, .user, .forgotten] {
            for isChecked in [true, false] {
                let match = try match(
                    Self.anna + [("List-Id", "<jobs.acme.example>"), ("Sender", "jobs-bounces@acme.example")],
                    from: sender, to: ["boss@bank.example", "rita@acme.example"], by: client, isChecked: isChecked)
                #expect(match.direction == .inbound && match.author.text == "anna@home.example")
                #expect(!match.labels.contains(.spoofedSender) && match.teachesIDs && !match.isSubmitted)
            }
        }
    }

    @Test(arguments: [
        [("From", "\"'Anna' via Jobs\" <jobs@acme.example>"), ("List-ID", "<jobs.acme.example>")],
        [("From", "Anna via Jobs <jobs@acme.example>"), ("List-Post", "<mailto:jobs@acme.example>")],
        [("From", "jobs@acme.example"), ("Mailing-list", "list jobs@acme.example; contact jobs+owners@acme.example")],
        [("From", "all@acme.example"), ("Precedence", "list"), ("X-Original-From", "Anna <anna@home.example>")],
        [("From", "all@acme.example"), ("List-Id", "<x.acme.example>"), ("X-Original-Sender", "anna@home.example")],
    ])
    func `where a list put its own address in From, nobody of the company wrote it`(_ fields: [(String, String)]) throws
    {
        for results in [nil, "dmarc=pass header.from=acme.example; spf=pass smtp.mailfrom=acme.example"] {
            for isChecked in [true, false] {
                let match = try match(
                    fields, from: "jobs+bncBA1@acme.example", by: Self.loopback, results: results, isChecked: isChecked)
                #expect(match.direction == .inbound && match.author.isNull && !match.teachesIDs)
                #expect(match.labels.isSubset(of: [.list]) && match.authentication == .none)
            }
        }
    }

    @Test(arguments: [
        [("List-Id", "<all.acme.example>")], [("Precedence", "list")], [("Resent-From", "paul@acme.example")],
        [("Delivered-To", "paul@acme.example")],
    ])
    func `what an internal host sends again proves nothing, unless trusted hosts do`(_ fields: [(String, String)])
        throws
    {
        let again = try match(Self.rita + fields, from: "all-bounces@acme.example", by: Self.loopback)
        #expect(again.direction == .inbound && !again.teachesIDs && !again.labels.contains(.spoofedSender))
        let pass = "dmarc=pass header.from=acme.example"
        let proved = try match(Self.rita + fields, from: "all-bounces@acme.example", by: Self.loopback, results: pass)
        #expect(proved.direction == .internal)
        let user = try match(Self.rita + fields, from: "rita@acme.example", by: .user)
        #expect(user.direction == .internal)
        let srs = try match(Self.rita, from: "SRS0=x=y=acme.example=rita@acme.example", by: Self.loopback)
        #expect(srs.direction == .inbound && !srs.teachesIDs)
    }

    @Test(
        arguments: [
            (nil, true), ("dmarc=pass header.from=home.example", true), ("dmarc=none header.from=home.example", true),
            ("spf=softfail smtp.mailfrom=home.example; dmarc=pass header.from=home.example", true),
            ("spf=fail smtp.mailfrom=list.example; dkim=pass header.d=home.example", true),
            ("dmarc=fail header.from=home.example", false), ("spf=fail smtp.mailfrom=home.example", false),
            ("spf=softfail smtp.mailfrom=home.example", false), ("dkim=fail header.d=home.example", false),
            // Of the envelope, which is the company's.
            ("spf=softfail smtp.mailfrom=acme.example", false), ("spf=fail smtp.mailfrom=tom@acme.example", false),
            ("spf=softfail smtp.mailfrom=<x;@home.example>", false), ("dmarc=fail", false),
        ] as [(String?, Bool)])
    func `an author outside teaches ids unless a trusted host calls the message forged`(
        _ results: String?, _ teaches: Bool
    ) throws {
        let match = try match(Self.anna, from: "tom@acme.example", by: Self.outside, results: results)
        #expect(match.direction == .inbound && match.teachesIDs == teaches)
    }

    // MARK: Nobody

    @Test(arguments: [
        [], [("From", "rita@acme.example, eve@eve.example")],
        [("From", "rita@acme.example"), ("From", "eve@eve.example")],
        [("From", "Team: rita@acme.example;")], [("From", "rita@acme.example eve@eve.example")],
        [("From", "=?utf-8?q?rita=40acme.example=00?=@eve.example")],
    ])
    func `an unknown author is a colleague only with SMTP AUTH and the company's envelope sender`(
        _ fields: [(String, String)]
    ) throws {
        for isChecked in [true, false] {
            for client in [Self.loopback, Self.outside, .forgotten] {
                let match = try match(fields, from: "rita@acme.example", by: client, isChecked: isChecked)
                #expect(match.direction == .inbound && match.author.isNull && !match.teachesIDs)
            }
            let user = try match(fields, from: "rita@acme.example", by: .user, isChecked: isChecked)
            #expect(user.direction == .internal && user.author.isNull && user.teachesIDs)
            for sender in ["anna@home.example", "<>"] {
                let other = try match(fields, from: sender, by: .user, isChecked: isChecked)
                #expect(other.direction == .inbound && !other.teachesIDs)
            }
        }
    }

    @Test func `where DMARC was checked for another domain than From's, programs disagree about the author`() throws {
        let results = "dmarc=pass header.from=eve.example"
        let ask = [("From", "eve@eve.example <anna@home.example>")]
        let disputed = try match(ask, from: "eve@eve.example", by: Self.outside, results: results)
        #expect(disputed.author.isNull && !disputed.teachesIDs)
        #expect(try match(ask, from: "eve@eve.example", by: Self.outside).author.text == "anna@home.example")
    }

    // MARK: Without a sender

    @Test func `a bounce comes in; an automatic reply that a colleague's client sends goes out`() throws {
        let report = [("Content-Type", "multipart/report; report-type=delivery-status")]
        let daemon = [("From", "Mail Delivery System <MAILER-DAEMON@acme.example>")]
        for client in [Self.loopback, .user, Self.hub] {
            for isChecked in [true, false] {
                for kind in [report, [], report + [("Auto-Submitted", "auto-replied")]] {
                    let bounce = try match(daemon + kind, from: "<>", by: client, isChecked: isChecked)
                    #expect(bounce.direction == .inbound && bounce.labels.isDisjoint(with: [.spoofedSender]))
                }
                let reply = try match(
                    Self.rita + [("Auto-Submitted", "auto-replied")], from: "<>",
                    to: ["anna@home.example", "sam@acme.example"], by: client, isChecked: isChecked)
                #expect(reply.direction == .outbound && reply.labels == [.autoReply])
            }
        }
        // Results do not say who sent it.
        let checked = try match(
            Self.rita + [("Auto-Submitted", "auto-replied")], from: "<>", by: Self.outside,
            results: "dmarc=pass header.from=acme.example")
        #expect(checked.direction == .inbound && !checked.labels.contains(.spoofedSender))
        let claimed = try match(
            Self.rita + [("Auto-Submitted", "auto-replied")], from: "<>", by: Self.outside, isChecked: false)
        #expect(claimed.direction == .inbound && !claimed.teachesIDs)
        let outside = try match(Self.anna + [("Auto-Submitted", "auto-replied")], from: "<>", by: Self.loopback)
        #expect(outside.direction == .inbound)
    }

    // MARK: External threads

    private func external(_ from: String, results: String?, sender: String = "eve@eve.example") throws -> Outcome {
        let key = FilterFixture.indexKey
        let learned = LearnedThreads()
        learned.candidates.insert([(try key.addressIndex(Address(path: "m3@home.example"))[...], Int64(5))])
        var header = BoundedHeader(messageSizeLimit: 1_000_000)
        let given = results.map { [("Authentication-Results", "mx.acme.example; \($0)")] } ?? []
        for (name, value) in given + [("From", from), ("In-Reply-To", "<t1@hire.lever.co>")] {
            header.append(name: name.utf8, value: " \(value)".utf8)
        }
        return try Plan(
            header: header,
            envelope: Envelope(sender: Address(path: sender), recipients: [Address(path: "rita@acme.example")]),
            client: Self.loopback,
            rules: InspectionContext(
                routing: Routing(
                    rows: FilterFixture.rows() + [
                        Routing.Row(company: FilterFixture.acme, item: .unsignedMarkers, name: "known")
                    ]), markerDomains: FilterFixture.domains, authservIDs: ["mx.acme.example"], learned: learned)
        ).outcome
    }

    @Test(arguments: [
        "m3@home.example <eve@eve.example>", "m3@home.example(x) <eve@eve.example>",
        "<m3@home.example> eve@eve.example",
        "eve@eve.example <m3@home.example>", "m3@home.example, eve@eve.example", "\"m3@home.example\" eve@eve.example",
        "=?utf-8?q?m3=40home.example=00?=@eve.example", "m3@home.example <eve@eve.example",
    ])
    func `a From that two programs read differently is no candidate's`(_ from: String) throws {
        let pass = "dmarc=pass header.from=eve.example"
        #expect(try external("m3@home.example", results: "dmarc=pass header.from=home.example") == .captured)
        #expect(try external(from, results: pass) == .unsignedMarker)
    }

    @Test func `no From is no candidate's, whoever the envelope's sender is`() throws {
        #expect(try external("", results: nil, sender: "m3@home.example") == .unsignedMarker)
        #expect(try external("m3@home.example", results: "dmarc=fail header.from=home.example") == .unsignedMarker)
        #expect(try external("m3@home.example", results: "dmarc=pass") == .captured, "nobody knows better")
    }
}
