import ArgumentParser
import Glibc
import SettingsFile
import Setup

extension SetupCommand {
    struct Reader: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write your settings of leverctl, and try the login.",
            discussion: """
                Writes ~/.config/lever/leverctl.yaml, the login's password file and the authority's certificate beside \
                it, and connects once. Also for administrators, operators and the others: --role.
                """,
            examples: [
                "leverctl setup reader --server db.example --login rita \\\n"
                    + "    --passfile rita.pgpass --ca-file db-ca.crt"
            ])

        @OptionGroup var access: DatabaseAccessOptions

        @Option(help: "Whose login it is: \(roles.map(\.rawValue).joined(separator: ", ")).")
        var role = DatabaseLogin.Role.reader

        @Option(help: ArgumentHelp("The company that you work for, the default of --company.", valueName: "name"))
        var company: String?

        @Option(
            help: ArgumentHelp("The company's private key, the default of --private-key.", valueName: "file"),
            completion: .file())
        var privateKey: String?

        @Flag(help: "Replace what is set and files that exist; a copy of each is kept.")
        var force = false

        private static let roles = DatabaseLogin.Role.allCases.filter { $0 != .mailHost }

        func validate() throws {
            guard role != .mailHost else { throw ValidationError("For a mail host: leverctl setup mail-host.") }
        }

        func run() throws {
            guard let account = Account.invoking() else {
                throw CommandError("the system does not know the user who runs this")
            }
            let access = try access.access(as: role)
            let further = [("company", company), ("private_key", privateKey.map(absolutePath))].compactMap {
                key, value in
                value.map { (key: key, value: $0) }
            }
            let files = WrittenFiles(machine: LocalMachine(), console: Terminal(), force: force)
            try ReaderSetup(
                access, account: account, directory: settingsDirectory(of: account), further: further, files: files
            ).write()
        }
    }
}
