import Testing

@testable import MIME

@Suite struct DeliveryReportTests {
    private static func report(_ type: String, _ status: String) -> Message {
        let raw = """
            Content-Type: multipart/report; report-type=\(type); boundary=b

            --b
            Content-Type: message/\(type)

            \(status)
            --b
            Content-Type: text/rfc822-headers

            Subject: Your application
            From: rita@acme.example
            --b--
            """
        return Message(raw: Array(raw.utf8))
    }

    private static let host = "Reporting-MTA: dns; mx.acme.example\n\n"
    private static let recipient = "Final-Recipient: rfc822; gone@home.example\n"

    @Test(arguments: [
        (
            "Action: failed\nStatus: 5.1.1\nRemote-MTA: dns; mx.home.example\nDiagnostic-Code: smtp; 550 5.1.1 no such user",
            "The message could not be delivered to gone@home.example: 5.1.1 no such user (mx.home.example)."
        ),
        (
            "Action: failed\nStatus: 5.1.1 (unknown)\nDiagnostic-Code: X-Postfix; unknown user",
            "The message could not be delivered to gone@home.example: 5.1.1 unknown user (mx.acme.example)."
        ),
        (
            "Action: Delayed\nWill-Retry-Until: Sat, 28 Nov 2026 10:00:00 +0100\nStatus: 4.4.1",
            "The message has not been delivered to gone@home.example yet, and is tried until Sat, 28 Nov 2026 10:00:00 +0100: "
                + "4.4.1 (mx.acme.example)."
        ),
        ("Action: delivered\nStatus: 2.0.0", "The message was delivered to gone@home.example."),
        ("Action: relayed", "The message to gone@home.example was passed on to a server that sends no reports."),
        ("Action: expanded", "The message was delivered to gone@home.example and passed on to several recipients."),
        (
            "Original-Recipient: rfc822;alias@home.example\nAction: failed",
            "The message could not be delivered to alias@home.example."
        ),
    ])
    func `a report of a mail server is a sentence`(_ fields: String, _ sentence: String) {
        let message = Self.report("delivery-status", Self.host + Self.recipient + fields)
        #expect(message.text == [.text(sentence)])
        #expect(message.deliveryReports.count == 1)
        #expect(message.attachments.map(\.type) == ["message/delivery-status", "text/rfc822-headers"])
        #expect(message.attachments.last?.message?.subject == "Your application")
    }

    @Test(arguments: [
        ("displayed", "The message to gone@home.example was displayed."),
        ("deleted/error", "The message to gone@home.example was deleted; it may not have been read."),
    ])
    func `a report of the recipient's program is a sentence`(_ type: String, _ sentence: String) {
        let disposition = "Disposition: manual-action/MDN-sent-manually; \(type)\n"
        let message = Self.report("disposition-notification", Self.recipient + disposition)
        #expect(message.text == [.text(sentence)] && message.deliveryReports.count == 1)
    }

    @Test func `each recipient has a report, up to a limit`() {
        let groups = (0..<500).map { "Final-Recipient: rfc822; r\($0)@home.example\nAction: failed\n\n" }.joined()
        let message = Self.report("delivery-status", Self.host + groups)
        #expect(message.deliveryReports.map(\.recipient).last == "r\(ReadingLimits.reports - 1)@home.example")
        #expect(Self.report("delivery-status", "nothing").deliveryReports.isEmpty)
    }
}
