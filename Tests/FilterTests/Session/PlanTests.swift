import Core
import Inspection
import Sealing
import Testing

@Suite struct PlanTests {
    private let routing = try! Routing(rows: FilterFixture.rows())

    private func decide(
        _ fields: [(String, String)], from sender: String = "<anna@home.example>",
        to recipients: [String] = ["<rita@acme.example>"], routing: Routing? = nil
    ) throws -> Plan {
        var header = BoundedHeader(messageSizeLimit: 1_000_000)
        for (name, value) in fields { header.append(name: Array(name.utf8), value: Array(value.utf8)) }
        return try Plan(
            header: header,
            envelope: Envelope(
                sender: Address(path: sender), recipients: recipients.map(Address.init(path:))),
            rules: InspectionContext(routing: routing ?? self.routing, markerDomains: FilterFixture.domains))
    }

    @Test(arguments: [
        ([], Outcome.noMarker),
        ([("References", "<other@mail.example>")], .noMarker),
        ([("Subject", FilterFixture.marker())], .noMarker),
        ([("References", FilterFixture.marker())], .captured),
        ([("In-Reply-To", FilterFixture.marker())], .captured),
        ([("References", FilterFixture.marker(key: HMACKey([9])))], .badSignature),
        ([("References", FilterFixture.marker(CompanyID(rawValue: 99)))], .unknownKey),
        ([("References", FilterFixture.marker(FilterFixture.globex))], .notParticipant),
        // A forged id does not hide a true one, wherever it stands.
        (
            [("In-Reply-To", FilterFixture.marker(key: HMACKey([9]))), ("References", FilterFixture.marker())],
            .captured
        ),
        // Of several reasons, the one closest to a capture is told.
        (
            [
                ("In-Reply-To", FilterFixture.marker(CompanyID(rawValue: 99))),
                ("References", FilterFixture.marker(FilterFixture.globex)),
            ], .notParticipant
        ),
    ])
    func `an inbound message to Acme is decided by its marker`(_ fields: [(String, String)], _ expected: Outcome) throws
    {
        #expect(try decide(fields).outcome == expected)
    }

    @Test func `a marker of a company on full sync is not this filter's business`() throws {
        let decision = try decide(
            [("References", FilterFixture.marker(FilterFixture.globex))],
            to: ["<rita@acme.example>", "<gus@globex.example>"])
        #expect(decision.outcome == .notLimited)
    }

    @Test func `a company's marker does not count where the company takes no part`() throws {
        let decision = try decide(
            [("References", FilterFixture.marker())], from: "<x@elsewhere.example>", to: ["<y@keyless.example>"])
        #expect(decision.outcome == .notParticipant)
    }

    /// Acme leaves lawyer.example and the works council's address alone; the index key in use is not the one that the
    /// address was indexed with.
    private func neverLogging(_ more: [Routing.Row] = []) throws -> Routing {
        let key = Routing.IndexKey(version: 9, key: Array(repeating: 9, count: 32))
        return try Routing(
            rows: FilterFixture.rows() + [
                Routing.Row(company: FilterFixture.acme, item: .furtherIndexKey, version: key.version, value: key.key),
                Routing.Row(company: FilterFixture.acme, item: .neverDomain, name: "lawyer.example"),
                Routing.Row(
                    company: FilterFixture.acme, item: .neverAddress, version: key.version,
                    value: key.addressIndex(Address(path: "Council@acme.example"))),
            ] + more)
    }

    @Test(
        arguments: [
            ("<anna@home.example>", ["<rita@acme.example>"], [], Outcome.captured),
            ("<x@LAWYER.example>", ["<rita@acme.example>"], [], .neverLog),
            ("<anna@home.example>", ["<rita@acme.example>", "<council@ACME.example>"], [], .neverLog),
            ("<>", ["<rita@acme.example>"], [("From", "X <x@lawyer.example>")], .neverLog),
            (
                "<anna@home.example>", ["<all@acme.example>"], [("Cc", "all@acme.example,\n council@acme.example")],
                .neverLog
            ),
            ("<anna@sub.lawyer.example>", ["<rita@acme.example>"], [("To", "rita@acme.example")], .captured),
            ("<anna@home.example>", ["<rita@acme.example>"], [("Subject", "council@acme.example")], .captured),
        ] as [(String, [String], [(String, String)], Outcome)])
    func `a marked message of somebody on the never-log list is left alone`(
        _ sender: String, _ recipients: [String], _ fields: [(String, String)], _ expected: Outcome
    ) throws {
        let decision = try decide(
            [("References", FilterFixture.marker())] + fields, from: sender, to: recipients, routing: neverLogging())
        #expect(decision.outcome == expected)
    }

    @Test(
        arguments: [
            "\"council\"@acme.example", "council@acme.example.", "COUNCIL@ACME.EXAMPLE", "\"coun\\cil\"@acme.example",
            "coun\\cil@acme.example", "council @acme.example", "council(x)@acme.example", "council@\"acme.example\"",
            "@mx.example:council@acme.example", "council%acme.example", "acme.example!council",
            "council%acme.example@mx.example", "\"council@acme.example\"@localhost",
            "a!council%acme.example@mx.example",
            // Addresses of the mail server itself.
            "council", "\"council\"", "council@[127.0.0.1]", "council@localhost", "council@localhost.acme.example",
            // With an extension, where the company's server knows those.
            "council+x@acme.example", "Council+@acme.example", "\"council+x\"@acme.example.", "council+a+b",
            "council+x%acme.example@mx.example",
        ])
    func `an address on the never-log list is known in every spelling that Postfix delivers to it`(_ spelling: String)
        throws
    {
        let routing = try neverLogging(
            [Routing.Row(company: FilterFixture.acme, item: .recipientDelimiter, name: "+")])
        let marked = [("References", FilterFixture.marker())]
        let decision = try decide(marked, to: ["<rita@acme.example>", "<\(spelling)>"], routing: routing)
        #expect(decision.outcome == .neverLog)
        #expect(try decide(marked, from: "<\(spelling)>", routing: routing).outcome == .neverLog)
    }

    @Test(arguments: [
        "council2@acme.example", "x+council@acme.example", "+council@acme.example", "council@sub.acme.example",
        "council@home.example", "council-x@acme.example", "\"council \"@acme.example",
    ])
    func `another mailbox is not taken for one on the never-log list`(_ address: String) throws {
        let routing = try neverLogging(
            [Routing.Row(company: FilterFixture.acme, item: .recipientDelimiter, name: "+")])
        let decision = try decide(
            [("References", FilterFixture.marker())], to: ["<rita@acme.example>", "<\(address)>"], routing: routing)
        #expect(decision.outcome == .captured)
    }

    @Test func `without a recipient delimiter an extension makes another address, and an entry with one is that alone`()
        throws
    {
        let marked = [("References", FilterFixture.marker())]
        let to = ["<rita@acme.example>", "<council+x@acme.example>"]
        #expect(try decide(marked, to: to, routing: neverLogging()).outcome == .captured)
        let key = Routing.IndexKey(version: 9, key: Array(repeating: 9, count: 32))
        let entry = Routing.Row(
            company: FilterFixture.acme, item: .neverAddress, version: 9,
            value: try key.addressIndex(Address(path: "rita+private@acme.example")))
        for delimiter in [[], [Routing.Row(company: FilterFixture.acme, item: .recipientDelimiter, name: "+")]] {
            let routing = try neverLogging([entry] + delimiter)
            #expect(try decide(marked, to: ["<rita+private@acme.example>"], routing: routing).outcome == .neverLog)
            #expect(try decide(marked, to: ["<rita+jobs@acme.example>"], routing: routing).outcome == .captured)
        }
    }

    @Test(arguments: ["In-Reply-To", "References", "X-Lever-Thread"])
    func `the marker of a withdrawn thread counts no more, and is not read further`(_ field: String) throws {
        func withdrawn(_ thread: UInt64) throws -> Routing {
            let value = (0..<8).reversed().map { UInt8(truncatingIfNeeded: thread >> ($0 * 8)) }
            return try Routing(
                rows: FilterFixture.rows() + [
                    Routing.Row(company: FilterFixture.acme, item: .withdrawnThread, value: value)
                ])
        }
        let plan = try decide([(field, FilterFixture.marker())], routing: withdrawn(77))
        guard case .pass(let thread) = plan.action else {
            Issue.record("\(plan.action)")
            return
        }
        #expect(plan.outcome == .withdrawnMarker && thread?.thread.rawValue == 77)
        #expect(try decide([(field, FilterFixture.marker())], routing: withdrawn(78)).outcome == .captured)
    }

    @Test func `the never-log list of one company is not another's`() throws {
        let decision = try decide(
            [("References", FilterFixture.marker(FilterFixture.keyless))], from: "<x@lawyer.example>",
            to: ["<k@keyless.example>"], routing: neverLogging())
        #expect(decision.match?.company.id == FilterFixture.keyless)
    }

    @Test func `of two companies' markers the one that takes part is captured`() throws {
        let decision = try decide([
            ("In-Reply-To", FilterFixture.marker(FilterFixture.keyless, thread: 5)),
            ("References", FilterFixture.marker(thread: 6)),
        ])
        let match = try #require(decision.match)
        #expect(match.found.thread.rawValue == 6)
        #expect(match.found.field == .references)
        #expect(match.company.id == FilterFixture.acme)
        #expect(match.direction == .inbound)
    }

    @Test(arguments: zip(CaptureMode.allCases, [Outcome.captured, .forwarded, .captured, .observeOnly]))
    func `what becomes of a message is its company's to say, once nothing is against it`(
        _ mode: CaptureMode, _ expected: Outcome
    ) throws {
        let routing = try Routing(
            rows: FilterFixture.rows() + FilterFixture.capture(mode) + [
                Routing.Row(company: FilterFixture.acme, item: .neverDomain, name: "lawyer.example")
            ])
        let marked = [("References", FilterFixture.marker())]
        #expect(try decide(marked, routing: routing).outcome == expected)
        // Refusals come before it, whatever the mode is.
        let forged = [("References", FilterFixture.marker(key: HMACKey([9])))]
        #expect(try decide(forged, routing: routing).outcome == .badSignature)
        #expect(try decide(marked, from: "<x@lawyer.example>", routing: routing).outcome == .neverLog)
        #expect(try decide(marked, to: ["<k@keyless.example>"], routing: routing).outcome == .notParticipant)
        // It is no other company's.
        let other = [("References", FilterFixture.marker(FilterFixture.keyless))]
        let match = try decide(other, to: ["<k@keyless.example>"], routing: routing).match
        #expect(match?.company.id == FilterFixture.keyless)
    }

    @Test func `a company without a sealing key defers its mail, which is known to be its own`() throws {
        let plan = try decide(
            [("References", FilterFixture.marker(FilterFixture.keyless))], to: ["<k@keyless.example>"])
        guard case .fail(let error) = plan.action else {
            Issue.record("\(plan.action)")
            return
        }
        #expect(error.description.contains("no sealing key") && plan.outcome == .spoolFailed)
        #expect(plan.match?.found.thread.rawValue == 77)
    }

    @Test(arguments: CaptureMode.allCases)
    func `a header that is too large passes in every mode, before keys and forwarding count`(_ mode: CaptureMode) throws
    {
        let rows = FilterFixture.rows() + FilterFixture.capture(mode)
        let plan = try decide(
            [("References", FilterFixture.marker()), ("Subject", String(repeating: "x", count: 1_000_000))],
            routing: Routing(rows: rows))
        guard case .tooLarge(let size) = plan.action else {
            Issue.record("\(plan.action)")
            return
        }
        #expect(size > 1_000_000 && plan.outcome == .tooLarge && plan.forwarding == .off && plan.stamp == nil)
    }

    @Test(arguments: zip(CaptureMode.allCases, [1_000_000, nil, 1_000_000, 1_000_000]))
    func `the size counts where a message is stored, or would be`(_ mode: CaptureMode, _ limit: Int?) throws {
        let rows = FilterFixture.rows() + FilterFixture.capture(mode)
        let plan = try decide([("References", FilterFixture.marker())], routing: Routing(rows: rows))
        #expect(plan.sizeLimit == limit)
        if case .store(let recipients) = plan.action {
            #expect(mode.stores && recipients.count == 1)
        } else {
            #expect(!mode.stores)
        }
    }
}
