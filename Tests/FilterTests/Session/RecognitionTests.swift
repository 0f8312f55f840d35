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
        let author = fields.contains { $0.0 == "From" } ? [] : [("From", sender)]
        return try Plan.all(
            header: header(fields + author),
            envelope: Envelope(
                sender: Address(path: sender), recipients: recipients.map(Address.init(path:))),
            client: isSubmitted ? .user : .forgotten,
            rules: InspectionContext(
                routing: Routing(rows: FilterFixture.rows() + rows),
                markerDomains: FilterFixture.domains,
                authservIDs: ["mx.acme.example"], learned: memory))[0]
    }

    private func outcome(_ plan: Plan) -> Outcome { plan.outcome }

    /// As a message with this id is learned, bound to an outside party of it.
    private func index(
        _ id: String, _ party: String = "anna@home.example", key: Routing.IndexKey = FilterFixture.indexKey
    ) throws -> [UInt8] {
        Routing.IndexKey.learnedIndex(
            messageIDIndex: try key.messageIDIndex(Array(id.utf8)),
            partyIndex: try key.addressIndex(Address(path: party)))
    }

    /// As if a message with this id, from or to this party outside, had been captured in the thread.
    private func learn(
        _ id: String, thread: Int64 = 7, with party: String = "anna@home.example",
        key: Routing.IndexKey = FilterFixture.indexKey
    ) throws {
        memory.threads.insert([(try index(id, party, key: key)[...], thread)])
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

    @Test func `an id counts where the outside party that it was learned with takes part`() throws {
        try learn("m1@acme.example", with: "Anna@home.example")
        let fields = [("In-Reply-To", "<m1@acme.example>")]
        // Answered by the company, and by the party again; told to a colleague with the party in Cc.
        #expect(outcome(try decide(fields, from: "rita@acme.example", to: ["anna@HOME.example"])) == .captured)
        #expect(outcome(try decide(fields, from: "anna@home.example")) == .captured)
        #expect(
            outcome(
                try decide(
                    fields + [("Cc", "Anna <anna@home.example>")], from: "rita@acme.example", to: ["sam@acme.example"]))
                == .captured)
        // Mail between others is nobody's business, whatever id it names, and whoever has put that id into a thread.
        #expect(outcome(try decide(fields, from: "rita@acme.example", to: ["chair@club.example"])) == .noMarker)
        #expect(outcome(try decide(fields, from: "chair@club.example")) == .noMarker)
        #expect(outcome(try decide(fields, from: "ceo@acme.example", to: ["cfo@acme.example"])) == .noMarker)
    }

    @Test func `who sends in the envelope alone, or in a From of several, is no party`() throws {
        try learn("m1@acme.example")
        let fields = [("In-Reply-To", "<m1@acme.example>")]
        for from in ["chair@club.example", "anna@home.example, chair@club.example", "Anna: anna@home.example;"] {
            #expect(outcome(try decide(fields + [("From", from)])) == .noMarker, "\(from)")
        }
        let sent = fields + [("From", "anna@home.example"), ("Sender", "chair@club.example")]
        #expect(outcome(try decide(sent, from: "bounces+1@relay.example")) == .captured)
    }

    @Test func `an id that is learned without a party, or with one of the company, recognises nothing`() throws {
        let unbound = try key.messageIDIndex(Array("m1@acme.example".utf8))
        memory.threads.insert([(unbound[...], Int64(7))])
        try learn("m1@acme.example", with: "rita@acme.example")
        let fields = [("In-Reply-To", "<m1@acme.example>"), ("Cc", "rita@acme.example")]
        #expect(outcome(try decide(fields)) == .noMarker)
        #expect(outcome(try decide(fields, from: "rita@acme.example", to: ["sam@acme.example"])) == .noMarker)
    }

    @Test func `a bounce is of the thread of the message that it names, if it goes to the sender of that`() throws {
        try learn("m1@acme.example", with: "rita@acme.example")
        let bounce = [
            ("In-Reply-To", "<m1@acme.example>"), ("From", "MAILER-DAEMON@mx.acme.example"),
            ("Content-Type", "multipart/report; report-type=delivery-status; boundary=b"),
        ]
        let match = try #require(try decide(bounce, from: "").match)
        #expect(match.found.thread.rawValue == 7 && match.direction == .inbound)
        #expect(match.labels == [.bounce, .learnedID])
        #expect(outcome(try decide(bounce, from: "", to: ["sam@acme.example"])) == .noMarker)
        #expect(outcome(try decide(bounce, from: "mailer-daemon@home.example")) == .noMarker, "it has a sender")
        let reply = bounce.dropLast() + [("Auto-Submitted", "auto-replied")]
        #expect(outcome(try decide(Array(reply), from: "")) == .noMarker, "it is none")
    }

    @Test func `an id that leads to two threads, or is contested, is worth nothing; the next id counts`() throws {
        try learn("m1@acme.example", thread: 7, with: "anna@home.example")
        try learn("m1@acme.example", thread: 8, with: "ben@home.example")
        try learn("m2@acme.example", thread: 9)
        let two = [("In-Reply-To", "<m1@acme.example>"), ("Cc", "ben@home.example")]
        #expect(outcome(try decide(two)) == .noMarker)
        #expect(outcome(try decide([two[0]])) == .captured, "one of them")
        #expect(try decide(two + [("References", "<m2@acme.example>")]).match?.found.thread.rawValue == 9)
        try learn("m3@acme.example", thread: LearnedThreads.contested)
        #expect(outcome(try decide([("In-Reply-To", "<m3@acme.example>")])) == .noMarker)
        // Contested with one party, whatever it is with another.
        try learn("m3@acme.example", thread: 7, with: "ben@home.example")
        let contested = [("In-Reply-To", "<m3@acme.example>"), ("Cc", "ben@home.example")]
        #expect(outcome(try decide(contested)) == .noMarker)
        #expect(
            outcome(try decide(contested, from: "ben@home.example", to: ["rita@acme.example", "anna@home.example"]))
                == .noMarker)
    }

    @Test func `the first claim to an id stays in a host's memory`() throws {
        var record = MessageRecord(
            company: FilterFixture.acme, thread: ThreadID(rawValue: 7), entry: .make(at: .now()), acceptedAt: .now(),
            host: "mx1.example", queueID: "4Queue1")
        record.learnedIDs = [try index("m1@acme.example")]
        memory.learn(record)
        record.thread = ThreadID(rawValue: 8)
        memory.learn(record)
        let reply = [("In-Reply-To", "<m1@acme.example>")]
        #expect(try decide(reply).match?.found.thread.rawValue == 7)
        // The database's word counts, and is not overruled.
        try learn("m1@acme.example", thread: LearnedThreads.contested)
        memory.learn(record)
        #expect(outcome(try decide(reply)) == .noMarker)
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

    /// The record of a message that goes through a session; nil if it passes.
    private func record(
        _ fields: [(String, String)], from sender: String, to recipients: [String], isSubmitted: Bool = false
    ) throws -> MessageRecord? {
        let fixture = try FilterFixture { $0.authservIDs = ["mx.acme.example"] }
        let end = try fixture.send(
            FilterSession(context: fixture.context), from: "<\(sender)>", to: recipients.map { "<\($0)>" },
            header: fields.map { ($0.0, " \($0.1)") }, isSubmitted: isSubmitted)
        return end == .wentThrough ? try fixture.spool.open(try fixture.spool.waiting()[0]).record : nil
    }

    private static let ownIDs = [
        ("Message-ID", "<1@outlook.example>"), ("X-Microsoft-Original-Message-ID", "<m1@acme.example>"),
        ("X-Google-Original-Message-ID", "<m2@acme.example>"),
    ]

    @Test func `a message that goes out is learned by its ids, bound to each recipient outside`() throws {
        let fields =
            Self.ownIDs + [
                ("References", FilterFixture.marker()), ("From", "rita@acme.example"), ("Cc", "x@named.example"),
            ]
        let to = ["anna@home.example", "sam@acme.example", "ben@home.example", "ANNA@home.example"]
        let proved = [("Authentication-Results", "mx.acme.example; dmarc=pass header.from=acme.example")]
        let plain = try #require(try record(fields + proved, from: "rita@acme.example", to: to))
        #expect(
            try Set(plain.learnedIDs)
                == [
                    index("1@outlook.example", "anna@home.example"), index("1@outlook.example", "ben@home.example"),
                    // For bounces.
                    index("1@outlook.example", "rita@acme.example"),
                ], "the original ids may be anybody's")
        let submitted = try #require(try record(fields, from: "rita@acme.example", to: to, isSubmitted: true))
        #expect(
            try Set(submitted.learnedIDs)
                == Set(
                    ["1@outlook.example", "m1@acme.example", "m2@acme.example"].flatMap { id in
                        try ["anna@home.example", "ben@home.example", "rita@acme.example"].map { try index(id, $0) }
                    }))
        let many = (0..<40).map { "p\($0)@home.example" }
        let widely = try #require(try record(fields, from: "rita@acme.example", to: many, isSubmitted: true))
        #expect(widely.learnedIDs.count == (16 + 1) * 3)
    }

    @Test func `a message that comes in is learned bound to its author, one between colleagues not at all`() throws {
        let fields = Self.ownIDs + [("In-Reply-To", FilterFixture.marker()), ("Reply-To", "x@evil.example")]
        let results = "mx.acme.example; dmarc=pass header.from=home.example; spf=fail smtp.mailfrom=relay.example"
        let back = try #require(
            try record(
                fields + [("Authentication-Results", results), ("From", "Anna <anna@home.example>")],
                from: "bounces+1@relay.example", to: ["rita@acme.example", "ben@home.example"]))
        #expect(try back.learnedIDs == [index("1@outlook.example", "anna@home.example")])
        #expect(try back.correspondents.map(\.bytes) == [key.addressIndex(Address(path: "anna@home.example"))])
        let inside = try #require(
            try record(
                fields + [("From", "tom@acme.example")], from: "tom@acme.example", to: ["paul@acme.example"],
                isSubmitted: true))
        #expect(inside.direction == .internal && inside.learnedIDs == [])
        // Several authors are none.
        let two = try #require(
            try record(
                fields + [("From", "anna@home.example, chair@club.example")], from: "anna@home.example",
                to: ["rita@acme.example"]))
        #expect(two.learnedIDs == [])
    }

    @Test func `a host knows at once what it has captured`() throws {
        let fixture = try FilterFixture()
        let session = FilterSession(context: fixture.context)
        _ = try fixture.send(
            session,
            header: [
                ("In-Reply-To", " \(FilterFixture.marker())"), ("Message-ID", " <a1@home.example>"),
                ("From", " Anna <anna@home.example>"),
            ])
        #expect(try fixture.context.learned.threads[index("a1@home.example")] == 77)
        #expect(
            try fixture.send(
                session, from: "<rita@acme.example>", to: ["<anna@home.example>"],
                header: [("From", " rita@acme.example"), ("In-Reply-To", " <a1@home.example>")])
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
        let pass = [("Authentication-Results", "mx.acme.example; dmarc=pass header.from=acme.example")]
        for (more, isSubmitted) in [([], true), (pass, false)] {
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

    @Test func `of a message whose sender is not who it says, nothing is learned`() throws {
        let forged = try #require(
            try record(
                [
                    ("Authentication-Results", "mx.acme.example; dmarc=fail header.from=home.example"),
                    ("From", "anna@home.example"), ("Message-ID", "<a1@home.example>"),
                    ("References", FilterFixture.marker()),
                ], from: "anna@home.example", to: ["rita@acme.example"]))
        #expect(forged.learnedIDs == [] && forged.authentication == .fail)
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
        let header = (fields + [("From", sender)]).map { ($0.0, " \($0.1)") }
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
