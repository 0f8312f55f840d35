import Foundation
import Testing

@testable import TNEF

/// The fixtures are written by Fixtures/TNEF/make, in the forms of Outlook and Exchange.
@Suite struct TNEFTests {
    /// Stands for the charsets of MIME.
    private static func decode(_ bytes: [UInt8], _ codePage: Int) -> String {
        let encodings: [Int: String.Encoding] = [
            65001: .utf8, 1250: .windowsCP1250, 1251: .windowsCP1251, 1252: .windowsCP1252, 932: .shiftJIS,
        ]
        return String(bytes: bytes, encoding: encodings[codePage] ?? .windowsCP1252) ?? "(undecodable)"
    }

    private static func bytes(_ name: String) throws -> [UInt8] {
        let path = "\(Bundle.module.resourcePath!)/Fixtures/TNEF/\(name).tnef"
        return Array(try Data(contentsOf: URL(fileURLWithPath: path)))
    }

    private static func message(_ name: String) throws -> TNEFMessage {
        try #require(TNEFMessage(bytes(name), decode: decode))
    }

    @Test(arguments: [
        ("plain", "Thursday is fine, my salary is 4711.\r\nGrüße"),
        ("exchange-unicode", "Thursday is fine 😀\r\nJörg"),
        ("rtf", "Dobrý den,\nčtvrtek je OK {4711}.\n日本\n日本 — Jörg\n"),
        ("rtf-uncompressed", "Thursday is fine.\n"),
        ("meeting", "Bring your portfolio, please."),
    ])
    func `the text of a stream is its plain body or its RTF`(_ name: String, _ text: String) throws {
        #expect(try Self.message(name).plain == text)
    }

    @Test(arguments: [
        ("exchange-unicode", "<p>Thursday is fine 😀<br>Jörg</p>"),
        (
            "outlook-html-in-rtf",
            "<html><body><p>Thursday is fine, salary <b>4711</b>&lt;net&gt;. Grüße Привет €</p></body></html>"
        ),
    ])
    func `HTML is found as such and within RTF`(_ name: String, _ html: String) throws {
        #expect(try Self.message(name).html == html)
    }

    @Test func `attachments have their long names, types and bytes`() throws {
        let attachments = try Self.message("outlook-html-in-rtf").attachments
        #expect(attachments.map(\.name) == ["Lebenslauf Jörg Müller.pdf", "Zeugnis.txt"])
        #expect(attachments.map(\.type) == ["application/pdf", ""])
        #expect(attachments.map { String(decoding: $0.data, as: UTF8.self) } == ["%PDF-1.4 invented", "1,0"])
    }

    @Test func `of very many attachments the first are read, each with its own bytes`() {
        func attribute(_ name: UInt32, _ value: [UInt8]) -> [UInt8] {
            func number(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
            return [2] + number(name) + number(UInt32(value.count)) + value + [0, 0]
        }
        let files = (0..<250).flatMap { index in
            attribute(0x0006_9002, [1]) + attribute(0x0001_8010, Array("f\(index)\0".utf8))
                + attribute(0x0006_800f, Array("data \(index)".utf8))
        }
        let message = TNEFMessage([0x78, 0x9f, 0x3e, 0x22, 1, 0] + files, decode: Self.decode)
        #expect(message?.attachments.count == 200 && message?.omitted == 50)
        #expect(message?.attachments.last?.name == "f199")
        #expect(message.map { String(decoding: $0.attachments[199].data, as: UTF8.self) } == "data 199")
    }

    @Test func `a meeting has its time and place`() throws {
        let message = try Self.message("meeting")
        #expect(message.messageClass == "IPM.Microsoft Schedule.MtgReq")
        #expect(message.subject == "Interview")
        #expect(message.meeting == TNEFMessage.Meeting(start: 1_795_683_600, end: 1_795_687_200, location: "Room 4711"))
    }

    @Test(arguments: [[], [0x78, 0x9f, 0x3e], Array("no stream".utf8)])
    func `bytes without the signature are no stream`(_ bytes: [UInt8]) {
        #expect(TNEFMessage(bytes, decode: Self.decode) == nil)
    }

    @Test(arguments: ["plain", "outlook-html-in-rtf", "exchange-unicode", "rtf", "meeting"])
    func `a stream that is cut or damaged anywhere is read as far as it goes`(_ name: String) throws {
        let bytes = try Self.bytes(name)
        for end in 6..<bytes.count { #expect(TNEFMessage(Array(bytes[..<end]), decode: Self.decode) != nil) }
        for index in 6..<bytes.count {
            for value: UInt8 in [0, 0x7f, 0xff] {
                var damaged = bytes
                damaged[index] = value
                #expect(TNEFMessage(damaged, decode: Self.decode) != nil)
            }
        }
    }

    @Test func `text of a cut stream is kept`() throws {
        let bytes = try Self.bytes("plain").dropLast(12)
        #expect(TNEFMessage(Array(bytes), decode: Self.decode)?.plain.hasPrefix("Thursday is fine") == true)
    }

    /// RTF that a hostile sender makes.
    @Test(arguments: ["{", "}", "\\'", "\\u1", "\\bin9999999999 ", "{\\*", "\\f1", "\\uc9"])
    func `RTF of hostile repetition is read without a trap`(_ piece: String) {
        let rtf = Array(("{\\rtf1 " + String(repeating: piece, count: 100_000 / piece.utf8.count)).utf8)
        let length = UInt32(rtf.count)
        func number(_ value: UInt32) -> [UInt8] { (0..<4).map { UInt8(truncatingIfNeeded: value >> ($0 * 8)) } }
        let value = number(length + 12) + number(length) + number(0x414c_454d) + number(0) + rtf
        let list = number(1) + [0x02, 0x01, 0x09, 0x10] + number(1) + number(UInt32(value.count)) + value
            + Array(repeating: 0, count: (4 - value.count % 4) % 4)
        let stream: [UInt8] = [0x78, 0x9f, 0x3e, 0x22, 1, 0, 1, 0x03, 0x90, 0x06, 0] + number(UInt32(list.count)) + list
        #expect(TNEFMessage(stream, decode: Self.decode) != nil)
    }
}
