import Capture
import Core
import Inspection
import LibMilter
import Sealing
import Spool
import Testing

@testable import Filter

/// Messages without a marker of ours where one counts, decided by the ids that the host has learned.
///
/// Over 250 lines: one case for each mail system that rewrites or drops ids.
@Suite struct RecognitionTests {
    private let memory = LearnedThreads()
    private let key = FilterFixture.indexKey

    private func header(_ fields: [(String, String)]) -> BoundedHeader {
        var header = BoundedHeader(messageSizeLimit: 1_000_000)
        for (name, value) in fields { header.append(name: name.utf8, value: " \(value)".utf8) }
        return header
    }

    private func decide(
        _ fields: [(String, String)], from sender: String = "anna@home.example",
        to recipients: [String] = ["rita@acme.example"],
        rows: [Routing.Row] = [], isSubmitted: Bool = false
    ) throws -> Plan {
        try Plan(
            header: header(fields),
            envelope: Envelope(
                sender: Address(path: sender), recipients: recipients.map(Address.init(path:))),
            isSubmitted: isSubmitted,
            rules: InspectionContext(
                routing: Routing(rows: FilterFixture.rows() + rows),
                markerDomains: FilterFixture.domains,
                authservIDs: ["mx.acme.example"], learned: memory))
    }

    private func outcome(_ plan: Plan) -> Outcome { plan.outcome }

    /// As if a message with this id had been captured in the thread; from outside with its sender.
    private func learn(
        _ id: String, thread: Int64 = 7, from sender: String? = nil, key: Routing.IndexKey = FilterFixture.indexKey
    ) throws {
        let index = Routing.IndexKey.learnedIndex(
            messageIDIndex: try key.messageIDIndex(Array(id.utf8)),
            senderIndex: try sender.map { try key.addressIndex(Address(path: $0)) })
        memory.threads.insert([(index[...], thread)])
    }

    // MARK: Learned ids

    @Test(arguments: [
        [("In-Reply-To", "<m1@acme.example>")],
        [("References", "<m1@acme.example>")],
        [("References", "<x@y.example> <m1@acme.example> <z@y.example>")],
        [("In-Reply-To", "<gone@y.example>"), ("References", "<m1@acme.example>")],
        [("In-Reply-To", "m1@acme.example")],
    ])
    func `a reply that names a message of the company is of its thread`(_ fields: [(String, String)]) throws {
        #expect(outcome(try decide(fields)) == .noMarker)
        try learn("m1@acme.example")
        let match = try #require(try decide(fields).match)
        #expect(
            match.found.thread.rawValue == 7 && match.found.evidence == .learnedID
                && match.company.id == FilterFixture.acme)
        #expect(match.labels == [.learnedID])
        // Nobody of the company takes part: not even looked at.
        #expect(outcome(try decide(fields, to: ["x@elsewhere.example"])) == .noMarker)
        // Ids of one company say nothing to another, whose key is the same here but not the index of its mail.
        #expect(outcome(try decide(fields, to: ["g@globex.example"])) == .noMarker, "full sync")
    }

    @Test func `a marker that holds comes first, and a forged one does not hide what is remembered`() throws {
        try learn("m1@acme.example")
        let marked = try decide([
            ("In-Reply-To", "<m1@acme.example>"), ("References", FilterFixture.marker(thread: 77)),
        ])
        #expect(marked.match?.found.thread.rawValue == 77)
        let forged = try decide([
            ("In-Reply-To", "<m1@acme.example>"), ("References", FilterFixture.marker(key: HMACKey([9]))),
        ])
        #expect(forged.match?.found.evidence == .learnedID)
    }

    @Test func `an id of mail from outside counts where its sender takes part`() throws {
        try learn("a1@home.example", from: "Anna@home.example")
        let fields = [("In-Reply-To", "<a1@home.example>")]
        // Answered by the company, and by the sender again; told to a colleague with the sender in Cc.
        #expect(outcome(try decide(fields, from: "rita@acme.example", to: ["anna@HOME.example"])) == .captured)
        #expect(outcome(try decide(fields, from: "anna@home.example")) == .captured)
        #expect(
            outcome(
                try decide(
                    fields + [("Cc", "Anna <anna@home.example>")], from: "rita@acme.example", to: ["sam@acme.example"]))
                == .captured)
        // Somebody put the id of another's mail into a thread: that mail's answers are nobody's business.
        #expect(outcome(try decide(fields, from: "rita@acme.example", to: ["chair@club.example"])) == .noMarker)
        #expect(outcome(try decide(fields, from: "chair@club.example")) == .noMarker)
    }

    @Test func `an id is known under every live index key`() throws {
        let old = Routing.IndexKey(version: 9, key: Array(repeating: 9, count: 32))
        try learn("m1@acme.example", key: old)
        let fields = [("In-Reply-To", "<m1@acme.example>")]
        #expect(outcome(try decide(fields)) == .noMarker)
        let row = Routing.Row(
            company: FilterFixture.acme, item: .furtherIndexKey, version: old.version, value: old.key)
        #expect(outcome(try decide(fields, rows: [row])) == .captured)
    }

    @Test func `the never-log list comes before what is remembered`() throws {
        try learn("m1@acme.example")
        let row = Routing.Row(company: FilterFixture.acme, item: .neverDomain, name: "home.example")
        #expect(outcome(try decide([("In-Reply-To", "<m1@acme.example>")], rows: [row])) == .neverLog)
    }

    @Test func `a long list of ids costs no more than a bounded number of looks`() throws {
        try learn("m1@acme.example")
        let many = (1...5000).map { "<x\($0)@y.example>" }.joined(separator: " ")
        // Near the end it is found, in the middle it is not.
        #expect(outcome(try decide([("References", many + " <m1@acme.example>")])) == .captured)
        #expect(outcome(try decide([("References", many + " <m1@acme.example> " + many)])) == .noMarker)
    }

    @Test func `what a message is remembered by is its own ids, and of one from outside, its sender`() throws {
        let fixture = try FilterFixture()
        let session = FilterSession(context: fixture.context)
        let (marker, own) = (FilterFixture.marker(), "rita@acme.example")
        _ = try fixture.send(
            session, from: "<\(own)>", to: ["<anna@home.example>"],
            header: [
                ("References", " \(marker)"), ("Message-ID", " <1@outlook.example>"),
                ("X-Microsoft-Original-Message-ID", " <m1@acme.example>"), ("From", " \(own)"),
            ])
        _ = try fixture.send(
            session, from: "<bounces+1@relay.example>", to: ["<\(own)>"],
            header: [
                ("In-Reply-To", " \(marker)"), ("Message-ID", " <a1@home.example>"),
                ("From", " Anna <anna@home.example>"),
            ])
        let records = try fixture.spool.waiting().map { try fixture.spool.open($0).record }
        func index(_ id: String, _ sender: String? = nil) throws -> [UInt8] {
            Routing.IndexKey.learnedIndex(
                messageIDIndex: try key.messageIDIndex(Array(id.utf8)),
                senderIndex: try sender.map { try key.addressIndex(Address(path: $0)) })
        }
        let out = try #require(records.first { $0.direction == .outbound })
        #expect(try Set(out.learnedIDs) == [index("1@outlook.example"), index("m1@acme.example")])
        let back = try #require(records.first { $0.direction == .inbound })
        #expect(
            try Set(back.learnedIDs)
                == [index("a1@home.example", "anna@home.example"), index("a1@home.example", "bounces+1@relay.example")])
        #expect(
            try Set(back.correspondents.map(\.bytes))
                == [
                    key.addressIndex(Address(path: "anna@home.example")),
                    key.addressIndex(Address(path: "bounces+1@relay.example")),
                ])
        // The host knows them at once.
        #expect(try fixture.context.learned.threads[index("m1@acme.example")] == 77)
        #expect(
            try fixture.send(
                session, from: "<\(own)>", to: ["<anna@home.example>"], header: [("In-Reply-To", " <a1@home.example>")])
                == .wentThrough)
        #expect(fixture.lines.all.contains { $0.contains("matched=in_reply_to") && $0.contains("labels=learned_id") })
    }

    // MARK: Who writes

    @Test func `a sender of the company's domain who is not who it says is no colleague`() throws {
        let fields = [
            ("Authentication-Results", "mx.acme.example; dmarc=fail header.from=acme.example"),
            ("From", "Rita <rita@acme.example>"), ("References", FilterFixture.marker()),
        ]
        let spoofed = try #require(
            try decide(fields, from: "rita@acme.example", to: ["sam@acme.example"]).match)
        #expect(spoofed.direction == .inbound && spoofed.labels == [.spoofedSender] && spoofed.authentication == .fail)
        // A user who logged in, a host that nobody trusts, and a check that passed.
        for (more, isSubmitted) in [([], true), ([("Authentication-Results", "mx.acme.example; dmarc=pass")], false)] {
            let results = more.isEmpty ? fields : more + Array(fields.dropFirst())
            let own = try #require(
                try decide(results, from: "rita@acme.example", to: ["sam@acme.example"], isSubmitted: isSubmitted).match
            )
            #expect(own.direction == .internal && own.labels == [])
        }
        let untrusted = [("Authentication-Results", "mx.evil.example; dmarc=fail")] + Array(fields.dropFirst())
        #expect(
            try decide(untrusted, from: "rita@acme.example", to: ["sam@acme.example"]).match?.direction == .internal)
        // The envelope's sender is the company's, the visible one somebody's own.
        let mixed = [
            (
                "Authentication-Results",
                "mx.acme.example; spf=fail smtp.mailfrom=rita@acme.example; dmarc=pass header.from=evil.example"
            ), ("From", "x@evil.example"), ("References", FilterFixture.marker()),
        ]
        let two = try #require(try decide(mixed, from: "rita@acme.example", to: ["sam@acme.example"]).match)
        #expect(two.direction == .inbound && two.labels == [.spoofedSender] && two.authentication == .pass)
    }

    @Test(arguments: [("pass", Authentication.pass), ("fail", .fail), ("temperror", .none)])
    func `what trusted hosts say of a sender from outside is kept`(_ result: String, _ expected: Authentication) throws
    {
        let match = try #require(
            try decide([
                ("Authentication-Results", "mx.acme.example; dmarc=\(result) header.from=home.example"),
                ("From", "anna@home.example"), ("References", FilterFixture.marker()),
            ]).match)
        #expect(match.authentication == expected && match.direction == .inbound)
    }

    @Test func `of a message whose sender is not who it says, nothing is remembered`() throws {
        let fixture = try FilterFixture { $0.authservIDs = ["mx.acme.example"] }
        _ = try fixture.send(
            FilterSession(context: fixture.context),
            header: [
                ("Authentication-Results", " mx.acme.example; dmarc=fail header.from=home.example"),
                ("From", " anna@home.example"), ("Message-ID", " <a1@home.example>"),
                ("References", " \(FilterFixture.marker())"),
            ])
        let record = try fixture.spool.open(try fixture.spool.waiting()[0]).record
        #expect(record.learnedIDs == [] && record.authentication == .fail)
    }

    // MARK: Unsigned markers

    private static let known = Routing.Row(company: FilterFixture.acme, item: .unsignedMarkers, name: "known")

    @Test func `an outside system's marker is refused, unless the company takes those of its candidates`() throws {
        let fields = [("References", "<t1@hire.lever.co>")]
        memory.candidates.insert([(try key.addressIndex(Address(path: "anna@home.example"))[...], Int64(5))])
        #expect(outcome(try decide(fields)) == .unsignedMarker)
        let match = try #require(try decide(fields, rows: [Self.known]).match)
        #expect(match.found.evidence == .unsignedMarker(CandidateID(rawValue: 5)) && match.labels == [.unsignedMarker])
        // The other way, and by every address of the correspondent.
        let out = try #require(
            try decide(
                fields, from: "rita@acme.example", to: ["sam@acme.example", "ANNA@home.example"], rows: [Self.known]
            ).match)
        #expect(out.direction == .outbound && out.found.thread == match.found.thread, "one id, one thread")
        let other = try #require(try decide([("References", "<t2@hire.lever.co>")], rows: [Self.known]).match)
        #expect(other.found.thread != match.found.thread)
        // Strangers, colleagues among themselves, and a sender who is not who it says.
        #expect(outcome(try decide(fields, from: "ben@home.example", rows: [Self.known])) == .unsignedMarker)
        #expect(
            outcome(try decide(fields, from: "rita@acme.example", to: ["sam@acme.example"], rows: [Self.known]))
                == .unsignedMarker)
        let forged = fields + [("Authentication-Results", "mx.acme.example; dmarc=fail header.from=home.example")]
        #expect(outcome(try decide(forged + [("From", "anna@home.example")], rows: [Self.known])) == .unsignedMarker)
        // Of a company that takes no part.
        #expect(outcome(try decide(fields, to: ["x@elsewhere.example"])) == .noMarker)
    }

    @Test func `a marker of ours whose signature is wrong is never an outside system's`() throws {
        memory.candidates.insert([(try key.addressIndex(Address(path: "anna@home.example"))[...], Int64(5))])
        let decision = try decide([("References", FilterFixture.marker(key: HMACKey([9])))], rows: [Self.known])
        #expect(outcome(decision) == .badSignature)
    }

    // MARK: Stamps

    private static let stamps = Routing.Row(company: FilterFixture.acme, item: .stamp)

    private func stamp(
        _ fields: [(String, String)], from sender: String = "<rita@acme.example>",
        to recipients: [String] = ["<anna@home.example>"],
        rows: [Routing.Row] = [stamps], abilities: MilterAbilities? = nil
    ) throws -> (made: [String], lines: [String]) {
        let fixture = try FilterFixture(further: rows)
        let session = FilterSession(context: fixture.context)
        if let abilities { session.negotiated(abilities) }
        let changes = RecordedChanges()
        let header = fields.map { ($0.0, " \($0.1)") }
        #expect(
            try fixture.send(session, from: sender, to: recipients, header: header, changes: changes) == .wentThrough)
        return (changes.made, fixture.lines.all)
    }

    @Test func `an outgoing original gets the marker of X-Lever-Thread into References`() throws {
        let (marker, other) = (FilterFixture.marker(), FilterFixture.marker(thread: 5))
        let fields = [("X-Lever-Thread", marker), ("Message-ID", "<1@acme.example>")]
        #expect(try stamp(fields).made == ["= References: \(marker)"])
        #expect(
            try stamp(fields + [("References", "<a@x.example>\n <b@x.example>")]).made
                == ["= References: \(marker)\n <a@x.example>\n <b@x.example>"])
        #expect(
            try stamp([("X-Lever-Thread", marker), ("References", other)]).made == [
                "= References: \(marker)\n \(other)"
            ])
        // It is there already; the company does not stamp; it comes in, or stays inside.
        #expect(try stamp(fields + [("References", marker)]).made == [])
        #expect(try stamp(fields, rows: []).made == [])
        #expect(try stamp(fields, from: "<anna@home.example>", to: ["<rita@acme.example>"]).made == [])
        #expect(try stamp(fields, to: ["<sam@acme.example>"]).made == [])
        // No X-Lever-Thread, or a forged one.
        #expect(try stamp([("References", marker)]).made == [])
        #expect(
            try stamp([("X-Lever-Thread", FilterFixture.marker(key: HMACKey([9]))), ("References", marker)]).made == [])
    }

    @Test func `a change that would break a signature is not made`() throws {
        let fields = [("X-Lever-Thread", FilterFixture.marker()), ("Message-ID", "<1@acme.example>")]
        let signed = ("DKIM-Signature", "v=1; d=acme.example; h=From:To:\n\tReferences : Date; b=x")
        #expect(try stamp(fields + [signed]).made == [])
        let other = ("DKIM-Signature", "v=1; d=acme.example; h=From:To; b=references")
        #expect(try stamp(fields + [other]).made.count == 1)
    }

    @Test func `a server that does not let it change fields sends the message as it is, and the log says so`() throws {
        let fields = [("X-Lever-Thread", FilterFixture.marker()), ("Message-ID", "<1@acme.example>")]
        let abilities = MilterAbilities(addsRecipients: true, addsHeaderFields: true, changesHeaderFields: false)
        let (made, lines) = try stamp(fields, abilities: abilities)
        #expect(
            made == [] && lines.contains { $0.contains("not stamped") } && lines.contains { $0.contains("spooled") })
    }
}
