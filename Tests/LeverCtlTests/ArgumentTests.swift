import Core
import Store
import Testing

@testable import leverctl

@Suite struct ArgumentTests {
    @Test(arguments: [
        ("zoe@home.example", true), ("zoe@", false), ("@home.example", false), ("zoe", false),
        ("<zoe@home.example>", false), ("zoe @home.example", false), ("zoe\u{1b}@home.example", false),
    ])
    func `a mail address has two parts, and nothing that a terminal acts on`(argument: String, isAddress: Bool) {
        #expect((MailAddress(argument: argument) != nil) == isAddress)
    }

    @Test func `a never-log target is an address or a domain`() {
        if case .address = NeverLogTarget(argument: "zoe@home.example") {} else { Issue.record("no address") }
        if case .domain = NeverLogTarget(argument: "home.example") {} else { Issue.record("no domain") }
        #expect(NeverLogTarget(argument: "zoe") == nil)
    }

    @Test(arguments: [
        ("90s", Int64(90)), ("15m", 900), ("1h", 3600), ("7d", 604_800), ("0s", 0),
    ])
    func `a time is a duration before now`(text: String, seconds: Int64) throws {
        let now = Timestamp("2026-11-24T09:30:00Z")!
        let time = try Timestamp(option: "--since", text, .utc, now: now)
        #expect(now.milliseconds - time.milliseconds == seconds * 1000)
    }

    @Test(arguments: ["2026-11-24", "2026-11-24T09:30:00Z", "2026-11-24 09:30"])
    func `or a date, or a date and time`(text: String) throws {
        #expect(try Timestamp(option: "--since", text, .utc) == Timestamp(text))
    }

    @Test(arguments: ["", "7", "d", "7w", "-7d", "99999999999999d", "tomorrow", "2026-02-30"])
    func `anything else is refused`(text: String) {
        #expect(throws: (any Error).self) { try Timestamp(option: "--since", text, .utc) }
    }

    @Test func `roles are typed with hyphens and stored with underscores`() {
        #expect(UserRole(argument: "limited-team-member") == .limitedTeamMember)
        #expect(UserRole.limitedTeamMember.word == "limited-team-member")
        #expect(UserRole(argument: "owner") == nil)
    }

    @Test(arguments: [
        ("google", MailProvider.google), ("Microsoft", .microsoft), ("office365", .microsoft), ("EXCHANGE", .exchange),
        ("outlook", nil),
    ])
    func `a provider has one word, in any case, and Microsoft's former one is understood`(
        word: String, provider: MailProvider?
    ) {
        #expect(MailProvider(argument: word) == provider)
    }

    @Test func `an account at Exchange names its server`() throws {
        #expect(try AccountServerOptions.parse(["--provider", "microsoft"]).host == "smtp.office365.com")
        let own = try AccountServerOptions.parse(["--provider", "exchange", "--server", "mail.acme.example"])
        #expect(own.host == "mail.acme.example")
        for arguments in [[], ["--provider", "exchange"]] {
            #expect(throws: (any Error).self) { try AccountServerOptions.parse(arguments) }
        }
    }

    @Test(arguments: [("", false), ("why", true), (String(repeating: "x", count: 201), false), ("a\nb", false)])
    func `a reason is one line of 1 to 200 characters`(text: String, isReason: Bool) {
        #expect(ReasonOptions.isReason(text) == isReason)
    }

    @Test func `an account has exactly one secret`() throws {
        func parse(_ arguments: String...) throws { _ = try AccountSecretOptions.parse(arguments) }
        try parse("--token-file", "/run/token")
        #expect(throws: (any Error).self) { try parse() }
        #expect(throws: (any Error).self) { try parse("--token-file", "a", "--password-file", "b") }
        #expect(throws: (any Error).self) {
            try parse("--refresh-token-file", "a", "--token-url", "http://idp.example")
        }
        let refresh = try AccountSecretOptions.parse(["--refresh-token-file", "a"])
        #expect(throws: (any Error).self) { try refresh.validate(for: .google) }
        try AccountSecretOptions.parse(["--refresh-token-file", "a", "--client-id", "c"]).validate(for: .google)
    }

    @Test func `company set changes what its options say, and nothing else`() throws {
        let change = try CompanyChangeOptions.parse(
            ["--add-domain", "B.example", "--stamp", "off", "--no-forward", "--retention-days", "0"]).change
        #expect(change.addedDomains == ["b.example"] && change.stamps == false && change.retentionDays == 0)
        #expect(change.name == nil && change.sync == nil && change.capture == nil && change.deliveryDays == nil)
        if case .nowhere = change.forward {} else { Issue.record("\(change)") }
        for arguments in [[], ["--no-forward", "--forward-to", "a@b.example"], ["--delivery-days", "0"]] {
            #expect(throws: (any Error).self) { try CompanyChangeOptions.parse(arguments) }
        }
    }
}
