import ArgumentParser
import Core
import Sending
import Store
import Submission

extension AccountCommand {
    struct Set: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Keep how your account is reached.",
            discussion: """
                Give one of --password-file, --token-command, --token-file and --refresh-token-file. Files are read now, but for \
                --token-file and --token-command, which give a new access token each time.
                """)

        @Option(help: "The company, by name or id.")
        var company: String

        @Option(help: "Your mail address, at a domain of the company.")
        var address: MailAddress

        @Option(help: "Your name, as it stands before the address.")
        var name = ""

        @Option(help: "Takes server and token URL of: \(Provider.allCases.map(\.rawValue).joined(separator: ", ")).")
        var provider: Provider?

        @Option(help: "The submission server.")
        var server: String?

        @Option(help: "Its port; else 587, with --security tls 465.")
        var port: UInt16?

        @Option(help: "starttls, or tls from the first byte.")
        var security = SubmissionServer.Security.starttls

        @Option(help: "Your name at the server; else your address.")
        var user: String?

        @Option(help: ArgumentHelp("A PEM file of the authorities that certify the server.", valueName: "file"))
        var caFile: String?

        @Option(help: ArgumentHelp("The password is the first line of this file.", valueName: "file"))
        var passwordFile: String?

        @Option(help: ArgumentHelp("A shell command that prints an access token.", valueName: "command"))
        var tokenCommand: String?

        @Option(help: ArgumentHelp("A file that always has an access token.", valueName: "file"))
        var tokenFile: String?

        @Option(help: ArgumentHelp("The refresh token is the first line of this file.", valueName: "file"))
        var refreshTokenFile: String?

        @Option(help: ArgumentHelp("Where access tokens are made of it.", valueName: "url"))
        var tokenURL: String?

        @Option(help: "The id of the client that the refresh token was given to.")
        var clientID: String?

        @Option(help: ArgumentHelp("Its secret is the first line of this file.", valueName: "file"))
        var clientSecretFile: String?

        @Option(
            help: ArgumentHelp(
                "The company's private key: what is kept is signed with it, so that nobody else can have put it there.",
                valueName: "file"))
        var privateKey: String

        @OptionGroup var passphrase: PassphraseOptions
        @OptionGroup var shared: SharedOptions

        private struct Result: Encodable {
            let company: Int64
            let server: String
        }

        func validate() throws {
            let secrets = [passwordFile, tokenCommand, tokenFile, refreshTokenFile].compactMap(\.self)
            guard secrets.count == 1 else {
                throw ValidationError(
                    "Give one of --password-file, --token-command, --token-file and --refresh-token-file.")
            }
            guard provider != nil || server != nil else { throw ValidationError("Give --provider, or --server.") }
            if refreshTokenFile != nil {
                guard clientID != nil, provider != nil || tokenURL != nil else {
                    throw ValidationError("A refresh token needs --client-id, and --token-url or --provider.")
                }
            }
            if let tokenURL, !RefreshToken.isAllowed(endpoint: tokenURL) {
                throw ValidationError("--token-url is an https URL: it is sent the refresh token.")
            }
            guard name.printable() == name, address.text.utf8.allSatisfy({ $0 < 0x80 }) else {
                throw ValidationError("An address is ASCII, and a name has no control characters.")
            }
        }

        func run() throws {
            let timeline = try shared.timeline()
            let company = try timeline.company(company)
            guard EnvelopeAddress(path: address.text).isAt(Swift.Set(company.domains)) else {
                throw CommandError(
                    "the address is at no domain of \(company.name), so what you send would be nobody's; leverctl company list shows them"
                        .printable())
            }
            let host = server ?? provider!.host
            let account = MailAccount(
                name: name, address: address.text, host: host, port: port ?? security.port, security: security,
                user: user ?? address.text, authorities: caFile, secret: try secret())
            try account.save(company: company.id, keys: passphrase.keyRing(at: [privateKey]), timeline)
            try shared.show(
                Result(company: company.id.rawValue, server: "\(host):\(account.port)"),
                "Your account at \(host):\(account.port) is kept, sealed.".printable())
        }

        private func secret() throws -> MailAccount.Secret {
            if let passwordFile { return .password(try readSecret(passwordFile)) }
            if let tokenCommand { return .tokenCommand(tokenCommand) }
            if let tokenFile { return .tokenFile(tokenFile) }
            return .refreshToken(
                RefreshToken(
                    endpoint: tokenURL ?? provider!.tokenURL, clientID: clientID!,
                    clientSecret: try clientSecretFile.map(readSecret), token: try readSecret(refreshTokenFile!),
                    scope: provider?.scope))
        }
    }
}

/// The first line of a file.
private func readSecret(_ path: String) throws -> String {
    let line = firstLine(of: try readFile(path, limit: 1 << 16))
    guard !line.isEmpty else { throw CommandError("\(path): its first line is empty") }
    return String(decoding: line, as: UTF8.self)
}
