import ArgumentParser
import Glibc
import Setup
import System

extension SetupCommand {
    struct MailHost: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "mail-host", abstract: "Write the daemon's settings and credentials on this mail host.",
            discussion: """
                Writes lever-milter.yaml's database, host_name and signing_key, and the files in /etc/credstore that \
                systemd hands to the daemon. Starts nothing and leaves Postfix alone: it prints the commands for that.
                """,
            examples: [
                "leverctl setup mail-host --server db.example --login mx1 \\\n    --passfile mx1.pgpass "
                    + "--ca-file db-ca.crt --signing-key mx1.key"
            ])

        @OptionGroup var access: DatabaseAccessOptions

        @Option(help: ArgumentHelp("The host's name, as given to host add; else the login.", valueName: "name"))
        var hostName: String?

        @Option(help: ArgumentHelp("The key that leverctl host add made.", valueName: "file"), completion: .file())
        var signingKey: String?

        @Flag(help: "Replace what is set and files that exist; a copy of each is kept.")
        var force = false

        func run() throws {
            guard geteuid() == 0 else {
                throw CommandError("this writes the system's settings; run it with sudo, or as root")
            }
            let access = try access.access(as: .mailHost)
            let key = try signingKey.map { path in
                _ = try readSigningKey(path)
                return try text(path)
            }
            let files = WrittenFiles(machine: LocalMachine(), console: Terminal(), force: force)
            try MailHostSetup(access, host: hostName ?? access.login.name, signingKey: key, files: files).write()
        }
    }
}
