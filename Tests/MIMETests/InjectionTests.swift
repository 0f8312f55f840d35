import Foundation
import Testing

@testable import MIME

/// No text of a message that is composed begins a header field of its own.
@Suite struct InjectionTests {
    static let texts = [
        "x\r\nBcc: eve@evil.example", "x\nBcc: eve@evil.example", "x\rBcc: eve@evil.example",
        "x\r\n\r\nbody", "x\u{2028}Bcc: y", "x\u{85}Bcc: y", "x\u{0}y\r\nBcc: z", "\"x\r\nBcc: y", "x\n Bcc: y",
        "x?=\r\nBcc: y", String(repeating: "x", count: 3000) + "\r\nBcc: y",
    ]

    private func message() -> OutgoingMessage {
        OutgoingMessage(
            from: .init(name: "Rita", address: "rita@acme.example"),
            to: .init(name: "Zoë", address: "zoe@home.example"),
            subject: "Hello", text: "Hello", date: 0, messageID: "<a@b>")
    }

    /// Names of the fields of every part, folded lines aside.
    private func fields(_ raw: [UInt8]) -> [String] {
        String(decoding: raw, as: UTF8.self).components(separatedBy: "\r\n").filter {
            !$0.hasPrefix(" ") && !$0.hasPrefix("\t")
        }
        .compactMap { $0.firstMatch(of: /^([A-Za-z-]+):/).map { String($0.1) } }
    }

    @Test(arguments: texts)
    func `names, subject, addresses and ids stay in their fields`(text: String) {
        let expected = fields(message().raw)
        var all: [OutgoingMessage] = Array(repeating: message(), count: 6)
        all[0].subject = text
        all[1].from.name = text
        all[2].to.name = text
        all[3].inReplyTo = text
        all[4].references = [text, "<c@d>"]
        all[5].fields = [("X-Lever-Thread", text)]
        for (index, one) in all.enumerated() {
            let raw = one.raw
            let added = Set(fields(raw)).subtracting(expected)
            #expect(added.isSubset(of: ["In-Reply-To", "References", "X-Lever-Thread"]), "\(index): \(added)")
            #expect(!raw.contains(0), "\(index)")
            let text = String(decoding: raw, as: UTF8.self)
            #expect(!text.replacing("\r\n", with: "").contains { $0 == "\r" || $0 == "\n" }, "\(index)")
        }
    }

    @Test(arguments: texts)
    func `a file's name stays in its field`(text: String) {
        var one = message()
        one.attachments = [.init(name: "x", content: [1])]
        let expected = fields(one.raw)
        one.attachments = [.init(name: text, content: [1])]
        #expect(fields(one.raw) == expected)
    }
}
