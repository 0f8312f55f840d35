import Foundation
import SMIME
import Testing

@testable import MIME

/// Messages whose text is inside a container.
@Suite struct ContainerTests {
    private static func file(_ path: String) throws -> [UInt8] {
        Array(try Data(contentsOf: URL(fileURLWithPath: "\(Bundle.module.resourcePath!)/Fixtures/\(path)")))
    }

    private static func text(_ message: Message) -> String { message.text.map(\.content).joined(separator: "\n") }

    /// A part with a body in base64.
    private static func part(_ type: String, _ content: [UInt8]) -> String {
        "Content-Type: \(type)\nContent-Transfer-Encoding: base64\n\n\(Data(content).base64EncodedString())\n"
    }

    private static func mixed(_ parts: [String], type: String = "multipart/mixed") -> Message {
        let body = parts.map { "--b\n\($0)\n" }.joined()
        return Message(raw: Array("From: a@home.example\nContent-Type: \(type); boundary=b\n\n\(body)--b--\n".utf8))
    }

    private static let plain = "Content-Type: text/plain\n\nThursday is fine.\n"
    private static let blank = "Content-Type: text/plain\n\n\n"

    // MARK: Invitations

    @Test func `an invitation alone is the message's text, in the reader's zone`() throws {
        let part = Self.part("text/calendar; method=REQUEST", try Self.file("Calendars/outlook.ics"))
        let message = Message(raw: Array(part.utf8), ReadingContext(timeZone: "Europe/Lisbon"))
        #expect(Self.text(message).contains("Updated invitation: Vorstellungsgespräch"))
        #expect(Self.text(message).contains("When: Thursday 2026-11-26, 09:00 to 10:30 Europe/Lisbon"))
        #expect(message.invitations.map(\.status) == [.updated])
        #expect(message.attachments.isEmpty)
    }

    @Test func `an answer beside a blank text is shown with its comment`() throws {
        let calendar = Self.part("text/calendar; method=REPLY", try Self.file("Calendars/exchange-reply.ics"))
        let message = Self.mixed([Self.blank, calendar], type: "multipart/alternative")
        #expect(Self.text(message).contains("Declined: Abgelehnt"))
        #expect(Self.text(message).contains("Comment: Friday would be better, really."))
    }

    @Test func `an invitation beside a text is named once, and its file stays attached`() throws {
        let calendar = try Self.file("Calendars/google.ics")
        let message = Self.mixed([
            Self.plain, Self.part("text/calendar; method=REQUEST", calendar),
            Self.part("application/ics; name=invite.ics", calendar),
        ])
        #expect(message.text == [.text("Thursday is fine.")])
        #expect(message.invitations.count == 1)
        #expect(message.attachments.map(\.name) == ["invite.ics"])
    }

    @Test(arguments: ["text/calendar", "application/octet-stream; name=a.ics", "text/calendar; name=a.ics"])
    func `a calendar that cannot be read is a file`(_ type: String) {
        let message = Message(raw: Array(Self.part(type, Array("no calendar".utf8)).utf8))
        #expect(message.attachments.count == 1 && message.invitations.isEmpty)
    }

    @Test func `a calendar in another character set is decoded`() {
        let source = "BEGIN:VCALENDAR\nBEGIN:VEVENT\nSUMMARY:Gespr\u{e4}ch\nEND:VEVENT\nEND:VCALENDAR\n"
        let bytes = source.unicodeScalars.map { UInt8($0.value) }
        let message = Message(raw: Array(Self.part("text/calendar; charset=iso-8859-1", bytes).utf8))
        #expect(message.invitations.map(\.summary) == ["Gespräch"])
    }

    // MARK: winmail.dat

    @Test(arguments: [
        ("plain", "Thursday is fine, my salary is 4711.\nGrüße"), ("rtf", "čtvrtek je OK {4711}."),
        ("outlook-html-in-rtf", "Thursday is fine, salary 4711<net>. Grüße Привет €"),
        ("exchange-unicode", "Thursday is fine 😀"),
    ])
    func `the text in winmail.dat is shown where the message has no other`(_ name: String, _ text: String) throws {
        let tnef = Self.part("application/ms-tnef; name=winmail.dat", try Self.file("TNEF/\(name).tnef"))
        #expect(Self.text(Self.mixed([Self.blank, tnef])).contains(text))
        let octets = Self.part("application/octet-stream; name=WINMAIL.DAT", try Self.file("TNEF/\(name).tnef"))
        #expect(Self.text(Self.mixed([octets])).contains(text))
    }

    @Test func `text in winmail.dat that the message has already is not shown again, a footer hides none`() throws {
        let tnef = Self.part("application/ms-tnef", try Self.file("TNEF/plain.tnef"))
        let same = "Content-Type: text/plain; charset=utf-8\n\nThursday is fine, my salary is 4711.\nGrüße\n"
        #expect(Self.mixed([same, tnef]).text.count == 1)
        let footer = "Content-Type: text/plain\n\nTo unsubscribe write to the list's owner\n"
        #expect(Self.text(Self.mixed([footer, tnef])).contains("salary is 4711"))
    }

    @Test func `files in winmail.dat are attachments with their own names and bytes`() throws {
        let tnef = Self.part("application/ms-tnef; name=winmail.dat", try Self.file("TNEF/outlook-html-in-rtf.tnef"))
        let raw = Array("MIME-Version: 1.0\n\(tnef)".utf8)
        let attachments = Message(raw: raw).attachments
        #expect(attachments.map(\.name) == ["Lebenslauf Jörg Müller.pdf", "Zeugnis.txt"])
        #expect(attachments.map(\.type) == ["application/pdf", "application/octet-stream"])
        #expect(Message.attachment(1, of: raw) == Array("1,0".utf8))
    }

    @Test func `a meeting in winmail.dat is an invitation`() throws {
        let message = Self.mixed([Self.part("application/ms-tnef", try Self.file("TNEF/meeting.tnef"))])
        #expect(message.invitations.map(\.status) == [.invited])
        #expect(message.invitations.first?.location == "Room 4711")
        #expect(message.invitations.first?.start?.seconds == 1_795_683_600)
        #expect(Self.text(message).contains("Bring your portfolio"))
    }

    // MARK: Signed and encrypted

    private static let received = 1_796_119_800

    private static func signed(
        _ name: String, authority: String? = "authority", change: (inout String) -> Void = { _ in }
    ) throws -> Message {
        var raw = String(decoding: try file("SMIME/\(name).eml"), as: UTF8.self)
        change(&raw)
        let authorities = try authority.map { try CertificateAuthorities(pem: file("SMIME/\($0).pem")) }
        return Message(raw: Array(raw.utf8), ReadingContext(authorities: authorities, receivedAt: received))
    }

    @Test(arguments: ["signed-opaque", "signed-detached"])
    func `what is signed is text, and the signature counts if the author made it`(_ name: String) throws {
        let message = try Self.signed(name)
        #expect(Self.text(message).contains("Thursday is fine, salary 4711.\nGrüße, Jörg"))
        let signature = try #require(message.signature)
        #expect(signature.isTrusted)
        #expect(signature.text == "S/MIME, valid, of Joerg Mueller <joerg@home.example>, by Example Mail CA")
        #expect(try Self.signed(name, authority: nil).signature?.signature.state == .notChecked)
        #expect(try Self.signed(name, authority: "other-authority").signature?.isTrusted == false)
    }

    @Test func `a signature over lines that a mailbox file ended with LF alone still counts`() throws {
        let message = try Self.signed("signed-detached") { $0 = $0.replacing("\r\n", with: "\n") }
        #expect(message.signature?.isTrusted == true)
    }

    @Test func `a valid signature of somebody else is not the author's`() throws {
        let signature = try #require(try Self.signed("signed-by-another").signature)
        #expect(signature.signature.state == .valid && !signature.isByAuthor && !signature.isTrusted)
        #expect(signature.text.contains("NOT the author"))
    }

    @Test func `a changed message's signature does not count`() throws {
        let signature = try #require(try Self.signed("signed-changed").signature)
        #expect(signature.text == "S/MIME, DOES NOT COUNT: the message was changed after it was signed")
    }

    @Test func `a signed part beside other text says nothing about that`() throws {
        let message = try Self.signed("signed-detached") { raw in
            let parts = raw.split(separator: "MIME-Version: 1.0\r\n", maxSplits: 1)
            raw = parts[0] + "Content-Type: multipart/mixed; boundary=o\r\n\r\n--o\r\n\r\nYou got the job.\r\n--o\r\n"
                + parts[1] + "\r\n--o--\r\n"
        }
        let signature = try #require(message.signature)
        #expect(signature.signature.state == .valid && !signature.isWhole && !signature.isTrusted)
        #expect(signature.text.hasSuffix("of a part of the message only"))
    }

    @Test(arguments: ["SMIME/encrypted-smime.eml", "SMIME/encrypted-smime-gcm.eml"])
    func `a message encrypted with S/MIME says so`(_ path: String) throws {
        let message = Message(raw: try Self.file(path))
        #expect(message.encryption == .smime)
        #expect(message.text == [.text(Message.Encryption.smime.text)])
        #expect(message.attachments.map(\.name) == ["smime.p7m"])
    }

    @Test func `a message encrypted with OpenPGP says so, in parts of its own and in the text`() throws {
        let message = Message(raw: try Self.file("encrypted.eml"))
        #expect(message.encryption == .openpgp)
        #expect(message.text == [.text(Message.Encryption.openpgp.text)])
        let armor = "-----BEGIN PGP MESSAGE-----\n\nbm90IGEgbWVzc2FnZQ==\n-----END PGP MESSAGE-----\n"
        let inline = Message(raw: Array("Subject: x\n\n\(armor)".utf8))
        #expect(inline.encryption == .openpgp)
        #expect(inline.text.first == .text(Message.Encryption.openpgp.text))
        #expect(Self.text(inline).contains("bm90IGEgbWVzc2FnZQ=="))
    }

    @Test func `signed content in signed content is looked into to a depth`() throws {
        let inner = try Self.file("SMIME/signed-opaque.eml")
        let message = Self.mixed(Array(repeating: String(decoding: inner, as: UTF8.self), count: 30))
        #expect(message.attachments.count == 10)
    }
}
