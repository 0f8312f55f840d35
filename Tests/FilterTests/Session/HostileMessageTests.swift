import Core
import LibMilter
import Observability
import Sealing
import Spool
import Testing

@testable import Filter

/// Messages made to be hard: what they cost is bounded, and where a marker counts is as documented.
@Suite struct HostileMessageTests {
    struct Crowd: CustomTestStringConvertible, Sendable {
        let testDescription: String
        let name: String
        /// Which of 1,000 fields of that name has the marker.
        let position: Int
        let isFound: Bool
    }

    static let crowds = ["In-Reply-To", "REFERENCES", "X-Lever-Thread"].flatMap { name in
        [(0, true), (31, true), (32, false), (500, false), (967, false), (968, true), (999, true)].map {
            Crowd(testDescription: "\(name) \($0)", name: name, position: $0, isFound: $1)
        }
    }

    @Test(arguments: crowds)
    func `of 1,000 fields of one name the first and last 32 count`(_ crowd: Crowd) throws {
        let fixture = try FilterFixture()
        let header = (0..<1000).map { number in
            (crowd.name, number == crowd.position ? " \(FilterFixture.marker())" : " <\(number)@home.example>")
        }
        let ending = try fixture.send(FilterSession(context: fixture.context), header: header)
        #expect(ending == (crowd.isFound ? .wentThrough : .acceptedAtHeader))
        #expect(try fixture.spool.waiting().count == (crowd.isFound ? 1 : 0))
    }

    @Test func `a header of many empty fields is too large long before its bytes are, and its marker is found`() throws
    {
        let fixture = try FilterFixture { $0.messageSizeLimit = 50_000_000 }
        let header = repeating(("a", ""), 20_000)
        #expect(try fixture.send(FilterSession(context: fixture.context), header: header) == .acceptedAtHeader)
        #expect(fixture.lines.final.count == 1 && fixture.lines.final[0].contains("outcome=too_large"))
    }

    /// What is not kept is not found: that no marker was shows that the fields before it filled the room there is.
    @Test(arguments: ["References", "message-id"])
    func `fields that markers are looked for in are bounded as well`(_ name: String) throws {
        let fixture = try FilterFixture { $0.messageSizeLimit = 50_000_000 }
        let header = repeating((name, ""), 40_000)
        #expect(try fixture.send(FilterSession(context: fixture.context), header: header) == .acceptedAtHeader)
        #expect(fixture.lines.final == [])
        #expect(fixture.context.metrics.unread[.atHeader] == 1)
    }

    @Test func `of 100,000 recipients a thousand are indexed, each once, the company's own first`() throws {
        let fixture = try FilterFixture()
        let others = (0..<100_000).map { "<person\($0)@host\($0).example>" }
        let own = (0..<20).flatMap { ["<r\($0)@acme.example>", "<R\($0)@ACME.example>"] }
        let header = [("In-Reply-To", " \(FilterFixture.marker())")]
        _ = try fixture.send(FilterSession(context: fixture.context), to: others + own, header: header)

        let spooled = try fixture.spool.open(fixture.spool.waiting()[0]).record
        let key = FilterFixture.indexKey
        let expected =
            try (0..<20).map { try key.addressIndex(Address(path: "r\($0)@acme.example")) }
            + (0..<980).map { try key.addressIndex(Address(path: "person\($0)@host\($0).example")) }
        #expect(spooled.recipientIndices == expected)
        #expect(spooled.direction == .inbound)
    }

    @Test(arguments: ["\u{0}", "8bit", "overlong"])
    func `8-bit, overlong and broken UTF-8 in every field that is read`(_ kind: String) throws {
        let fixture = try FilterFixture()
        let junk: [UInt8] =
            switch kind {
            case "8bit": Array(0x80...0xff)
            case "overlong":
                [0xc0, 0xbc, 0xe0, 0x80, 0xbc, 0xf0, 0x80, 0x80, 0xbc, 0xed, 0xa0, 0x80, 0xf4, 0x90, 0x80, 0x80]
            default: [0]
            }
        let session = FilterSession(context: fixture.context)
        session.mail(path: "<\(String(decoding: junk, as: UTF8.self))@home.example>")
        session.recipient(path: "<rita@acme.example>")
        session.recipient(path: String(decoding: junk, as: UTF8.self))
        _ = try session.data(MilterMacros { _ in String(decoding: junk, as: UTF8.self) })
        let marker = Array(" \(FilterFixture.marker())".utf8)
        for name in ["From", "Message-ID", "Date", "References", "In-Reply-To", "X-Lever-Thread", "To", ""] {
            let value = junk + [0x20] + junk + (name == "In-Reply-To" ? marker + junk : [])
            Array(name.utf8).withUnsafeBytes { name in
                value.withUnsafeBytes { session.header(name: name, value: $0) }
            }
        }
        // 0xbc in its overlong forms is no angle bracket.
        guard case .proceed = try session.endOfHeader() else {
            Issue.record("the marker was not found")
            return
        }
        try junk.withUnsafeBytes { try session.body($0) }
        _ = try session.endOfMessage(RecordedChanges().changes)
        #expect(try fixture.openAll().count == 1)
    }

    /// So many times the same field, and one that marks a thread.
    private func repeating(_ field: (String, String), _ count: Int) -> [(String, String)] {
        Array(repeating: field, count: count) + [("In-Reply-To", " \(FilterFixture.marker())")]
    }
}
