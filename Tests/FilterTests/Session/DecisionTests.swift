import Core
import Inspection
import Sealing
import Testing

@testable import Filter

@Suite struct DecisionTests {
    private let routing = try! Routing(rows: FilterFixture.rows(sealingKey: [1]))

    private func decide(
        _ fields: [(String, String)], from sender: String = "<anna@home.example>",
        to recipients: [String] = ["<rita@acme.example>"], routing: Routing? = nil
    ) throws -> Decision {
        var header = HeaderSection()
        for (name, value) in fields { header.append(name: Array(name.utf8), value: Array(value.utf8)) }
        return try Decision(
            header: header,
            envelope: Envelope(
                sender: EnvelopeAddress(path: sender), recipients: recipients.map(EnvelopeAddress.init(path:))),
            rules: InspectionContext(routing: routing ?? self.routing, markerDomains: FilterFixture.domains))
    }

    private func outcome(_ decision: Decision) -> Outcome {
        switch decision {
        case .pass(let outcome, _): outcome
        case .capture: .captured
        case .forward: .forwarded
        case .observe: .observeOnly
        }
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
        #expect(outcome(try decide(fields)) == expected)
    }

    @Test func `a marker of a company on full sync is not this filter's business`() throws {
        let decision = try decide(
            [("References", FilterFixture.marker(FilterFixture.globex))],
            to: ["<rita@acme.example>", "<gus@globex.example>"])
        #expect(outcome(decision) == .notLimited)
    }

    @Test func `a company's marker does not count where the company takes no part`() throws {
        let decision = try decide(
            [("References", FilterFixture.marker())], from: "<x@elsewhere.example>", to: ["<y@keyless.example>"])
        #expect(outcome(decision) == .notParticipant)
    }

    /// Acme leaves lawyer.example and the works council's address alone; the index key in use is not the one that the
    /// address was indexed with.
    private func neverLogging() throws -> Routing {
        let key = Routing.IndexKey(version: 9, key: Array(repeating: 9, count: 32))
        return try Routing(
            rows: FilterFixture.rows(sealingKey: [1]) + [
                Routing.Row(company: FilterFixture.acme, item: .furtherIndexKey, version: key.version, value: key.key),
                Routing.Row(company: FilterFixture.acme, item: .neverDomain, name: "lawyer.example"),
                Routing.Row(
                    company: FilterFixture.acme, item: .neverAddress, version: key.version,
                    value: key.addressIndex("Council@acme.example")),
            ])
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
        #expect(outcome(decision) == expected)
    }

    @Test func `the never-log list of one company is not another's`() throws {
        let decision = try decide(
            [("References", FilterFixture.marker(FilterFixture.keyless))], from: "<x@lawyer.example>",
            to: ["<k@keyless.example>"], routing: neverLogging())
        #expect(outcome(decision) == .captured)
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
            rows: FilterFixture.rows(sealingKey: [1]) + FilterFixture.capture(mode) + [
                Routing.Row(company: FilterFixture.acme, item: .neverDomain, name: "lawyer.example")
            ])
        let marked = [("References", FilterFixture.marker())]
        #expect(outcome(try decide(marked, routing: routing)) == expected)
        // Refusals come before it, whatever the mode is.
        let forged = [("References", FilterFixture.marker(key: HMACKey([9])))]
        #expect(outcome(try decide(forged, routing: routing)) == .badSignature)
        #expect(outcome(try decide(marked, from: "<x@lawyer.example>", routing: routing)) == .neverLog)
        #expect(outcome(try decide(marked, to: ["<k@keyless.example>"], routing: routing)) == .notParticipant)
        // It is no other company's.
        let other = [("References", FilterFixture.marker(FilterFixture.keyless))]
        #expect(outcome(try decide(other, to: ["<k@keyless.example>"], routing: routing)) == .captured)
    }
}
