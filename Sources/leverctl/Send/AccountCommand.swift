import ArgumentParser
import Core
import Sending
import Store

struct AccountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account", abstract: "Your own mail account, through which leverctl send submits.",
        discussion: """
            Server, name, and password or token are kept in the database, sealed to the company's keys, signed with its private \
            key, and given to your login alone. Nothing is ever sent without TLS, or to a server whose certificate is not good.
            """,
        subcommands: [Set.self, Show.self, Remove.self])

    /// Who runs the server, with what is known of it.
    enum Provider: String, CaseIterable, ExpressibleByArgument {
        case google, microsoft

        var host: String { self == .google ? "smtp.gmail.com" : "smtp.office365.com" }

        var tokenURL: String {
            self == .google
                ? "https://oauth2.googleapis.com/token"
                : "https://login.microsoftonline.com/organizations/oauth2/v2.0/token"
        }

        /// What a refreshed token is asked for; Google gives what was agreed to.
        var scope: String? { self == .google ? nil : "https://outlook.office.com/SMTP.Send offline_access" }
    }

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show how your account is reached, without its secret.")

        @Option(help: "The company, by name or id.")
        var company: String

        @Option(help: ArgumentHelp("The company's private key. Repeat it during a rotation.", valueName: "file"))
        var privateKey: [String]

        @OptionGroup var passphrase: PassphraseOptions
        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            let address: String
            let server: String
            let port: Int
            let security: String
            let user: String
            /// `password`, `token_command`, `token_file` or `refresh_token`.
            let secret: String
        }

        func run() throws {
            let timeline = try shared.timeline()
            let account = try MailAccount.load(
                company: timeline.company(company).id, keys: passphrase.keyRing(at: privateKey), timeline)
            let secret =
                switch account.secret {
                case .password: "password"
                case .tokenCommand: "token_command"
                case .tokenFile: "token_file"
                case .refreshToken: "refresh_token"
                }
            try shared.show(
                Result(
                    address: account.address, server: account.host, port: Int(account.port),
                    security: account.security.rawValue, user: account.user, secret: secret),
                "\(account.address) as \(account.user) at \(account.host):\(account.port) (\(account.security.rawValue)), \(secret)"
                    .printable())
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(abstract: "Forget your account.")

        @Option(help: "The company, by name or id.")
        var company: String

        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable { let company: Int64 }

        func run() throws {
            let timeline = try shared.timeline()
            let company = try timeline.company(company)
            try timeline.removeAccount(of: company.id)
            try shared.show(Result(company: company.id.rawValue), "Your account is forgotten.")
        }
    }
}
