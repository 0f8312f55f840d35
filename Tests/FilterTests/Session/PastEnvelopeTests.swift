import Core
import Inspection
import Testing

/// Who sent a message of the past to whom.
@Suite struct PastEnvelopeTests {
    private static func envelope(_ fields: (String, String)...) -> Envelope {
        var header = HeaderSection()
        for (name, value) in fields { header.append(name: Array(name.utf8), value: Array(" \(value)".utf8)) }
        return Envelope(pastMail: header)
    }

    @Test func `what delivery wrote down counts before what the sender did`() {
        let envelope = Self.envelope(
            ("Return-Path", "<bounces+1@list.example>"), ("Delivered-To", "rita@acme.example"),
            ("X-Original-To", "jobs@acme.example"), ("Return-Path", "<older@list.example>"),
            ("From", "Anna <anna@home.example>"), ("To", "Jobs <jobs@acme.example>, Paul <paul@acme.example>"),
            ("Cc", "Eva <eva@home.example>"), ("Bcc", "quiet@home.example"))
        #expect(envelope.sender.text == "bounces+1@list.example")
        #expect(
            envelope.recipients.map(\.text)
                == ["rita@acme.example", "jobs@acme.example", "paul@acme.example", "eva@home.example"])
    }

    @Test func `a null sender is one, and without a word of delivery the sender's own counts`() {
        #expect(Self.envelope(("Return-Path", "<>"), ("From", "a@b.example")).sender.text == "")
        #expect(Self.envelope(("From", "a@b.example"), ("Sender", "c@d.example")).sender.text == "c@d.example")
        #expect(Self.envelope(("From", "A <a@b.example>, e@f.example")).sender.text == "a@b.example")
        #expect(Self.envelope(("Return-Path", "garbage"), ("From", "a@b.example")).sender.text == "a@b.example")
        #expect(Self.envelope().sender.text == "" && Self.envelope().recipients.isEmpty)
    }
}
