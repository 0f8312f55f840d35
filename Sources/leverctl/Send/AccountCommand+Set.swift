import ArgumentParser
import Core
import Reading
import Sending
import Store
import Submission

extension AccountCommand {
    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Store your account, in place of the one before.",
            discussion: """
                Give one of --password-file, --token-command, --token-file and --refresh-token-file. A password or \
                refresh token is read now; --token-command and --token-file give a new access token for each message.
                """,
            examples: [
                "leverctl account set --address anna@acme.example --provider google \\\n    --password-file app-password"
            ])

        @OptionGroup var company: CompanyOption

        @Option(help: "Your mail address, at a domain of the company.")
        var address: MailAddress

        @Option(help: "Your display name.")
        var name = ""

        @OptionGroup var server: AccountServerOptions
        @OptionGroup var secret: AccountSecretOptions

        @Option(
            help: ArgumentHelp(
                """
                The company's private key, which signs the account, so that nobody else can store one for you; else \
                $LEVER_PRIVATE_KEY, else 'private_key' in the settings.
                """, valueName: "file"), completion: .file())
        var privateKey: String?

        @OptionGroup var passphrase: PassphraseOptions
        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            let company: Int64
            let server: String
        }

        func validate() throws {
            try secret.validate(for: server.provider)
            guard name.printable() == name, address.text.utf8.allSatisfy({ $0 < 0x80 }) else {
                throw ValidationError("An address is ASCII, and a name has no control characters.")
            }
        }

        func run() throws {
            let reader = try shared.readerSession()
            let company = try company.find(in: reader, shared)
            guard address.address.isAt(Swift.Set(company.domains)) else {
                throw CommandError(
                    "the address is not at a domain of \(company.name), so mail from it would not be recognised as the "
                        + "company's; leverctl company list shows the domains")
            }
            let account = MailAccount(
                name: name, address: address.text, host: server.host, port: server.port ?? server.security.port,
                security: server.security, user: server.user ?? address.text, authorities: server.caFile,
                secret: try secret.secret(for: server.provider))
            try account.save(company: company.id, keys: keyRing(), reader)
            try shared.show(
                Result(company: company.id.rawValue, server: "\(account.host):\(account.port)"),
                "Stored your account at \(account.host):\(account.port), sealed.".printable())
        }

        private func keyRing() throws -> KeyRing {
            try passphrase.keyRing(at: shared.privateKeys([privateKey].compactMap(\.self)), shared)
        }
    }
}
