import Core
import Inspection
import Sealing
import Testing

@testable import MessageTracing

@Suite struct ExplanationTests {
    private static let key = HMACKey(Array(repeating: 1, count: 32))

    /// 1 and 4 limited (4 without a sealing key), 2 full. Key 1 of each is the same.
    private static func routing(_ mode: CaptureMode) throws -> Routing {
        let companies: [(Int64, String, String)] = [
            (1, "limited", "acme"), (2, "full", "globex"), (4, "limited", "keyless"),
        ]
        return try Routing(
            rows: companies.flatMap { id, sync, name in
                let company = CompanyID(rawValue: id)
                return [
                    Routing.Row(company: company, item: .company, name: sync),
                    Routing.Row(company: company, item: .domain, name: "\(name).example"),
                    Routing.Row(company: company, item: .markerKey, version: 1, value: Array(repeating: 1, count: 32)),
                    Routing.Row(company: company, item: .indexKey, version: 1, value: Array(repeating: 2, count: 32)),
                    Routing.Row(company: company, item: .neverDomain, name: "press.example"),
                ]
            } + [
                Routing.Row(company: CompanyID(rawValue: 1), item: .sealingKey, value: KeyFixture.publicKey),
                Routing.Row(company: CompanyID(rawValue: 1), item: .capture, name: mode.rawValue),
                Routing.Row(company: CompanyID(rawValue: 1), item: .forward, name: "acme@inbox.example"),
            ])
    }

    private static func marker(_ company: Int64, key: HMACKey = key) -> String {
        try! Marker.issue(
            company: CompanyID(rawValue: company), thread: ThreadID(rawValue: 7), domain: "hire.lever.co", keyID: 1,
            key: key
        ).messageID
    }

    private func explain(
        _ text: String, from: String = "<anna@home.example>", to: [String] = ["rita@acme.example"], limit: Int = 1000,
        mode: CaptureMode = .store, learned: LearnedThreads = LearnedThreads()
    ) throws -> DecisionExplanation {
        try explanations(text, from: from, to: to, limit: limit, mode: mode, learned: learned)[0]
    }

    private func explanations(
        _ text: String, from: String = "<anna@home.example>", to: [String], limit: Int = 1000,
        mode: CaptureMode = .store, learned: LearnedThreads = LearnedThreads()
    ) throws -> [DecisionExplanation] {
        try DecisionExplanation.all(
            MessageFile(Array(text.utf8), messageSizeLimit: limit),
            envelope: Envelope(
                sender: Address(path: from), recipients: to.map(Address.init(path:))),
            rules: InspectionContext(routing: Self.routing(mode), markerDomains: ["hire.lever.co"], learned: learned))
    }

    @Test(
        arguments: [
            ("Subject: x\n\n", ["x@home.example"], Outcome.noMarker, ["envelope-"]),
            ("Subject: x\n\n", ["g@globex.example"], .noMarker, ["envelope-"]),
            ("Subject: x\n\n", ["rita@acme.example"], .noMarker, ["envelope+", "marker-"]),
            (
                "References: \(marker(1))\n\nHi", ["rita@acme.example"], .captured,
                ["envelope+", "marker+", "keys+", "size+"]
            ),
            (
                "References: \(marker(1, key: HMACKey([9])))\n\n", ["rita@acme.example"], .badSignature,
                ["envelope+", "marker-"]
            ),
            ("References: \(marker(3))\n\n", ["rita@acme.example"], .unknownKey, ["envelope+", "marker-"]),
            ("References: \(marker(2))\n\n", ["rita@acme.example"], .notParticipant, ["envelope+", "marker-"]),
            (
                "References: \(marker(2))\n\n", ["rita@acme.example", "g@globex.example"], .notLimited,
                ["envelope+", "marker-"]
            ),
            (
                "References: \(marker(1))\nCc: x@press.example\n\n", ["rita@acme.example"], .neverLog,
                ["envelope+", "marker-"]
            ),
            ("References: \(marker(4))\n\n", ["k@keyless.example"], .spoolFailed, ["envelope+", "marker+", "keys-"]),
            (
                "References: \(marker(1))\n\n\(String(repeating: "x", count: 2000))", ["rita@acme.example"], .tooLarge,
                ["envelope+", "marker+", "keys+", "size-"]
            ),
            (
                "References: \(marker(1))\nSubject: \(String(repeating: "x", count: 2000))\n\n", ["rita@acme.example"],
                .tooLarge, ["envelope+", "marker+", "size-"]
            ),
        ] as [(String, [String], Outcome, [String])])
    func `every decision ends at its step and gives the reason`(
        text: String, to: [String], outcome: Outcome, steps: [String]
    )
        throws
    {
        let explanation = try explain(text, to: to)
        #expect(explanation.outcome == outcome)
        #expect(explanation.steps.map { "\($0.name.rawValue)\($0.isPassed ? "+" : "-")" } == steps)
    }

    @Test(
        arguments: [
            (.observe, 10, [], .observeOnly, ["mode+", "size+"]),
            (.observe, 2000, [], .tooLarge, ["mode+", "size-"]),
            (.forward, 10, [], .forwarded, ["mode+", "forward+"]),
            (.forward, 2000, [], .forwarded, ["mode+", "forward+"]),
            (.forward, 10, ["acme@inbox.example"], .alreadyForwarded, ["mode+", "forward-"]),
            (.storeAndForward, 10, [], .captured, ["mode+", "keys+", "size+", "forward+"]),
            (.storeAndForward, 2000, [], .tooLarge, ["mode+", "keys+", "size-", "forward+"]),
            (.storeAndForward, 10, ["acme@inbox.example"], .captured, ["mode+", "keys+", "size+", "forward-"]),
        ] as [(CaptureMode, Int, [String], Outcome, [String])])
    func `the company's capture mode decides what happens to a message that could be captured`(
        mode: CaptureMode, size: Int, also: [String], outcome: Outcome, steps: [String]
    ) throws {
        let explanation = try explain(
            "References: \(Self.marker(1))\n\n\(String(repeating: "x", count: size))",
            to: ["rita@acme.example"] + also, mode: mode)
        #expect(explanation.outcome == outcome)
        #expect(
            explanation.steps.map { "\($0.name.rawValue)\($0.isPassed ? "+" : "-")" }
                == ["envelope+", "marker+"] + steps)
        #expect(explanation.steps.allSatisfy { !$0.text.contains("inbox.example") })
    }

    @Test func `a reply recognised by a learned id says so, and so does an external marker`()
        throws
    {
        let memory = LearnedThreads()
        let key = Routing.IndexKey(version: 1, key: Array(repeating: 2, count: 32))
        let index = Routing.IndexKey.learnedIndex(
            messageIDIndex: try key.messageIDIndex(Array("m1@acme.example".utf8)),
            partyIndex: try key.addressIndex(Address(path: "anna@home.example")))
        memory.threads.insert([(index[...], Int64(7))])
        let learned = try explain("From: anna@home.example\nIn-Reply-To: <m1@acme.example>\n\n", learned: memory)
        #expect(learned.outcome == .captured && learned.found?.evidence == .learnedID)
        #expect(
            learned.steps[1].text.hasPrefix("a message seen before, named in In-Reply-To, holds: company 1, thread 7"))
        let outside = try explain("References: <t1@hire.lever.co>\n\n", learned: memory)
        #expect(outside.outcome == .unsignedMarker && outside.verdicts.count == 1)
    }

    @Test(
        arguments: [
            ("Subject: Re: \(marker(1))", "Subject", "the marker of company 1, thread 7,"),
            ("X-References: \(marker(1))", "X-References", "where none counts"),
            ("In-Reply-To: <x@y.example>\nX-Lever-Thread: \(marker(1))", "X-Lever-Thread", "names none in In-Reply-To"),
            ("In-Reply-To: (\(marker(1))) <x@y.example>", "In-Reply-To", "in a comment"),
            ("References: \(marker(1).prefix(40))", "References", "is cut: 35 of its 60"),
            ("References: \(marker(1).replacing("lv1.ae", with: "lv1.aee"))", "References", "more than its 60"),
            ("References: \(marker(1).replacing("lv1.ae", with: "lv1.a1"))", "References", "was altered"),
            ("References: \(marker(1).replacing("@hire", with: "@tire"))", "References", "none of marker_domains"),
            ("References: \(marker(1).replacing("@hire.lever.co>", with: ">"))", "References", "lost its domain"),
            ("Subject: \(marker(3))", "Subject", "not in the routing"),
            ("Subject: \(marker(1, key: HMACKey([9])))", "Subject", "wrong signature"),
            ("Subject: LV1.\(marker(1).dropFirst(5).uppercased())", "Subject", "the marker of company 1"),
            ("Subject: x\n\n> References: \(marker(1))", "body", "is in the body"),
            (
                "Subject: x\n\n" + marker(1).replacing("@", with: "=40").replacing("hire", with: "hi=\nre"), "body",
                "the marker of company 1"
            ),
        ])
    func `a marker that does not count is named, with what is wrong and what to do`(
        _ text: String, _ place: String, _ reason: String
    ) throws {
        for to in ["rita@acme.example", "x@home.example"] {
            let explanation = try explain("\(text)\n\n", to: [to])
            #expect(explanation.outcome == .noMarker)
            #expect(explanation.uncounted.map(\.place) == [place])
            let uncounted = try #require(explanation.uncounted.first)
            #expect(uncounted.text.contains(reason), "\(uncounted.text)")
            #expect(!uncounted.advice.isEmpty)
        }
    }

    @Test func `a message that is captured, or has no marker, has none that does not count`() throws {
        #expect(try explain("References: \(Self.marker(1))\nSubject: \(Self.marker(1))\n\n").uncounted == [])
        #expect(try explain("Subject: lv1.\n\nlv1.x lv1. \(String(repeating: "lv1.", count: 100))\n").uncounted == [])
        #expect(try explain("References: \(Self.marker(2))\n\n").uncounted == [])
    }

    @Test(arguments: [
        ("From: rita@acme.example", "", "anna@home.example", "automatic replies have no envelope sender"),
        ("From: rita@acme.example", "<b@bulk.example>", "anna@home.example", "the envelope's sender is not"),
        ("From: anna@home.example\nTo: rita@acme.example", "<anna@home.example>", "rita@alias.example", "an alias"),
    ])
    func `an envelope without a company of a mail that names one is explained`(
        _ fields: String, _ sender: String, _ recipient: String, _ reason: String
    ) throws {
        let explanation = try explain("\(fields)\n\n", from: sender, to: [recipient])
        #expect(explanation.steps.map(\.name) == [.envelope] && explanation.steps[0].text.contains(reason))
    }

    @Test(arguments: ["\u{feff}", "\n\n", "\r\n"])
    func `what a program put in front of the message is left out`(_ front: String) throws {
        #expect(try explain("\(front)References: \(Self.marker(1))\n\nHi").outcome == .captured)
    }

    @Test func `all markers are listed in order of precedence, including those after the valid one`() throws {
        let explanation = try explain(
            """
            In-Reply-To: \(Self.marker(3))
            References: \(Self.marker(2))
              \(Self.marker(1)) \(Self.marker(1, key: HMACKey([9])))

            """)
        #expect(explanation.verdicts.map(\.found.field) == [.inReplyTo, .references, .references, .references])
        let verdicts = explanation.verdicts.map { verdict in
            if case .refused(let outcome) = verdict.verdict { outcome.rawValue } else { "holds" }
        }
        #expect(verdicts == ["unknown_key", "bad_signature", "holds", "not_participant"])
        #expect(explanation.found?.field == .references && explanation.direction == .inbound)
        #expect(explanation.sealingKeyIDs.count == 1)
    }

    @Test(arguments: ["\n", "\r\n"], [("", 0), ("one", 5), ("one\ntwo\n", 10)])
    func `LF and CRLF give the same message`(end: String, body: (text: String, size: Int)) {
        let text = "A: 1\n folded\nB:2\n\n\(body.text)".replacing("\n", with: end)
        let file = MessageFile(Array(text.utf8), messageSizeLimit: 1000)
        #expect(String(decoding: file.header.fields.raw, as: UTF8.self) == "A: 1\r\n folded\r\nB:2\r\n")
        #expect(file.size == file.header.fields.raw.count + 2 + body.size)
    }

    @Test func `a header field is read as Postfix passes it to a milter`() {
        func values(_ bytes: [UInt8]) -> [String] {
            let fields = MessageFile(bytes, messageSizeLimit: 1_000_000).header.fields
            return fields.values("X").map { String(decoding: $0, as: UTF8.self) }
        }
        #expect(values(Array("X:  a \nx: b\n\nX: body\n".utf8)) == ["  a ", " b"])
        #expect(values(Array("From anna Mon Nov 23\nX: a\n\n".utf8)) == [" a"])
        #expect(values(Array("X : a\n\n".utf8)) == [" a"])
        #expect(values(Array("X: a\0b\n\n".utf8)) == [" a"])
        // The body may begin without an empty line.
        #expect(values(Array("X: a\nno field\nX: b\n".utf8)) == [" a"])
        #expect(values(Array("X: a".utf8)) == [" a"])
        #expect(values([]) == [])
        #expect(values(Array("X: \(String(repeating: "y", count: 70_000))\n\n".utf8))[0].utf8.count == 60_000 - 2)
    }

    @Test func `a message of two companies' threads is explained for each`() throws {
        let text = "In-Reply-To: \(Self.marker(1))\nReferences: \(Self.marker(4))\n\n"
        let both = try explanations(text, to: ["rita@acme.example", "k@keyless.example"])
        #expect(both.map(\.outcome) == [.captured, .spoolFailed])
        #expect(both.map { $0.found?.company.rawValue } == [1, 4])
        #expect(
            both.map { $0.steps.map(\.name.rawValue) } == [
                ["envelope", "marker", "keys", "size"], ["envelope", "marker", "keys"],
            ])
    }
}

enum KeyFixture {
    /// A point of P-256: the generator, SubjectPublicKeyInfo.
    static let publicKey = [UInt8](
        hex: "3059301306072a8648ce3d020106082a8648ce3d03010703420004"
            + "6b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
            + "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5")!
}
