import ArgumentParser
import Core
import Reading
import Store

struct UserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "The people who read a company's timelines.",
        discussion: """
            Each has a database login of one's own, a member of lever_reader. A super admin sees and erases everything, an \
            admin sees every thread and removes messages, a team member sees threads that are not secret and those it \
            takes part in, a limited team member only those it takes part in.
            """,
        subcommands: [Add.self, Set.self, List.self, OptIn.self])

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a database login a user of a company.",
            discussion: "An administrator of the database makes the login: CREATE ROLE name LOGIN IN ROLE lever_reader."
        )

        @Argument(help: "The database login.")
        var login: String

        @Option(help: "The company, by name or id.")
        var company: String

        @Option(help: "What the user may do: \(UserRole.words).")
        var role: UserRole

        @Option(help: "The user's mail address: who takes part in a thread is known by it. It is stored sealed.")
        var email: MailAddress

        @OptionGroup var shared: SharedOptions

        func run() throws {
            let administration = try shared.administration()
            let company = try administration.company(company)
            try administration.addUser(
                login, role: role, address: administration.newAddress(email.text, company: company.id), to: company.id)
            try show(login, of: company, administration, shared)
        }
    }

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Change a user.")

        @Argument(help: "The database login.")
        var login: String

        @Option(help: "The company, by name or id.")
        var company: String

        @Option(help: "What the user may do: \(UserRole.words).")
        var role: UserRole?

        @Option(help: "The user's mail address.")
        var email: MailAddress?

        @Flag(help: "The user sees nothing from now on.")
        var disable = false

        @Flag(help: "The user sees again.")
        var enable = false

        @OptionGroup var shared: SharedOptions

        func validate() throws {
            guard role != nil || email != nil || disable || enable else {
                throw ValidationError("Nothing to change; give --role, --email, --disable or --enable.")
            }
            guard !(disable && enable) else { throw ValidationError("Give --disable or --enable, not both.") }
        }

        func run() throws {
            let administration = try shared.administration()
            let company = try administration.company(company)
            try administration.changeUser(
                login, role: role, isEnabled: disable ? false : enable ? true : nil,
                address: email.map { try administration.newAddress($0.text, company: company.id) }, of: company.id)
            try show(login, of: company, administration, shared)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a company's users.", discussion: "Addresses show with the private key alone.")

        @Option(help: "The company, by name or id.")
        var company: String

        @Option(
            help: ArgumentHelp("The private key that opens addresses. Repeat it during a rotation.", valueName: "file"))
        var privateKey: [String] = []

        @OptionGroup var passphrase: PassphraseOptions
        @OptionGroup var shared: SharedOptions

        func run() throws {
            let administration = try shared.administration()
            let company = try administration.company(company).id
            let users = try administration.users(of: company)
            guard !privateKey.isEmpty else {
                try printUsers(users.map { UserRecord($0) }, shared)
                return
            }
            let keys = try passphrase.keyRing(at: privateKey)
            try administration.recordOpening(reason: "addresses of \(counted(users.count, "user"))", of: company)
            try printUsers(
                users.map { UserRecord($0, email: try $0.address.map { try CandidateProfile($0, with: keys).email }) },
                shared)
        }
    }
}

private struct UserRecord: Encodable {
    let login: String
    let role: String
    let enabled: Bool
    /// What the user agreed to: `send`, `read`.
    let grants: [String]
    let addedAt: String
    let email: String?

    init(_ user: User, email: String? = nil) {
        login = user.login
        role = user.role.word
        enabled = user.isEnabled
        grants = (user.maySend ? ["send"] : []) + (user.mayRead ? ["read"] : [])
        addedAt = user.addedAt.description
        self.email = email
    }
}

private func show(
    _ login: String, of company: CompanyRecord, _ administration: OwnerSession, _ shared: SharedOptions
) throws {
    let records = try administration.users(of: company.id).filter { $0.login == login }.map { UserRecord($0) }
    if shared.json { try printJSON(records.first) } else { try printUsers(records, shared) }
}

private func printUsers(_ records: [UserRecord], _ shared: SharedOptions) throws {
    if shared.json {
        try printJSON(records)
    } else {
        let withEmail = records.contains { $0.email != nil }
        printTable(
            ["LOGIN", "ROLE", "STATE", "GRANTS", "ADDED"] + (withEmail ? ["EMAIL"] : []),
            records.map { record in
                [
                    record.login, record.role, record.enabled ? "enabled" : "disabled",
                    record.grants.isEmpty ? "-" : record.grants.joined(separator: ","), record.addedAt,
                ]
                    + (withEmail ? [record.email ?? ""] : [])
            })
    }
}
