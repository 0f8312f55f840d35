import ArgumentParser
import Core
import Glibc
import Setup
import System

extension SetupCommand {
    struct Trial: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Set up everything on this machine, and capture a first reply.",
            discussion: """
                For a machine of its own, with Debian 12 or 13, the package lever-milter and systemd. PostgreSQL and \
                Postfix are installed if they are missing. The trial makes a database, a company, keys, settings and a \
                candidate, attaches the filter to Postfix, sends a mail and its reply, and shows the timeline. It \
                refuses to touch an installation. Run it with sudo, as the user who will read; run it again to go on \
                after an interruption. leverctl setup remove-trial takes everything away.
                """,
            examples: ["sudo leverctl setup trial"])

        @Option(help: ArgumentHelp("The company's name; else from its domain.", valueName: "name"))
        var company: String?

        @Option(help: "The company's mail domain; else Postfix's mydomain, or acme.example.")
        var domain: Domain?

        @Flag(help: "Ask nothing: install what is missing, and change Postfix.")
        var yes = false

        func validate() throws {
            if let company, company.isEmpty || company.printable() != company {
                throw ValidationError("A company's name is text without control characters.")
            }
        }

        func run() throws {
            let account = try administratingAccount()
            let choice = TrialSetup.Choice(
                company: company, domain: domain?.text, provider: MailProvider.google.rawValue)
            try TrialSetup(machine: LocalMachine(), console: Terminal(), agreed: yes).setUp(
                choice, host: systemHostName(), account: account, directory: settingsDirectory(of: account))
        }
    }

    struct RemoveTrial: ParsableCommand {
        static let configuration = CommandConfiguration(
            commandName: "remove-trial", abstract: "Take away what setup trial made, and put back what it changed.",
            discussion: """
                It touches what is noted in /var/lib/lever/trial.json, and nothing else. What somebody has changed \
                since stays as it is, and so do installed packages; it says so. A database with further companies is not \
                dropped.
                """,
            examples: ["sudo leverctl setup remove-trial"])

        @Flag(help: "Do not ask.")
        var yes = false

        func run() throws {
            _ = try administratingAccount()
            try TrialSetup(machine: LocalMachine(), console: Terminal(), agreed: yes).remove()
        }
    }
}

/// The user who runs this as root. Throws for everybody else.
private func administratingAccount() throws -> Account {
    guard geteuid() == 0 else {
        throw CommandError("this changes the system's settings; run it with sudo, or as root")
    }
    guard let account = Account.invoking() else {
        throw CommandError("the system does not know the user who runs this")
    }
    return account
}

/// Where leverctl looks for a user's settings.
func settingsDirectory(of account: Account) -> String {
    // sudo's environment is not the user's.
    let own = account.isRoot ? getenv("XDG_CONFIG_HOME").map { String(cString: $0) } : nil
    let base = own.flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "\(account.home)/.config"
    return "\(base)/lever"
}
