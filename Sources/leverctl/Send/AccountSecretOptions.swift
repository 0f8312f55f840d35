import ArgumentParser
import Core
import Sending
import Submission

/// What proves to an account's server who the user is: exactly one of four secrets.
struct AccountSecretOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Take the password from the first line of this file.", valueName: "file"),
        completion: .file())
    var passwordFile: String?

    @Option(help: ArgumentHelp("A shell command that prints an access token.", valueName: "command"))
    var tokenCommand: String?

    @Option(
        help: ArgumentHelp("A file that always holds a current access token.", valueName: "file"), completion: .file())
    var tokenFile: String?

    @Option(
        help: ArgumentHelp("Take the refresh token from the first line of this file.", valueName: "file"),
        completion: .file())
    var refreshTokenFile: String?

    @Option(help: ArgumentHelp("Where access tokens are requested with the refresh token.", valueName: "url"))
    var tokenURL: String?

    @Option(help: "The id of the client that the refresh token was issued to.")
    var clientID: String?

    @Option(
        help: ArgumentHelp("Take the client's secret from the first line of this file.", valueName: "file"),
        completion: .file())
    var clientSecretFile: String?

    func validate() throws {
        let secrets = [passwordFile, tokenCommand, tokenFile, refreshTokenFile].compactMap(\.self)
        guard secrets.count == 1 else {
            throw ValidationError(
                "Give one of --password-file, --token-command, --token-file and --refresh-token-file.")
        }
        if let tokenURL, !RefreshToken.isAllowed(endpoint: tokenURL) {
            throw ValidationError("--token-url must be an https URL: the refresh token is sent there.")
        }
    }

    func validate(for provider: MailProvider?) throws {
        guard refreshTokenFile == nil || clientID != nil && (provider?.tokenURL != nil || tokenURL != nil) else {
            throw ValidationError(
                "A refresh token needs --client-id, and --token-url or --provider google or microsoft.")
        }
    }

    /// Reads the files of a password or refresh token.
    func secret(for provider: MailProvider?) throws -> MailAccount.Secret {
        if let passwordFile { return .password(try readSecret(passwordFile)) }
        if let tokenCommand { return .tokenCommand(tokenCommand) }
        if let tokenFile { return .tokenFile(tokenFile) }
        return .refreshToken(
            RefreshToken(
                endpoint: tokenURL ?? provider!.tokenURL!, clientID: clientID!,
                clientSecret: try clientSecretFile.map(readSecret), token: try readSecret(refreshTokenFile!),
                scope: provider?.tokenScope))
    }

    private func readSecret(_ path: String) throws -> String {
        let line = firstLine(of: try readFile(path, limit: 1 << 16))
        guard !line.isEmpty else { throw CommandError("\(path): its first line is empty") }
        return String(decoding: line, as: UTF8.self)
    }
}
