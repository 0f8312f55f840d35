import ArgumentParser
import Core
import Store

struct AccessCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "access", abstract: "Who may do what in the database.",
        subcommands: [List.self, Grant.self, Revoke.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show who may do what, from the database's own catalogue.",
            discussion: """
                First every privilege of every role; where rows is 'by company', row-level security decides which rows. Then \
                every login that may work as one of the roles, and for which companies. Superusers and members of \
                lever_owner are marked: no row-level security binds them for good.
                """)

        @Flag(
            help:
                "Ask as an auditor (auditor_database), who sees the logins of the own companies, mail hosts and administrators."
        )
        var auditor = false

        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            struct Row: Encodable {
                let role: String
                let kind: String
                let object: String
                let privileges: [String]
                /// Those it is limited to, if it is.
                let columns: [String]
                let rowsByCompany: Bool

                init(_ privilege: Privilege, privileges: [String]) {
                    role = privilege.role
                    kind = privilege.kind
                    object = privilege.object
                    self.privileges = privileges
                    columns = privilege.columns
                    rowsByCompany = privilege.isRestricted
                }
            }

            struct Login: Encodable {
                let login: String
                let roles: [String]
                let companies: [String]
                let privileged: Bool
            }

            let privileges: [Row]
            let logins: [Login]

            init(_ catalog: AccessCatalog) throws {
                var rows: [Row] = []
                for privilege in try catalog.privileges() {
                    let previous = rows.last
                    if let previous, previous.role == privilege.role, previous.kind == privilege.kind,
                        previous.object == privilege.object, previous.columns == privilege.columns
                    {
                        rows.removeLast()
                        rows.append(Row(privilege, privileges: previous.privileges + [privilege.privilege]))
                    } else {
                        rows.append(Row(privilege, privileges: [privilege.privilege]))
                    }
                }
                privileges = rows
                logins = try catalog.logins().map {
                    Login(login: $0.login, roles: $0.groups, companies: $0.companies, privileged: $0.isPrivileged)
                }
            }
        }

        func run() throws {
            let result = try Result(shared.accessCatalog(asAuditor: auditor))
            if shared.json {
                try printJSON(result)
                return
            }
            printTable(
                ["ROLE", "OBJECT", "MAY", "ROWS", "COLUMNS"],
                result.privileges.map { row in
                    [
                        row.role, "\(row.kind) \(row.object)", row.privileges.joined(separator: " "),
                        row.rowsByCompany ? "by company" : row.kind == "function" ? "-" : "all",
                        row.columns.isEmpty ? "-" : row.columns.joined(separator: " "),
                    ]
                })
            print()
            printTable(
                ["LOGIN", "ROLES", "COMPANIES", "BOUND BY ROW-LEVEL SECURITY"],
                result.logins.map { login in
                    [
                        login.login, login.roles.joined(separator: " "), login.companies.joined(separator: ", "),
                        login.privileged ? "no" : "yes",
                    ]
                })
        }
    }

    struct Grant: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a login work for a company.",
            discussion: """
                What it may do there is what its roles let it: lever_rekey, lever_retention, lever_auditor, lever_operator.
                """)

        @Argument(help: "The database login.")
        var login: String

        @Option(help: "The company, by name or id.")
        var company: String

        @OptionGroup var shared: SharedOptions

        func run() throws {
            let administration = try shared.administration()
            let company = try administration.company(company)
            try administration.grantAccess(login, to: company.id)
            try shared.show(
                AccessRecord(login, company, granted: true), "\(login) works for \(company.name).".printable())
        }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "End a login's work for a company.")

        @Argument(help: "The database login.")
        var login: String

        @Option(help: "The company, by name or id.")
        var company: String

        @OptionGroup var shared: SharedOptions

        func run() throws {
            let administration = try shared.administration()
            let company = try administration.company(company)
            try administration.revokeAccess(login, to: company.id)
            try shared.show(
                AccessRecord(login, company, granted: false),
                "\(login) no longer works for \(company.name).".printable())
        }
    }
}

private struct AccessRecord: Encodable {
    let login: String
    let company: Int64
    let granted: Bool

    init(_ login: String, _ company: CompanyRecord, granted: Bool) {
        self.login = login
        self.company = company.id.rawValue
        self.granted = granted
    }
}
