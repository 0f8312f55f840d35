import Core
import Testing

@Suite struct MessageLabelTests {
    @Test(
        arguments: [
            ([], "anna@home.example", []),
            ([("Auto-Submitted", "no")], "anna@home.example", []),
            ([("Auto-Submitted", " No ; owner-email=x")], "anna@home.example", []),
            ([("Auto-Submitted", "auto-replied")], "anna@home.example", [.autoReply]),
            ([("auto-submitted", "Auto-Generated; x=y")], "", [.autoReply]),
            ([("X-Autoreply", "yes")], "anna@home.example", [.autoReply]),
            ([("Precedence", "bulk")], "anna@home.example", [.autoReply]),
            ([("Precedence", "AUTO_REPLY")], "anna@home.example", [.autoReply]),
            ([("Precedence", "first-class")], "anna@home.example", []),
            ([("Precedence", "list")], "list-owner@lists.example", [.list]),
            ([("Precedence", "bulk"), ("List-Id", "<jobs.lists.example>")], "x@lists.example", [.list]),
            ([("List-Unsubscribe", "<mailto:leave@lists.example>")], "x@lists.example", [.list]),
            ([("List-Id", "<x.y>"), ("Auto-Submitted", "auto-generated")], "x@lists.example", [.list, .autoReply]),
            ([("Content-Type", "multipart/report; report-type=delivery-status; boundary=b")], "", [.bounce]),
            (
                [
                    ("Content-Type", "multipart/report;\r\n report-type=\"delivery-status\""),
                    ("Auto-Submitted", "auto-replied"),
                ], "", [.bounce]
            ),
            ([("Content-Type", "multipart/report; report-type=disposition-notification")], "a@b.example", [.autoReply]),
            ([("Subject", "Undelivered Mail")], "", [.bounce]),
        ] as [([(String, String)], String, Set<MessageLabel>)])
    func `automatic mail and list mail are recognised by their header`(
        _ fields: [(String, String)], _ sender: String, _ expected: Set<MessageLabel>
    ) {
        var header = HeaderSection()
        for (name, value) in fields { header.append(name: name.utf8, value: " \(value)".utf8) }
        #expect(header.labels(sender: Address(path: sender)) == expected)
    }
}
