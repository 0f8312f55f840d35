import Core
import Mailboxes
import TestSupport
import Testing

@testable import Reading

@Suite struct MboxrdTests {
    private let time = Timestamp(milliseconds: 1_795_512_600_000)

    private func text(_ raw: String) -> String {
        String(decoding: Mboxrd.entry(Array(raw.utf8), receivedAt: time), as: UTF8.self)
    }

    @Test func `an entry begins with a From line in UTC, has LF, and ends in an empty line`() {
        #expect(text("A: b\r\n\r\nhi\r\n") == "From lever-milter Tue Nov 24 09:30:00 2026\nA: b\n\nhi\n\n")
        #expect(text("A: b\r\n\r\nhi").hasSuffix("\nhi\n\n"))
    }

    @Test(arguments: [
        ("From here", ">From here"), (">From here", ">>From here"), (">>From here", ">>>From here"),
        ("From: a field", "From: a field"), (" From here", " From here"), ("Fromage", "Fromage"), (">", ">"),
    ])
    func `lines that would begin an entry are quoted by one more bracket`(line: String, quoted: String) {
        #expect(text("A: b\r\n\r\n\(line)\r\n").hasSuffix("\n\n\(quoted)\n\n"))
    }

    @Test func `a reader of mbox files gets back what was written`() throws {
        let messages = ["A: b\r\n\r\nFrom me\r\n>From you\r\n\r\nend\r\n", "C: d\r\n\r\n\r\n"]
        let directory = try TemporaryDirectory()
        let file = try directory.write("mbox", messages.flatMap { Mboxrd.entry(Array($0.utf8), receivedAt: time) })
        let source = try MailSource(file, format: .mbox)
        var bodies: [String] = []
        while let item = source.next() {
            guard case .message(let message) = item else { throw HarnessError("unreadable") }
            #expect(message.storedAt == Int(time.milliseconds / 1000))
            try message.readHeader(limit: 1000) { _, _ in }
            var body: [UInt8] = []
            try message.readBody { body += $0 }
            bodies.append(String(decoding: body, as: UTF8.self))
        }
        #expect(bodies == ["From me\r\n>From you\r\n\r\nend\r\n", "\r\n"])
    }
}
