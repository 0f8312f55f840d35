import Core
import Testing

@testable import Sending

@Suite struct RawMessageTests {
    private func parts(_ raw: String) -> (header: String, body: String) {
        let message = RawMessage(Array(raw.utf8))
        return (String(decoding: message.header.raw, as: UTF8.self), String(decoding: message.body, as: UTF8.self))
    }

    @Test(arguments: [
        "A: b\r\n", "A: b\r\nC:d\r\n", "A: b\r\n c\r\n\td\r\nE:\r\n",
    ])
    func `a header keeps its bytes, folds included`(header: String) {
        let found = parts(header + "\r\nbody\r\n\r\nmore")
        #expect(found.header == header && found.body == "body\r\n\r\nmore")
    }

    @Test func `a message may have no body`() {
        #expect(parts("A: b\r\n\r\n") == ("A: b\r\n", ""))
        #expect(parts("A: b\r\n") == ("A: b\r\n", ""))
    }
}

@Suite struct AnsweredMessageTests {
    private func answered(_ fields: String) -> AnsweredMessage {
        AnsweredMessage(RawMessage(Array((fields + "\r\n\r\n").utf8)).header)
    }

    @Test func `an answer's references are the marker, those of the parent, and the parent`() {
        let parent = answered("Message-ID: <c@d>\r\nReferences: <m@l>\r\n <a@b>")
        #expect(parent.references(startingWith: "<m@l>") == ["<m@l>", "<a@b>", "<c@d>"])
        #expect(answered("Subject: x").references(startingWith: "<m@l>") == ["<m@l>"])
    }

    @Test func `of many references the first and the last ones are kept`() {
        let ids = (0..<50).map { "<\($0)@x>" }
        let parent = answered("Message-ID: <c@d>\r\nReferences: \(ids.joined(separator: "\r\n "))")
        #expect(parent.references == [ids[0]] + ids.suffix(19))
    }

    @Test func `no id of the answered mail begins a field or closes a bracket`() {
        let encoded = "=?utf-8?q?a=0D=0ABcc:_eve@evil.example?="
        let long = String(repeating: "x", count: 5000)
        let hostile = answered(
            "Message-ID: <a\u{b}b@c>\r\nReferences: <a@b\u{1}> <\(long)@x> <c<d@e> <\(encoded)> <f@g>>\r\n <h@i>")
        for id in [hostile.messageID].compactMap(\.self) + hostile.references {
            #expect(id.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f } && id.utf8.count <= 902, "\(id)")
            #expect(id.dropFirst().dropLast().allSatisfy { $0 != "<" && $0 != ">" }, "\(id)")
        }
        #expect(hostile.references.contains("<h@i>"))
    }

    @Test func `ids that cannot stand in a header are left out`() {
        let parent = answered("Message-ID: <ö@x>\r\nReferences: <a@b> <ü@y> <c@d>")
        #expect(parent.messageID == nil && parent.references == ["<a@b>", "<c@d>"])
    }
}
