import ArgumentParser
import Core
import Sending
import Store

struct AccountCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "account", abstract: "Store the mail account that you send through.",
        discussion: """
            Server, user name, and password or token are stored in the database, sealed to the company's keys, signed \
            with its private key, and readable only by your login. Nothing is sent without TLS, or to a server whose \
            certificate does not verify.
            """,
        subcommands: [Set.self, Show.self, Remove.self])

    struct Show: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Show your account, without its secret.",
            examples: ["leverctl account show"])

        @OptionGroup var company: CompanyOption

        @OptionGroup var keys: KeyRingOptions
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
            let timeline = try shared.readerSession()
            let account = try MailAccount.load(
                company: company.find(in: timeline, shared).id, keys: keys.keyRing(shared), timeline)
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
                "\(account.address) as \(account.user) at \(account.host):\(account.port) "
                    + "(\(account.security.rawValue)), \(secret)"
                    .printable())
        }
    }

    struct Remove: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Delete your account from the database.",
            examples: ["leverctl account remove"])

        @OptionGroup var company: CompanyOption

        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable { let company: Int64 }

        func run() throws {
            let timeline = try shared.readerSession()
            let company = try company.find(in: timeline, shared)
            try timeline.removeAccount(of: company.id)
            try shared.show(Result(company: company.id.rawValue), "Deleted your account.")
        }
    }
}
