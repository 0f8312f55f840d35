import ArgumentParser
import Core
import Store

struct AccessCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "access", abstract: "Show and change who may do what in the database.",
        subcommands: [List.self, Grant.self, Revoke.self])

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show who may do what, from the database's own catalogue.",
            discussion: """
                The first table has every privilege of every role; where ROWS is 'by company', row-level security \
                selects the rows. The second has every login that may work as one of the roles, and its companies. \
                Superusers and members of lever_owner are marked: row-level security does not bind them.
                """,
            examples: ["leverctl access list"])

        @Flag(help: "Ask as an auditor (auditor_database), who sees the logins of their own companies.")
        var auditor = false

        @OptionGroup var display: DisplayOptions
        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            struct Row: Encodable {
                let role: String
                let kind: String
                let object: String
                let privileges: [String]
                /// The columns that it is limited to; empty for all.
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
            try display.show(result, asJSON: shared.json) { show(result, on: $0) }
        }

        private func show(_ result: Result, on screen: Screen) {
            screen.printTable(
                ["ROLE", "OBJECT", "MAY", "ROWS", "COLUMNS"],
                result.privileges.map { row in
                    [
                        row.role, "\(row.kind) \(row.object)", row.privileges.joined(separator: " "),
                        row.rowsByCompany ? "by company" : row.kind == "function" ? "-" : "all",
                        row.columns.isEmpty ? "-" : row.columns.joined(separator: " "),
                    ]
                })
            print()
            screen.printTable(
                ["LOGIN", "ROLES", "COMPANIES", "BOUND BY ROW-LEVEL SECURITY"],
                result.logins.map { login in
                    [
                        login.login, login.roles.joined(separator: " "), login.companies.joined(separator: ", "),
                        login.privileged ? "no" : "yes",
                    ]
                })
        }
    }

    /// A login and the company that it works for.
    struct LoginOptions: ParsableArguments {
        @Argument(help: "The database login.", completion: .services)
        var login: String

        @OptionGroup var company: CompanyOption

        @OptionGroup var shared: SharedOptions

        private struct Record: Encodable {
            let login: String
            let company: Int64
            let granted: Bool
        }

        /// Grants or revokes access, and shows it.
        fileprivate func set(granted: Bool) throws {
            let owner = try shared.ownerSession()
            let company = try company.find(in: owner, shared)
            if granted {
                try owner.grantAccess(login, to: company.id)
            } else {
                try owner.revokeAccess(login, to: company.id)
            }
            try shared.show(
                Record(login: login, company: company.id.rawValue, granted: granted),
                "\(login) \(granted ? "works" : "no longer works") for \(company.name).".printable())
        }
    }

    struct Grant: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Let a login work for a company.",
            discussion: """
                Its roles decide what it may do there: lever_rekey, lever_retention, lever_auditor, lever_operator.
                """,
            examples: ["leverctl access grant ops --company acme"])

        @OptionGroup var options: LoginOptions

        func run() throws { try options.set(granted: true) }
    }

    struct Revoke: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "End a login's access to a company.",
            examples: ["leverctl access revoke ops --company acme"])

        @OptionGroup var options: LoginOptions

        func run() throws { try options.set(granted: false) }
    }
}
