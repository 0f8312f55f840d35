import Core
import TestSupport
import Testing

@testable import Store

/// Two companies with a row in every table, and who sees which of them.
@Suite struct TenancyTests {
    private let database: StoreDatabase
    private let administration: OwnerSession
    private let own: CompanyID
    private let other: CompanyID

    init() throws {
        database = try .installed()
        administration = try database.administration()
        let tenants = [try Tenant(in: administration), try Tenant(in: administration)]
        (own, other) = (tenants[0].company.id, tenants[1].company.id)
        #expect(
            try database.mailHost().ingest(tenants.map { $0.message(learnedIDs: [.random(16)]) }) == [
                .captured, .captured,
            ])
        for tenant in tenants {
            let company = tenant.company.id
            let user = try database.newUser(of: company, administration, .admin)
            _ = try database.query(
                """
                INSERT INTO lever.mail_account VALUES (\(company), '\(user)', gen_random_uuid(), 'h', 't', now());
                WITH waiting AS (
                    INSERT INTO lever.outbox VALUES (
                        \(company), gen_random_uuid(), '\(user)', \(tenant.candidate), \(tenant.thread), true, now(), 1, 2,
                        '{}', '{}', substring(sha256('') FOR 16), '{}', substring(sha256('') FOR 16), 1, 'h', sha256(''), 1)
                    RETURNING company_id, entry_id)
                INSERT INTO lever.outbox_part SELECT company_id, entry_id, 0, 'xy' FROM waiting;
                INSERT INTO lever.former_head VALUES (\(company), gen_random_uuid(), 1, 'message_key', 'h');
                INSERT INTO lever.learned_loss VALUES (\(company), \(tenant.thread), 1);
                INSERT INTO lever.withdrawn_thread VALUES (\(company), \(tenant.thread));
                INSERT INTO lever.send_grant VALUES (
                    \(company), gen_random_uuid(), '\(user)', \(tenant.candidate), \(tenant.thread), NULL, now(), 1, 1,
                    'hire.lever.co', 1, pg_current_xact_id())
                """)
            _ = try administration.reserveCandidateID(of: company)
            _ = try database.newService("lever_auditor", of: company, administration)
            try administration.addNeverLog(domain: "never.example", entry: .make(at: .now()), to: company)
        }
    }

    /// Every relation with a company's rows but the partitions, which have no grants and policies of their own.
    private func companyRelations() throws -> [String] {
        try database.lines(
            """
            SELECT relname FROM pg_class JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'company_id'
            WHERE relnamespace = 'lever'::regnamespace AND relkind IN ('r', 'p', 'v') AND NOT relispartition
            ORDER BY 1
            """)
    }

    /// Of the relations that the connection may read, those in which it sees rows of the company.
    private func relations(showing company: CompanyID, _ connection: Connection) throws -> Set<String> {
        try Set(
            companyRelations().filter { relation in
                do {
                    return try !connection.query(
                        "SELECT company_id FROM lever.\(unescaped: relation) WHERE company_id = \(company)"
                    ).isEmpty
                } catch let error as DatabaseError where error.sqlState == "42501" {
                    return false
                }
            })
    }

    @Test
    func `every table of companies' rows has row-level security, for its owner too; only the partitions stand without`()
        throws
    {
        let rows = try database.lines(
            """
            SELECT relname, relrowsecurity AND relforcerowsecurity FROM pg_class
            JOIN pg_attribute ON attrelid = pg_class.oid AND attname = 'company_id'
            WHERE relnamespace = 'lever'::regnamespace AND relkind IN ('r', 'p') AND NOT relispartition
            """)
        #expect(rows.count >= 18)
        #expect(rows.filter { !$0.hasSuffix("|t") } == [])
        // A query of the parent goes by the parent's policies; nobody but the owner may query a partition by name.
        let partitions = try database.query(
            """
            SELECT count(*), count(relacl) FROM pg_class
            WHERE relnamespace = 'lever'::regnamespace AND relispartition AND relkind = 'r'
            """)
        #expect(partitions == "48|0")
    }

    @Test(arguments: [
        (
            "lever_reader",
            ["candidate", "company", "company_domain", "delivery", "message", "message_part", "outbox", "thread"]
        ),
        (
            "lever_rekey",
            [
                "address", "candidate", "company", "company_domain", "mail_account", "message", "message_key",
                "outbox",
                "sealing_key",
            ]
        ),
        ("lever_retention", ["company", "company_domain"]),
        (
            "lever_auditor",
            [
                "access_grant", "app_user", "audit", "audit_head", "company", "company_domain", "delivery",
                "sealing_key", "thread",
            ]
        ),
    ])
    func `a role sees rows of its own company while it names it, and nothing of another that it names`(
        role: String, relations expected: [String]
    ) throws {
        let login =
            role == "lever_reader"
            ? try database.newUser(of: own, administration, .superAdmin)
            : try database.newService(role, of: own, administration)
        let connection = try database.connection(user: login)
        // Which companies there are to name is known without naming one.
        let always: Set = ["company", "company_domain"]
        #expect(try relations(showing: own, connection) == always)
        try connection.actFor(own)
        #expect(try relations(showing: own, connection) == Set(expected))
        #expect(try relations(showing: other, connection) == [])
        try connection.actFor(other)
        #expect(try relations(showing: own, connection) == always)
        #expect(try relations(showing: other, connection) == [])
    }

    @Test
    func
        `an operator sees the delivery log of the companies it was given and of none that exist, and their names, at once`()
        throws
    {
        let login = try database.newService("lever_operator", of: own, administration)
        var stray = try Tenant(in: administration).record(.unknownKey)
        stray.record.company = CompanyID(rawValue: .max)
        _ = try database.mailHost().ingest([stray])
        let connection = try database.connection(user: login)
        func seen(_ relation: String) throws -> Set<Int64> {
            Set(try connection.query("SELECT company_id FROM lever.\(unescaped: relation)").decode(Int64.self))
        }
        #expect(try seen("delivery") == [own.rawValue, .max])
        #expect(try seen("company") == [own.rawValue])
        // Naming a company, or being a user of it, makes no difference.
        try connection.actFor(other)
        _ = try database.query("GRANT lever_reader TO \(login)")
        try administration.addUser(login, role: .admin, address: .random(.random(16), other), to: other)
        try connection.execute("SET ROLE lever_operator")
        #expect(try seen("delivery") == [own.rawValue, .max])
        try administration.revokeAccess(login, to: own)
        #expect(try seen("delivery") == [.max])
        #expect(try seen("company") == [])
    }

    @Test func `a re-wrapping login sees and exchanges heads of its own company alone`() throws {
        let login = try database.newService("lever_rekey", of: own, administration)
        let connection = try database.connection(user: login)
        for (company, seen) in [(own, 1), (other, 0)] {
            try connection.actFor(company)
            let heads = "SELECT FROM lever.message_key WHERE company_id = \(company)"
            #expect(try connection.query("\(unescaped: heads)").count == seen)
        }
        let rekeying = try RekeySession(database.conninfo(user: login))
        let strangers = try administration.rekeying.profiles(of: other)
        #expect(
            try storeError { try rekeying.replace(strangers.map { HeadReplacement($0, with: [1]) }, of: other) }
                == .refused("no right in this company"))
        // Under the company that it has a right to, they are not there.
        #expect(try rekeying.replace(strangers.map { HeadReplacement($0, with: [1]) }, of: own) == 0)
    }

    @Test
    func `a login that is a role's member and no user of a company, or whose access was revoked, sees nothing of it`()
        throws
    {
        let revoked = try database.newService("lever_auditor", of: own, administration)
        let connection = try database.connection(user: revoked)
        try connection.actFor(own)
        #expect(try relations(showing: own, connection).contains("audit"))
        try administration.revokeAccess(revoked, to: own)
        #expect(try relations(showing: own, connection) == [])

        for login in ["reader", try database.newLogin(in: "lever_rekey"), "stranger"] {
            let connection = try database.connection(user: login)
            try connection.actFor(own)
            #expect(try relations(showing: own, connection) == [])
        }
    }

    @Test func `access is refused to a login that is in none of the roles it is for, or that nothing would bind`()
        throws
    {
        let reader = try database.newLogin(in: "lever_reader")
        #expect(
            try storeError { try administration.grantAccess(reader, to: own) }
                == .noLogin(reader, role: "lever_rekey, lever_retention, lever_auditor, lever_operator"))
        let owner = try database.newLogin(in: "lever_owner, lever_auditor")
        #expect(try storeError { try administration.grantAccess(owner, to: own) } != nil)
        #expect(try storeError { try administration.revokeAccess(reader, to: own) } == .unknownUser(reader))
        try administration.grantAccess(database.newLogin(in: "lever_auditor"), to: own)
    }

    @Test func `the owner sees what was captured for the company that it names alone; what it sets up, for all`() throws
    {
        let connection = try database.connection(user: "administrator")
        try connection.assume("lever_owner")
        let captured: Set = [
            "address", "audit", "audit_head", "candidate", "delivery", "mail_account", "message", "message_dedupe",
            "message_key", "message_part", "outbox", "outbox_part", "send_grant", "thread", "former_head",
        ]
        let all = try Set(companyRelations())
        for named in [nil, own, other] {
            try connection.execute("RESET lever.company")
            if let named { try connection.actFor(named) }
            for company in [own, other] {
                let seen = try relations(showing: company, connection)
                #expect(seen == (company == named ? all : all.subtracting(captured)))
            }
        }
    }

    @Test func `a mail host sees every company's routing, and is bound to no company by what it brings`() throws {
        let connection = try database.connection(user: "mailhost")
        for company in [own, other] {
            #expect(try relations(showing: company, connection) == ["routing"])
        }
    }
}
