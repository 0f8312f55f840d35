import Core
import TestSupport
import Testing

@testable import Store

/// Who sees which thread.
@Suite struct SecretThreadTests: StoreSuite {
    /// What a thread is to a user.
    enum Situation: CaseIterable {
        case open, openAndSent, secretByMe, secretByAnother, secretAndSent, secretAndReceived
    }

    /// The decision. Whoever made a thread secret when a team member and is limited since is like any other.
    static let visible: [UserRole: Set<Situation>] = [
        .superAdmin: Set(Situation.allCases),
        .admin: Set(Situation.allCases),
        .teamMember: [.open, .openAndSent, .secretByMe, .secretAndSent, .secretAndReceived],
        .limitedTeamMember: [.openAndSent, .secretAndSent, .secretAndReceived],
    ]

    let fixture: StoreFixture

    init() throws {
        fixture = try StoreFixture(.common())
    }

    /// A message in a thread, and of a candidate, of its own.
    private func message(_ situation: Situation, for login: String, _ index: [UInt8]) throws -> (
        IngestEntry, CandidateID
    ) {
        let candidate = try Tenant.addCandidate(to: company, emailIndex: .random(16), in: administration)
        let thread = ThreadID.random()
        try administration.startThread(thread, candidate: candidate, company: company, markerVersion: 1)
        let message =
            switch situation {
            case .openAndSent, .secretAndSent: tenant.message(thread: thread, sender: index)
            case .secretAndReceived: tenant.message(thread: thread, recipients: [.random(16), index])
            case .open, .secretByMe, .secretByAnother: tenant.message(thread: thread)
            }
        #expect(try mailHost.ingest([message]) == [.captured])
        let setter: String? =
            switch situation {
            case .open, .openAndSent: nil
            case .secretByMe: login
            case .secretByAnother, .secretAndSent, .secretAndReceived: "somebody"
            }
        if let setter {
            _ = try database.query("UPDATE lever.thread SET secret_by = '\(setter)' WHERE thread_id = \(thread)")
        }
        return (message, candidate)
    }

    @Test(arguments: UserRole.allCases)
    func `each role sees the threads that are decided, in every way of looking`(role: UserRole) throws {
        let index = [UInt8].random(16)
        let login = try database.newUser(of: company, administration, role, emailIndex: index)
        let timeline = try ReaderSession(database.conninfo(user: login))
        let connection = try database.connection(user: login)
        try connection.actFor(company)
        let audit = try database.audit(of: company, administration)

        for situation in Situation.allCases {
            let (message, candidate) = try message(situation, for: login, index)
            let isVisible = Self.visible[role]!.contains(situation)
            let comment: Comment = "\(role): \(situation)"
            let found = try timeline.find(entry: message.entry, company: company)
            #expect((found != nil) == isVisible, comment)
            if let found { #expect(found.isSecret == ![.open, .openAndSent].contains(situation), comment) }

            // A candidate is seen by all but limited team members, who see those they correspond with.
            let isCandidateVisible = isVisible || role != .limitedTeamMember
            let listed = try timeline.candidates(of: company).first { $0.id == candidate }
            #expect((listed != nil) == isCandidateVisible, comment)
            #expect(
                listed.map { [$0.threadCount, $0.messageCount] } ?? [0, 0] == (isVisible ? [1, 1] : [0, 0]), comment)
            if isCandidateVisible {
                let entries = try timeline.entries(company: company, candidate: candidate)
                #expect(entries.map(\.entry) == (isVisible ? [message.entry] : []), comment)
            } else {
                #expect(
                    try storeError { try timeline.entries(company: company, candidate: candidate) }
                        == .unknownCandidate(candidate))
            }

            for (table, condition) in [
                ("thread", "thread_id = \(message.thread)"), ("message", "entry_id = \(message.entry)"),
                ("message_part", "entry_id = \(message.entry)"),
            ] as [(String, Query)] {
                let rows = try connection.query("SELECT company_id FROM lever.\(unescaped: table) WHERE \(condition)")
                #expect(rows.count == (isVisible ? 1 : 0), "\(comment), \(table)")
            }

            let refusal = try storeError {
                try timeline.open(entry: message.entry, company: company, .init(.open, reason: "a test"))
            }
            #expect(refusal == (isVisible ? nil : .refused("no such message")), comment)
            let last = try #require(try audit.records(of: company, after: 0, limit: 1000).last)
            #expect(last.login == login && last.action == "open" && last.entry == message.entry, comment)
            #expect(last.allowed == isVisible, comment)
            #expect(last.reason == (isVisible ? "a test" : "no such message: a test"), comment)
            let together = try connection.query(
                "SELECT refusal FROM lever.request_openings(\(company), \([message.entry, message.entry]), 'open', '')"
            ).decode(String?.self)
            #expect(together == Array(repeating: isVisible ? nil : "no such message", count: 2), comment)
            #expect(
                try storeError { try timeline.openProfile(of: candidate, company: company, reason: "") }
                    == (isCandidateVisible ? nil : .refused("no such candidate")), comment)
        }
    }

    @Test
    func
        `a message that comes to a secret thread later is as secret, and one of a participant lets the participant see all`()
        throws
    {
        let index = [UInt8].random(16)
        let member = try database.newUser(of: company, administration, .teamMember, emailIndex: index)
        let (setting, looking) = (
            try database.timeline(of: tenant, .teamMember), try ReaderSession(database.conninfo(user: member))
        )
        let messages = [tenant.message(), tenant.message(), tenant.message(sender: index)]
        func seen(_ timeline: ReaderSession) throws -> Int {
            try timeline.entries(company: company, candidate: tenant.candidate).count
        }
        #expect(try mailHost.ingest([messages[0]]) == [.captured])
        #expect(try [seen(setting), seen(looking)] == [1, 1])
        try setting.setSecret(true, thread: tenant.thread, company: company, reason: "salary")
        #expect(try [seen(setting), seen(looking)] == [1, 0])
        #expect(try mailHost.ingest([messages[1]]) == [.captured])
        #expect(try [seen(setting), seen(looking)] == [2, 0])
        #expect(try mailHost.ingest([messages[2]]) == [.captured])
        #expect(try [seen(setting), seen(looking)] == [3, 3])
    }

    @Test(arguments: UserRole.allCases)
    func `the delivery log, which names threads, is for admins`(role: UserRole) throws {
        #expect(try mailHost.ingest([tenant.message()]) == [.captured])
        let connection = try database.connection(user: database.newUser(of: company, administration, role))
        try connection.actFor(company)
        let rows = try connection.query("SELECT company_id FROM lever.delivery")
        #expect(rows.count == ([.admin, .superAdmin].contains(role) ? 1 : 0))
    }

    @Test(
        arguments: [
            (UserRole.superAdmin, nil, nil, nil),
            (.admin, nil, nil, nil),
            (.teamMember, nil, nil, "no such thread"),
            (.limitedTeamMember, "no such thread", "no such thread", "no such thread"),
        ] as [(UserRole, String?, String?, String?)])
    func `members make threads secret and take that back; another's secret is an admin's to reveal`(
        role: UserRole, sets: String?, reveals own: String?, revealsAnothers: String?
    ) throws {
        let login = try database.newUser(of: company, administration, role)
        let timeline = try ReaderSession(database.conninfo(user: login))
        func refusal(_ secret: Bool) throws -> StoreError? {
            try storeError { try timeline.setSecret(secret, thread: tenant.thread, company: company, reason: "why") }
        }
        func setter(_ value: String? = nil) throws -> String {
            try database.query("SELECT secret_by FROM lever.thread WHERE thread_id = \(tenant.thread)")
        }
        #expect(try refusal(true) == sets.map(StoreError.refused))
        #expect(try setter() == (sets == nil ? login : ""))
        #expect(try refusal(false) == own.map(StoreError.refused))
        #expect(try setter() == "")

        try database.timeline(of: tenant, .teamMember).setSecret(
            true, thread: tenant.thread, company: company, reason: "")
        let another = try setter()
        #expect(try refusal(false) == revealsAnothers.map(StoreError.refused))
        #expect(try setter() == (revealsAnothers == nil ? "" : another))
        let last = try #require(
            try database.audit(of: company, administration).records(of: company, after: 0, limit: 100)
                .last { $0.login == login })
        #expect(last.action == "reveal" && last.thread == tenant.thread && last.allowed == (revealsAnothers == nil))
        #expect(last.reason == (revealsAnothers.map { "\($0): why" } ?? "why"))
    }

    @Test(
        arguments: [
            (UserRole.teamMember, "another user made it secret"),
            (.limitedTeamMember, "limited team members do not change threads"), (.admin, nil),
        ] as [(UserRole, String?)])
    func `who takes part sees a secret, and does not reveal it for that`(role: UserRole, refusal: String?) throws {
        let index = [UInt8].random(16)
        let (message, _) = try message(.secretAndSent, for: "", index)
        let login = try database.newUser(of: company, administration, role, emailIndex: index)
        let timeline = try ReaderSession(database.conninfo(user: login))
        #expect(try timeline.find(entry: message.entry, company: company)?.isSecret == true)
        #expect(
            try storeError { try timeline.setSecret(false, thread: message.thread, company: company, reason: "") }
                == refusal.map(StoreError.refused))
        #expect(try timeline.find(entry: message.entry, company: company)?.isSecret == (refusal != nil))
    }
}
