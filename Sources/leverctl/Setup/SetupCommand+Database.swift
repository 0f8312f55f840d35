import ArgumentParser
import Glibc
import Setup

extension SetupCommand {
    struct Database: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Write the files that make a PostgreSQL server the database of an installation.",
            discussion: """
                SQL for the database and its logins with new passwords, lines for postgresql.conf and pg_hba.conf that \
                take nothing from anybody, and the commands that make a certificate. It says what to do with each, \
                where, and as whom; it changes nothing outside of the directory that it writes.
                """,
            examples: [
                "leverctl setup database --server db.example --network 192.0.2.0/24 \\\n"
                    + "    --mail-host mx1 --reader rita"
            ])

        @Option(help: "The server's name, by which the other machines reach it.")
        var server: String

        @Option(help: "Its port.")
        var port: UInt16 = 5432

        @Option(help: "The database to make.")
        var database = "lever"

        @Option(
            help: ArgumentHelp(
                "From where the other machines connect, as pg_hba.conf has it. Repeat it for more.",
                valueName: "network"))
        var network: [String]

        @Option(help: ArgumentHelp("A login for a mail host. Repeat it for more.", valueName: "login"))
        var mailHost: [String] = []

        @Option(help: ArgumentHelp("A login for somebody who reads. Repeat it for more.", valueName: "login"))
        var reader: [String] = []

        @Option(help: ArgumentHelp("A login for somebody who looks after the mail.", valueName: "login"))
        var `operator`: [String] = []

        @Option(help: ArgumentHelp("A login for an auditor.", valueName: "login"))
        var auditor: [String] = []

        @Option(help: ArgumentHelp("A login for re-wrapping.", valueName: "login"))
        var rekey: [String] = []

        @Option(help: ArgumentHelp("A login for the retention's timer.", valueName: "login"))
        var retention: [String] = []

        @Option(help: ArgumentHelp("The directory to write to.", valueName: "directory"), completion: .directory)
        var out = "lever-database"

        @Flag(help: "Make an authority and the server's certificate with openssl.")
        var certificate = false

        @Flag(help: "Replace files that exist; a copy of each is kept.")
        var force = false

        func validate() throws {
            let plain: (String) -> Bool = {
                !$0.isEmpty && $0.utf8.allSatisfy { $0 > 0x20 && $0 < 0x7f && $0 != 0x22 && $0 != 0x27 }
            }
            guard plain(server) else { throw ValidationError("'\(server.printable())' is not a server's name.") }
            guard DatabaseLogin(database, .reader) != nil else {
                throw ValidationError(
                    "'\(database.printable())' is no name for a database: a to z, 0 to 9, '_', '-' and '.'.")
            }
            for network in network where !isNetwork(network) {
                throw ValidationError(
                    "'\(network.printable())' is not a network; write it as 192.0.2.0/24, 192.0.2.25/32 or "
                        + "2001:db8::/64."
                )
            }
            let logins = try logins()
            guard Set(logins.map(\.name)).union(["lever_admin"]).count == logins.count + 1 else {
                throw ValidationError("Each login needs a name of its own; lever_admin is the administrator's.")
            }
        }

        private func logins() throws -> [DatabaseLogin] {
            let names: [(DatabaseLogin.Role, [String])] = [
                (.mailHost, mailHost), (.reader, reader), (.operator, self.operator), (.auditor, auditor),
                (.rekey, rekey),
                (.retention, retention),
            ]
            return try names.flatMap { role, names in try names.map { try databaseLogin($0, role) } }
        }

        func run() throws {
            let directory = absolutePath(out)
            let installation = DatabaseInstallation(
                host: server, port: Int(port), networks: network, database: database, logins: try logins())
            let files = WrittenFiles(machine: LocalMachine(), console: Terminal(), force: force)
            try DatabaseSetup(installation, directory: directory, files: files).write(certificate: certificate)
        }
    }
}

/// An address with the length of its prefix, which pg_hba.conf wants.
private func isNetwork(_ text: String) -> Bool {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2, let length = UInt8(parts[1]) else { return false }
    var bytes = in6_addr()
    let isIPv4 = inet_pton(AF_INET, String(parts[0]), &bytes) == 1
    return isIPv4 ? length <= 32 : inet_pton(AF_INET6, String(parts[0]), &bytes) == 1 && length <= 128
}

/// The path from the root, before anything changes the current directory.
func absolutePath(_ path: String) -> String {
    guard !path.hasPrefix("/") else { return path }
    guard let current = getcwd(nil, 0) else { return path }
    defer { free(current) }
    return String(cString: current) + "/" + path
}
