import ArgumentParser
import Core
import Store

struct UserCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "user", abstract: "Manage the people who read a company's timelines.",
        discussion: """
            Each has a database login of their own, a member of lever_reader. Super admins see and erase everything. \
            Admins see every thread and remove messages. Team members see threads that are not secret, and those that \
            they take part in. Limited team members see only the threads that they take part in.
            """,
        subcommands: [Add.self, Set.self, List.self, OptIn.self])

    struct Add: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Make a database login a user of a company.",
            discussion:
                "A database administrator creates the login first: CREATE ROLE name LOGIN IN ROLE lever_reader.",
            examples: ["leverctl user add anna --role team-member --email anna@acme.example"])

        @Argument(help: "The database login.")
        var login: String

        @OptionGroup var company: CompanyOption

        @Option(help: "The user's role.")
        var role: UserRole

        @Option(help: "The user's mail address, which identifies the user's threads. It is stored sealed.")
        var email: MailAddress

        @OptionGroup var shared: SharedOptions

        func run() throws {
            let owner = try shared.ownerSession()
            let company = try company.find(in: owner, shared)
            try owner.addUser(
                login, role: role, address: owner.newAddress(email, ofUserOf: company), to: company.id)
            try show(login, of: company, owner, shared)
        }
    }

    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Change a user.",
            examples: ["leverctl user set anna --role admin", "leverctl user set anna --disable"])

        @Argument(help: "The database login.", completion: .users)
        var login: String

        @OptionGroup var company: CompanyOption

        @Option(help: "The user's role.")
        var role: UserRole?

        @Option(help: "The user's mail address.")
        var email: MailAddress?

        @Flag(help: "Take all access away, without removing the user.")
        var disable = false

        @Flag(help: "Give the access back.")
        var enable = false

        @OptionGroup var shared: SharedOptions

        func validate() throws {
            guard role != nil || email != nil || disable || enable else {
                throw ValidationError("Nothing to change; give --role, --email, --disable or --enable.")
            }
            guard !(disable && enable) else { throw ValidationError("Give --disable or --enable, not both.") }
        }

        func run() throws {
            let owner = try shared.ownerSession()
            let company = try company.find(in: owner, shared)
            try owner.changeUser(
                login, role: role, isEnabled: disable ? false : enable ? true : nil,
                address: email.map { try owner.newAddress($0, ofUserOf: company) }, of: company.id)
            try show(login, of: company, owner, shared)
        }
    }

    struct List: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show a company's users.", discussion: "Addresses are shown only with the private key.",
            examples: ["leverctl user list"])

        @OptionGroup var company: CompanyOption

        @OptionGroup var addresses: AddressKeyOptions
        @OptionGroup var display: DisplayOptions
        @OptionGroup var shared: SharedOptions

        func run() throws {
            let owner = try shared.ownerSession()
            let company = try company.find(in: owner, shared).id
            let users = try owner.users(of: company)
            let open = try addresses.opener(
                for: company, owner, reason: "addresses of \(counted(users.count, "user"))", shared)
            let records = try users.map { user in
                UserRecord(user, email: try user.address.flatMap { try open?($0) })
            }
            try display.show(records, asJSON: shared.json) { printUsers(records, on: $0) }
        }
    }
}

private struct UserRecord: Encodable {
    let login: String
    let role: String
    let enabled: Bool
    /// Actions that the user agreed to: `send`, `read`.
    let grants: [String]
    let addedAt: Timestamp
    let email: String?

    init(_ user: User, email: String? = nil) {
        login = user.login
        role = user.role.word
        enabled = user.isEnabled
        grants = (user.maySend ? ["send"] : []) + (user.mayRead ? ["read"] : [])
        addedAt = user.addedAt
        self.email = email
    }
}

private func show(
    _ login: String, of company: CompanyRecord, _ owner: OwnerSession, _ shared: SharedOptions
) throws {
    let records = try owner.users(of: company.id).filter { $0.login == login }.map { UserRecord($0) }
    if shared.json { try printJSON(records.first) } else { printUsers(records, on: .plain) }
}

private func printUsers(_ records: [UserRecord], on screen: Screen) {
    let withEmail = records.contains { $0.email != nil }
    screen.printTable(
        ["LOGIN", "ROLE", "STATE", "GRANTS", "ADDED"] + (withEmail ? ["EMAIL"] : []),
        records.map { record in
            [
                record.login, record.role, record.enabled ? "enabled" : "disabled",
                record.grants.isEmpty ? "-" : record.grants.joined(separator: ","), screen.text(record.addedAt),
            ] + (withEmail ? [record.email ?? ""] : [])
        })
}
