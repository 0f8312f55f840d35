import Capture
import Core
import Foundation
import Inspection
import LibMilter
import Observability
import Sealing
import Spool
import Testing

@testable import Filter

@Suite struct FilterSessionTests {
    private let marked = [
        ("Message-ID", " <r1@home.example>"), ("From", " Anna\n <anna@home.example>"),
        ("References", " \(FilterFixture.marker())"),
    ]

    @Test func `a marked message is sealed in the spool as it came`() throws {
        let fixture = try FilterFixture()
        let session = FilterSession(context: fixture.context)
        #expect(try fixture.send(session, header: marked, body: Array("One\r\n..\r\n".utf8), chunk: 3) == .wentThrough)
        let expected =
            "Message-ID: <r1@home.example>\r\nFrom: Anna\r\n <anna@home.example>\r\n"
            + "References:\(marked[2].1)\r\n\r\nOne\r\n..\r\n"
        #expect(try fixture.openAll().map { String(decoding: $0, as: UTF8.self) } == [expected])
        let message = try fixture.spool.open(fixture.spool.waiting()[0])
        #expect(message.size == expected.utf8.count)
        #expect(message.record.direction == .inbound)
        #expect(message.record.queueID == "4Queue1")
        #expect(message.record.thread.rawValue == 77)
        #expect(
            message.record.recipientIndices == [
                try FilterFixture.indexKey.addressIndex(Address(path: "RITA@acme.example"))
            ])
    }

    @Test func `mail without a company on limited sync is let through before its header`() throws {
        let fixture = try FilterFixture()
        let session = FilterSession(context: fixture.context)
        #expect(try fixture.send(session, to: ["<b@elsewhere.example>"], header: marked) == .acceptedAtData)
        #expect(try fixture.send(session, from: "<>", to: ["<gus@globex.example>"], header: marked) == .acceptedAtData)
        #expect(fixture.context.metrics.unread[.atEnvelope] == 2)
        #expect(fixture.lines.all == [])
    }

    @Test func `mail without a marker is let through before its body and is not logged`() throws {
        let fixture = try FilterFixture()
        let session = FilterSession(context: fixture.context)
        #expect(try fixture.send(session, header: [("Subject", " Lunch")]) == .acceptedAtHeader)
        #expect(fixture.context.metrics.unread[.atHeader] == 1)
        #expect(fixture.lines.all == [])
        #expect(try fixture.spool.waiting() == [])
    }

    @Test func `one session carries marked and unmarked messages in any order`() throws {
        let fixture = try FilterFixture()
        let session = FilterSession(context: fixture.context)
        let plain = [("Subject", " Lunch")]
        for header in [marked, plain, plain, marked, plain, marked] { _ = try fixture.send(session, header: header) }
        #expect(try fixture.spool.waiting().count == 3)
        #expect(fixture.context.metrics.unread[.atHeader] == 3)
        #expect(fixture.context.admission.messages.count == 0)
    }

    @Test func `a refused marker is logged once, with its reason`() throws {
        let fixture = try FilterFixture()
        let session = FilterSession(context: fixture.context)
        let forged = [("References", FilterFixture.marker(key: HMACKey([9])))]
        #expect(try fixture.send(session, header: forged) == .acceptedAtHeader)
        #expect(fixture.lines.final == ["4Queue1: outcome=bad_signature company=1 thread=77 matched=references"])
        #expect(fixture.context.dispositions.take(10).map(\.outcome) == [.badSignature])
    }

    @Test(arguments: [1000, 100_000])
    func `a message of just the limit is captured, one byte more passes and is recorded`(limit: Int) throws {
        let fixture = try FilterFixture { $0.messageSizeLimit = limit }
        let session = FilterSession(context: fixture.context)
        let headerSize = marked.reduce(2) { $0 + $1.0.utf8.count + $1.1.utf8.count + 3 } + 1
        let body = [UInt8](repeating: 0x61, count: limit - headerSize)
        #expect(try fixture.send(session, header: marked, body: body) == .wentThrough)
        #expect(try fixture.openAll().map(\.count) == [limit])
        #expect(try fixture.send(session, header: marked, body: body + [0x61]) == .wentThrough)
        #expect(try fixture.openAll().count == 1)
        #expect(
            fixture.lines.final == [
                "4Queue1: outcome=too_large company=1 thread=77 direction=inbound matched=references"
            ])
        #expect(try names(in: fixture.directory.file("spool/tmp")) == [])
    }

    @Test func `a header section larger than the limit is recorded as too large, its marker before or after`() throws {
        let fixture = try FilterFixture { $0.messageSizeLimit = 5000 }
        let session = FilterSession(context: fixture.context)
        let padding = (0..<100).map { ("X-Padding", " \($0)\(String(repeating: "x", count: 100))") }
        #expect(try fixture.send(session, header: marked + padding) == .acceptedAtHeader)
        #expect(try fixture.send(session, header: padding + marked) == .acceptedAtHeader)
        #expect(fixture.lines.final.count == 2)
        #expect(fixture.lines.final.allSatisfy { $0.contains("outcome=too_large") })
        #expect(try fixture.send(session, header: padding) == .acceptedAtHeader)
        #expect(fixture.lines.final.count == 2)
    }

    @Test func `an aborted message leaves nothing and the session goes on`() throws {
        let fixture = try FilterFixture()
        let session = FilterSession(context: fixture.context)
        session.mail(path: "<anna@home.example>")
        session.recipient(path: "<rita@acme.example>")
        _ = try session.data(MilterMacros { _ in nil })
        Array("References".utf8).withUnsafeBytes { name in
            Array(FilterFixture.marker().utf8).withUnsafeBytes { session.header(name: name, value: $0) }
        }
        _ = try session.endOfHeader()
        #expect(fixture.context.admission.messages.count == 1)
        #expect(try names(in: fixture.directory.file("spool/tmp")).count == 1)
        session.abort()
        #expect(fixture.context.admission.messages.count == 0)
        #expect(try names(in: fixture.directory.file("spool/tmp")) == [])
        #expect(try fixture.send(session, header: marked) == .wentThrough)
        #expect(try fixture.spool.waiting().count == 1)
    }

    @Test func `a company without a sealing key gets no mail past it uncaptured`() throws {
        let fixture = try FilterFixture()
        let session = FilterSession(context: fixture.context)
        let error = #expect(throws: Routing.Company.MissingKey.self) {
            try fixture.send(
                session, to: ["<k@keyless.example>"],
                header: [("References", FilterFixture.marker(FilterFixture.keyless))])
        }
        let reply = session.failed(error!)
        #expect(reply.status == "4.7.1")
        #expect(fixture.lines.final.count == 1)
        #expect(fixture.lines.final[0].contains("outcome=spool_failed"))
        #expect(fixture.lines.final[0].contains("run 'leverctl key generate'"))
    }

    @Test func `a spool that fails is an error for the sender, also in mid-message`() throws {
        let fixture = try FilterFixture()
        let session = FilterSession(context: fixture.context)
        #expect(rmdir(fixture.directory.file("spool/new")) == 0)
        #expect(throws: SpoolError.self) { try fixture.send(session, header: marked) }
        session.abort()
        #expect(rmdir(fixture.directory.file("spool/tmp")) == 0)
        #expect(throws: SpoolError.self) { try fixture.send(session, header: marked) }
    }

    @Test func `the same mail has the same dedupe key whatever its trace says, another body another`() throws {
        let fixture = try FilterFixture()
        let session = FilterSession(context: fixture.context)
        _ = try fixture.send(session, header: marked)
        _ = try fixture.send(session, header: [("Received", " from elsewhere")] + marked)
        _ = try fixture.send(session, header: marked, body: Array("Other\r\n".utf8))
        let keys = try fixture.spool.waiting().map { try fixture.spool.open($0).record.dedupeKeys }
        #expect(keys.count == 3)
        #expect(Set(keys).count == 2)
    }

    @Test func `the same mail in two threads is two mails, and so are two that name other parts of one body`() throws {
        let fixture = try FilterFixture()
        let session = FilterSession(context: fixture.context)
        for thread in [77, 78] as [Int64] {
            _ = try fixture.send(
                session,
                header: [("Message-ID", " <a@home.example>"), ("References", " \(FilterFixture.marker(thread: thread))")])
        }
        for boundary in ["X", "Y"] {
            _ = try fixture.send(
                session, header: marked + [("Content-Type", " multipart/mixed; boundary=\(boundary)")],
                body: Array("--X\r\n\r\nyes\r\n--X--\r\n--Y\r\n\r\nno\r\n--Y--\r\n".utf8))
        }
        let keys = try fixture.spool.waiting().map { try fixture.spool.open($0).record.dedupeKeys }
        #expect(Set(keys).count == 4)
    }

    @Test func `a mail has a dedupe key under each live index key, the one in use first`() throws {
        let other = [UInt8](repeating: 7, count: 32)
        let fixture = try FilterFixture(further: [
            Routing.Row(company: FilterFixture.acme, item: .furtherIndexKey, version: 2, value: other)
        ])
        _ = try fixture.send(FilterSession(context: fixture.context), header: marked)
        let message = try fixture.spool.open(fixture.spool.waiting()[0])
        var header = HeaderSection()
        for (name, value) in marked { header.append(name: Array(name.utf8), value: Array(value.utf8)) }
        let body = try BodyDigest.digest(of: Array("Hi\r\n".utf8))
        let expected = try [FilterFixture.indexKey, Routing.IndexKey(version: 2, key: other)].map {
            try $0.dedupeKey(thread: message.record.thread, header: header, bodyDigest: body)
        }
        #expect(message.record.dedupeKeys == expected)
        #expect(try message.record.copyIndex == FilterFixture.indexKey.copyIndex(header: header))
        #expect(message.record.indexVersion == FilterFixture.indexKey.version)
    }

    @Test func `what a host with a signing key spools is signed for its row, and without one it is not`() throws {
        let key = try SigningKey.generate()
        for signingKey in [key, nil] {
            let fixture = try FilterFixture(signingKey: signingKey)
            _ = try fixture.send(
                FilterSession(context: fixture.context), header: marked,
                body: Array(repeating: UInt8(ascii: "x"), count: 300_000))
            let message = try fixture.spool.open(fixture.spool.waiting()[0])
            let record = message.record
            let digest = try SHA256.digest(of: message.readTail(0..<message.tailLength))
            let binding = Binding(
                message: record.entry, company: record.company, thread: record.thread, time: record.acceptedAt)
            let origin = message.record.origin
            #expect((origin != nil) == (signingKey != nil))
            if let origin { #expect(key.verifyingKey.confirms(origin, of: binding, tailDigest: digest)) }
        }
    }
}

private func names(in directory: String) throws -> [String] {
    try FileManager.default.contentsOfDirectory(atPath: directory)
}
