import Testing

@testable import MIME

@Suite struct AttachedMessageTests {
    private static let inner = """
        From: "Karg, Otto" <otto@karg.example>
        Date: Mon, 23 Nov 2026 10:30:00 +0100
        Subject: A good worker

        I recommend her.
        """

    private static func message(_ type: String, text: String = "See below.") -> Message {
        let raw = """
            Content-Type: multipart/mixed; boundary=b

            --b

            \(text)
            --b
            Content-Type: \(type)

            \(inner)
            --b--
            """
        return Message(raw: Array(raw.utf8))
    }

    @Test(arguments: ["message/rfc822", "message/global", "message/rfc822; name=forwarded.eml"])
    func `an attached message has its own header, its subject as its name, and its size`(_ type: String) {
        let message = Self.message(type)
        #expect(message.text == [.text("See below.")])
        let attachment = message.attachments.first
        #expect(attachment?.name == "A good worker" && attachment?.size == Self.inner.utf8.count)
        #expect(
            attachment?.message
                == Message.AttachedMessage(
                    from: "Karg, Otto <otto@karg.example>", date: "Mon, 23 Nov 2026 10:30:00 +0100",
                    subject: "A good worker"))
    }

    @Test func `a message that only forwards another as an attachment shows that`() {
        let message = Self.message("message/rfc822", text: "")
        #expect(
            message.text == [
                .text(
                    """
                    Attached message: A good worker
                    From: Karg, Otto <otto@karg.example>
                    Date: Mon, 23 Nov 2026 10:30:00 +0100
                    """), .quoted("I recommend her.", lines: 1),
            ])
    }
}
