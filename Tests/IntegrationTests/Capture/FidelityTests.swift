import Foundation
import TestSupport
import Testing

extension IntegrationTests {
    /// Messages are stored byte for byte as Postfix delivers them.
    ///
    /// Fixtures/*.eml are messages as they lie on a Unix disk: lines end in LF, which is sent as CRLF; any CR in them
    /// is a bare one. MARKER-ID in them becomes the id of a thread.
    @Suite
    struct Fidelity {
        private static let fixtures = Bundle.module.resourcePath! + "/Fixtures"

        static let names = try! FileManager.default.contentsOfDirectory(atPath: fixtures)
            .filter { $0.hasSuffix(".eml") && $0 != "no-blank-line.eml" }.sorted()

        @Test func `control: there are fixtures to test with`() {
            #expect(Self.names.count >= 25)
        }

        @Test(arguments: names)
        func `a fixture is stored as it was delivered`(_ name: String) async throws {
            let host = try MailHost.shared.get()
            let id = try send(try contents(of: "\(Self.fixtures)/\(name)"), host)
            #expect(try await host.story(of: id).outcome == "captured")
            try await expectFaithful(id, host)
        }

        /// The milter protocol says the same in both cases: header fields, the end of the header, no body.
        @Test func `known limit: a message that ends in its header is stored with an empty line added`()
            async throws
        {
            let host = try MailHost.shared.get()
            let id = try send(try contents(of: "\(Self.fixtures)/no-blank-line.eml"), host)
            let stored = try host.export(try await host.story(of: id), of: host.acme)
            let delivered = try await host.delivered(id)[0].untraced.withCRLF
            expectEqual(stored, delivered + [13, 10])
        }

        struct Header: CustomTestStringConvertible, Sendable {
            let testDescription: String
            let lines: @Sendable () -> [String]
            /// Postfix truncates header fields that are longer than it can pass to a filter.
            var isCut = false
        }

        static let headers = [
            Header(testDescription: "1,000 fields", lines: { (0..<1000).map { "X-Field-\($0): \($0)" } }),
            Header(
                testDescription: "fields of 60,000 bytes together",
                lines: {
                    (0..<75).map { "X-Field-\($0): " + String(repeating: "x", count: 785) }
                }),
            Header(
                testDescription: "one folded field of 59,000 bytes",
                lines: {
                    ["X-Folded: first"] + (0..<73).map { " " + String(repeating: "\($0 % 10)", count: 800) }
                }),
            Header(
                testDescription: "one folded field of 70,000 bytes",
                lines: {
                    ["X-Folded: first"] + (0..<87).map { " " + String(repeating: "\($0 % 10)", count: 800) }
                }, isCut: true),
            Header(
                testDescription: "one line of 100,000 bytes",
                lines: {
                    ["X-Line: " + String(repeating: "x", count: 100_000)]
                }, isCut: true),
            Header(
                testDescription: "References with 2,000 ids",
                lines: {
                    ["References:"] + (0..<2000).map { " <\($0)@home.example>" }
                }),
        ]

        @Test(arguments: headers)
        func `a large header is stored as delivered; if Postfix truncates it, both are truncated`(_ header: Header)
            async throws
        {
            let host = try MailHost.shared.get()
            let message = """
                From: anna@home.example
                Message-ID: <\(Letter.unique())@home.example>
                Date: Mon, 23 Nov 2026 09:12:44 +0100
                In-Reply-To: <MARKER-ID>
                \(header.lines().joined(separator: "\n"))
                X-Last: 1

                Body.

                """
            let sent = marked(Array(message.utf8), host)
            let id = try send(Array(message.utf8), host)
            #expect(try await host.story(of: id).outcome == "captured")
            try await expectFaithful(id, host)
            #expect((try await host.delivered(id)[0].untraced.withCRLF != sent) == header.isCut)
        }

        @Test func `bare line feeds, which Postfix reads as line ends, are stored as Postfix delivers them`()
            async throws
        {
            let host = try MailHost.shared.get()
            let letter = Letter("Bare LF", body: "one\ntwo\r\n\nthree\n\r\nfour\r\n").answering(host.acme.marker)
            let id = try host.send(letter)
            try await expectFaithful(id, host)
        }

        private func send(_ fixture: [UInt8], _ host: MailHost) throws -> String {
            let message = marked(fixture, host)
            let client = try SMTPClient(port: host.postfix.port())
            return try client.send(
                message, from: "anna@home.example", to: ["rita@acme.example"],
                parameters: message.contains { $0 > 127 } ? "BODY=8BITMIME" : "")
        }

        private func marked(_ fixture: [UInt8], _ host: MailHost) -> [UInt8] {
            fixture.replacing("<MARKER-ID>", with: host.acme.marker).withCRLF
        }
    }
}
