import Testing

@testable import Setup

@Suite struct PostfixAttachmentTests {
    private static let debian = [
        "smtpd_milters": "", "non_smtpd_milters": "", "enable_threaded_bounces": "no",
        "internal_mail_filter_classes": "",
        "smtpd_forbid_bare_newline": "no",
    ]

    private func lines(_ changes: [String: String]) -> [String: String] {
        let current = Self.debian.merging(changes) { $1 }
        return Dictionary(uniqueKeysWithValues: PostfixAttachment(current: current).lines.map { ($0.name, $0.value) })
    }

    @Test func `a new Postfix gets six lines`() {
        let lines = lines([:])
        #expect(lines.count == 6)
        #expect(lines["lever_milter"]?.contains("default_action=tempfail") == true)
        #expect(lines["smtpd_milters"] == "${lever_milter}")
        #expect(lines["non_smtpd_milters"] == "${lever_milter}")
        #expect(lines["internal_mail_filter_classes"] == "bounce")
    }

    @Test func `other filters stay in front`() {
        let lines = lines(["smtpd_milters": "unix:opendkim/opendkim.sock, inet:localhost:8892"])
        #expect(lines["smtpd_milters"] == "unix:opendkim/opendkim.sock, inet:localhost:8892, ${lever_milter}")
    }

    @Test(arguments: ["$smtpd_milters", "${smtpd_milters}"])
    func `a list that names the other one has the filter with it`(_ value: String) {
        #expect(lines(["non_smtpd_milters": value])["non_smtpd_milters"] == nil)
    }

    @Test func `what is there already is left out`() {
        let first = lines(["smtpd_milters": "unix:a"])
        #expect(lines(first) == [:])
    }

    @Test(arguments: [("yes", nil), ("normalize", nil), ("no", "normalize"), ("", "normalize")] as [(String, String?)])
    func `bare newlines are forbidden where nobody did`(_ value: String, _ expected: String?) {
        #expect(lines(["smtpd_forbid_bare_newline": value])["smtpd_forbid_bare_newline"] == expected)
    }
}
